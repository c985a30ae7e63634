"""Families: names to exports and back, configs, custom objects, misspelt names."""

import json

import numpy as np
import pytest

from minikeras import lambdas, registry
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
    ((1, (2, 3)), [1, [2, 3]]),
    ({"a": (1,)}, {"a": [1]}),
    (np.int64(3), 3),
    (np.float32(0.5), 0.5),
    (np.arange(3), [0, 1, 2]),
]


@pytest.mark.parametrize(("value", "written"), PLAIN, ids=repr)
def test_serialize_plain_data(value, written):
    found = registry.serialize(value)
    assert found == written
    assert json.loads(json.dumps(found)) == written
    assert registry.deserialize(found) == written


def test_serialize_inside_a_nest(family):
    written = registry.serialize({"colours": [Red(2), None]})
    assert written == {"colours": [CONFIG, None]}


@pytest.mark.parametrize("wrong", [object(), {1}, b"bytes", Plain()], ids=str)
def test_serialize_refuses(wrong):
    with pytest.raises(ValueError, match="Cannot serialize.*no get_config"):
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
        assert type(registry.deserialize(CONFIG)) is DarkRed
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


def test_scopes_nest_and_end_with_an_error():
    names = registry.get_custom_objects()
    before = dict(names)
    with pytest.raises(RuntimeError):
        with CustomObjectScope({"one": Red}):
            with registry.custom_object_scope({"one": DarkRed, "two": Red}):
                assert names["one"] is DarkRed and names["two"] is Red
            assert names["one"] is Red and "two" not in names
            raise RuntimeError
    assert names == before


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
