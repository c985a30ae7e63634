"""What the tests of docs/semantics.md share: Keras's formula, not the textbook's."""

import numpy as np

from minikeras.autodiff import Variable

# float32 keeps 24 bits, about 6e-8 of a number; no test below rounds it more than
# some thirty times on its way.
TOLERANCE = 2e-6


def hold(got, keras, textbook, tolerance=TOLERANCE):
    """`got` is what Keras's formula gives; the textbook's gives something else.

    Both within `tolerance` of the largest entry; the textbook misses it tenfold, so
    that a minikeras by the textbook could not pass.
    """
    got, keras, textbook = (np.asarray(x, "float64") for x in (got, keras, textbook))
    assert got.shape == keras.shape
    allowed = tolerance * max(1e-30, np.max(np.abs(keras)))
    assert np.max(np.abs(got - keras)) <= allowed
    same_shape = textbook.shape == keras.shape
    assert not same_shape or np.max(np.abs(got - textbook)) > 10 * allowed


def trained(optimizer, start, gradients):
    """The weights that `optimizer` makes of `start`, one update per gradient."""
    variable = Variable(np.array(start, "float32"))
    for gradient in gradients:
        optimizer.apply([np.array(gradient, "float32")], [variable])
    return variable.numpy()
