"""Which module answers when a script imports tensorflow or keras.

Inside `tensorflow_names()` those imports give an `Alias` of a minikeras module:
the same objects under the foreign name, the module's `__all__` and nothing
else, and an error that names whatever is missing. A TensorFlow that is installed
or already imported is put aside for the block.
"""

import contextlib
import importlib
import sys
import types
from importlib.abc import Loader
from importlib.machinery import ModuleSpec

from minikeras import ops
from minikeras.compat.absent import INSTEAD, OWN

# Below each of these the names are the same. The short forms of tf.keras.losses etc.
# are TensorFlow's own.
TARGETS = {
    "keras": "minikeras",
    "tensorflow": "minikeras.compat.tensorflow",
    "tensorflow.initializers": "minikeras.initializers",
    "tensorflow.keras": "minikeras",
    "tensorflow.losses": "minikeras.losses",
    "tensorflow.metrics": "minikeras.metrics",
    "tensorflow.optimizers": "minikeras.optimizers",
}
ROOTS = ("keras", "tensorflow")
NOT_IN_KERAS = {"GradientTape", "Tensor", "autodiff", "compat", "registry"}
PRIVATE = {  # and where the same names are public
    "keras.src": ("keras.src", "keras"),
    "tensorflow.keras.src": ("tensorflow.keras.src", "tensorflow.keras"),
    "tensorflow.python": ("tensorflow.python.keras", "tensorflow.keras"),
}
_FEW = 15  # names of a module, which a message can list
KERAS_VERSION = "3.15.1"  # scripts compare it; what is here behaves as that release


class Alias(types.ModuleType):
    """A minikeras module under the name that a script imports it by."""

    def __init__(self, name: str, target: types.ModuleType):
        super().__init__(name, target.__doc__)
        self.__path__: list = []  # a package, so that submodules can be asked for
        self.__file__ = target.__file__
        self.__all__ = exports(name, target)
        self.__target = target
        if target.__name__ == "minikeras":
            self.__version__ = KERAS_VERSION

    def __getattr__(self, name: str):
        if name.startswith("__"):  # Python's own questions, such as __wrapped__
            return getattr(self.__target, name)
        if self.submodule(name):
            value = importlib.import_module(f"{self.__name__}.{name}")
        elif name in self.__all__:
            value = getattr(self.__target, name)
        else:
            raise AttributeError(missing(f"{self.__name__}.{name}"), name=name)
        setattr(self, name, value)  # found directly from now on
        return value

    def __dir__(self):
        return [*self.__all__, "__version__"]

    def submodule(self, name: str) -> str | None:
        """The minikeras module behind the submodule `name`, None if there is none."""
        if name not in self.__all__:
            return None
        known = TARGETS.get(f"{self.__name__}.{name}")
        if known or not isinstance(getattr(self.__target, name), types.ModuleType):
            return known
        return f"{self.__target.__name__}.{name}"


class AliasFinder:
    """The import hook: finds tensorflow, keras and all that lies below them."""

    @staticmethod
    def find_spec(fullname: str, path=None, target=None) -> ModuleSpec | None:
        parent, _, name = fullname.rpartition(".")
        if fullname in ROOTS:
            found: str | None = TARGETS[fullname]
        elif isinstance(sys.modules.get(parent), Alias):
            found = sys.modules[parent].submodule(name)
        else:
            return None
        if found is None:
            # No `name=`: `from x import y` swallows an error that names x.y
            kind = ImportError if _is_from_import() else ModuleNotFoundError
            raise kind(missing(fullname))
        return ModuleSpec(fullname, AliasLoader(found), origin=found, is_package=True)


def _is_from_import() -> bool:
    """Whether Python looks for the y of `from x import y`, which need be no module."""
    frame = sys._getframe(2)
    while frame.f_back is not None and "importlib" in frame.f_code.co_filename:
        if frame.f_code.co_name == "_handle_fromlist":
            return True
        frame = frame.f_back
    return False


class AliasLoader(Loader):
    """Makes the Alias that the import statement asked for."""

    def __init__(self, target: str):
        self.target = target

    def create_module(self, spec: ModuleSpec) -> Alias:
        return Alias(spec.name, importlib.import_module(self.target))

    def exec_module(self, module) -> None:
        """Nothing: the target has run already."""


def exports(name: str, target: types.ModuleType) -> list[str]:
    """What a module offers under the foreign name."""
    names = set(getattr(target, "__all__", None) or _public_names(target))
    if target.__name__ == "minikeras":
        names -= NOT_IN_KERAS
    names |= {n.rpartition(".")[2] for n in TARGETS if n.rpartition(".")[0] == name}
    return sorted(names)


def _public_names(module: types.ModuleType) -> list[str]:
    """For a family without `__all__`: all but private names and imported modules."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    ]


def missing(fullname: str) -> str:
    """The message for a name that minikeras lacks, with what to do instead."""
    shown = fullname.replace("tensorflow.", "tf.", 1)
    if fullname in PRIVATE:
        private, public = PRIVATE[fullname]
        return (
            f"{fullname} is private. Write {public} instead of {private}: minikeras "
            "has what is public only."
        )
    parent, _, name = fullname.rpartition(".")
    known = sys.modules[parent].__all__
    if name in known:
        return f"{shown} is not a module: import it from {parent}."
    of = "minikeras" if "keras" in fullname else "minikeras's TensorFlow names"
    return f"{shown} is not part of {of}.{_instead(shown, name, known)}"


def look_up(fullname: str):
    """What a name of tensorflow or keras stands for within `tensorflow_names()`; the
    message where it is missing, None for what is no name of theirs."""
    root, *parts = fullname.split(".")
    if root not in ROOTS:
        return None
    found = importlib.import_module(root)
    for part in parts:
        if not isinstance(found, Alias):
            return getattr(found, part, None)
        if part == "*" or part.startswith("__"):
            return None
        if part not in dir(found):
            return missing(f"{found.__name__}.{part}")
        found = getattr(found, part)
    return found


def _instead(shown: str, name: str, known: list[str]) -> str:
    """What to do, or the nearest name, or all names where there are few."""
    import difflib  # costs 3 ms and serves only this message

    hint = INSTEAD.get(shown.removeprefix("tf.") if "keras" in shown else shown)
    of_keras = ".keras" in f".{shown}"
    if hint is None and not of_keras and name in exports("ops", ops):
        hint = f"keras.ops.{name} does the same."
    if hint is None and name not in OWN:
        letters = name.rstrip("D123")  # Conv3D is no slip of Conv2D
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if near and near[0].rstrip("D123") != letters:
            hint = f"Did you mean {near[0]!r}?"
    listed = ""
    if of_keras and len(known) <= _FEW:
        listed = f" {shown.rpartition('.')[0]} has {', '.join(known)}."
    return (f" {hint}" if hint else "") + listed


@contextlib.contextmanager
def tensorflow_names():
    """A block in which `import tensorflow` and `import keras` mean minikeras."""
    aside = _take_foreign_modules()
    sys.meta_path.insert(0, AliasFinder)
    try:
        yield
    finally:
        sys.meta_path.remove(AliasFinder)
        _take_foreign_modules()
        sys.modules.update(aside)


def _take_foreign_modules() -> dict[str, types.ModuleType]:
    names = [n for n in sys.modules if n.partition(".")[0] in ROOTS]
    return {name: sys.modules.pop(name) for name in names}
