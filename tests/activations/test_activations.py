"""The activations by name, and those that ops lacks."""

import math

import numpy as np
import pytest

from minikeras import activations, ops, registry
from minikeras.autodiff import GradientTape, Tensor
from tests.gradients import check_gradient

rng = np.random.default_rng(0)
X = rng.normal(size=(4, 6)) * 3

# One call for each export: its further arguments.
ARGUMENTS = {"threshold": (1.0, 0.0)}


def bounded_relu(x, negative_slope, max_value, threshold):
    if x > threshold:
        return min(x, math.inf if max_value is None else max_value)
    return negative_slope * (x - threshold)


RELU = [
    {},
    {"negative_slope": 0.1},
    {"max_value": 2},
    {"max_value": 6.0},
    {"threshold": 1.0},
    {"negative_slope": 0.5, "max_value": 6},
    {"negative_slope": 0.5, "threshold": 1.0},
    {"negative_slope": 0.5, "max_value": 2.5, "threshold": 1.0},
]


def test_the_exports_are_those_of_keras():
    """What keras.activations of 3.15.1 lists, apart from get and (de)serialize."""
    expected = (
        "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh "
        "leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu "
        "soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax "
        "squareplus tanh tanh_shrink threshold"
    ).split()
    assert sorted(activations.FAMILY.exports) == expected
    assert activations.swish is activations.silu
    assert activations.hard_swish is activations.hard_silu


@pytest.mark.parametrize("name", sorted(activations.FAMILY.names))
def test_round_trip(name):
    function = activations.get(name)
    assert function is getattr(activations, name)
    assert activations.get(function) is function
    written = activations.serialize(function)
    assert written == function.__name__
    assert activations.deserialize(written) is function
    config = registry.serialize(function)
    assert activations.get(config) is activations.deserialize(config) is function


@pytest.mark.parametrize("name", sorted(activations.FAMILY.exports))
def test_float32_in_float32_out(name):
    x = Tensor(X.astype("float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = getattr(activations, name)(x, *ARGUMENTS.get(name, ()))
    assert y.dtype == np.float32
    assert tape.gradient(y, x).dtype == np.float32


@pytest.mark.parametrize("options", RELU, ids=str)
def test_relu(options):
    full = {"negative_slope": 0.0, "max_value": None, "threshold": 0.0} | options
    expected = np.vectorize(lambda x: bounded_relu(x, **full), otypes="d")(X)
    np.testing.assert_allclose(activations.relu(X, **options).value, expected)
    check_gradient(lambda x: activations.relu(x, **options), X)
    numpy_options = {key: np.float64(value) for key, value in options.items()}
    for dtype in ("float32", "float16"):
        y = activations.relu(X.astype(dtype), **numpy_options)
        assert y.dtype == dtype
    assert activations.relu(np.zeros((0, 3)), **options).shape == (0, 3)


@pytest.mark.parametrize(
    ("options", "x", "slopes"),
    [
        ({"max_value": 2}, [0, 2], [0, 1]),
        ({"max_value": 6}, [0, 6], [0, 0]),
        ({"max_value": 6, "threshold": 1.0}, [1, 6], [0, 1]),
        ({"negative_slope": 0.5, "threshold": 1.0}, [1, np.nan], [0, 0]),
        ({"negative_slope": 0.5}, [0, np.nan], [0.5, 0.5]),
    ],
)
def test_slopes_of_relu_at_its_corners(options, x, slopes):
    """As TensorFlow 2.21 has them."""
    x = Tensor(np.array(x, "float64"))
    with GradientTape() as tape:
        tape.watch(x)
        y = activations.relu(x, **options)
    np.testing.assert_array_equal(tape.gradient(y, x).value, slopes)


def test_mish():
    expected = X * np.tanh(np.log(1 + np.exp(X)))
    np.testing.assert_allclose(activations.mish(X).value, expected, atol=1e-14)
    check_gradient(activations.mish, X)


def test_gelu_is_exact_by_default():
    np.testing.assert_array_equal(
        activations.gelu(X).value, ops.gelu(X, approximate=False).value
    )
    np.testing.assert_array_equal(activations.gelu(X, True).value, ops.gelu(X).value)


def test_exponential_and_linear():
    np.testing.assert_array_equal(activations.exponential(X).value, np.exp(X))
    check_gradient(activations.exponential, X)
    assert activations.linear(X) is X


@pytest.mark.parametrize("options", [*RELU, None], ids=str)
def test_extremes_give_no_warning(options):
    extreme = [0.0, -0.0, 1e-8, -1e-8, 30, -30, 1e4, -1e4, np.inf, -np.inf, np.nan]
    x = Tensor(np.array(extreme, "float32"))
    functions = [activations.mish, activations.exponential, activations.tanh]
    if options is not None:
        functions = [lambda x: activations.relu(x, **options)]
    for function in functions:
        with GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        assert tape.gradient(y, x).shape == x.shape


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("softmox", "softmax"), ("sigmod", "sigmoid"), ("reul", "relu"), ("Tanh", "tanh")],
)
def test_a_misspelt_name(name, nearest):
    with pytest.raises(ValueError, match=f"'{name}'.*Did you mean '{nearest}'"):
        activations.get(name)


@pytest.mark.parametrize("wrong", ["", 3, 1.5, {"class_name": "relu"}, ["relu"]])
def test_what_is_no_activation(wrong):
    with pytest.raises(ValueError):
        activations.get(wrong)
    with pytest.raises(ValueError):
        activations.serialize(wrong)


def test_none_is_linear():
    assert activations.get(None) is activations.linear
    assert activations.deserialize(None) is None


def test_own_functions():
    def cube(x):
        return x * x * x

    assert activations.get(cube) is cube
    config = activations.serialize(cube)
    assert config["class_name"] == "function" and config["config"] == "cube"
    with pytest.raises(ValueError, match="cube"):
        activations.get(config)
    assert activations.deserialize(config, {"cube": cube}) is cube
    with pytest.warns(UserWarning, match="lambda"):
        code = activations.serialize(lambda x: x)
    with pytest.raises(ValueError, match="never run"):
        activations.deserialize(code)


def test_an_own_function_with_a_built_in_name_is_not_taken_for_it():
    def relu(x):
        return x

    assert activations.serialize(relu) != "relu"
    assert activations.serialize(ops.relu) == "relu"
