"""Counterpart: keras/src/saving/serialization_lib.py and each family's `get`.

A family (optimizers, losses, layers…) is the list of its exports. From that one
list follow the names that `get("adam")` understands, the configs that
`serialize` writes and `deserialize` reads, and the hint in the error for a
misspelt name. Nothing has to be registered twice.
"""

from collections.abc import Callable, Iterable
from typing import Any

from minikeras import lambdas
from minikeras.caller import warn

_families: dict[str, "Family"] = {}
_custom_objects: dict[str, Any] = {}


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
        if name in _custom_objects:
            return _custom_objects[name]
        if name in self.names:
            return self.names[name]
        near = did_you_mean(name, [*self.names, *_custom_objects])
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


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """' Did you mean …?' with the nearest candidate, or '' when none is near."""
    import difflib  # costs 3 ms to import and serves only error messages

    # Of two spellings that differ in case alone, the one in the case of `name`.
    ordered = sorted(candidates, key=lambda known: known.islower() == name.islower())
    by_lower = {candidate.lower(): candidate for candidate in ordered}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""


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
        return [serialize(value) for value in obj]
    if hasattr(obj, "get_config"):
        cls = type(obj)
        config = {
            "module": _module_of(cls),
            "class_name": cls.__name__,
            "config": obj.get_config(),
            "registered_name": _registered_name(cls),
        }
        for key in ("build_config", "compile_config"):
            get = getattr(obj, f"get_{key}", None)
            if get is not None and (more := get()) is not None:
                config[key] = serialize(more)
        sharing.note(obj, config)
        return config
    if callable(obj) and hasattr(obj, "__name__"):
        if lambdas.is_lambda(obj):
            warn(
                "A lambda has no name to be saved under. Its code is saved, which is "
                "read again only with `safe_mode=False`. Use a named function."
            )
            code = lambdas.dumped(obj)
            value = [code["code"], serialize(code["defaults"]), code["closure"]]
            return {"class_name": "__lambda__", "config": {"value": value}}
        return {
            "module": "builtins",
            "class_name": "function",
            "config": _custom_name(obj) or obj.__name__,
            "registered_name": "function",
        }
    if hasattr(obj, "tolist"):  # a NumPy scalar or array
        return obj.tolist()
    raise ValueError(
        f"Cannot serialize {obj!r} (of type {type(obj).__name__}): "
        "it has no get_config()"
    )


def deserialize(
    config: Any, family: Family | None = None, custom_objects: dict | None = None
) -> Any:
    """The object that `serialize` described, built and compiled as it was. Only exports
    of the families and registered custom objects are made; a config can name nothing
    else."""
    if not isinstance(config, dict) or "class_name" not in config:
        return config
    with CustomObjectScope(custom_objects or {}):
        inner = config.get("config", {})
        if config["class_name"] == "function":
            _check_names({**config, "class_name": inner})
            return _find([inner], config.get("module"), family)
        if config["class_name"] == "__lambda__":
            keys = ("code", "defaults", "closure")
            value = inner.get("value", ()) if lambdas.is_allowed() else ()
            return lambdas.code_of(dict(zip(keys, value, strict=False)), "A function")
        _check_names(config)
        number = config.get("shared_object_id")
        if number in sharing.objects:
            return sharing.objects[number]
        names = [config.get("registered_name"), config["class_name"]]
        found = _find([n for n in names if n], config.get("module"), family)
        if not hasattr(found, "from_config"):
            raise ValueError(f"{names[-1]!r} cannot be restored: it has no from_config")
        made = found.from_config(inner)
        if config.get("build_config") and not getattr(made, "built", True):
            made.build_from_config(config["build_config"])
            made.built = True
        if config.get("compile_config") and hasattr(made, "compile_from_config"):
            made.compile_from_config(config["compile_config"])
        if number is not None and sharing.open:
            sharing.objects[number] = made
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
    if isinstance(config, dict) and "class_name" not in config:
        return {k: deserialize_nest(part, custom_objects) for k, part in config.items()}
    return deserialize(config, custom_objects=custom_objects)


def deserialize_keras_object(config, custom_objects=None, safe_mode=True):
    """The object, or the nest of objects, that `serialize` described.

    `safe_mode=False` lets the code of lambdas be run.
    """
    with lambdas.allowed(lambdas.is_allowed() or safe_mode is False):
        return deserialize_nest(config, custom_objects)


class Sharing:
    """Within the block, an object that is written twice is one object when it is read:
    both its configs get the same "shared_object_id"."""

    def __init__(self):
        self.open = False
        self.configs: dict[int, tuple] = {}
        self.objects: dict[int, Any] = {}

    def note(self, obj, config: dict) -> None:
        if not self.open:
            return
        known = self.configs.setdefault(id(obj), (obj, config))[1]
        if known is not config:
            config["shared_object_id"] = known["shared_object_id"] = id(obj)

    def __enter__(self):
        self.open = True

    def __exit__(self, *exception):
        self.__init__()


sharing = Sharing()


def _find(names: list, module, family: Family | None):
    """The first custom object, else the first export, of one of these names."""
    for name in names:
        if name in _custom_objects:
            return _custom_objects[name]
    family = _families.get(module, family)
    for owner in [family] if family else _families.values():
        for name in reversed(names):
            if name in owner.names:
                return owner.names[name]
    known = (
        family.names if family else {n for f in _families.values() for n in f.exports}
    )
    title = family.title if family else "object"
    raise ValueError(
        f"Unknown {title}: {names[-1]!r}.{did_you_mean(names[-1], known)} "
        "Custom objects must be passed or registered."
    )


def _family_of(cls) -> Family | None:
    for family in _families.values():
        if family.exports.get(cls.__name__) is cls:
            return family
    return None


def _module_of(cls) -> str:
    family = _family_of(cls)
    if family is None:
        return cls.__module__
    return family.modules.get(cls.__name__, family.module)


def _registered_name(cls) -> str | None:
    """The name that a custom class was registered under; else, unless the module that
    is written exports it, its own."""
    family = _family_of(cls)
    own = family is None or cls.__name__ in family.modules
    return _custom_name(cls) or (cls.__name__ if own else None)


def _custom_name(obj) -> str | None:
    return next((name for name, known in _custom_objects.items() if known is obj), None)


def get_registered_name(obj) -> str:
    """`package>name` of a registered object, else its own name."""
    return _custom_name(obj) or obj.__name__


def get_registered_object(name: str, custom_objects: dict | None = None) -> Any:
    """The object registered under `package>name`, or None."""
    return {**_custom_objects, **(custom_objects or {})}.get(name)


def register_keras_serializable(package: str = "Custom", name: str | None = None):
    """Decorator: makes a class or function known as `package>name` everywhere."""

    def register(obj):
        _custom_objects[f"{package}>{name or obj.__name__}"] = obj
        return obj

    return register


def get_custom_objects() -> dict:
    """The registered custom objects by name: a live dict."""
    return _custom_objects


class CustomObjectScope:
    """Within the block, names in `custom_objects` can be fetched and deserialised."""

    def __init__(self, custom_objects: dict):
        self.custom_objects = custom_objects

    def __enter__(self):
        names = self.custom_objects.keys() & _custom_objects.keys()
        self._hidden = {name: _custom_objects[name] for name in names}
        _custom_objects.update(self.custom_objects)
        return self

    def __exit__(self, *exception):
        # What was registered within the block stays.
        for name in self.custom_objects:
            _custom_objects.pop(name, None)
        _custom_objects.update(self._hidden)


custom_object_scope = CustomObjectScope
