"""Recurrent layers: values, gradients, masks, states, dropout, names and configs."""

import numpy as np

from parity.case import EXACT, case, ulp

STEPS = ulp(
    16, "5 steps of sums of 4 + 3 products, each followed by tanh and sigmoid", 1e-6
)
# Sums over 5 steps and 3 rows of terms of size 3 that cancel.
SUMS = ulp(32, "a gradient sums 15 terms that cancel, each of some 20 roundings", 4e-6)
ROUNDING = {"value": STEPS, "gradient": SUMS, "weights": STEPS}

X = np.random.default_rng(1).normal(size=(3, 5, 4)).astype("float32")
MASK = np.array(
    [[True] * 5, [True, True, False, True, False], [False, False, True, True, False]]
)


def lstm_rows(layers):
    """(name, layer)"""
    yield "lstm", lambda: layers.LSTM(3)
    yield "lstm_sequences", lambda: layers.LSTM(3, return_sequences=True)
    yield "lstm_backwards", lambda: layers.LSTM(3, go_backwards=True)
    yield (
        "lstm_backwards_sequences",
        lambda: layers.LSTM(3, go_backwards=True, return_sequences=True),
    )
    yield "lstm_state", lambda: layers.LSTM(3, return_state=True)
    yield (
        "lstm_all",
        lambda: layers.LSTM(3, return_state=True, return_sequences=True, unroll=True),
    )
    yield "lstm_no_bias", lambda: layers.LSTM(3, use_bias=False)
    yield "lstm_hard", lambda: layers.LSTM(3, "relu", "hard_sigmoid")
    yield "lstm_linear", lambda: layers.LSTM(2, None, return_sequences=True)
    yield "lstm_zero", lambda: layers.LSTM(3, zero_output_for_mask=True)
    yield (
        "lstm_zero_sequences",
        lambda: layers.LSTM(3, zero_output_for_mask=True, return_sequences=True),
    )
    yield (
        "lstm_options",
        lambda: layers.LSTM(
            3,
            kernel_initializer="he_normal",
            recurrent_initializer="glorot_normal",
            bias_initializer="random_normal",
            kernel_regularizer="l2",
            recurrent_regularizer="l1",
            bias_regularizer="l2",
            activity_regularizer="l2",
            kernel_constraint="max_norm",
            recurrent_constraint="unit_norm",
            bias_constraint="non_neg",
            name="mine",
            implementation=1,
            use_cudnn=False,
        ),
    )
    yield (
        "lstm_plain_bias",
        lambda: layers.LSTM(3, bias_initializer="ones", unit_forget_bias=False),
    )


def flat(y):
    """The tensors of a nest, left to right."""
    return (
        [t for part in y for t in flat(part)] if isinstance(y, (list, tuple)) else [y]
    )


def plain(config):
    return repr(sorted((k, v) for k, v in config.items() if k != "dtype"))


def describe(name, layer):
    """(key, result) for the names, weights and config of a built layer."""
    yield (
        f"names/{name}",
        [
            (v.name, v.path, tuple(v.shape), str(v.dtype), v.trainable)
            for v in layer.weights
        ],
    )
    yield f"names/{name}/variables", [v.path for v in layer.variables]
    yield f"weights/{name}", layer.get_weights()
    yield f"params/{name}", layer.count_params()
    yield f"config/{name}", plain(layer.get_config())
    restored = type(layer).from_config(layer.get_config())
    yield f"config/{name}/restored", plain(restored.get_config())


def loss_of(keras, y):
    """A scalar to which each output and each of its elements contributes alike."""
    return sum(keras.ops.sum(keras.ops.square(part)) for part in flat(y))


def differentiate(library, name, layer, call, inputs):
    """The outputs of `call(*inputs)`, and gradients by the inputs and weights."""
    tensors = [library.tensor(x) for x in inputs]
    with library.tape(persistent=True) as tape:
        tape.watch(tensors)
        y = call(*tensors)
        loss = loss_of(library.keras, y)
    for i, part in enumerate(flat(y)):
        yield f"value/{name}/{i}", part
    for i, x in enumerate(tensors):
        yield f"gradient/{name}/input{i}", tape.gradient(loss, x)
    for v in layer.trainable_variables:
        yield f"gradient/{name}/{v.path}", tape.gradient(loss, v)


@case(EXACT, ROUNDING)
def lstm(library):
    yield from every_layer(library, lstm_rows(library.keras.layers), 2)


def every_layer(library, rows, states):
    keras = library.keras
    for name, make in rows:
        keras.utils.set_random_seed(13)
        keras.utils.clear_session()
        layer = make()
        layer(X)
        yield from describe(name, layer)
        yield f"shape/{name}", repr(layer.compute_output_shape((None, 5, 4)))
        yield f"value/{name}/losses", [np.asarray(v) for v in layer.losses]
        yield from differentiate(library, name, layer, layer, [X])
        yield from differentiate(
            library, f"{name}/masked", layer, lambda x: layer(x, mask=MASK), [X]
        )
        units = layer.units
        first = np.random.default_rng(2).normal(size=(states, 3, units))
        yield from differentiate(
            library,
            f"{name}/from_state",
            layer,
            lambda x, *first: layer(x, initial_state=list(first)),
            [X, *first.astype("float32")],
        )
