"""What is checked of every row of a table of layers without weights.

A row is (layer class, its arguments, input shapes, naive twin). The twin takes the
inputs as float64 arrays. One shape means one tensor, several a list of them.
"""

import numpy as np

from minikeras import layers
from minikeras.autodiff import GradientTape, Tensor
from minikeras.graph import KerasTensor
from tests.gradients import check_gradient


def labels(rows) -> list:
    return [f"{cls.__name__}-{i}" for i, (cls, *_) in enumerate(rows)]


def numbers(shapes, seed=0) -> list:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def as_argument(tensors):
    return tensors if len(tensors) > 1 else tensors[0]


def check_value(cls, options, shapes, naive):
    xs = numbers(shapes)
    y = cls(**options, dtype="float64")(as_argument(xs)).value
    # float64: a few roundings of sums of up to 20 products
    np.testing.assert_allclose(y, naive(*xs), rtol=1e-12, atol=1e-13)
    for x, again in zip(xs, numbers(shapes), strict=True):
        np.testing.assert_array_equal(x, again)


def check_derivative(cls, options, shapes, naive):
    layer = cls(**options, dtype="float64")
    check_gradient(lambda *xs: layer(as_argument(list(xs))), *numbers(shapes))


def check_float32(cls, options, shapes, naive):
    for dtype in ("float16", "float32", "float64"):
        xs = [Tensor(x.astype(dtype)) for x in numbers(shapes)]
        with GradientTape() as tape:
            tape.watch(xs)
            y = cls(**options)(as_argument(xs))
        assert y.dtype == np.float32
        for x, dx in zip(xs, tape.gradient(y, xs), strict=True):
            assert (dx.dtype, dx.shape) == (x.dtype, x.shape)


def check_few_rows(cls, options, shapes, naive):
    xs = numbers(shapes)
    whole = cls(**options, dtype="float64")(as_argument(xs)).value
    for rows in (0, 1):
        few = cls(**options, dtype="float64")(as_argument([x[:rows] for x in xs]))
        assert few.shape == (rows, *whole.shape[1:])
        np.testing.assert_allclose(few.value, whole[:rows], rtol=1e-13, atol=1e-14)


def check_shapes(cls, options, shapes, naive):
    """The symbolic shape, the computed one and the eager one are the same."""
    eager = cls(**options)(as_argument(numbers(shapes))).shape
    opened = [(None, *shape[1:]) for shape in shapes]
    symbolic = cls(**options)(as_argument([KerasTensor(s) for s in opened]))
    assert (symbolic.shape, symbolic.dtype) == ((None, *eager[1:]), "float32")
    layer = cls(**options)
    assert layer.compute_output_shape(as_argument(opened)) == (None, *eager[1:])
    assert layer.compute_output_shape(as_argument(list(shapes))) == eager


def check_config(cls, options, shapes, naive):
    layer = cls(**options, name="mine", trainable=False, dtype="float64")
    written = layer.get_config()
    again = cls.from_config(written)
    assert again.get_config() == written
    assert (again.name, again.trainable, again.dtype) == ("mine", False, "float64")
    restored = layers.deserialize(layers.serialize(layer))
    assert type(restored) is cls
    xs = numbers(shapes)
    np.testing.assert_array_equal(
        restored(as_argument(xs)).value, layer(as_argument(xs)).value
    )
    assert layer.weights == []


CHECKS = (
    check_value,
    check_derivative,
    check_float32,
    check_few_rows,
    check_shapes,
    check_config,
)
