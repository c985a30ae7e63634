"""Recurrent layers beside twins that are plain loops over samples and time steps."""

import numpy as np
import pytest

from minikeras import layers
from minikeras.autodiff import GradientTape, Tensor
from minikeras.graph import KerasTensor
from tests.gradients import check_gradient

BATCH, STEPS, FEATURES = 3, 4, 5
X = np.random.default_rng(0).normal(size=(BATCH, STEPS, FEATURES))
MASK = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1]], bool)


def logistic(z):
    return 1 / (1 + np.exp(-z))


def simple(w, x, state, act=np.tanh, gate=logistic):
    kernel, recurrent, bias = w
    h = act(x @ kernel + bias + state[0] @ recurrent)
    return h, [h]


def lstm(w, x, state, act=np.tanh, gate=logistic):
    kernel, recurrent, bias = w
    i, f, c, o = np.split(x @ kernel + state[0] @ recurrent + bias, 4)
    carry = gate(f) * state[1] + gate(i) * act(c)
    h = gate(o) * act(carry)
    return h, [h, carry]


def gru(w, x, state, act=np.tanh, gate=logistic):
    kernel, recurrent, (of_x, of_h) = w
    z, r, g = np.split(x @ kernel + of_x, 3)
    h_z, h_r, h_g = np.split(state[0] @ recurrent + of_h, 3)
    z, r = gate(z + h_z), gate(r + h_r)
    h = z * state[0] + (1 - z) * act(g + r * h_g)
    return h, [h]


def gru_before(w, x, state, act=np.tanh, gate=logistic):
    kernel, recurrent, bias = w
    z, r, g = np.split(x @ kernel + bias, 3)
    k_z, k_r, k_g = np.split(recurrent, 3, axis=1)
    z, r = gate(z + state[0] @ k_z), gate(r + state[0] @ k_r)
    h = z * state[0] + (1 - z) * act(g + (r * state[0]) @ k_g)
    return h, [h]


def relu(z):
    return np.maximum(z, 0)


def hard(z):
    return np.clip(z / 6 + 0.5, 0, 1)


def with_bias(weights):
    """The three weights of a cell, zeros for a bias that is not there."""
    return [*weights, np.zeros(weights[0].shape[1])][:3]


def sample_loop(cell, weights, x, states, mask=None, backwards=False, zero=False):
    """(outputs (time, units), last states) of one sample."""
    output, outputs = np.zeros_like(states[0]), []
    for t in range(STEPS)[::-1] if backwards else range(STEPS):
        if mask is None or mask[t]:
            output, states = cell(weights, x[t], states)
        elif zero:
            output = np.zeros_like(output)
        outputs.append(output)
    return np.stack(outputs), states


def loop(cell, units, states=1, **how):
    """The twin of a layer: (all outputs, last states) from weights and inputs."""

    def twin(weights, x, first=None, mask=None):
        weights = with_bias(weights)
        rows = []
        for i in range(len(x)):
            start = [np.zeros(units)] * states
            start = start if first is None else [s[i] for s in first]
            rows.append(
                sample_loop(
                    cell, weights, x[i], start, None if mask is None else mask[i], **how
                )
            )
        outputs = (
            np.stack([o for o, _ in rows]) if rows else np.zeros((0, STEPS, units))
        )
        last = [
            np.stack([s[k] for _, s in rows]) if rows else np.zeros((0, units))
            for k in range(states)
        ]
        return outputs, last

    return twin


def of(cell, **functions):
    return lambda w, x, s: cell(w, x, s, **functions)


BACK = {"go_backwards": True}
ZERO = {"zero_output_for_mask": True}
NOT_ZERO = {"bias_initializer": "random_normal"}
# layer, arguments, number of states, twin; all outputs and states are asked for.
ROWS = [
    (layers.SimpleRNN, {"units": 3, **NOT_ZERO}, 1, loop(simple, 3)),
    (layers.SimpleRNN, {"units": 2, "use_bias": False}, 1, loop(simple, 2)),
    (
        layers.SimpleRNN,
        {"units": 3, "activation": "relu", **BACK, **ZERO},
        1,
        loop(of(simple, act=relu), 3, backwards=True, zero=True),
    ),
    (layers.LSTM, {"units": 3, **NOT_ZERO}, 2, loop(lstm, 3, 2)),
    (layers.LSTM, {"units": 3, **BACK}, 2, loop(lstm, 3, 2, backwards=True)),
    (
        layers.LSTM,
        {"units": 2, "use_bias": False, **ZERO},
        2,
        loop(lstm, 2, 2, zero=True),
    ),
    (
        layers.LSTM,
        {"units": 3, "activation": "relu", "recurrent_activation": "hard_sigmoid"},
        2,
        loop(of(lstm, act=relu, gate=hard), 3, 2),
    ),
    (layers.GRU, {"units": 3, **NOT_ZERO}, 1, loop(gru, 3)),
    (
        layers.GRU,
        {"units": 3, **NOT_ZERO, **BACK, **ZERO},
        1,
        loop(gru, 3, backwards=True, zero=True),
    ),
    (
        layers.GRU,
        {"units": 3, "reset_after": False, **NOT_ZERO},
        1,
        loop(gru_before, 3),
    ),
    (
        layers.GRU,
        {"units": 3, "reset_after": False, "use_bias": False, **BACK},
        1,
        loop(gru_before, 3, backwards=True),
    ),
]
CELL_OF = {
    layers.SimpleRNN: layers.SimpleRNNCell,
    layers.LSTM: layers.LSTMCell,
    layers.GRU: layers.GRUCell,
}
every_row = pytest.mark.parametrize(
    ("cls", "options", "count", "twin"),
    ROWS,
    ids=[f"{cls.__name__}-{i}" for i, (cls, *_) in enumerate(ROWS)],
)
ALL = {"return_sequences": True, "return_state": True}
# float64: four steps, each a few roundings of sums of eight products
CLOSE = {"rtol": 1e-12, "atol": 1e-13}


