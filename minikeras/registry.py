"""Counterpart: keras/src/saving/serialization_lib.py and each family's `get`.

A family (optimizers, losses, layers…) is the list of its exports. From that one
list follow the names that `get("adam")` understands, the configs that
`serialize` writes and `deserialize` reads, and the hint in the error for a
misspelt name. Nothing has to be registered twice.
"""

from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

from minikeras import lambdas
from minikeras.caller import warn
from minikeras.naming import did_you_mean
from minikeras.packing import is_packed, pack, unpack
from minikeras.sharing import sharing

_families: dict[str, "Family"] = {}
_custom_objects: dict[str, Any] = {}  # those registered
_custom_names: dict[Any, str] = {}  # the names they were registered under last
_scope: dict[str, Any] = {}  # those of the innermost CustomObjectScope


class Family:
    """The exports of one module, by name.

    Args: `title` names one member in messages ("optimizer"); `module` is the
    module written into configs ("keras.optimizers"); `exports` are classes and
    functions; `spellings` turns a `__name__` into the names it answers to
    besides itself; `aliases` maps further names to exports; `modules` are those
    written for single exports.
    """

    def __init__(
        self,
        title: str,
        module: str,
        exports: Iterable[Callable],
        spellings: Callable[[str], Iterable[str]] = lambda name: (),
        aliases: dict[str, Callable] | None = None,
        modules: dict[str, str] | None = None,
    ):
        self.title = title
        self.modules = modules or {}
        self.module = module
        self.exports = {export.__name__: export for export in exports}
        self.names = dict(self.exports)
        for name, export in self.exports.items():
            for spelling in spellings(name):
                self.names.setdefault(spelling, export)
        self.names.update(aliases or {})
        _families[module] = self

    def find(self, name: str) -> Any:
        """The export or custom object of that name, or ValueError with the nearest."""
        known = _known_objects()
        if name in known:
            return known[name]
        if name in self.names:
            return self.names[name]
        near = did_you_mean(name, [*self.names, *known])
        raise ValueError(f"Unknown {self.title}: {name!r}.{near}")

    def get(self, identifier: Any) -> Any:
        """A member from its name, its config, its class, or itself.

        A class is instantiated with its defaults; a function or an instance is
        returned as it is; None stays None. Anything else raises ValueError.
        """
        if identifier is None:
            return None
        if isinstance(identifier, dict):
            found = deserialize(identifier, self)
        elif isinstance(identifier, str):
            found = self.find(identifier)
        else:
            found = identifier
        if isinstance(found, type):
            found = found()
        if callable(found) or hasattr(found, "get_config"):
            return found
        raise ValueError(
            f"Could not interpret {self.title} identifier: {identifier!r} (of type "
            f"{type(identifier).__name__}). Expected a name, a config, a class, a "
            "function or an instance."
        )

    @staticmethod
    def serialize(obj: Any) -> Any:
        return serialize(obj)

    def deserialize(self, config: Any, custom_objects: dict | None = None) -> Any:
        return deserialize(config, self, custom_objects)


def serialize(obj: Any) -> Any:
    """The config of an object in Keras's own form: plain data only.

    {"module": "keras.optimizers", "class_name": "Adam", "config": {…},
     "registered_name": None}
    """
    if obj is None or isinstance(obj, (str, int, float, bool)):
        return obj
    if isinstance(obj, dict):
        return {key: serialize(value) for key, value in obj.items()}
    if isinstance(obj, (list, tuple)):
        parts = [serialize(value) for value in obj]
        return tuple(parts) if isinstance(obj, tuple) else parts
    packed = pack(obj, serialize)
    if packed is not None:
        return packed[0]
    if lambdas.is_lambda(obj):
        warn(
            "A lambda has no name to be saved under. Its code is saved, which is "
            "read again only with `safe_mode=False`. Use a named function."
        )
        code = lambdas.dumped(obj)
        value = [code["code"], serialize(code["defaults"]), code["closure"]]
        return {"class_name": "__lambda__", "config": {"value": value}}
    if hasattr(obj, "get_config") and not isinstance(obj, FunctionType):
        inner = obj.get_config()
        if not isinstance(inner, dict):
            raise TypeError(
                f"Expected a dict from the get_config() of {obj}. Received: {inner!r}"
            )
        inner = serialize(inner)
    elif hasattr(obj, "__name__"):
        inner = get_registered_name(obj)
    else:
        raise TypeError(
            f"Cannot serialize {obj!r} (of type {type(obj).__name__}): "
            "it has no get_config()"
        )
    cls = type(obj)
    module = _module_of(cls)
    config = {
        "module": None if module == "__main__" else module,
        "class_name": cls.__name__,
        "config": inner,
        "registered_name": _registered_name(cls),
    }
    for key in ("build_config", "compile_config"):
        get = getattr(obj, f"get_{key}", None)
        if get is not None and (more := get()) is not None:
            config[key] = serialize(more)
    sharing.note(obj, config)
    return config


