"""Late imports draw nothing: not in one process that uses them all, and none unguarded.

The process prints a summary, trains, draws a figure, saves and loads the model and
looks at every export between two layers; the second layer gets the weights that
tf.keras gives it.
"""

import ast
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minikeras.late import late_imports

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "minikeras").rglob("*.py"))
OURS = {"minikeras", "numpy", *sys.stdlib_module_names}
# Where modules are imported by a name in a variable: all of them are minikeras's own.
BY_NAME = {"minikeras/__init__.py", "minikeras/compat/names.py"}

SCRIPT = """
import os, random, sys
import numpy as np
import minikeras as keras
from minikeras import parallel
from minikeras.cli import plotting

def states():
    numbers = np.random.get_state(legacy=False)["state"]
    return random.getstate(), numbers["key"].tolist(), numbers["pos"]

keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
x = np.ones((40, 4), "float32")
before = states()
model.summary()
model.compile("sgd", "mse", metrics=["mae"])
history = model.fit(x, x[:, :3], batch_size=8, epochs=2, verbose=1)
labels = ("loss", "error")
plotting.save_training_figure(sys.argv[1], history, "mae", labels, lambda *place: None)
file = os.path.join(os.path.dirname(sys.argv[1]), "model.keras")
model.save(file)
model.load_weights(file)
with parallel.one_blas_thread():
    pass
for name in keras.__all__:
    family = getattr(keras, name)
    for inner in getattr(family, "__all__", ()):
        getattr(family, inner)
assert states() == before
model.add(keras.layers.Dense(2))
print()
print(*(n for n in ("h5py", "matplotlib", "rich", "threadpoolctl") if n in sys.modules))
print(*model.layers[1].get_weights()[0].ravel())
"""
# The same script (without figure and file) in tf.keras 3.15.1
KERNEL = "0.19994259 -0.21399146 0.681445 0.13896906 -0.39818555 0.026344895"  # 3 by 2


def test_what_is_imported_between_two_layers_changes_no_weight(tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("h5py")
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "figure.png")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    modules, kernel = result.stdout.splitlines()[-2:]
    assert modules == "h5py matplotlib rich threadpoolctl"
    assert kernel == KERNEL


def test_the_block_puts_both_streams_back_also_after_an_error():
    random.seed(3)
    np.random.seed(3)
    expected = random.random(), np.random.normal(size=3).tolist()
    random.seed(3)
    np.random.seed(3)
    with pytest.raises(ImportError), late_imports():
        random.random()
        np.random.normal()  # one of a pair: the other one is kept in the state
        raise ImportError
    assert (random.random(), np.random.normal(size=3).tolist()) == expected


def late(node, guarded=False, inside=False):
    """(root of the module, is within the block) for the imports of functions."""
    if isinstance(node, (ast.With, ast.AsyncWith)):
        guarded |= any(_is_guard(item.context_expr) for item in node.items)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        inside = True
        guarded = any(_is_guard(one) for one in node.decorator_list)
    elif inside and isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name.split(".")[0], guarded
    elif inside and isinstance(node, ast.ImportFrom):
        yield (node.module or "").split(".")[0], guarded
    for child in ast.iter_child_nodes(node):
        yield from late(child, guarded, inside)


def _is_guard(node) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "late_imports"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_library_is_imported_late_outside_the_block(path):
    text = path.read_text()
    for module, guarded in late(ast.parse(text)):
        assert module in OURS or guarded, f"{path} imports {module} late"
    if str(path.relative_to(ROOT)) not in BY_NAME:
        assert "import_module(" not in text and "__import__(" not in text


def test_the_search_finds_what_it_looks_for():
    text = """
import rich
def f():
    import h5py
    with late_imports():
        import pandas
        def g():
            import jinja2
@late_imports()
def h():
    from matplotlib import figure
"""
    assert list(late(ast.parse(text))) == [
        ("h5py", False),
        ("pandas", True),
        ("jinja2", False),
        ("matplotlib", True),
    ]
