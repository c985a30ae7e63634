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


@case(EXACT)
def of_cast_inputs(library):
    """A layer of another dtype casts its input, and keeps the mask."""
    layers = library.keras.layers
    x = layers.Masking()(library.tensor(X))
    for dtype in ("float32", "float64"):
        seen = layers.LSTM(2, dtype=dtype, return_sequences=True)(x)
        yield f"dtype/{dtype}", library.to_numpy(seen).dtype.name
        yield f"mask/{dtype}", seen._keras_mask


def needed(name, layers) -> dict:
    """What some layers need to be made; all others are made without arguments."""
    if name.startswith(("Conv", "Separable")):
        return {"filters": 2, "kernel_size": 2}
    if name.startswith(("LSTM", "GRU", "SimpleRNN")):
        return {"units": 2}
    if "Dropout" in name:
        return {"rate": 0.5}
    return {
        "Activation": {"activation": "relu"},
        "AveragePooling1D": {"pool_size": 2},
        "AveragePooling2D": {"pool_size": 2},
        "Bidirectional": {"layer": layers.LSTM(2)},
        "Dense": {"units": 2},
        "DepthwiseConv1D": {"kernel_size": 2},
        "DepthwiseConv2D": {"kernel_size": 2},
        "Dot": {"axes": 1},
        "Embedding": {"input_dim": 2, "output_dim": 2},
        "GaussianNoise": {"stddev": 0.5},
        "InputLayer": {"shape": (2,)},
        "Lambda": {"function": abs},
        "Permute": {"dims": (2, 1)},
        "RNN": {"cell": layers.LSTMCell(2)},
        "RepeatVector": {"n": 2},
        "Rescaling": {"scale": 2.0},
        "Reshape": {"target_shape": (-1,)},
        "StackedRNNCells": {"cells": [layers.LSTMCell(2)]},
        "TimeDistributed": {"layer": layers.Dense(2)},
        "Wrapper": {"layer": layers.Dense(2)},
    }.get(name, {})


@case(EXACT)
def who_supports_them(library):
    """Every exported layer: does it hand masks on, and by a rule of its own?"""
    layers = library.keras.layers
    for name in FAMILY.exports:
        layer = getattr(layers, name)(**needed(name, layers))
        has_rule = type(layer).compute_mask is not layers.Layer.compute_mask
        yield name, (bool(layer.supports_masking), has_rule)
    masking = layers.Embedding(2, 2, mask_zero=True)
    yield "Embedding/mask_zero", bool(masking.supports_masking)


@case(
    ulp(8, "an exponent of some 3, rounded at its size, then exponential and division")
)
def softmax(library):
    """Each axis of a mask is 1 or that of the input; numbers above 1/2 are True."""
    inputs = np.random.default_rng(4).normal(size=(2, 4, 3)).astype("float32")
    steps = np.array([[1, 1, 0, 0], [0, 1, 1, 1]], bool)
    masks = {
        "(n, t, 1)": steps[..., None],
        "(n, t, k)": np.repeat(steps[..., None], 3, 2),
        "(k,)": np.array([True, False, True]),
        "(t, k)": np.arange(12).reshape(4, 3) % 3 > 0,
        "numbers": np.array([0.3, 0.5, 0.7], "float32"),
        "ints": np.array([0, 1, 2]),
        "(n, t)": steps,
        "(n, k)": np.ones((2, 3), bool),
        "(n, t, 1, 1)": steps[..., None, None],
    }
    for axis in (-1, 1, (1, 2)):
        layer = library.keras.layers.Softmax(axis=axis)
        for name, mask in masks.items():
            try:
                yield f"{axis}/{name}", layer(inputs, mask=library.tensor(mask))
            except ValueError:
                yield f"{axis}/{name}", "refused"
