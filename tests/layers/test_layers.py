"""Every layer: value, derivative, dtypes, few rows, shapes, config.

A row is (layer class, its arguments, input shape, naive twin). The twin takes the
layer's weights by name and the input, both float64.
"""

import numpy as np
import pytest

from minikeras import layers
from minikeras.autodiff import GradientTape, Tensor
from minikeras.graph import KerasTensor
from tests.gradients import check_gradient


def relu(x):
    return np.maximum(x, 0)


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def scaled_relu(w, x):
    """ReLU(1.0, 0.1, 0.2): slope 0.1 below 0.2, and 1 at most."""
    return np.where(x >= 0.2, np.minimum(x, 1.0), 0.1 * (x - 0.2))


def channels_last(w, x):
    return np.moveaxis(x, 1, -1).reshape(len(x), -1)


def prelu(w, x):
    return np.where(x > 0, x, w["alpha"] * x)


ROWS = [
    (layers.Dense, {"units": 3}, (4, 5), lambda w, x: x @ w["kernel"] + w["bias"]),
    (
        layers.Dense,
        {"units": 3, "use_bias": False, "activation": "relu"},
        (4, 5),
        lambda w, x: relu(x @ w["kernel"]),
    ),
    (
        layers.Dense,
        {"units": 2, "bias_initializer": "ones", "activation": "tanh"},
        (2, 3, 2, 5),
        lambda w, x: np.tanh(x @ w["kernel"] + 1),
    ),
    (layers.Identity, {}, (4, 5), lambda w, x: x),
    (layers.Activation, {"activation": "tanh"}, (4, 5), lambda w, x: np.tanh(x)),
    (layers.ReLU, {}, (4, 5), lambda w, x: relu(x)),
    (
        layers.ReLU,
        {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2},
        (4, 5),
        scaled_relu,
    ),
    (layers.LeakyReLU, {}, (4, 5), lambda w, x: np.where(x > 0, x, 0.3 * x)),
    (
        layers.LeakyReLU,
        {"negative_slope": 0.5},
        (4, 5),
        lambda w, x: np.where(x > 0, x, 0.5 * x),
    ),
    (layers.ELU, {}, (4, 5), lambda w, x: np.where(x > 0, x, np.expm1(x))),
    (
        layers.ELU,
        {"alpha": 0.5},
        (4, 5),
        lambda w, x: np.where(x > 0, x, 0.5 * np.expm1(x)),
    ),
    (layers.PReLU, {"alpha_initializer": "he_uniform"}, (4, 2, 5), prelu),
    (
        layers.PReLU,
        {"alpha_initializer": "he_uniform", "shared_axes": [1]},
        (4, 2, 5),
        prelu,
    ),
    (layers.Softmax, {}, (4, 5), lambda w, x: softmax(x, -1)),
    (layers.Softmax, {"axis": 1}, (4, 2, 5), lambda w, x: softmax(x, 1)),
    (layers.Softmax, {"axis": [1, 2]}, (4, 2, 5), lambda w, x: softmax(x, (1, 2))),
    (layers.Dropout, {"rate": 0.5}, (4, 5), lambda w, x: x),
    (layers.Flatten, {}, (4, 2, 5), lambda w, x: x.reshape(4, 10)),
    (layers.Flatten, {}, (4,), lambda w, x: x.reshape(4, 1)),
    (layers.Flatten, {"data_format": "channels_first"}, (4, 2, 5, 3), channels_last),
    (layers.Flatten, {"data_format": "channels_first"}, (4, 2), channels_last),
]
# InputLayer has no computation; tests/models hold it in its place.
WITHOUT_CALL = {layers.InputLayer}

LABELS = [f"{cls.__name__}-{i}" for i, (cls, *_) in enumerate(ROWS)]
every_row = pytest.mark.parametrize(
    ("cls", "options", "shape", "naive"), ROWS, ids=LABELS
)


def numbers(shape):
    return np.random.default_rng(0).normal(size=shape)


def outputs_of(layer, x):
    return np.asarray(layer(x).value)


