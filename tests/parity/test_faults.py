"""A fault planted in minikeras is found where it is: step, kind and tensor.

tf.keras runs the script once; each fault costs two runs on minikeras.
"""

import os
from pathlib import Path

import pytest

from parity.script.compare import compare
from parity.script.processes import Options, record

HERE = Path(__file__).parent

# module in faults/, step, kind, end of the tensor's name
FAULTS = [
    ("fault_adam_epsilon", 1, "update", "conv2d/kernel"),
    ("fault_adam_first_step", 2, "update", "conv2d/kernel"),
    ("fault_no_l2", 1, "regularization term", "dense/kernel"),
    ("fault_half_l2", 1, "regularization term", "dense/kernel"),
    ("fault_slot", 1, "optimizer slot", "conv2d_kernel_velocity"),
    ("fault_flipped_kernel", 1, "activation", "conv2d"),
    ("fault_swapped_gate", 1, "activation", "lstm"),
    ("fault_validation_split", 1, "batch", "x[0]"),
    ("fault_shuffle", 1, "batch", "x[0]"),
    ("fault_mean_for_sum", 1, "gradient", "dense/bias"),
    ("fault_momentum", 1, "update", "batch_normalization/moving_mean"),
]


@pytest.fixture(scope="module")
def keras_recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("keras") / "keras.events"
    record("keras", path, options())
    return path


@pytest.fixture
def against(keras_recording, tmp_path, monkeypatch):
    """The comparison of tf.keras with a minikeras that has the fault."""
    paths = [str(HERE / "faults"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))

    def run(fault):
        ours, judge = tmp_path / "minikeras.events", tmp_path / "judge.events"
        record("minikeras", ours, options(fault))
        record("minikeras", judge, options(fault), ours)
        return compare(keras_recording, ours, judge)

    return run


def options(fault=None) -> Options:
    script = str(HERE / "scripts" / "network.py")
    return Options(script, [], prelude=fault, max_steps=5, time_limit=900)


@pytest.mark.slow
def test_the_sound_library_agrees(against):
    found = against(None)
    assert found.part is None and found.drowned is None
    assert found.runs == [
        "1 (fit)",
        "2 (train_on_batch)",
        "3 (train_on_batch)",
        "4 (predict)",
    ]
    assert (found.steps, found.epochs) == (7, 3)


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "step", "kind", "tensor"), FAULTS)
def test_a_fault_is_found_where_it_is(against, fault, step, kind, tensor):
    part = against(fault).part
    assert part is not None
    assert (part.place.run, part.place.epoch, part.place.step) == (1, 1, step)
    assert (part.kind, part.verdict) == (kind, "real difference")
    assert part.tensor.endswith(tensor)
    assert part.gap > part.allowed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "kind", "note"),
    [
        ("fault_summary", "summary text", "(None, "),
        ("fault_progress", "progress text", ""),
    ],
)
def test_a_fault_in_what_is_printed_is_found(against, fault, kind, note):
    part = against(fault).part
    assert (part.kind, part.verdict) == (kind, "real difference")
    assert note in part.note
    assert part.gap > part.allowed
