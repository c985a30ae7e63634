"""Recurrent layers from call to call: dropout, states that go on, short trainings."""

import numpy as np

from parity.case import EXACT, case, ulp
from parity.cases.recurrent import MASK, ROUNDING, X, describe, flat, fresh

TRAINED = ulp(
    64, "4 to 12 updates, each of gradients that agree to some 8 ulp, add up", 4e-6
)


def dropping(layers):
    """(name, layer) with dropout of either kind; gates share a mask, or do not."""
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        make = getattr(layers, kind)
        yield f"{kind}/inputs", lambda make=make: make(3, dropout=0.4)
        yield f"{kind}/states", lambda make=make: make(3, recurrent_dropout=0.4)
        yield (
            f"{kind}/both",
            lambda make=make: make(
                3, dropout=0.3, recurrent_dropout=0.2, seed=7, return_sequences=True
            ),
        )
        yield (
            f"{kind}/backwards",
            lambda make=make: make(3, dropout=0.5, go_backwards=True, unroll=True),
        )
        yield f"{kind}/all", lambda make=make: make(3, dropout=1.0)
        yield f"{kind}/all_states", lambda make=make: make(3, recurrent_dropout=1)
    yield (
        "LSTM/by_gate",
        lambda: layers.LSTM(3, dropout=0.4, implementation=1, use_cudnn=False),
    )
    yield (
        "GRU/before",
        lambda: layers.GRU(3, dropout=0.4, recurrent_dropout=0.4, reset_after=False),
    )
    yield "Bidirectional", lambda: layers.Bidirectional(layers.GRU(2, dropout=0.4))


@case(EXACT, ROUNDING)
def dropout(library):
    """The masks are Keras's, and a call in inference moves the seeds on as well."""
    for name, make in dropping(library.keras.layers):
        layer = fresh(library, make)
        layer(X)
        yield from describe(name, layer)
        for i, training in enumerate((True, True, False, True)):
            yield f"value/{name}/{i}", flat(layer(X, training=training))
        yield f"value/{name}/masked", flat(layer(X, training=True, mask=MASK))
        yield f"seeds/{name}", [np.asarray(v) for v in layer.variables[-1:]]


@case(EXACT, ROUNDING)
def dropout_in_a_cell(library):
    """A cell called alone keeps its masks until it is told to drop them."""
    layers = library.keras.layers
    step, states = X[:, 0], [np.ones((3, 3), "float32")] * 2
    for name, make, count in (
        ("simple", lambda: layers.SimpleRNNCell(3, dropout=0.4), 1),
        ("lstm", lambda: layers.LSTMCell(3, dropout=0.4, recurrent_dropout=0.3), 2),
        ("gru", lambda: layers.GRUCell(3, dropout=0.4), 1),
    ):
        cell = fresh(library, make)
        for i in range(2):
            yield (
                f"value/{name}/{i}",
                flat(cell(step, states[:count], training=True)),
            )
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()
        yield f"value/{name}/reset", flat(cell(step, states[:count], training=True))
        yield f"value/{name}/inference", flat(cell(step, states[:count]))
        yield f"seeds/{name}", [np.asarray(v) for v in cell.variables[-1:]]


def stateful(layers):
    yield "LSTM", lambda: layers.LSTM(3, stateful=True)
    yield (
        "GRU",
        lambda: layers.GRU(3, stateful=True, return_sequences=True, return_state=True),
    )
    yield "SimpleRNN", lambda: layers.SimpleRNN(3, stateful=True, dropout=0.2)
    yield (
        "stacked",
        lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], stateful=True),
    )
    yield "Bidirectional", lambda: layers.Bidirectional(layers.GRU(3, stateful=True))


@case(EXACT, ROUNDING)
def states_that_go_on(library):
    for name, make in stateful(library.keras.layers):
        layer = fresh(library, make)
        for i, mask in enumerate((None, None, MASK)):
            yield f"value/{name}/{i}", flat(layer(X, mask=mask))
            yield f"states/{name}/{i}", [v.path for v in flat(layer.states)]
            yield (
                f"value/{name}/{i}/states",
                [np.asarray(v) for v in flat(layer.states)],
            )
        yield from describe(name, layer)
        if name == "stacked":  # Keras's reset_state fails on nested states
            continue
        layer.reset_state()
        yield f"value/{name}/reset", [np.asarray(v) for v in flat(layer.states)]
        yield f"value/{name}/again", flat(layer(X, training=True))


def models(keras):
    """(name, layers before Dense(1), batch size or None)"""
    layers = keras.layers
    yield "LSTM", [layers.LSTM(4)], None
    yield "two", [layers.GRU(4, return_sequences=True), layers.SimpleRNN(3)], None
    yield "dropout", [layers.LSTM(4, dropout=0.2, recurrent_dropout=0.2)], None
    yield "stateful", [layers.GRU(3, stateful=True)], 4
    yield "Bidirectional", [layers.Bidirectional(layers.LSTM(3, dropout=0.3))], None
    yield (
        "stacked",
        [layers.RNN([layers.LSTMCell(3, dropout=0.1), layers.GRUCell(2)])],
        None,
    )


@case(TRAINED)
def trained(library):
    keras = library.keras
    rng = np.random.default_rng(4)
    x = rng.normal(size=(12, 5, 4)).astype("float32")
    y = x[:, :, 0].sum(axis=1, keepdims=True)
    for name in ("LSTM", "two", "dropout", "stateful", "Bidirectional", "stacked"):
        keras.utils.set_random_seed(5)
        keras.utils.clear_session()
        made = {n: (parts, size) for n, parts, size in models(keras)}
        parts, size = made[name]
        model = keras.Sequential(
            [keras.Input(batch_shape=(size, 5, 4)), *parts, keras.layers.Dense(1)]
        )
        model.compile("sgd", "mse")
        history = model.fit(
            x, y, batch_size=4, epochs=4, verbose=0, shuffle=size is None
        )
        yield f"{name}/loss", np.float32(history.history["loss"])
        yield f"{name}/weights", model.get_weights()
        yield f"{name}/predicted", model.predict(x, batch_size=4, verbose=0)