def first_states(count, units, seed=5):
    return list(np.random.default_rng(seed).normal(size=(count, BATCH, units)))


def same(outputs, expected):
    all_outputs, states = expected
    for y, e in zip(outputs, [all_outputs, *states], strict=True):
        np.testing.assert_allclose(y.value, e, **CLOSE)


@every_row
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("started", [False, True])
def test_value(cls, options, count, twin, masked, started):
    layer = cls(**options, **ALL, dtype="float64")
    first = first_states(count, layer.units) if started else None
    mask = MASK if masked else None
    outputs = layer(X, initial_state=first, mask=mask)
    weights = [v.value for v in layer.weights]
    same(outputs, expected := twin(weights, X, first, mask))
    last = cls(**options, dtype="float64")
    last.build(X.shape)
    last.set_weights(weights)
    y = last(X, initial_state=first, mask=mask)
    np.testing.assert_allclose(y.value, expected[0][:, -1], **CLOSE)


@every_row
@pytest.mark.parametrize("mask", [None, MASK], ids=["", "masked"])
def test_derivative(cls, options, count, twin, mask):
    layer = cls(**options, **ALL, dtype="float64")
    layer(X)
    names = [v.name for v in layer.weights]
    # Away from where relu and hard_sigmoid bend, as far as the seed can tell.
    weights = [v.value + 0.01 for v in layer.weights]

    def function(x, *rest):
        layer.cell.__dict__.update(zip(names, rest[count:], strict=True))
        return layer.call(x, list(rest[:count]), mask)

    check_gradient(function, X, *first_states(count, layer.units), *weights)


@every_row
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
def test_float32_comes_out(cls, options, count, twin, dtype):
    layer = cls(**options, **ALL)
    x = Tensor((3 * X).astype(dtype))
    with GradientTape() as tape:
        tape.watch(x)
        y, *states = layer(x)
    assert {t.dtype for t in (y, *states)} == {np.dtype("float32")}
    assert {v.dtype for v in layer.weights} == {"float32"}
    sources = [*layer.trainable_weights, *([x] if x.dtype.kind == "f" else [])]
    for v, dv in zip(sources, tape.gradient([y, *states], sources), strict=True):
        assert (str(dv.dtype), dv.shape) == (str(v.dtype), v.shape)


@every_row
@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows(cls, options, count, twin, rows):
    layer = cls(**options, **ALL, dtype="float64")
    outputs = layer(X[:rows], mask=MASK[:rows])
    weights = [v.value for v in layer.weights]
    same(outputs, twin(weights, X[:rows], None, MASK[:rows]))


@every_row
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("return_state", [False, True])
def test_shapes(cls, options, count, twin, return_sequences, return_state):
    options = options | {"return_sequences": return_sequences}
    options["return_state"] = return_state

    def shapes_of(y):
        return tuple(t.shape for t in y) if return_state else y.shape

    eager = shapes_of(cls(**options)(X))
    assert cls(**options).compute_output_shape(X.shape) == eager
    opened = cls(**options).compute_output_shape((None, *X.shape[1:]))
    assert shapes_of(cls(**options)(KerasTensor((None, STEPS, FEATURES)))) == opened
    steps_open = cls(**options)(KerasTensor((None, None, FEATURES)))
    units = cls(**options).units
    y = steps_open[0] if return_state else steps_open
    assert y.shape == ((None, None, units) if return_sequences else (None, units))


@every_row
def test_config(cls, options, count, twin):
    layer = cls(**options, name="mine", trainable=False, dtype="float64", seed=3)
    written = layer.get_config()
    again = cls.from_config(written)
    assert again.get_config() == written
    assert (again.name, again.trainable, again.dtype) == ("mine", False, "float64")
    assert again.cell.dtype == "float64"
    for name, value in options.items():
        assert written[name] == value or name.endswith("initializer")
    restored = layers.deserialize(layers.serialize(layer))
    assert layers.serialize(restored) == layers.serialize(layer)


@every_row
def test_the_cell_gives_each_step(cls, options, count, twin):
    """The cell alone, RNN with the cell, and the layer agree."""
    of_layer = ("go_backwards", "zero_output_for_mask")
    for_cell = {k: v for k, v in options.items() if k not in of_layer}
    cell = CELL_OF[cls](**for_cell, dtype="float64")
    states = first_states(count, cell.units)
    output, new_states = cell(X[:, 0], states)
    np.testing.assert_array_equal(output.value, new_states[0].value)
    weights = [v.value for v in cell.weights]
    layer = layers.RNN(cell, **ALL, dtype="float64")
    outputs = layer(X[:, :1], initial_state=states)
    np.testing.assert_allclose(outputs[0].value[:, 0], output.value, **CLOSE)
    own = cls(**for_cell, **ALL, dtype="float64")
    own.build(X.shape)
    own.set_weights(weights)
    for y, e in zip(own(X), layer(X), strict=True):
        np.testing.assert_allclose(y.value, e.value, **CLOSE)
    restored = type(cell).from_config(cell.get_config())
    assert restored.get_config() == cell.get_config()
    zeros = cell.get_initial_state(batch_size=2)
    assert [z.shape for z in zeros] == [(2, cell.units)] * count