@every_row
def test_value(cls, options, shape, naive):
    layer = cls(**options, dtype="float64")
    x = numbers(shape)
    y = outputs_of(layer, x)
    weights = {v.name: v.value for v in layer.weights}
    # float64: a few roundings of sums of up to five products
    np.testing.assert_allclose(y, naive(weights, x), rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(x, numbers(shape))


@every_row
def test_derivative(cls, options, shape, naive):
    layer = cls(**options, dtype="float64")
    x = numbers(shape)
    layer(x)
    names = [v.name for v in layer.weights]

    def function(x, *weights):
        # Beside the tracking, so that the layer works on the tensors of the check.
        layer.__dict__.update(zip(names, weights, strict=True))
        return layer.call(x)

    check_gradient(function, x, *[v.value for v in layer.weights])


@every_row
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_float32_comes_out(cls, options, shape, naive, dtype):
    layer = cls(**options)
    with GradientTape() as tape:
        y = layer(numbers(shape).astype(dtype))
    assert y.dtype == np.float32
    assert {v.dtype for v in layer.weights} <= {"float32"}
    gradients = tape.gradient(y, layer.trainable_weights)
    assert {g.dtype for g in gradients} <= {np.dtype("float32")}


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool"])
def test_whole_numbers_come_in(dtype):
    x = np.array([[0, 1, 1, 0]], dtype)
    layer = layers.Dense(3, bias_initializer="ones")
    y = layer(x)
    assert y.dtype == np.float32
    expected = x.astype("float32") @ layer.kernel.value + 1
    np.testing.assert_allclose(y.value, expected, rtol=1e-6)  # one rounding or two
    for passing in (layers.Flatten(), layers.Identity(), layers.Dropout(0.5)):
        y = passing(x)
        assert y.dtype == dtype
        np.testing.assert_array_equal(y.value, x)


@every_row
@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows(cls, options, shape, naive, rows):
    layer = cls(**options, dtype="float64")
    x = numbers(shape)
    whole = outputs_of(layer, x)
    few = outputs_of(layer, x[:rows])
    assert few.shape == (rows, *whole.shape[1:])
    np.testing.assert_allclose(few, whole[:rows], rtol=1e-14)


@every_row
def test_no_rows_at_first(cls, options, shape, naive):
    layer = cls(**options)
    layer(numbers(shape)[:0].astype("float32"))
    twin = cls(**options)
    twin(numbers(shape).astype("float32"))
    assert [v.shape for v in layer.weights] == [v.shape for v in twin.weights]


@every_row
def test_the_symbolic_shape_is_the_eager_one(cls, options, shape, naive):
    eager = cls(**options)(numbers(shape)).shape
    symbolic = cls(**options)(KerasTensor((None, *shape[1:])))
    assert symbolic.shape == (None, *eager[1:])
    assert symbolic.dtype == "float32"
    layer = cls(**options)
    assert layer.compute_output_shape((None, *shape[1:])) == (None, *eager[1:])
    assert layer.compute_output_shape(shape) == eager


@every_row
def test_config(cls, options, shape, naive):
    layer = cls(**options, name="mine", trainable=False, dtype="float64")
    written = layer.get_config()
    again = cls.from_config(written)
    assert again.get_config() == written
    assert (again.name, again.trainable, again.dtype) == ("mine", False, "float64")
    for name, value in options.items():
        assert written[name] == value or name.endswith("initializer")
    full = layers.serialize(layer)
    assert (full["module"], full["class_name"]) == ("keras.layers", cls.__name__)
    restored = layers.deserialize(full)
    assert type(restored) is cls
    assert layers.serialize(restored) == full
    x = numbers(shape)
    assert outputs_of(restored, x).shape == outputs_of(layer, x).shape


def test_every_row_is_of_an_export():
    with_row = {cls for cls, *_ in ROWS} | WITHOUT_CALL
    assert with_row <= set(layers.FAMILY.exports.values())


# What only one of them does ----------------------------------------------------


def test_dense_options_reach_the_weights():
    layer = layers.Dense(
        3,
        kernel_regularizer="l2",
        bias_regularizer="l1",
        kernel_constraint="non_neg",
        bias_constraint="max_norm",
    )
    layer.build((None, 4))
    kernel, bias = layer.weights
    kinds = [type(v.regularizer).__name__ for v in (kernel, bias)]
    assert kinds == ["L2", "L1"]
    kinds = [type(v.constraint).__name__ for v in (kernel, bias)]
    assert kinds == ["NonNeg", "MaxNorm"]
    assert len(layer.losses) == 2


def test_dense_needs_to_know_the_last_axis():
    with pytest.raises(ValueError, match=r"fully-defined.*shape=\(None, 3\)"):
        layers.Dense(3).build((None, None))


def test_softmax_with_a_mask():
    x = numbers((3, 4)).astype("float32")
    mask = np.array([[True, False, True, True]] * 3)
    y = layers.Softmax()(x, mask=mask).value
    kept = x[:, [0, 2, 3]]
    # float32: three exponentials and a sum, each rounded once
    np.testing.assert_allclose(y[:, [0, 2, 3]], softmax(kept, -1), rtol=1e-6)
    assert (y[:, 1] == 0).all()


@pytest.mark.parametrize("axis", [-1, [1], (-2, -1)])
def test_softmax_of_a_masked_row_is_zero(axis):
    x = numbers((2, 3, 4)).astype("float32")
    y = layers.Softmax(axis)(x, mask=np.zeros((2, 3, 4), bool)).value
    assert (y == 0).all()


@pytest.mark.parametrize(
    ("shared", "shape"),
    [(None, (3, 4)), (1, (1, 4)), ([1, 2], (1, 1)), ([2], (3, 1))],
)
def test_the_shape_of_alpha(shared, shape):
    layer = layers.PReLU(shared_axes=shared)
    layer.build((None, 3, 4))
    assert layer.alpha.shape == shape


def test_prelu_learns():
    layer = layers.PReLU()
    x = np.float32([[-2.0, 3.0], [-1.0, -1.0]])
    with GradientTape() as tape:
        y = layer(x)
    assert tape.gradient(y, layer.alpha).value.tolist() == [-3.0, -1.0]


def test_flatten_takes_the_configured_format():
    assert layers.Flatten().data_format == "channels_last"
    with pytest.raises(ValueError, match="'channels'"):
        layers.Flatten("channels")
    shape = layers.Flatten().compute_output_shape((None, None, 3))
    assert shape == (None, None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Dropout(1.5), "rate=1.5"),
        (lambda: layers.Dropout(-0.1), "rate=-0.1"),
        (lambda: layers.Dropout(0.5, noise_shape=3), "noise_shape=3"),
        (lambda: layers.Dropout(0.5, noise_shape="ab"), "noise_shape='ab'"),
        (lambda: layers.Dropout(0.5, noise_shape=(1, 0)), "index 1: 0"),
        (lambda: layers.Dropout(0.5, noise_shape=(1, 2.5)), "index 1: 2.5"),
        (lambda: layers.LeakyReLU(-0.1), "negative_slope=-0.1"),
        (lambda: layers.LeakyReLU(None), "negative_slope=None"),
        (lambda: layers.ReLU(max_value=-1), "max_value=-1"),
        (lambda: layers.ReLU(threshold=-1), "threshold=-1"),
        (lambda: layers.Activation("tahn"), "'tanh'"),
        (lambda: layers.InputLayer(), "shape"),
        (lambda: layers.InputLayer(shape=3), "shape=3"),
        (lambda: layers.InputLayer(shape=(3, -1)), "-1"),
        (lambda: layers.InputLayer(shape=(3, 2.5)), "2.5"),
        (lambda: layers.InputLayer((3,), batch_shape=(None, 3)), "at the same time"),
        (lambda: layers.InputLayer(batch_size=2, batch_shape=(2, 3)), "at the same"),
    ],
)
def test_impossible_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_old_name_of_the_slope():
    with pytest.warns(DeprecationWarning, match="alpha.*negative_slope"):
        layer = layers.LeakyReLU(alpha=0.2)
    assert layer.negative_slope == 0.2


