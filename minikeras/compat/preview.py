"""What a script will miss, told from its source before it runs.

So that nobody trains for an hour and then hears that there is no `model.save`. The
script is not run for it: names are followed from its import statements, and a variable
is taken for a model if it is made of one or called one.
"""

import ast
from collections.abc import Iterator

from minikeras.compat.names import ROOTS, look_up
from minikeras.models import Model
from minikeras.models.absent import AbsentFromModels
from minikeras.signature import Missing

_FORGIVING = ("ImportError", "ModuleNotFoundError", "AttributeError", "Exception")
_METHODS = {
    name: entry.instead
    for name, entry in vars(AbsentFromModels).items()
    if isinstance(entry, Missing)
}


def needs(source: bytes) -> list[str]:
    """A line for each name in the source that minikeras lacks, in their order.

    To be called within `tensorflow_names()`. What stands in a `try` that forgives a
    missing name is left out; so is a source that is no Python: running it says that.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    nodes = list(_unguarded(tree))
    names = _imported(nodes)
    models = _models(nodes, names)
    found: dict[str, int] = {}
    for node in nodes:
        for message in _missed(node, names, models):
            found[message] = min(node.lineno, found.get(message, node.lineno))
    in_order = sorted(found.items(), key=lambda item: item[1])
    return [f"line {line}: {message}" for message, line in in_order]


def _unguarded(tree: ast.AST) -> Iterator:
    """The nodes of a tree, but for those that may fail by the script's own account."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Try) and any(map(_forgives, node.handlers)):
            continue
        yield node
        yield from _unguarded(node)


def _forgives(handler: ast.ExceptHandler) -> bool:
    kinds = ast.walk(handler.type) if handler.type else []
    named = [kind.id for kind in kinds if isinstance(kind, ast.Name)]
    return handler.type is None or any(name in _FORGIVING for name in named)


def _imported(nodes: list) -> dict[str, str]:
    """What each imported name stands for: {"layers": "tensorflow.keras.layers"}. Names
    that the script uses for something else as well are left out."""
    names = {}
    others = {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Import):
            for part in node.names:
                root = part.name.partition(".")[0]
                names[part.asname or root] = part.name if part.asname else root
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for part in node.names:
                names[part.asname or part.name] = f"{node.module}.{part.name}"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            others.add(node.id)
    for name in others & names.keys():
        del names[name]
    return {n: full for n, full in names.items() if full.partition(".")[0] in ROOTS}


def _missed(node, names: dict, models: set) -> Iterator[str]:
    """The messages about what one node asks for."""
    if isinstance(node, ast.Import):
        asked = [part.name for part in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        asked = [f"{node.module}.{part.name}" for part in node.names]
    elif isinstance(node, ast.Attribute):
        asked = [_dotted(node, names)]
        owner = node.value
        if node.attr in _METHODS and isinstance(owner, ast.Name):
            if owner.id in models or "model" in owner.id.lower():
                yield f"{owner.id}.{node.attr}: {_METHODS[node.attr]}"
    else:
        return
    for name in asked:
        found = look_up(name)
        if isinstance(found, str):
            yield found


def _dotted(node, names: dict) -> str:
    """The full name of `layers.Dense` and the like; "" for anything else."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        return before and f"{before}.{node.attr}"
    return ""


def _models(nodes: list, names: dict) -> set[str]:
    """The variables that hold models: made by a model's class, or by a function of the
    script that returns one."""
    makers: set[str] = set()
    for node in nodes:  # classes first: functions use them
        if isinstance(node, ast.ClassDef) and any(
            _makes(base, names, makers) for base in node.bases
        ):
            makers.add(node.name)
    models: set[str] = set()
    for _ in range(2):  # what a function returns may be made by another one
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                if _makes(node.value.func, names, makers):
                    models |= {t.id for t in node.targets if isinstance(t, ast.Name)}
            if isinstance(node, ast.FunctionDef):
                for part in ast.walk(node):
                    if isinstance(part, ast.Return) and _is_model(
                        part.value, names, makers, models
                    ):
                        makers.add(node.name)
    return models


def _is_model(value, names: dict, makers: set, models: set) -> bool:
    if isinstance(value, ast.Call):
        return _makes(value.func, names, makers)
    return isinstance(value, ast.Name) and value.id in models


def _makes(function, names: dict, makers: set) -> bool:
    """Whether a call of this expression makes a model."""
    if isinstance(function, ast.Name) and function.id in makers:
        return True
    found = look_up(_dotted(function, names))
    return isinstance(found, type) and issubclass(found, Model)
