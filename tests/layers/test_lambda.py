"""Functions as layers: the rows that every layer has, arguments, configs."""

import json

import numpy as np
import pytest

import minikeras
from minikeras import Sequential, layers, ops, saving
from minikeras.autodiff import GradientTape, Tensor
from tests.layers import rows

SMALL, STEPS = [(4, 5)], [(4, 3, 5)]
X = np.ones((200, 100), "float32")
DATA = np.random.default_rng(5).normal(3, 2, (20, 3))


def double(x):
    return x * 2


def scaled(x, factor, training=None):
    return x * factor


ROWS = [
    (layers.Lambda, {"function": double}, SMALL, double),
    (
        layers.Lambda,
        {"function": scaled, "arguments": {"factor": 3.0}, "output_shape": (3, 5)},
        STEPS,
        lambda x: x * 3,
    ),
]


@pytest.fixture(autouse=True)
def named_functions():
    known = {"double": double, "scaled": scaled}
    with minikeras.saving.custom_object_scope(known):
        yield


every_row = pytest.mark.parametrize("row", ROWS, ids=rows.labels(ROWS))


@pytest.mark.parametrize("check", rows.CHECKS, ids=lambda check: check.__name__)
@every_row
def test_row(row, check):
    check(*row)


def test_what_a_function_does_to_a_batch_is_not_known():
    assert layers.Lambda(double).couples_samples


def test_lambda_gets_the_arguments_it_asks_for():
    seen = []

    def probe(x, factor, training=None, mask=None):
        seen.append((factor, training, mask))
        return x

    layer = layers.Lambda(probe, arguments={"factor": 2})
    layer(X)
    layer(X, training=True)
    mask = Tensor(np.ones((200,), bool))
    layers.Lambda(probe, mask=mask, arguments={"factor": 2})(X, mask=mask)
    assert seen[:2] == [(2, None, None), (2, True, None)]
    assert seen[2][2] is mask


def test_a_lambda_works_and_learns():
    layer = layers.Lambda(lambda x: ops.square(x), name="squares")
    x = Tensor(np.float32([[3.0]]))
    with GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    assert tape.gradient(y, x).value.tolist() == [[6]]


def test_the_code_of_a_lambda_is_saved_and_read_where_the_user_trusts_it():
    factor = 2.0
    layer = layers.Lambda(
        lambda x, power=3: factor * x**power,
        output_shape=lambda shape: shape,
        mask=lambda x, mask: mask,
    )
    config = json.loads(json.dumps(layer.get_config()))
    again = layers.Lambda.from_config(config, safe_mode=False)
    np.testing.assert_array_equal(again(X), layer(X))
    assert again.compute_output_shape((None, 3)) == (None, 3)
    described = json.loads(json.dumps(layers.serialize(layer)))
    with pytest.raises(ValueError, match="never run, unless you trust"):
        saving.deserialize_keras_object(described)
    again = saving.deserialize_keras_object(described, safe_mode=False)
    np.testing.assert_array_equal(again(X), layer(X))
    with pytest.raises(ValueError, match="never run"):  # the trust does not stay
        saving.deserialize_keras_object(described)


def test_a_loaded_lambda_knows_the_builtins_alone():
    layer = layers.Lambda(lambda x: ops.square(x))
    again = layers.Lambda.from_config(layer.get_config(), safe_mode=False)
    with pytest.raises(NameError, match="ops"):
        again(X)


@pytest.mark.parametrize("argument", ["function", "output_shape", "mask"])
def test_code_in_a_config_is_not_run_unless_the_user_says_so(argument):
    code = {"class_name": "__lambda__", "config": {"code": "4wEA", "closure": None}}
    config = layers.Lambda(double).get_config() | {argument: code}
    for safe_mode in (None, True):
        with pytest.raises(ValueError, match=f"`{argument}`.*never run"):
            layers.Lambda.from_config(config, safe_mode=safe_mode)
    with pytest.raises(ValueError, match=f"`{argument}`.*cannot be read"):
        layers.Lambda.from_config(config, safe_mode=False)
    with pytest.raises(ValueError, match="safe_mode"):  # no file can say it
        layers.Lambda.from_config(config | {"safe_mode": False, argument: None})


def test_only_known_functions_are_found():
    config = layers.Lambda(double).get_config()
    assert config["function"]["config"] == "double"
    assert layers.Lambda.from_config(config).function is double
    config["function"]["config"] = "os.system"
    with pytest.raises(ValueError, match="os.system"):
        layers.Lambda.from_config(config)


def test_a_model_with_a_users_function_trains():
    model = Sequential([layers.Lambda(double), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(DATA / 10, DATA[:, :1], epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert model.output_shape == (None, 1)


def test_a_mask_ends_here_unless_one_is_given():
    tensor = Tensor(np.ones((4, 5), "float32"))
    tensor._keras_mask = Tensor(np.ones(4, bool))
    with pytest.warns(UserWarning, match="does not support masking"):
        assert layers.Lambda(double)(tensor)._keras_mask is None
    mine = Tensor(np.zeros(4, bool))
    assert layers.Lambda(double, mask=mine)(tensor)._keras_mask is mine
    kept = layers.Lambda(double, mask=lambda x, mask: mask)
    assert kept(tensor)._keras_mask is tensor._keras_mask


def test_only_functions_are_taken():
    with pytest.raises(ValueError, match="'la'.*function=3"):
        layers.Lambda(3, name="la")
