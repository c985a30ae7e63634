"""What is begun in one library goes on in the other, from the file between them.

One process of tf.keras trains, saves, loads and trains on for all models; each model
continued in the other library must end where the unbroken run ends.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minikeras
from minikeras import layers, optimizers
from minikeras.optimizers import schedules
from tests.saving.halves import ALL, made_afterwards, second_halves, two_halves
from tests.saving.layer_networks import OPTIMIZERS, SCHEDULES
from tests.saving.networks import KINDS

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """{"keras" or "minikeras": (the unbroken runs in it, its files continued in the
    other library), "afterwards": what both draw after loading a file}"""
    folder = tmp_path_factory.mktemp("both_ways")
    for library in ("keras", "minikeras"):
        (folder / library).mkdir()
    ours = two_halves(minikeras, folder / "minikeras")
    result = subprocess.run(
        [sys.executable, "-m", "tests.saving.in_keras", str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        timeout=1500,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    theirs, resumed, drawn = (
        dict(np.load(folder / f"{name}.npz"))
        for name in ("unbroken", "resumed", "afterwards")
    )
    continued = second_halves(minikeras, folder / "keras")
    return {
        "keras": (theirs, continued),
        "minikeras": (ours, resumed),
        "afterwards": (drawn, made_afterwards(minikeras, folder / "keras")),
    }


# Three epochs of rounding: at most 4e-6 was seen, where the losses are near 30.
@pytest.mark.slow
@pytest.mark.parametrize("library", ["keras", "minikeras"])
@pytest.mark.parametrize("name", ALL)
def test_training_goes_on_in_the_other_library(runs, name, library):
    unbroken, continued = (
        {key: array for key, array in run.items() if key.startswith(f"{name}/")}
        for run in runs[library]
    )
    assert unbroken and unbroken.keys() == continued.keys()
    for key, array in unbroken.items():
        np.testing.assert_allclose(
            continued[key], array, rtol=2e-6, atol=1e-6, err_msg=key
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_after_loading_both_draw_the_same(runs, name):
    """Weights that a file fills are not drawn here, but their seeds are taken."""
    theirs, ours = (drawn[name] for drawn in runs["afterwards"])
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_every_layer_optimizer_and_schedule_is_in_the_table():
    used = set()
    for build in ALL.values():
        model, x, y = build(minikeras)
        model.fit(x, y, batch_size=4, verbose=0)
        classes = [type(layer) for layer in model._all_layers()]
        used |= {cls.__name__ for cls in classes}
        # Wrapper is there to be subclassed.
        used |= {cls.__base__.__name__ for cls in classes if cls.__name__ == "Twice"}
    assert not layers.FAMILY.exports.keys() - used
    assert optimizers.FAMILY.exports.keys() == {cls for cls, _ in OPTIMIZERS.values()}
    assert schedules.FAMILY.exports.keys() == SCHEDULES.keys()
