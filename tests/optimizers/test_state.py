"""Names, configs, and state that is saved, loaded and copied."""

import copy
import warnings

import numpy as np
import pytest

from minikeras import optimizers
from minikeras.optimizers import SGD, Adam
from minikeras.optimizers.schedules import InverseTimeDecay
from tests.optimizers.models import gradients, snapshot, step, variables

# State.


def test_variables_and_their_names():
    optimizer = Adam(amsgrad=True, use_ema=True, name="mine")
    optimizer.build(list(variables()))
    slots = ("average", "momentum", "velocity", "velocity_hat")
    paths = [v.path for v in optimizer.variables]
    assert paths[:2] == ["mine/iteration", "mine/learning_rate"]
    assert sorted(paths[2:]) == sorted(
        f"mine/dense_{v}_{slot}" for v in ("kernel", "bias") for slot in slots
    )
    optimizer.build(list(variables()))
    assert [v.path for v in optimizer.variables] == paths


def test_state_can_be_moved():
    first, weights = Adam(0.1), list(variables())
    first.apply(gradients(), weights)
    store: dict = {}
    first.save_own_variables(store)
    assert list(store) == [str(i) for i in range(6)]
    for load in (
        lambda o: o.load_own_variables(store),
        lambda o: o.set_weights([v.numpy() for v in first.variables]),
    ):
        second = Adam(0.5)
        second.build(weights)
        load(second)
        assert float(second.learning_rate) == float(first.learning_rate)
        assert int(second.iterations) == 1
        for ours, theirs in zip(second.variables, first.variables, strict=True):
            np.testing.assert_array_equal(ours.value, theirs.value)


def test_wrong_state_changes_nothing():
    optimizer, weights = Adam(0.1), list(variables())
    with pytest.raises(ValueError, match="needs a built optimizer"):
        optimizer.set_weights([])
    optimizer.build(weights)
    before = snapshot(optimizer, weights)
    arrays = [v.numpy() for v in optimizer.variables]
    with pytest.raises(ValueError, match="Expected 6 arrays. Received: 5"):
        optimizer.set_weights(arrays[:-1])
    arrays[0] = np.int64(7)
    arrays[-1] = np.ones(5)
    with pytest.raises(ValueError, match=r"dense_bias_velocity.*\(3,\).*\(5,\)"):
        optimizer.set_weights(arrays)
    with pytest.raises(ValueError, match="dense_bias_velocity"):
        optimizer.load_own_variables({str(i): a for i, a in enumerate(arrays)})
    with pytest.warns(UserWarning, match="has 6 variables and the saved optimizer 1"):
        optimizer.load_own_variables({"0": np.int64(3)})
    for old, new in zip(before, snapshot(optimizer, weights), strict=True):
        np.testing.assert_array_equal(old, new)


def test_copies_go_on_by_themselves():
    optimizer, weights = Adam(0.1), list(variables())
    optimizer.apply(gradients(), weights)
    twin, twin_weights = copy.deepcopy((optimizer, weights))
    before = snapshot(twin, twin_weights)
    optimizer.apply(gradients(), weights)
    for old, new in zip(before, snapshot(twin, twin_weights), strict=True):
        np.testing.assert_array_equal(old, new)
    twin.apply(gradients(), twin_weights)
    np.testing.assert_array_equal(twin_weights[0].value, weights[0].value)


# Names and configs.


@pytest.mark.parametrize("name", optimizers.FAMILY.exports)
def test_every_export_is_found_serialised_and_restored(name):
    cls = getattr(optimizers, name)
    for spelling in (name, name.lower(), name.upper()):
        assert type(optimizers.get(spelling)) is cls
    options = {"weight_decay": 0.5, "clipnorm": 2.0, "use_ema": True, "name": "mine"}
    optimizer = cls(0.25, **options)
    assert optimizers.get(optimizer) is optimizer
    described = optimizers.serialize(optimizer)
    kept = repr(described)
    for restored in (
        optimizers.deserialize(described),
        optimizers.get(described),
        cls.from_config(described["config"]),
    ):
        assert type(restored) is cls
        assert restored.get_config() == optimizer.get_config()
    assert repr(described) == kept  # reading a config leaves it as it is
    assert described["module"] == "keras.optimizers"
    assert {**optimizer.get_config(), **options} == optimizer.get_config()


def test_a_schedule_in_a_config():
    optimizer = Adam(InverseTimeDecay(1.0, 2, 0.5))
    described = optimizers.serialize(optimizer)
    assert described["config"]["learning_rate"]["class_name"] == "InverseTimeDecay"
    restored = optimizers.deserialize(described)
    assert optimizers.serialize(restored) == described
    assert float(restored.learning_rate) == 1


def test_a_function_in_a_config():
    def quarter():
        return 0.25

    described = optimizers.serialize(SGD(quarter))
    restored = optimizers.deserialize(described, {"quarter": quarter})
    assert restored.learning_rate == 0.25
    with pytest.raises(ValueError, match="Unknown .*'quarter'"):
        optimizers.deserialize(described)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("sdg", "sgd"), ("adm", "adam"), ("rmsprob", "rmsprop"), ("Adamm", "adam")],
)
def test_unknown_names(name, nearest):
    with pytest.raises(
        ValueError, match=f"Unknown optimizer: '{name}'.*(?i:{nearest})"
    ):
        optimizers.get(name)


@pytest.mark.parametrize("identifier", [3, Adam, print, [], "optimizer"])
def test_what_is_no_optimizer(identifier):
    with pytest.raises(ValueError, match="optimizer"):
        optimizers.get(identifier)
    assert optimizers.get(None) is None


def test_automatic_names():
    first, second = optimizers.AdamW(), optimizers.AdamW()
    assert first.name.startswith("adam_w")
    assert second.name != first.name
    assert SGD(name="mine").variables[0].path == "mine/iteration"


def test_no_warning_in_an_ordinary_step():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert step(SGD(0.5)) == [1.5, 1.5]
