"""The floors of the package: a file imports only from its own floor or below."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "minikeras"

FLOORS = [
    (
        "config",
        "tree",
        "naming",
        "caller",
        "late",
        "limits",
        "parallel",
        "memory",
        "lambdas",
        "sharing",
        "room",
    ),
    ("autodiff", "random", "program"),
    ("ops", "graph", "packing", "registry", "signature"),
    ("activations", "initializers", "regularizers", "constraints"),
    ("losses", "metrics", "optimizers"),
    ("layers",),
    ("callbacks", "utils", "datasets", "preprocessing"),
    ("trainers",),
    ("models", "saving"),
    ("backend", "cli", "compat", "__main__"),
]
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
FORBIDDEN = {"tensorflow", "keras", "sklearn", "scipy"}
# Heavy modules that only one feature needs are imported where they are used.
LAZY = {
    "rich",
    "threadpoolctl",
    "matplotlib",
    "h5py",
    "pydot",
    "tensorboard",
    "PIL",
    "difflib",
    "inspect",
    "argparse",
    "json",
    "urllib",
    "http",
    "tarfile",
    "zipfile",
    "gzip",
    "tempfile",
}

FILES = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py")
FILES += sorted(p for p in PACKAGE.rglob("__init__.py") if p.parent != PACKAGE)


def imports(tree):
    """(module, is inside a function) for every import statement."""
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inner
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            if module == "minikeras":
                for alias in node.names:
                    yield f"minikeras.{alias.name}", id(node) in inner
            else:
                yield module, id(node) in inner


def floor_of(path: Path) -> int:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return FLOOR_OF[parts[0]]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_from_its_own_floor_or_below(path):
    own = floor_of(path)
    for module, inside in imports(ast.parse(path.read_text())):
        root, _, rest = module.partition(".")
        assert root not in FORBIDDEN, f"{path} imports {module}"
        if root in LAZY:
            assert inside, f"{path} imports {module} at import time"
        if root != "minikeras":
            continue
        name = rest.split(".")[0]
        if name == "__version__":
            continue
        assert name in FLOOR_OF, f"{path} imports {module}, which stands on no floor"
        assert FLOOR_OF[name] <= own, f"{path} (floor {own}) imports {module}"
        assert not inside, f"{path} imports {module} inside a function"


def test_every_module_stands_on_a_floor():
    names = {p.stem if p.is_file() else p.name for p in PACKAGE.iterdir()}
    names -= {"__init__", "__pycache__", "py"}
    assert {n for n in names if n.isidentifier()} <= set(FLOOR_OF)
