"""What is imported when: the package alone, training, the summary, bad names.

Each case is a process of its own, since modules stay imported.
"""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from minikeras import ops

ROOT = Path(__file__).parent.parent
HEAVY = ["h5py", "keras", "matplotlib", "pandas", "rich", "sklearn", "tensorflow"]
# Not heavy, but slower than their use in an error message or a command is worth.
SLOW = ["argparse", "dataclasses", "difflib", "inspect", "json", "logging", "pathlib"]

IMPORT = "import minikeras"
FAMILIES = """
import minikeras
for name in minikeras.__all__:
    if name != "compat":  # it looks for scripts, and may take its time
        getattr(minikeras, name)
"""
TRAIN = """
import minikeras as keras
x, y = keras.datasets.iris.load_data()
model = keras.Sequential(
    [keras.layers.Dense(3, "softmax", kernel_regularizer=keras.regularizers.L2())]
)
model.compile(
    keras.optimizers.SGD(0.1),
    keras.losses.SparseCategoricalCrossentropy(from_logits=False),
    metrics=["sparse_categorical_accuracy"],
)
model.fit(x, y, batch_size=32, epochs=2, validation_split=0.2, verbose=VERBOSE)
model.evaluate(x, y, verbose=0)
model.predict(x, verbose=0)
"""
SUMMARY = TRAIN.replace("VERBOSE", "0") + "model.summary()\n"


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh process holds after running `code`."""
    code += "\nimport sys; print('\\n', *{name.split('.')[0] for name in sys.modules})"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())


@pytest.fixture(scope="module")
def of_numpy():
    """NumPy and the interpreter (its site hooks too) load these anyway."""
    return modules_after("import numpy")


@pytest.mark.parametrize(
    "code",
    [
        IMPORT,
        FAMILIES,
        TRAIN.replace("VERBOSE", "0"),
        TRAIN.replace("VERBOSE", "1"),
        TRAIN.replace("VERBOSE", "2"),
    ],
    ids=["import", "all families", "silent", "progress bar", "a line an epoch"],
)
def test_nothing_heavy_is_imported(code, of_numpy):
    found = modules_after(code)
    assert "minikeras" in found
    assert found.isdisjoint(set(HEAVY) - of_numpy)


@pytest.mark.parametrize("code", [IMPORT, FAMILIES], ids=["import", "all families"])
def test_nothing_slow_is_imported(code, of_numpy):
    assert modules_after(code).isdisjoint(set(SLOW) - of_numpy)


def test_rich_comes_with_the_summary_and_alone(of_numpy):
    found = modules_after(SUMMARY) & (set(HEAVY) - of_numpy)
    assert found == {"rich"}


def test_the_bare_import_leaves_the_families_for_later():
    code = "import minikeras, sys; print(*[n for n in sys.modules if 'minikeras' in n])"
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert result.stdout.split() == ["minikeras"]


def test_a_name_that_is_not_there():
    import minikeras

    with pytest.raises(AttributeError, match="'minikeras' has no attribute 'layer'"):
        minikeras.layer  # noqa: B018
    assert {"layers", "Sequential", "GradientTape"} <= set(dir(minikeras))


def test_no_module_of_ops_hides_an_op():
    """A module ops/norm.py would stand in the place of the function `ops.norm`."""
    modules = [
        importlib.import_module(f"minikeras.ops.{path.stem}")
        for path in (ROOT / "minikeras" / "ops").glob("*.py")
        if path.stem != "__init__"
    ]
    names = {module.__name__.rpartition(".")[2] for module in modules}
    exported = {"norm", *vars(ops.nn), *vars(ops.numpy)}  # as keras.ops has them
    assert {"conv", "numpy"} <= names
    for name in names & exported:
        assert callable(getattr(ops, name)), name


def test_imports_make_no_layer():
    """The first layer decides the dtype of all: imports leave that to the user."""
    lines = FAMILIES + "print(minikeras.config._settings['layer_dtype'])"
    ran = subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, cwd=ROOT
    )
    assert ran.stdout.split() == ["None"], ran.stderr


@pytest.mark.parametrize("made", ["Variable(1.0)", "KerasTensor((2,))"])
def test_the_first_thing_that_is_made_has_operators(made):
    modules_after(f"import minikeras\nminikeras.{made} + 1")
