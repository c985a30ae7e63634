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
from tests.saving.networks import SAVED, second_halves, two_halves

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """{"keras" or "minikeras": (the unbroken runs in it, its files continued in the
    other library)}"""
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
        timeout=600,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    theirs, resumed = (
        dict(np.load(folder / f"{name}.npz")) for name in ("unbroken", "resumed")
    )
    continued = second_halves(minikeras, folder / "keras")
    return {"keras": (theirs, continued), "minikeras": (ours, resumed)}


# Three epochs of rounding: at most 4e-6 was seen, where the losses are near 30.
@pytest.mark.slow
@pytest.mark.parametrize("library", ["keras", "minikeras"])
@pytest.mark.parametrize(("name", "ending"), SAVED)
def test_training_goes_on_in_the_other_library(runs, name, ending, library):
    unbroken, continued = (
        {k.removeprefix(start): x for k, x in run.items() if k.startswith(start)}
        for run, start in zip(
            runs[library], (f"{name}/", f"{name}.{ending}/"), strict=True
        )
    )
    assert unbroken and unbroken.keys() == continued.keys()
    for key, array in unbroken.items():
        np.testing.assert_allclose(
            continued[key], array, rtol=2e-6, atol=1e-6, err_msg=key
        )
