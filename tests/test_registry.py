"""Families: names to exports and back, configs, custom objects, misspelt names."""

import json

import numpy as np
import pytest

from minikeras import lambdas, registry
from minikeras.autodiff import Tensor
from minikeras.graph import KerasTensor
from minikeras.registry import CustomObjectScope, Family


class Red:
    def __init__(self, depth=1):
        self.depth = depth

    def get_config(self):
        return {"depth": self.depth}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class DarkRed(Red):
    pass


class Plain:
    pass


def mix(a, b):
    return a + b


@pytest.fixture
def family():
    """A family of its own, and the registry as it was afterwards."""
    families, objects = dict(registry._families), dict(registry._custom_objects)
    names = dict(registry._custom_names)
    yield Family(
        "colour",
        "keras.colours",
        [Red, DarkRed, mix],
        spellings=lambda name: [name.lower()],
        aliases={"crimson": DarkRed},
    )
    for registered, before in (
        (registry._families, families),
        (registry._custom_objects, objects),
        (registry._custom_names, names),
    ):
        registered.clear()
        registered.update(before)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Red", Red),
        ("red", Red),
        ("darkred", DarkRed),
        ("crimson", DarkRed),
        ("mix", mix),
    ],
)
def test_find(family, name, found):
    assert family.find(name) is found


def test_a_spelling_never_hides_an_export():
    class A:
        pass

    def a():
        pass

    family = Family("letter", "test.letters", [A, a], lambda name: [name.lower()])
    try:
        assert family.find("a") is a
        assert family.find("A") is A
    finally:
        del registry._families["test.letters"]


def test_get(family):
    assert family.get(None) is None
    assert family.get("mix") is mix
    assert type(family.get("red")) is Red
    assert family.get("red") is not family.get("red")
    assert type(family.get(DarkRed)) is DarkRed
    made = Red(3)
    assert family.get(made) is made
    assert family.get(mix) is mix
    restored = family.get(family.serialize(made))
    assert type(restored) is Red and restored.depth == 3


@pytest.mark.parametrize("wrong", [3, 1.5, ["red"], ("red",), {}, {"name": "red"}, b""])
def test_get_refuses(family, wrong):
    with pytest.raises(ValueError, match="Could not interpret colour") as info:
        family.get(wrong)
    assert repr(wrong) in str(info.value)
    assert type(wrong).__name__ in str(info.value)


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("rde", "red"),
        ("Rde", "Red"),
        ("DarkRde", "DarkRed"),
        ("darkrde", "darkred"),
        ("crimsn", "crimson"),
        ("MIX", "mix"),
    ],
)
def test_the_nearest_name(family, wrong, nearest):
    with pytest.raises(ValueError, match=f"Unknown colour: '{wrong}'.") as info:
        family.find(wrong)
    assert str(info.value).endswith(f"Did you mean '{nearest}'?")


def test_no_name_is_near(family):
    with pytest.raises(ValueError) as info:
        family.get("quux")
    assert str(info.value) == "Unknown colour: 'quux'."


def test_custom_names_are_near_too(family):
    with CustomObjectScope({"turquoise": Plain}):
        with pytest.raises(ValueError, match="'turquoise'"):
            family.find("turqoise")


CONFIG = {
    "module": "keras.colours",
    "class_name": "Red",
    "config": {"depth": 2},
    "registered_name": None,
}


def test_serialize_an_export(family):
    assert registry.serialize(Red(2)) == CONFIG
    assert list(registry.serialize(Red(2))) == list(CONFIG)


def test_serialize_a_function(family):
    config = registry.serialize(mix)
    assert config == {
        "module": "builtins",
        "class_name": "function",
        "config": "mix",
        "registered_name": "function",
    }
    assert family.deserialize(config) is mix


PLAIN = [
    (None, None),
    (True, True),
    ("red", "red"),
    (2.5, 2.5),
    ([1, [2, 3]], [1, [2, 3]]),
    ({"a": [1]}, {"a": [1]}),
    (np.int64(3), 3),
    (np.float32(0.5), 0.5),
    (np.array(True), True),
]


@pytest.mark.parametrize(("value", "written"), PLAIN, ids=repr)
def test_serialize_plain_data(value, written):
    found = registry.serialize(value)
    assert found == written
    assert json.loads(json.dumps(found)) == written
    assert registry.deserialize(found) == written


PACKED = [
    (b"ab", "bytes", {"value": "ab"}),
    (slice(1, np.int64(3)), "slice", {"start": 1, "stop": 3, "step": None}),
    (..., "ellipsis", {}),
    (np.arange(2, dtype="int16"), "numpy", {"value": [0, 1], "dtype": "int16"}),
    (np.array([1.5, np.inf]), "numpy", {"value": [1.5, np.inf], "dtype": "float64"}),
]


