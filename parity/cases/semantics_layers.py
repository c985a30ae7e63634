"""docs/semantics.md beside real tf.keras: masks, states, first weights, penalties."""

import random

import numpy as np

from parity.case import EXACT, Tolerance, case, ulp

STEPS = np.linspace(-1, 2, 24, dtype="float32").reshape(2, 4, 3)
HIDDEN = STEPS.copy()
HIDDEN[0, 2:] = HIDDEN[1, 0] = 0
FEW = ulp(8, "a few sums and a tanh", 1e-7)
RUN = Tolerance("some float32 steps, one rounding each", 0, 2e-6, 2e-6)


@case(FEW)
def masks(library):
    """Merging layers join masks by or, Masking writes zeros, an LSTM repeats itself."""
    layers = library.keras.layers
    masking = layers.Masking(mask_value=2.0)
    x = np.array([[[2, 2], [2, 1]], [[3, 2], [2, 2]]], "float32")
    yield "masking", masking(x)
    other = np.where(np.arange(4)[:, None] < 2, 2, HIDDEN).astype("float32")
    for name in ("Add", "Multiply", "Average", "Maximum", "Concatenate"):
        pair = [layers.Masking()(HIDDEN), layers.Masking(mask_value=2.0)(other)]
        joined = getattr(layers, name)()(pair)
        yield f"{name} mask", np.asarray(joined._keras_mask)
    lstm = layers.LSTM(2, return_sequences=True)
    yield "lstm", lstm(layers.Masking()(library.tensor(HIDDEN)))
    zeros = layers.LSTM(2, return_sequences=True, zero_output_for_mask=True)
    yield "zeros", zeros(layers.Masking()(library.tensor(HIDDEN)))


@case(EXACT, {"loss": RUN}, slow=True)
def masked_batches(library):
    """A masked loss is a mean over the valid; batches weigh by their rows."""
    keras = library.keras
    model = keras.Sequential(
        [keras.layers.Masking(), keras.layers.LSTM(2, return_sequences=True)]
    )
    model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mae"])
    x = np.linspace(-1, 2, 36, dtype="float32").reshape(3, 4, 3)
    x[0, 1:] = x[2, 3] = 0
    y = np.linspace(0, 1, 24, dtype="float32").reshape(3, 4, 2)
    for size in (1, 2, 3):
        yield f"loss/{size}", model.evaluate(x, y, batch_size=size, verbose=0)


@case(FEW)
def first_weights(library):
    """One initializer for two layers; Python's `random` and NumPy's before a layer."""
    keras = library.keras
    initializers = keras.initializers
    for name, shared in (
        ("seeded", initializers.GlorotUniform(seed=3)),
        ("unseeded", initializers.GlorotUniform()),
        ("string", "glorot_uniform"),
    ):
        keras.utils.set_random_seed(5)
        pair = [keras.layers.Dense(3, kernel_initializer=shared) for _ in range(2)]
        for i, layer in enumerate(pair):
            layer.build((None, 3))
            if name != "unseeded":  # whose seed was drawn before the one above
                yield f"{name} {i}", layer.kernel
        yield f"{name} equal", bool(np.all(pair[0].kernel == pair[1].kernel))
    draws = {"none": lambda: 0, "random": random.random, "numpy": np.random.random}
    for name, draw in draws.items():
        keras.utils.set_random_seed(5)
        draw()
        layer = keras.layers.Dense(3)
        layer.build((None, 3))
        yield f"after {name}", layer.kernel


@case(FEW)
def penalties(library):
    """Freezing drops a weight's penalty, TimeDistributed that of an activity."""
    layers, l2 = library.keras.layers, library.keras.regularizers.L2(0.25)
    layer = layers.Dense(2, kernel_regularizer=l2)
    layer.build((None, 3))
    yield "trained", layer.losses
    layer.trainable = False
    yield "frozen", layer.losses
    plain = layers.Dense(2, activity_regularizer=l2)
    plain(STEPS)
    yield "activity", plain.losses
    spread = layers.TimeDistributed(layers.Dense(2, activity_regularizer=l2))
    spread(STEPS)
    yield "spread", spread.losses
    each = layers.TimeDistributed(layers.Dense(2, kernel_regularizer=l2))
    each(STEPS)
    yield "kernel", each.losses
    whole = layers.TimeDistributed(layers.Dense(2), activity_regularizer=l2)
    whole(STEPS)
    yield "whole", whole.losses


@case(FEW)
def normalized(library):
    normalize = library.keras.utils.normalize
    square = np.array([[3, 1, 2], [4, 2, 1], [0, 2, 2]], "float32")
    for axis in (0, 1, -1):
        yield f"axis {axis}", normalize(square, axis=axis)
    yield "flat", normalize(np.array([3.0, 4.0]), axis=0)
    yield "row", normalize(square[:1], axis=0)
    yield "tensor", normalize(library.tensor(square), axis=0)
    try:
        normalize(square[:2], axis=0)
    except ValueError:
        yield "two rows", "refused"
