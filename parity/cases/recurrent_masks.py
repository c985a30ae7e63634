"""What a mask does to recurrent layers that are unrolled, or get first states."""

import numpy as np

from parity.case import EXACT, case, ulp

X = np.random.default_rng(1).normal(size=(3, 4, 2)).astype("float32")
MASK = np.array([[1, 1, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0]], bool)
# Four steps of sums of up to 8 products and two activations, in another order.
VALUE = ulp(16, "4 steps of sums of 8 products and two activations", 1e-6)
GRADIENT = ulp(32, "sums over 12 rows of products through 4 steps", 3e-6)


@case(EXACT, {"value": VALUE, "gradient": GRADIENT})
def unrolled(library):
    """Keras zeroes outputs that were computed backwards by the mask as it was."""
    keras = library.keras
    layers = keras.layers
    options = {"return_sequences": True, "unroll": True}
    zeros = options | {"go_backwards": True, "zero_output_for_mask": True}
    rows = {
        "lstm": (layers.LSTM(3, **zeros), 2),
        "gru": (layers.GRU(3, **zeros), 1),
        "gru before": (layers.GRU(3, reset_after=False, **zeros), 1),
        "relu": (layers.SimpleRNN(3, "relu", return_state=True, **zeros), 1),
        "cells": (layers.RNN([layers.GRUCell(3)], **zeros), 0),
        "both": (layers.Bidirectional(layers.LSTM(3, **options)), 0),
    }
    mask = library.tensor(MASK)
    for label, (layer, count) in rows.items():
        for states in sorted({0, count}):
            first = [np.full((3, 3), 0.5, "float32")] * states or None
            x = library.tensor(X)
            with library.tape() as tape:
                tape.watch(x)
                y = keras.tree.flatten(layer(x, mask=mask, initial_state=first))
                loss = keras.ops.sum(keras.ops.square(y[0]))
            yield f"value/{label}/{states}", y
            yield f"gradient/{label}/{states}", tape.gradient(loss, x)


@case(VALUE)
def with_first_states(library):
    """The mask that x carries goes to `call` only if x is the only tensor in it."""
    keras = library.keras
    x = X * MASK[..., None]
    masked = keras.layers.Masking()(x)
    for label, layer in {
        "gru": keras.layers.GRU(3),
        "before": keras.layers.GRU(3, reset_after=False),
    }.items():
        first = np.ones((3, 3), "float32")
        yield f"{label}/carried", layer(masked)
        yield f"{label}/with an array", layer(masked, initial_state=first)
        yield f"{label}/with a list", layer(masked, initial_state=[first])
        tensor = library.tensor(first)
        yield f"{label}/with a tensor", layer(masked, initial_state=tensor)
        y = layer(masked, initial_state=tensor, mask=library.tensor(MASK))
        yield f"{label}/given", y


@case(EXACT, {"value": VALUE, "gradient": GRADIENT})
def with_an_axis_more(library):
    """Masks (batch, time, 1), of any dtype, and one row for all."""
    layers = library.keras.layers
    sequences = {"return_sequences": True}
    rows = {
        "lstm": lambda: layers.LSTM(3),
        "gru": lambda: layers.GRU(3, go_backwards=True, **sequences),
        "simple": lambda: layers.SimpleRNN(3, zero_output_for_mask=True, **sequences),
        "unrolled": lambda: layers.LSTM(3, unroll=True, **sequences),
        "cells": lambda: layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)]),
        "both": lambda: layers.Bidirectional(layers.LSTM(3, **sequences)),
    }
    column = MASK[..., None]
    masks = {"bool": column, "float32": column.astype("float32"), "one row": MASK[1:2]}
    for label, make in rows.items():
        for kind, mask in masks.items():
            library.keras.utils.set_random_seed(2)
            layer, mask = make(), library.tensor(mask)
            value, slopes = library.value_and_gradients(
                lambda x, layer=layer, mask=mask: layer(x, mask=mask), X
            )
            yield f"value/{label}/{kind}", value
            yield f"gradient/{label}/{kind}", slopes[0]
