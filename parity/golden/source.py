"""What a case's results depend on in `parity.cases`, as a hash.

It covers the function and all definitions, of its module or a sister module, that
it reaches by name. Comments, docstrings, layout and tolerances do not count. Of a
training run it is the script.
"""

import ast
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.training import RUNS, STEPS

PACKAGE = "parity.cases"
FOLDER = Path(__file__).parent.parent / "cases"


@dataclass(frozen=True)
class Definition:
    """A statement at the top of a module: its hash, and the names that it uses."""

    sha256: str
    uses: tuple[str, ...]


@dataclass(frozen=True)
class Borrowed:
    """A name that is imported from a sister module."""

    module: str
    name: str


def hash_of(name: str) -> str:
    """Of a case or a training run; the same for all versions of Python."""
    if name in RUNS:
        tree = ast.parse(RUNS[name].read_text(encoding="utf-8"))
        return digest([STEPS, essence(tree)])
    module, _, function = name.partition(".")
    found: dict[str, str] = {}
    _reach(module, function, found)
    if not found:
        raise ValueError(f"The source of case {name} was not found")
    return digest(sorted(found.items()))


def digest(content: list) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _reach(module: str, name: str, found: dict[str, str]) -> None:
    """Adds the definitions of `name` in the module, and of all that they use."""
    for index, definition in enumerate(_definitions(module).get(name, ())):
        key = f"{module}.{name}.{index}"
        if isinstance(definition, Borrowed):
            _reach(definition.module, definition.name, found)
        elif key not in found:
            found[key] = definition.sha256
            for used in definition.uses:
                _reach(module, used, found)


@functools.cache
def _definitions(module: str) -> dict[str, list[Definition | Borrowed]]:
    """What gives each name of the module its value."""
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    found: dict[str, list[Definition | Borrowed]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom):
            package, _, sister = (statement.module or "").rpartition(".")
            for alias in statement.names if package == PACKAGE else ():
                borrowed = Borrowed(sister, alias.name)
                found.setdefault(alias.asname or alias.name, []).append(borrowed)
        for name in _given(statement):
            found.setdefault(name, []).append(_definition(statement))
    return found


def _given(statement: ast.stmt) -> list[str]:
    """The names to which a statement at the top of a module gives a value."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    stored = (node.id for node in names if not isinstance(node.ctx, ast.Load))
    return list(dict.fromkeys(stored))


def _definition(statement: ast.stmt) -> Definition:
    if isinstance(statement, ast.FunctionDef):
        statement.decorator_list = [
            node for node in statement.decorator_list if not _makes_a_case(node)
        ]
    names = (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
    return Definition(digest(essence(statement)), tuple(dict.fromkeys(names)))


def _makes_a_case(decorator: ast.expr) -> bool:
    function = getattr(decorator, "func", None)
    return isinstance(function, ast.Name) and function.id == "case"


def essence(node: Any) -> Any:
    """A syntax tree as nested lists, without docstrings and what is left empty."""
    if isinstance(node, list):
        return [essence(part) for part in node if not _is_docstring(part)]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [
        [name, essence(value)]
        for name, value in ast.iter_fields(node)
        if value not in (None, [])
    ]
    return [type(node).__name__, fields]


def _is_docstring(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