# Dropout -----------------------------------------------------------------------

X = np.ones((200, 100), "float32")


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_share_and_the_mean(rate):
    y = layers.Dropout(rate, seed=1)(X, training=True).value
    assert set(np.unique(y)) == {0.0, np.float32(1 / (1 - rate))}
    # 20000 draws: five standard deviations of the share that is dropped
    deviation = 5 * (rate * (1 - rate) / X.size) ** 0.5
    assert abs((y == 0).mean() - rate) < deviation
    assert abs(y.mean() - 1) < deviation / (1 - rate)


def test_dropout_draws_anew_each_time_and_again_from_the_seed():
    first, second = layers.Dropout(0.5, seed=3), layers.Dropout(0.5, seed=3)
    one, two = (first(X, training=True).value for _ in range(2))
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(second(X, training=True).value, one)
    np.testing.assert_array_equal(second(X, training=True).value, two)
    other = layers.Dropout(0.5, seed=4)(X, training=True).value
    assert not np.array_equal(one, other)


def test_dropout_does_nothing_outside_training():
    layer = layers.Dropout(0.5, seed=1)
    state = layer.seed_generator.state.value
    for y in (layer(X), layer(X, training=False)):
        np.testing.assert_array_equal(y.value, X)
    np.testing.assert_array_equal(layer.seed_generator.state.value, state)


def test_dropout_of_nothing_and_of_all():
    none, all_ = layers.Dropout(0.0), layers.Dropout(1.0)
    np.testing.assert_array_equal(none(X, training=True).value, X)
    assert none.variables == []
    assert (all_(X, training=True).value == 0).all()


@pytest.mark.parametrize("noise_shape", [(200, 1), (None, 1)])
def test_dropout_with_a_shared_mask(noise_shape):
    y = layers.Dropout(0.5, noise_shape, seed=1)(X, training=True).value
    assert (y == y[:, :1]).all()
    assert len(np.unique(y[:, 0])) == 2


def test_the_gradient_of_dropout_is_its_mask():
    x = Tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        y = layers.Dropout(0.3, seed=1)(x, training=True)
    np.testing.assert_array_equal(tape.gradient(y, x).value, y.value)
