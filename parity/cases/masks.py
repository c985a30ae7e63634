"""Masks: who receives them, who hands them on, and what they do to loss and metrics."""

import warnings

import numpy as np

from minikeras.layers import FAMILY
from parity.case import EXACT, case, ulp

X = np.arange(1, 25, dtype="float32").reshape(2, 3, 4) / 20
X[0, 1] = X[1, 2] = 0
TRAINED = ulp(16, "some 20 sums of 12 products, in another order", 1e-6)


def marking(keras):
    class Mark(keras.layers.Layer):
        """Masks the time steps that are all zeros."""

        def compute_mask(self, inputs, previous_mask=None):
            return keras.ops.any(keras.ops.not_equal(inputs, 0), axis=-1)

        def call(self, inputs):
            return inputs * 1.0

    return Mark


@case(EXACT)
def handed_on(library):
    """`mask` comes from the input, `a_mask` from argument `a`; a layer that does not
    support masking ends the mask with a warning."""
    keras = library.keras
    seen = []

    class See(keras.layers.Layer):
        def __init__(self, supports_masking=True):
            super().__init__()
            self.supports_masking = supports_masking

        def call(self, inputs, mask=None):
            seen.append(None if mask is None else np.asarray(mask).tolist())
            return inputs * 2.0

    class Two(keras.layers.Layer):
        def call(self, a, b, a_mask=None, b_mask=None):
            seen.append(("two", a_mask is None, b_mask is None))
            return a + b

    mark = marking(keras)
    layers = [mark(), keras.layers.Dense(3), keras.layers.Dropout(0.5)]
    layers += [See(), See(False), See()]
    model = keras.Sequential(layers)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        model(X)  # builds
        seen.clear()
        warned.clear()
        model(X)
    yield "warnings", [str(w.message).partition(" (")[0] for w in warned]
    ended = keras.Sequential([mark(), keras.layers.Dense(3), keras.layers.Dropout(0.5)])
    yield "output", np.asarray(ended(X)._keras_mask)
    marked = mark()(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Two()(marked, b=keras.ops.ones((2, 3, 4)))
        Two()(marked, marked)
    See()(marked, mask=keras.ops.ones((2, 3), dtype="bool"))
    yield "by layer", repr(seen[-5:])
    model = keras.Sequential([keras.layers.Dense(3), See()])
    model(X)
    given = seen[-1:]
    model(X, mask=keras.ops.ones((2, 3), dtype="bool"))
    yield "seen", repr([*seen[-1:], *given])


@case(TRAINED)
def trained(library):
    """A masked output: loss and metrics count the steps that are not masked."""
    keras = library.keras
    y = np.linspace(-1, 1, 18, dtype="float32").reshape(2, 3, 3)
    for weighted in (False, True):
        keras.utils.set_random_seed(3)
        model = keras.Sequential(
            [marking(keras)(), keras.layers.Dense(3), keras.layers.Activation("tanh")]
        )
        model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
        weights = np.array([0.5, 2.0], "float32") if weighted else None
        history = model.fit(
            X,
            y,
            epochs=4,
            batch_size=1,
            verbose=0,
            shuffle=False,
            sample_weight=weights,
        ).history
        for name, values in history.items():
            yield f"{weighted}/{name}", np.float32(values)
        yield f"{weighted}/weights", model.get_weights()


# What some layers need to be made; all others are made without arguments.
NEEDED = {
    "Activation": lambda layers: {"activation": "relu"},
    "AveragePooling1D": lambda layers: {"pool_size": 2},
    "AveragePooling2D": lambda layers: {"pool_size": 2},
    "Dense": lambda layers: {"units": 2},
    "Dot": lambda layers: {"axes": 1},
    "Dropout": lambda layers: {"rate": 0.5},
    "Embedding": lambda layers: {"input_dim": 2, "output_dim": 2},
    "GRU": lambda layers: {"units": 2},
    "InputLayer": lambda layers: {"shape": (2,)},
    "LSTM": lambda layers: {"units": 2},
    "Permute": lambda layers: {"dims": (2, 1)},
    "RepeatVector": lambda layers: {"n": 2},
    "Reshape": lambda layers: {"target_shape": (-1,)},
    "TimeDistributed": lambda layers: {"layer": layers.Dense(2)},
    "Wrapper": lambda layers: {"layer": layers.Dense(2)},
}


@case(EXACT)
def who_supports_them(library):
    """Every exported layer: does it hand masks on, and by a rule of its own?"""
    layers = library.keras.layers
    for name in FAMILY.exports:
        options = NEEDED[name](layers) if name in NEEDED else {}
        layer = getattr(layers, name)(**options)
        has_rule = type(layer).compute_mask is not layers.Layer.compute_mask
        yield name, (bool(layer.supports_masking), has_rule)
    masking = layers.Embedding(2, 2, mask_zero=True)
    yield "Embedding/mask_zero", bool(masking.supports_masking)