def deserialize(
    config: Any, family: Family | None = None, custom_objects: dict | None = None
) -> Any:
    """The object that `serialize` described, built and compiled as it was. Only exports
    of the families and registered custom objects are made; a config can name nothing
    else."""
    if not isinstance(config, dict) or "class_name" not in config:
        return config
    if custom_objects:
        # What is registered comes before what is passed.
        with CustomObjectScope({**custom_objects, **_known_objects()}):
            return deserialize(config, family)
    inner = config.get("config")
    if inner is None:
        inner = {}
    if config["class_name"] == "__lambda__":
        keys = ("code", "defaults", "closure")
        value = inner.get("value", ()) if lambdas.is_allowed() else ()
        return lambdas.code_of(dict(zip(keys, value, strict=False)), "A function")
    if is_packed(config["class_name"]):
        return unpack(config["class_name"], inner)
    if config["class_name"] == "function":
        _check_names({**config, "class_name": inner})
        return _find(str(inner), [inner], config.get("module"), family)
    _check_names(config)
    number = config.get("shared_object_id")
    if number in sharing.made:
        return sharing.made[number]
    name = config["class_name"]
    registered = config.get("registered_name", name)
    customs = [] if registered is None else [registered, name]  # None: Keras's own
    found = _find(name, customs, config.get("module"), family)
    if not hasattr(found, "from_config"):
        raise ValueError(f"{name!r} cannot be restored: it has no from_config")
    made = found.from_config(inner)
    if config.get("build_config") and not getattr(made, "built", True):
        made.build_from_config(config["build_config"])
        made.built = True
    if config.get("compile_config") and hasattr(made, "compile_from_config"):
        made.compile_from_config(config["compile_config"])
    sharing.note_made(number, made)
    return made


def _check_names(config: dict) -> None:
    """ValueError for a config that does not say in words which class it is of."""
    for key in ("class_name", "registered_name", "module"):
        name = config.get(key)
        if not (isinstance(name, str) or (name is None and key != "class_name")):
            raise ValueError(
                f"Expected a name as the {key!r} of a config. Received: {name!r:.100}"
            )


def deserialize_nest(config: Any, custom_objects: dict | None = None) -> Any:
    """`deserialize` for each config in a nest of lists and dicts."""
    if isinstance(config, (list, tuple)):
        return [deserialize_nest(part, custom_objects) for part in config]
    if isinstance(config, dict) and not {"class_name", "config"} <= config.keys():
        return {k: deserialize_nest(part, custom_objects) for k, part in config.items()}
    return deserialize(config, custom_objects=custom_objects)


def deserialize_keras_object(config, custom_objects=None, safe_mode=True):
    """The object, or the nest of objects, that `serialize` described; the name of a
    custom object gives that.

    `safe_mode=False` lets the code of lambdas be run.
    """
    known = {**(custom_objects or {}), **_known_objects()}
    if isinstance(config, str) and known.get(config) is not None:
        return known[config]
    if not isinstance(config, (str, int, float, dict, list, tuple, type(None))):
        raise TypeError(
            f"Expected a config: plain data. Received: {config!r} of type "
            f"{type(config).__name__}"
        )
    with lambdas.allowed(lambdas.is_allowed() or safe_mode is False):
        return deserialize_nest(config, custom_objects)


def serialize_sharing(obj: Any) -> Any:
    """`serialize`, where an object that is there twice is told from two of a kind."""
    with sharing.writing():
        return sharing.only_shared(serialize(obj))


def _find(name: str, customs: list, module: Any, family: Family | None) -> Any:
    """The custom object of one of the names in `customs`, else the export `name`."""
    known = _known_objects()
    for own in customs:
        if isinstance(own, str) and own in known:
            return known[own]
    family = _families.get(module, family)
    for owner in [family] if family else _families.values():
        if name in owner.names:
            return owner.names[name]
    if module == "builtins":
        # Until 3.6 Keras wrote the name of a function without its package.
        for own in known:
            if own.endswith(f">{name}"):
                return known[own]
    every = {n for f in _families.values() for n in f.exports}
    near = did_you_mean(name, [*(family.names if family else every), *known])
    title = family.title if family else "object"
    raise ValueError(
        f"Unknown {title}: {name!r}.{near} Custom objects must be passed or registered."
    )


def _family_of(cls) -> Family | None:
    for family in _families.values():
        if family.exports.get(cls.__name__) is cls:
            return family
    return None


def _module_of(cls) -> str | None:
    family = _family_of(cls)
    if family is None:
        return None if cls.__module__ == "__main__" else cls.__module__
    return family.modules.get(cls.__name__, family.module)


def _registered_name(cls) -> str | None:
    """The name that a custom class was registered under; else, unless the module that
    is written exports it, its own."""
    family = _family_of(cls)
    if cls in _custom_names or family is None or cls.__name__ in family.modules:
        return get_registered_name(cls)
    return None


def _known_objects() -> dict[str, Any]:
    return {**_custom_objects, **_scope}


def get_registered_name(obj) -> str:
    """`package>name` of a registered object, else its own name."""
    return _custom_names[obj] if obj in _custom_names else obj.__name__


def get_registered_object(
    name: str, custom_objects: dict | None = None, module_objects: dict | None = None
) -> Any:
    """The object of this name, registered or passed, or None."""
    places = (_scope, _custom_objects, custom_objects, module_objects)
    return next((place[name] for place in places if place and name in place), None)


def register_keras_serializable(package: str = "Custom", name: str | None = None):
    """Decorator: makes a class or function known as `package>name` everywhere."""

    def register(obj):
        if isinstance(obj, type) and not hasattr(obj, "get_config"):
            raise ValueError(
                f"Expected a class with a get_config() method. Received: {obj}"
            )
        known_as = f"{package}>{obj.__name__ if name is None else name}"
        _custom_objects[known_as] = obj
        _custom_names[obj] = known_as
        return obj

    return register


def get_custom_objects() -> dict:
    """The registered custom objects by name, without those of a scope: a live dict."""
    return _custom_objects


class CustomObjectScope:
    """Within the block, names in `custom_objects` can be fetched and deserialised, and
    those of a block around it cannot."""

    def __init__(self, custom_objects: dict | None):
        self.custom_objects = custom_objects or {}

    def __enter__(self):
        global _scope
        self._before, _scope = _scope, dict(self.custom_objects)
        return self

    def __exit__(self, *exception):
        global _scope
        _scope = self._before


custom_object_scope = CustomObjectScope
