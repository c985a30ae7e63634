"""Cells alone, in RNN and stacked; a user's own cells; Bidirectional."""

import numpy as np

from parity.case import EXACT, case
from parity.cases.recurrent import (
    MASK,
    ROUNDING,
    X,
    describe,
    differentiate,
    flat,
    fresh,
    starting,
)

STEP = X[:, 0]


def cells(layers):
    """(name, cell, number of states)"""
    yield "simple", lambda: layers.SimpleRNNCell(3, "sigmoid"), 1
    yield "lstm", lambda: layers.LSTMCell(3, use_bias=False), 2
    yield "lstm_options", lambda: layers.LSTMCell(3, bias_regularizer="l2", seed=3), 2
    yield "gru", lambda: layers.GRUCell(3, name="mine"), 1
    yield "gru_before", lambda: layers.GRUCell(3, reset_after=False), 1


@case(EXACT, ROUNDING)
def cell_alone(library):
    for name, make, count in cells(library.keras.layers):
        cell = fresh(library, make)
        first = np.random.default_rng(3).normal(size=(count, 3, 3)).astype("float32")
        cell(STEP, list(first))
        yield from describe(name, cell)
        yield f"states/{name}", repr((cell.state_size, cell.output_size))
        yield f"value/{name}/initial", cell.get_initial_state(batch_size=2)
        yield from differentiate(
            library,
            name,
            cell,
            lambda x, *s, cell=cell: cell(x, list(s)),
            [STEP, *first],
        )


def own_cells(keras):
    """Two of a user's: the least that a cell needs, and one with dropout in it."""

    class Least(keras.layers.Layer):
        state_size = 3

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], 3), name="kernel")

        def call(self, inputs, states):
            output = keras.ops.matmul(inputs, self.kernel) + 0.5 * states[0]
            return output, [output]

        def get_config(self):
            return super().get_config()

    class Dropping(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.state_size = [2, 3]
            self.output_size = 2
            self.dense = keras.layers.Dense(3)
            self.dropout = keras.layers.Dropout(0.5)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, inputs, states, training=False):
            z = self.dropout(self.dense(inputs), training=training)
            b = keras.ops.tanh(z + states[1])
            a = b[:, :2] + states[0]
            return a * 0.5, [a, b]

    return Least, Dropping


def composed(keras):
    """(name, layer, shapes of its first states)"""
    layers = keras.layers
    least, dropping = own_cells(keras)
    yield "rnn", lambda: layers.RNN(layers.LSTMCell(3), return_state=True), [3, 3]
    yield (
        "rnn_sequences",
        lambda: layers.RNN(
            layers.SimpleRNNCell(3), return_sequences=True, go_backwards=True
        ),
        [3],
    )
    yield "own", lambda: layers.RNN(least(), return_sequences=True), [3]
    yield "dropping", lambda: layers.RNN(dropping(), return_state=True), [2, 3]
    yield (
        "dropping_unrolled",
        lambda: layers.RNN(dropping(), unroll=True, zero_output_for_mask=True),
        [2, 3],
    )


@case(EXACT, ROUNDING)
def rnn(library):
    for name, make, sizes in composed(library.keras):
        layer = fresh(library, make)
        layer(X)
        if name.startswith("rnn"):
            yield from describe(name, layer)
        yield f"names/{name}/all", [v.path for v in layer.variables]
        yield f"shape/{name}", repr(layer.compute_output_shape((3, 5, 4)))
        yield f"value/{name}/training", flat(layer(X, training=True))
        yield f"value/{name}/again", flat(layer(X, training=True))
        states = [np.full((3, n), 0.5, "float32") for n in sizes]
        yield from differentiate(library, name, layer, layer, [X])
        yield from differentiate(
            library, f"{name}/masked", layer, starting(layer, MASK), [X, *states]
        )


@case(EXACT, ROUNDING)
def stacked(library):
    layers = library.keras.layers
    least, dropping = own_cells(library.keras)

    def of(*made, **options):
        return lambda: layers.RNN([make() for make in made], **options)

    made = {
        "two": of(lambda: layers.LSTMCell(2), lambda: layers.GRUCell(3)),
        "states": of(
            lambda: layers.LSTMCell(2),
            lambda: layers.SimpleRNNCell(3),
            return_state=True,
            return_sequences=True,
        ),
        "own": of(least, dropping, return_state=True),
        "dropout": of(
            lambda: layers.GRUCell(2, dropout=0.4),
            lambda: layers.LSTMCell(3, dropout=0.2, recurrent_dropout=0.3),
        ),
    }
    for name, make in made.items():
        layer = fresh(library, make)
        layer(X)
        if name != "own":
            yield from describe(name, layer)
        yield f"names/{name}/all", [v.path for v in layer.variables]
        yield f"shape/{name}", repr(layer.compute_output_shape((3, 5, 4)))
        yield from differentiate(library, name, layer, layer, [X])
        yield f"value/{name}/masked", flat(layer(X, mask=MASK))
        for i in range(2):
            yield f"value/{name}/training{i}", flat(layer(X, training=True))


def bidirectionals(layers):
    """(name, layer, number of first states)"""
    for mode in ("sum", "mul", "ave", "concat", None):
        yield (
            f"gru_{mode}",
            lambda mode=mode: layers.Bidirectional(
                layers.GRU(2, return_sequences=mode != "sum"), merge_mode=mode
            ),
            2,
        )
    yield (
        "lstm_states",
        lambda: layers.Bidirectional(
            layers.LSTM(2, return_sequences=True, return_state=True), name="mine"
        ),
        4,
    )
    yield (
        "none_states",
        lambda: layers.Bidirectional(layers.LSTM(2, return_state=True), None),
        4,
    )
    yield (
        "two_kinds",
        lambda: layers.Bidirectional(
            layers.SimpleRNN(2), backward_layer=layers.GRU(2, go_backwards=True)
        ),
        2,
    )


@case(EXACT, ROUNDING)
def bidirectional(library):
    for name, make, count in bidirectionals(library.keras.layers):
        layer = fresh(library, make)
        layer(X)
        yield from describe(name, layer)
        yield f"shape/{name}", repr(layer.compute_output_shape((3, 5, 4)))
        states = list(np.full((count, 3, 2), 0.5, "float32"))
        yield from differentiate(library, name, layer, layer, [X])
        yield from differentiate(
            library, f"{name}/masked", layer, starting(layer, MASK), [X, *states]
        )


@case(EXACT, ROUNDING)
def masks_handed_on(library):
    """Which outputs carry the mask of the input further."""
    keras = library.keras
    layers = keras.layers

    class Mark(layers.Layer):
        def compute_mask(self, inputs, previous_mask=None):
            return keras.ops.any(keras.ops.not_equal(inputs, 0), axis=-1)

        def call(self, inputs):
            return inputs * 1.0

    x = X * MASK[:, :, None]
    for name, make in {
        "last": lambda: layers.LSTM(2),
        "sequences": lambda: layers.GRU(2, return_sequences=True),
        "states": lambda: layers.LSTM(2, return_sequences=True, return_state=True),
        "two": lambda: layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
        "both": lambda: layers.Bidirectional(
            layers.GRU(2, return_sequences=True), merge_mode=None
        ),
        "stacked": lambda: layers.RNN(
            [layers.GRUCell(2), layers.LSTMCell(2)], return_sequences=True
        ),
    }.items():
        layer = fresh(library, make)
        outputs = flat(layer(Mark()(x)))
        yield f"value/{name}", outputs
        masks = [getattr(y, "_keras_mask", None) for y in outputs]
        yield f"masks/{name}", [None if m is None else np.asarray(m) for m in masks]
