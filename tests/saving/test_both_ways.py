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
from tests.saving import crossing
from tests.saving.halves import (
    ALL,
    SAVED,
    made_afterwards,
    second_halves,
    two_halves,
)
from tests.saving.layer_networks import OPTIMIZERS, SCHEDULES
from tests.saving.networks import KINDS

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """{"keras" or "minikeras": (the unbroken runs in it, its files continued in the
    other library, what it wrote, what the other read)}, "afterwards": what both draw
    after loading a file}"""
    folder = tmp_path_factory.mktemp("both_ways")
    for library in ("keras", "minikeras"):
        (folder / library).mkdir()
    ours = two_halves(minikeras, folder / "minikeras")
    written = crossing.write(minikeras, folder / "minikeras")
    result = subprocess.run(
        [sys.executable, "-m", "tests.saving.in_keras", str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        timeout=1500,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    theirs, resumed, drawn, written_there, read_there = (
        dict(np.load(folder / f"{name}.npz"))
        for name in ("unbroken", "resumed", "afterwards", "written", "read")
    )
    continued = second_halves(minikeras, folder / "keras")
    read = crossing.read(minikeras, folder / "keras")
    return {
        "keras": (theirs, continued, written_there, read),
        "minikeras": (ours, resumed, written, read_there),
        "afterwards": (drawn, made_afterwards(minikeras, folder / "keras")),
    }


# Three epochs of rounding: at most 4e-6 was seen, where the losses are near 30.
@pytest.mark.slow
@pytest.mark.parametrize("library", ["keras", "minikeras"])
@pytest.mark.parametrize(("name", "ending"), SAVED)
def test_training_goes_on_in_the_other_library(runs, name, ending, library):
    unbroken, continued = (
        {k.removeprefix(start): x for k, x in run.items() if k.startswith(start)}
        for run, start in zip(
            runs[library][:2], (f"{name}/", f"{name}.{ending}/"), strict=True
        )
    )
    assert unbroken and unbroken.keys() == continued.keys()
    for key, array in unbroken.items():
        np.testing.assert_allclose(
            continued[key], array, rtol=2e-6, atol=1e-6, err_msg=key
        )


@pytest.mark.slow
@pytest.mark.parametrize("library", ["keras", "minikeras"])
def test_shards_folders_and_assets_open_in_the_other_library(runs, library):
    _, _, written, read = runs[library]
    assert len(written) > 60 and written.keys() == read.keys()
    for key, array in written.items():
        np.testing.assert_array_equal(read[key], array, err_msg=key)
    assert list(read["vocabulary.keras/words"]) == ["one two", "", "three"]


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
