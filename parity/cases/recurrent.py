"""Recurrent layers: values, gradients, masks, states, dropout, names and configs."""

import json

import numpy as np

from parity.case import EXACT, case, ulp

STEPS = ulp(
    16, "5 steps of sums of 4 + 3 products, each followed by tanh and sigmoid", 1e-6
)
# Sums over 5 steps and 3 rows of terms of size 3 that cancel: √(15 · 20) roundings of
# 1.2e-7, and four times that for the largest of many entries.
SUMS = ulp(32, "a gradient sums 15 terms that cancel, each of some 20 roundings", 8e-6)
ROUNDING = {"value": STEPS, "gradient": SUMS, "weights": STEPS}
UNBOUNDED = {
    "gradient/simple_rnn_linear": ulp(
        32, "no tanh: 15 terms of size 100 cancel, their half ulp is 4e-6", 3e-5
    )
}

X = np.random.default_rng(1).normal(size=(3, 5, 4)).astype("float32")
MASK = np.array(
    [[True] * 5, [True, True, False, True, False], [False, False, True, True, False]]
)


def rows(kind, layer):
    """(name, layer) for the options that LSTM, GRU and SimpleRNN share."""
    yield kind, lambda: layer(3)
    yield f"{kind}_sequences", lambda: layer(3, return_sequences=True)
    yield (
        f"{kind}_backwards",
        lambda: layer(3, go_backwards=True, return_state=True, unroll=True),
    )
    yield (
        f"{kind}_all",
        lambda: layer(3, go_backwards=True, return_sequences=True, return_state=True),
    )
    yield f"{kind}_no_bias", lambda: layer(3, use_bias=False)
    yield f"{kind}_relu", lambda: layer(3, "relu", return_sequences=True)
    yield f"{kind}_linear", lambda: layer(2, None, zero_output_for_mask=True)
    yield f"{kind}_zero", lambda: layer(3, zero_output_for_mask=True)
    yield (
        f"{kind}_zero_sequences",
        lambda: layer(
            3, zero_output_for_mask=True, return_sequences=True, go_backwards=True
        ),
    )
    yield (
        f"{kind}_options",
        lambda: layer(
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
        ),
    )


def lstm_rows(layers):
    yield from rows("lstm", layers.LSTM)
    yield "lstm_hard", lambda: layers.LSTM(3, recurrent_activation="hard_sigmoid")
    yield (
        "lstm_plain_bias",
        lambda: layers.LSTM(3, bias_initializer="ones", unit_forget_bias=False),
    )
    yield (
        "lstm_accepted",
        lambda: layers.LSTM(3, implementation=1, use_cudnn=False, trainable=False),
    )


def gru_rows(layers):
    yield from rows("gru", layers.GRU)
    yield "gru_hard", lambda: layers.GRU(3, recurrent_activation="hard_sigmoid")
    yield "gru_before", lambda: layers.GRU(3, reset_after=False)
    yield (
        "gru_before_no_bias",
        lambda: layers.GRU(3, use_bias=False, reset_after=False, return_sequences=True),
    )


def flat(y):
    """The tensors of a nest, left to right."""
    return (
        [t for part in y for t in flat(part)] if isinstance(y, (list, tuple)) else [y]
    )


def plain(config):
    """A config as text; without the shapes that Keras notes beside inner layers."""

    def essence(part):
        if isinstance(part, dict):
            left_out = ("dtype", "build_config")
            return {k: essence(v) for k, v in part.items() if k not in left_out}
        return [essence(p) for p in part] if isinstance(part, (list, tuple)) else part

    return json.dumps(essence(config), sort_keys=True)


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
    with library.tape() as tape:
        tape.watch(tensors)
        y = call(*tensors)
        loss = loss_of(library.keras, y)
    for i, part in enumerate(flat(y)):
        yield f"value/{name}/{i}", part
    variables = layer.trainable_variables
    gradients = tape.gradient(loss, [*tensors, *variables])
    for i in range(len(tensors)):
        yield f"gradient/{name}/input{i}", gradients[i]
    for v, gradient in zip(variables, gradients[len(tensors) :], strict=True):
        yield f"gradient/{name}/{v.path}", gradient


@case(EXACT, ROUNDING)
def lstm(library):
    yield from every_layer(library, lstm_rows(library.keras.layers), 2)


@case(EXACT, ROUNDING)
def gru(library):
    yield from every_layer(library, gru_rows(library.keras.layers), 1)


@case(EXACT, ROUNDING | UNBOUNDED)
def simple_rnn(library):
    made = rows("simple_rnn", library.keras.layers.SimpleRNN)
    yield from every_layer(library, made, 1)


def every_layer(library, made, count):
    """Without and with a mask, from zeros and from `count` given states."""
    for name, make in made:
        layer = fresh(library, make)
        layer(X)
        yield from describe(name, layer)
        yield f"shape/{name}", repr(layer.compute_output_shape((None, 5, 4)))
        yield f"value/{name}/losses", [np.asarray(v) for v in layer.losses]
        first = np.random.default_rng(2).normal(size=(count, 3, layer.units))
        first = list(first.astype("float32"))
        yield from differentiate(library, name, layer, layer, [X])
        yield from differentiate(
            library, f"{name}/state", layer, starting(layer), [X, *first]
        )
        yield from differentiate(
            library, f"{name}/masked", layer, starting(layer, MASK), [X, *first]
        )
        yield f"value/{name}/zeros masked", flat(layer(X, mask=MASK))


def fresh(library, make):
    library.keras.utils.set_random_seed(13)
    library.keras.utils.clear_session()
    return make()


def starting(layer, mask=None):
    """The call of a layer as a function of its input and its first states."""
    return lambda x, *states: layer(x, initial_state=list(states), mask=mask)
