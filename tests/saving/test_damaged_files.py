"""Thousands of damaged files: each is loaded to the right weights, or refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# Of one process for all files, where a model takes less than 1 MB: what Python and HDF5
# keep. A single array of a wrong size would take more.
MOST_MEMORY = 64


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damaged_files(tmp_path, seed):
    command = ["-m", "tests.saving.damage", str(tmp_path), str(seed), "1000"]
    result = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    found = json.loads(result.stdout)
    assert found["faults"] == []
    assert found["memory"] < MOST_MEMORY
