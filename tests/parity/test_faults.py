"""A fault planted in minikeras is found where it is: step, kind and tensor.

tf.keras runs each script once; a fault costs two runs on minikeras, and four shaken
ones where numbers part.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from parity.script.compare import compare
from parity.script.processes import Options, record
from parity.script.spread import shaken
from parity.script.worker import Worker

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


# where rounding makes ReLUs and maxima jump: the same, epoch and step
JUMPS = [
    ("fault_adam_epsilon", (1, 1), "update", "conv2d/kernel"),
    ("fault_momentum", (1, 1), "update", "batch_normalization/moving_mean"),
    ("fault_leak", (1, 1), "activation", "activation"),
    ("fault_late_slope", (1, 4), "gradient", "conv2d/kernel"),
    ("fault_late_update", (2, 2), "update", "batch_normalization_1/gamma"),
]


@pytest.fixture(scope="module")
def keras_recording(tmp_path_factory):
    """What tf.keras gives for a script, recorded once."""
    folder = tmp_path_factory.mktemp("keras")

    def recording(script):
        path = folder / f"{script}.events"
        if not path.exists():
            record("keras", path, options(script))
        return path

    return recording


@pytest.fixture
def against(keras_recording, tmp_path, monkeypatch):
    """The comparison of tf.keras with a minikeras that has the fault."""
    paths = [str(HERE / "faults"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))

    def run(fault, script="network"):
        ours, judge = tmp_path / "minikeras.events", tmp_path / "judge.events"
        given = options(script, fault)
        keras = keras_recording(script)
        with Worker("minikeras") as worker:

            def shake(wide):
                weights = ours if wide else None
                return shaken(
                    tmp_path / ("wide" if wide else "narrow"),
                    lambda path, seed: worker.record(
                        path, replace(given, shake=seed), weights
                    ),
                )

            worker.record(ours, given)
            worker.record(judge, given, ours)
            return compare(keras, ours, judge, shake)

    return run


def options(script, fault=None) -> Options:
    path = str(HERE / "scripts" / f"{script}.py")
    steps = 5 if script == "network" else 20
    return Options(path, [], prelude=fault, max_steps=steps, time_limit=900)


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
def test_jumps_of_rounding_are_no_difference(against):
    found = against(None, "kinks")
    assert found.part is None and found.drowned is None
    assert (found.steps, found.epochs) == (8, 2)
    assert any("conv2d_1/bias" in name for _, name in found.left_out)
    assert ("activation", "dense") not in found.left_out


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "when", "kind", "tensor"), JUMPS)
def test_a_fault_beside_jumps_is_found_where_it_is(against, fault, when, kind, tensor):
    part = against(fault, "kinks").part
    assert part is not None
    assert (part.place.run, part.place.epoch, part.place.step) == (1, *when)
    assert part.kind == kind and part.tensor.endswith(tensor)


@pytest.mark.slow
def test_digits_lost_in_float32_alone_are_no_rounding(against):
    """A formula that rounds badly moves shaken float32 runs too, not float64 ones."""
    assert against(None, "offset").part is None
    part = against("fault_variance", "offset").part
    assert (part.kind, part.tensor) == ("activation", "batch_normalization")


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
