"""What is read of the machine."""

import os
import subprocess
import sys

import pytest

from benchmarks import machine

BURN = "import time\nwhile time.process_time() < 0.3: pass"


def test_description_names_the_parts():
    described = machine.describe()
    assert described["processor"] and described["cores"] >= 1
    assert described["versions"]["Python"].startswith(f"{sys.version_info.major}.")


@pytest.mark.parametrize(
    "readings, share",
    [
        ([(100, 50, 10), (200, 110, 40)], 0.3),  # 60 busy, 30 of them our own
        ([(100, 50, 10), (200, 80, 40.5)], 0.0),  # rounding may give us more than all
        ([None], None),
    ],
)
def test_share_of_the_neighbours_leaves_out_our_own(monkeypatch, readings, share):
    answers = iter(readings)
    monkeypatch.setattr(machine.Neighbours, "_read", lambda self: next(answers))
    assert machine.Neighbours().share() == share


@pytest.mark.skipif(not os.path.exists("/proc/stat"), reason="Linux only")
def test_ended_children_are_our_own():
    neighbours = machine.Neighbours()
    total, busy, own = neighbours._read()
    subprocess.run([sys.executable, "-c", BURN], check=True)
    total_after, busy_after, own_after = neighbours._read()
    assert own_after - own >= 0.25  # os.times counts in ticks of 10 ms
    assert busy_after > busy
    assert total_after > total