@pytest.mark.parametrize(("value", "kind", "config"), PACKED, ids=repr)
def test_values_that_are_not_plain_data(value, kind, config):
    written = registry.serialize({"a": (value,)})
    assert written == {"a": ({"class_name": f"__{kind}__", "config": config},)}
    (found,) = registry.deserialize_keras_object(json.loads(json.dumps(written)))["a"]
    assert type(found) is type(value) and np.array_equal(found, value)


def test_tensors():
    written = registry.serialize(Tensor(np.ones(2, "float32")))
    config = {"value": [1.0, 1.0], "dtype": "float32"}
    assert written == {"class_name": "__tensor__", "config": config}
    found = registry.deserialize(written)
    assert type(found) is Tensor and found.dtype == "float32"
    written = registry.serialize(KerasTensor((None, 3), "int32"))
    config = {"shape": (None, 3), "dtype": "int32", "keras_history": None}
    assert written == {"class_name": "__keras_tensor__", "config": config}
    assert registry.deserialize(json.loads(json.dumps(written))).shape == (None, 3)


@pytest.mark.parametrize(
    "config",
    [
        {"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "object"}},
        {"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "U3"}},
        {"class_name": "__numpy__", "config": {"value": [[1], 2], "dtype": "int8"}},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": "wide"}},
        {"class_name": "__tensor__", "config": [1]},
        {"class_name": "__bytes__", "config": {"value": 3}},
        {"class_name": "__slice__", "config": {"start": 1}},
        {"class_name": "__keras_tensor__", "config": {}},
        {"class_name": "__typespec__", "config": {}},
        {"class_name": "__lambda__", "config": {"value": "4wEAAA=="}},
    ],
    ids=str,
)
def test_damaged_values_are_refused(config):
    with pytest.raises(ValueError):
        registry.deserialize(config)


def test_what_cannot_be_packed():
    for array in (np.array(["a"]), np.array([None])):
        with pytest.raises(ValueError, match="Expected numbers"):
            registry.serialize(array)


def test_a_config_that_is_no_dict():
    class Odd(Red):
        def get_config(self):
            return 3

    with pytest.raises(TypeError, match="Expected a dict from the get_config.*3"):
        registry.serialize(Odd())


def test_what_a_config_has_is_serialized_too(family):
    config = registry.serialize(Red(depth=(Red(1), np.ones(1))))["config"]
    assert config["depth"][0] == {**CONFIG, "config": {"depth": 1}}
    assert config["depth"][1]["class_name"] == "__numpy__"


def test_serialize_inside_a_nest(family):
    written = registry.serialize({"colours": [Red(2), None]})
    assert written == {"colours": [CONFIG, None]}


@pytest.mark.parametrize("wrong", [object(), {1}, 1j, Plain()], ids=str)
def test_serialize_refuses(wrong):
    with pytest.raises(TypeError, match="Cannot serialize.*no get_config"):
        registry.serialize(wrong)


def test_a_lambda_has_no_name(family):
    identity = lambda x: x  # noqa: E731  # naming it does not give it a name
    with pytest.warns(UserWarning, match="no name to be saved under"):
        code = json.loads(json.dumps(registry.serialize(identity)))
    with pytest.raises(ValueError, match="never run"):
        registry.deserialize(code)
    with lambdas.allowed(True):
        assert registry.deserialize(code)(3) == 3
    assert family.get(identity) is identity


def test_deserialize_by_module_class_name_and_family(family):
    for given in (family, None):
        found = registry.deserialize(CONFIG, given)
        assert type(found) is Red and found.depth == 2
    found = registry.deserialize({"class_name": "darkred", "config": {}}, family)
    assert type(found) is DarkRed
    # The module in the config outranks the family that is asked.
    other = Family("other", "test.other", [Plain])
    try:
        assert type(registry.deserialize(CONFIG, other)) is Red
    finally:
        del registry._families["test.other"]


def test_deserialize_leaves_other_data_alone():
    for data in (None, 3, "red", [1], {"a": 1}):
        assert registry.deserialize(data) is data


def test_deserialize_makes_nothing_else(family):
    for module, name in (
        ("os", "system"),
        ("builtins", "eval"),
        ("tests.test_registry", "Plain"),
    ):
        config = {"module": module, "class_name": name, "config": {}}
        with pytest.raises(ValueError, match=f"Unknown object: '{name}'"):
            registry.deserialize(config)
        config["class_name"], config["config"] = "function", name
        with pytest.raises(ValueError, match=f"Unknown object: '{name}'"):
            registry.deserialize(config)


def test_deserialize_what_cannot_be_restored(family):
    with pytest.raises(ValueError, match="Unknown colour: 'Rde'.*'Red'"):
        registry.deserialize({**CONFIG, "class_name": "Rde"})
    with pytest.raises(ValueError, match="no from_config"):
        registry.deserialize({**CONFIG, "class_name": "mix"})
    with pytest.raises(ValueError, match="no from_config"):
        registry.deserialize({"class_name": "P", "config": {}}, None, {"P": Plain})


def test_custom_classes(family):
    class Blue(Red):
        pass

    config = registry.serialize(Blue(4))
    assert config["module"] == Blue.__module__
    assert config["registered_name"] == "Blue"
    with pytest.raises(ValueError, match="Unknown .*'Blue'.*must be passed"):
        registry.deserialize(config)
    found = family.deserialize(config, custom_objects={"Blue": Blue})
    assert type(found) is Blue and found.depth == 4
    with CustomObjectScope({"Blue": Blue}):
        assert type(registry.deserialize(config)) is Blue
        assert type(family.get("Blue")) is Blue
    with pytest.raises(ValueError):
        family.get("Blue")


def test_a_subclass_of_an_export_is_not_the_export(family):
    class Red2(Red):
        pass

    Red2.__name__ = "Red"
    assert registry.serialize(Red2())["module"] == Red2.__module__


def test_custom_objects_hide_exports(family):
    with CustomObjectScope({"Red": DarkRed}):
        assert family.find("Red") is DarkRed
        # A config without a registered name is of an export, one that has none
        # (before Keras 3) may be of either.
        assert type(registry.deserialize(CONFIG)) is Red
        old = {key: CONFIG[key] for key in ("class_name", "config")}
        assert type(registry.deserialize(old)) is DarkRed
    assert family.find("Red") is Red


def test_register(family):
    @registry.register_keras_serializable("shop")
    class Green(Red):
        pass

    @registry.register_keras_serializable(name="blend")
    def mixture(a, b):
        return b

    config = registry.serialize(Green(5))
    assert config["registered_name"] == "shop>Green"
    assert type(registry.deserialize(config)) is Green
    assert registry.get_custom_objects()["Custom>blend"] is mixture
    config = registry.serialize(mixture)
    assert config["config"] == "Custom>blend"
    assert registry.deserialize(config) is mixture


def test_scopes_hide_each_other_and_end_with_an_error():
    find = registry.get_registered_object
    before = dict(registry.get_custom_objects())
    with pytest.raises(RuntimeError):
        with CustomObjectScope({"one": Red}):
            with registry.custom_object_scope({"two": DarkRed}):
                assert find("two") is DarkRed and find("one") is None
            assert find("one") is Red and find("two") is None
            assert registry.get_registered_name(Red) == "Red"
            raise RuntimeError
    assert find("one") is None
    assert registry.get_custom_objects() == before


def test_registered_names(family):
    class Green(Red):
        pass

    class Lime(Red):
        pass

    find, name_of = registry.get_registered_object, registry.get_registered_name
    assert name_of(Green) == "Green"
    registry.register_keras_serializable("shop", "g")(Green)
    registry.register_keras_serializable("shop", "g")(Lime)
    assert name_of(Green) == name_of(Lime) == "shop>g" and find("shop>g") is Lime
    registry.register_keras_serializable("shop", "h")(Green)
    assert name_of(Green) == "shop>h" and find("shop>h") is Green
    assert find("x") is None and find("x", {"x": 1}, {"x": 2}) == 1
    assert find("x", module_objects={"x": 2}) == 2
    assert find("shop>g", {"shop>g": Red}) is Lime
    with pytest.raises(ValueError, match="get_config.*Plain"):
        registry.register_keras_serializable()(Plain)


def test_deserialize_keras_object(family):
    @registry.register_keras_serializable("shop")
    def mixture(a, b):
        return b

    restore = registry.deserialize_keras_object
    assert restore("shop>mixture") is mixture and restore("mixture") == "mixture"
    assert restore("f", custom_objects={"f": mix}) is mix
    named = {"class_name": "function", "module": "builtins", "config": "mixture"}
    assert restore(named) is mixture  # as Keras before 3.7 wrote it
    assert restore((1, [CONFIG]))[1][0].depth == 2
    assert restore({"class_name": "Red"}) == {"class_name": "Red"}
    assert restore({**CONFIG, "config": None}).depth == 1
    with pytest.raises(TypeError, match="plain data. Received: {1}"):
        restore({1})
    with pytest.raises(ValueError, match="Expected a name.*Received: 3"):
        restore({**named, "config": 3})


def test_what_is_registered_in_a_scope_outlives_it(family):
    """A module imported while a config is read may register its classes."""
    made = []

    class Lazy(Red):
        @classmethod
        def from_config(cls, config):
            made.append(registry.register_keras_serializable("late")(DarkRed))
            return cls(**config)

    config = registry.serialize(Lazy())
    registry.deserialize(config, custom_objects={"Lazy": Lazy})
    assert registry.get_custom_objects()["late>DarkRed"] is DarkRed
    assert "Lazy" not in registry.get_custom_objects()


@pytest.mark.parametrize(
    ("name", "candidates", "hint"),
    [
        ("adm", ["sgd", "adam"], " Did you mean 'adam'?"),
        ("ADAM", ["sgd", "Adam"], " Did you mean 'Adam'?"),
        ("xyz", ["sgd", "adam"], ""),
        ("adam", [], ""),
    ],
)
def test_did_you_mean(name, candidates, hint):
    assert registry.did_you_mean(name, candidates) == hint
