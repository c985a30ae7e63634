"""A file is whole at any moment, whatever becomes of the process that writes it."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from minikeras import Sequential, layers
from minikeras.models import load_model

ROOT = Path(__file__).parent.parent.parent
NAMES = ["a.keras", "a.weights.h5"]

# Writes files whose numbers are all 1, all 2, … and says so after each.
WRITER = """
import itertools, sys
import numpy as np
from tests.saving.test_atomic import network, write
model = network()
for number in itertools.count(1):
    model.set_weights([np.full(w.shape, number, "f4") for w in model.get_weights()])
    write(model, sys.argv[1])
    print(number, flush=True)
"""
# The same once, where a file may have 100 kB; says what is raised.
ON_A_FULL_DISK = """
import resource, sys
from tests.saving.test_atomic import network, write
model = network()
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write(model, sys.argv[1])
except OSError as error:
    print(error)
"""


def network():
    """A model of 1 MB."""
    return Sequential([layers.Input((500,)), layers.Dense(500), layers.Dense(10)])


def write(model, path) -> None:
    save = model.save if path.endswith(".keras") else model.save_weights
    save(path)


def read(path) -> list:
    if path.name.endswith(".keras"):
        return load_model(path).get_weights()
    model = network()
    model.load_weights(path)
    return model.get_weights()


def started(script, path):
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_process_that_is_killed_leaves_a_whole_file(tmp_path, name):
    path, draw = tmp_path / name, random.Random(7)
    for _ in range(6):
        process = started(WRITER, path)
        process.stdout.readline()
        time.sleep(draw.uniform(0, 0.05))  # it writes one file in some 10 ms
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        assert process.returncode == -signal.SIGKILL
        numbers = np.concatenate([w.ravel() for w in read(path)])
        assert numbers.min() == numbers.max() >= len(said.split())


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_leaves_the_earlier_file(tmp_path, name):
    path = tmp_path / name
    write(network(), str(path))
    earlier = path.read_bytes()
    said, _ = started(ON_A_FULL_DISK, path).communicate(timeout=60)
    assert "File too large" in said
    assert path.read_bytes() == earlier and os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_load_changes_neither_weights_nor_optimizer(tmp_path, name):
    def compiled(units):
        stack = [layers.Dense(3), layers.BatchNormalization(), layers.Dense(units)]
        model = Sequential([layers.Input((4,)), *stack])
        model.compile("adam", "mse")
        model.fit(np.ones((4, 4)), np.ones((4, units)), verbose=0)
        return model

    model = compiled(2)
    write(compiled(5), str(tmp_path / name))
    variables = [*model.variables, *model.optimizer.variables]
    before = [variable.numpy() for variable in variables]
    with pytest.raises(ValueError, match="2 objects could not be loaded"):
        model.load_weights(tmp_path / name)
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    model.fit(np.ones((4, 4)), np.ones((4, 2)), verbose=0)  # and trains on
