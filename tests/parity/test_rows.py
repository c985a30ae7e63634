"""Rows and traces of a run, from recordings made up here."""

import json
import pickle

import numpy as np
import pytest

from parity import training
from parity.findings import EXACT, REAL, ROUNDING, Findings
from parity.script import printed, texts
from parity.script.compare import compare
from parity.script.recording import Event, Place, write
from parity.script.rows import LEFT_OUT, rows_of, trace_of

W = np.array([1.0, -2.0])
PROGRESS = "Epoch 1/1\n2/2 - <time> - <time>/step - loss: 0.6931"


def recording(error=0.0, narrow=True, **changes):
    """Two steps and the end of a fit, everything off by `error`; `changes` replace the
    tensors of a kind, by its name with _ for blanks."""
    events = []
    for step in (1, 2):
        event = Event(Place(1, "fit", "step", 1, step))
        event.add("batch", "x[0]", np.float32([[1, 2]]))
        event.add("activation", "dense", W * step)
        event.add("regularization term", "dense/kernel", 0.05)
        event.add("loss", "loss", 1.0 / step)
        event.add("gradient", "dense/kernel", W / 10)
        event.add("update", "dense/kernel", W / 100, scale=2.0)
        event.add("optimizer slot", "adam/iteration", np.int64(step))
        event.add("optimizer slot", "adam/dense_kernel_momentum", W / 100)
        events.append(event)
    epoch = Event(Place(1, "fit", "epoch", 1))
    epoch.add("metric", "loss", 0.75)
    end = Event(Place(1, "fit", "end"))
    end.add("weight", "dense/kernel", W)
    end.add("parameter count", "total", 2)
    end.add("progress text", "fit", PROGRESS)
    summary = Event(Place(1, "summary", "print"))
    summary.add("summary text", "sequential", "Model\nTotal params: 2")
    events += [epoch, end, summary]
    for event in events:
        for key, value in event.tensors.items():
            value = changes.get(key[0].replace(" ", "_"), value)
            value = np.array(value)
            if value.dtype.kind == "f":
                value = value + error
                value = value.astype("float32") if narrow else value
            event.tensors[key] = value
    return events


@pytest.fixture
def found(tmp_path):
    """The comparison of tf.keras with a minikeras that is changed; the judge is
    changed in the same way, as minikeras in float64 would be."""

    def found(error=1e-7, judge=True, **changes):
        sides = {
            "keras": recording(),
            "minikeras": recording(error, **changes),
            "judge": recording(narrow=False, **changes),
        }
        for name, events in sides.items():
            with (tmp_path / name).open("wb") as file:
                for event in events:
                    pickle.dump(event, file)
        paths = [tmp_path / name for name in sides]
        return compare(*paths[:2], paths[2] if judge else None)

    return found


def by_quantity(comparison, trouble=None):
    return {row.quantity: row for row in rows_of("runs.x", comparison, trouble)}


def test_a_row_for_each_quantity(found):
    rows = by_quantity(found())
    assert {name: row.count for name, row in rows.items()} == {
        "batch order": 2,
        "activations": 2,
        "regularization terms": 2,
        "batch losses": 2,
        "gradients": 2,
        "updates": 2,
        "optimizer slots": 4,
        "epoch logs": 1,
        "final weights": 1,
        "parameter counts": 1,
        "progress text": 1,
        "summary text": 1,
    }
    assert all(row.agrees for row in rows.values())
    assert rows["batch losses"].verdict == ROUNDING
    assert rows["batch losses"].absolute == pytest.approx(1.2e-7, rel=0.1)
    assert rows["batch losses"].ulps == 2  # of 0.5, at the second step
    assert rows["batch losses"].allowed == "7.6e-06 by float64"
    assert rows["summary text"].verdict == rows["parameter counts"].verdict == EXACT
    assert rows["summary text"].allowed == "exact"


@pytest.mark.parametrize(
    ("kind", "value", "quantity"),
    [
        ("regularization_term", 0.1, "regularization terms"),
        ("optimizer_slot", W / 50, "optimizer slots"),
        ("loss", 2.0, "batch losses"),
        ("metric", 0.8, "epoch logs"),
        ("parameter_count", 3, "parameter counts"),
        ("summary_text", "Model\nTotal params: 3", "summary text"),
        ("progress_text", PROGRESS.replace("0.6931", "0.6933"), "progress text"),
        ("progress_text", PROGRESS.replace("loss", "mse"), "progress text"),
    ],
)
def test_a_wrong_tensor_or_text_is_a_miss_of_its_row(found, kind, value, quantity):
    comparison = found(**{kind: value})
    rows = by_quantity(comparison)
    missed = [name for name, row in rows.items() if not row.agrees]
    assert missed == [quantity]
    assert rows[quantity].verdict == REAL
    assert comparison.part.kind == kind.replace("_", " ")
    assert (
        rows[quantity]
        .misses[0]
        .tensor.startswith(str(comparison.part.place).partition(",")[0])
    )


def test_a_last_printed_digit_is_no_miss(found):
    row = by_quantity(found(progress_text=PROGRESS.replace("31", "32")))[
        "progress text"
    ]
    assert (row.verdict, row.allowed) == (ROUNDING, "0.0001: the last digit")


def test_a_miss_shows_its_worst_entries_in_all_three(found):
    row = by_quantity(found(optimizer_slot=np.array([0.01, -0.5])))["optimizer slots"]
    kernel = next(miss for miss in row.misses if "momentum" in miss.tensor)
    assert kernel.worst[0].index == [1]
    entry = kernel.worst[0]
    assert entry.keras == pytest.approx(-0.02)
    assert (entry.minikeras, entry.float64) == pytest.approx((-0.5, -0.5))
    assert "parts by 0.48 (allowed" in kernel.note


def test_slots_in_another_order_or_of_another_name(tmp_path, found):
    events = recording()
    kept = events[0].tensors
    name = ("optimizer slot", "adam/iteration")
    kept[name] = kept.pop(name)  # to the end
    for path, content in (("a", recording()), ("b", events)):
        with (tmp_path / path).open("wb") as file:
            for event in content:
                pickle.dump(event, file)
    part = compare(tmp_path / "a", tmp_path / "b", None).part
    assert part.kind == "optimizer slot"
    assert part.note.startswith("in the order adam/iteration, adam/dense")
    kept[("optimizer slot", "adam/iterations")] = kept.pop(name)
    with (tmp_path / "b").open("wb") as file:
        for event in events:
            pickle.dump(event, file)
    part = compare(tmp_path / "a", tmp_path / "b", None).part
    assert (part.tensor, part.note) == ("adam/iteration", "missing in minikeras")


def test_without_a_float64_run_rows_say_so(found):
    row = by_quantity(found(judge=False), "it fails")["batch losses"]
    assert row.allowed.endswith(", no float64 run")


def test_the_trace_has_losses_and_heat_by_step(found):
    trace = trace_of("runs.x", found(error=2e-7))
    assert trace.run == "runs.x"
    assert trace.loss.steps == [1, 2]
    assert trace.loss.keras == [1.0, 0.5]
    assert trace.loss.minikeras == pytest.approx([1.0, 0.5], abs=3e-7)
    assert trace.loss.float64 == [1.0, 0.5]
    assert all(0 < allowed < 1e-4 for allowed in trace.loss.allowed)
    heat = {part.kind: part for part in trace.heat}
    assert list(heat) == ["activation", "gradient", "update", "optimizer slot"]
    assert heat["activation"].tensors == ["dense"]
    assert heat["activation"].steps == [1, 2]
    assert heat["activation"].ulps[0] == pytest.approx([1, 0.5])
    assert len(heat["optimizer slot"].tensors) == 2


def drowned(tmp_path, kind: str, fault: float = 0.0):
    """Three steps in which rounding grows in the tensor "a"; in the last, minikeras and
    so its judge have a fault in "b"."""
    sides = {name: [] for name in ("keras", "minikeras", "judge")}
    for step, error in enumerate((1e-5, 1e-4, 0.1), start=1):
        for name, sign in zip(sides, (1, -1, 0), strict=True):
            event = Event(Place(1, "fit", "step", 1, step))
            event.add(kind, "a", W + sign * error)
            event.add("gradient", "b", W + fault * (name != "keras" and step == 3))
            sides[name].append(event)
    for name, events in sides.items():
        write(tmp_path / name, events)
    return compare(*(tmp_path / name for name in sides))


def test_a_drowned_tensor_is_left_out_and_not_the_rest(tmp_path):
    comparison = drowned(tmp_path, "activation")
    assert comparison.part is None and comparison.drowned is None
    assert list(comparison.left_out) == [("activation", "a")]
    rows = by_quantity(comparison)
    assert rows["activations"].count == 2 and rows["activations"].agrees
    assert rows["gradients"].count == 3
    assert (rows[LEFT_OUT].count, rows[LEFT_OUT].agrees) == (1, True)
    assert "drowned in rounding from run 1 (fit), epoch 1, step 3" in (
        rows[LEFT_OUT].allowed
    )
    json.dumps(comparison.to_dict(), allow_nan=False)


def test_a_fault_beside_a_drowned_tensor_is_found(tmp_path):
    part = drowned(tmp_path, "activation", fault=1e-3).part
    assert (part.place.step, part.kind, part.tensor) == (3, "gradient", "b")


def test_a_drowned_loss_ends_what_is_sure(tmp_path):
    comparison = drowned(tmp_path, "loss")
    assert comparison.drowned == Place(1, "fit", "step", 1, 3)
    assert (comparison.sure, comparison.steps) == (2, 3)


def test_findings_of_a_run_are_json(found):
    comparison = found(summary_text="other")
    findings = Findings({}, rows_of("x", comparison), [trace_of("x", comparison)])
    text = json.dumps(findings.to_dict(), allow_nan=False)
    assert json.loads(text)["agree"] is False


def test_numbers_in_texts():
    told = printed.difference("loss: 0.5000 - x", "loss: 0.5001 - x", None)
    assert told[0] <= told[1] and told[2] == ""
    gap, allowed, _ = printed.difference("a: 0.5000", "a: 0.5002", None)
    assert gap > allowed
    drift = printed.difference("a: 0.5000", "a: 0.5004", "a: 0.4990")
    assert drift[0] <= drift[1]  # all three lie apart: rounding has grown
    small = printed.difference("a: 1.2345e-05", "a: 1.2347e-05", None)
    assert small[0] > small[1]
    assert (
        "line 2: 'b' in tf.keras, 'c' in minikeras"
        in (printed.difference("a\nb", "a\nc", None)[2])
    )
    assert "'nothing' in minikeras" in printed.difference("a\nb", "a", None)[2]


def test_progress_is_what_does_not_depend_on_the_clock():
    bar = "\x1b[1m2/2\x1b[0m \x1b[32m━━\x1b[0m \x1b[1m0s\x1b[0m 12ms/step - loss: 0.5"
    drawn = ["Epoch 1/1\n", f"\r{bar}", f"\b\b\r{bar}   \n"]
    assert texts.progress(drawn) == ("Epoch 1/1\n2/2 ━━ <time> <time>/step - loss: 0.5")


@pytest.mark.slow
def test_the_built_in_runs_agree():
    rows, traces = training.gather(["runs.iris", "runs.own_step"])
    assert [row for row in rows if not row.agrees] == []
    wanted = {"regularization terms", "optimizer slots", "epoch logs", "progress text"}
    wanted |= {"summary text", "parameter counts", "predictions", "final weights"}
    for run in ("runs.iris", "runs.own_step"):
        assert wanted <= {row.quantity for row in rows if row.case == run}
    assert [trace.run for trace in traces] == ["runs.iris", "runs.own_step"]
    assert all(len(trace.loss.steps) == 6 for trace in traces)


@pytest.mark.slow
def test_a_script_that_fails_is_a_row(monkeypatch, tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("import keras\nkeras.layers.Dense(-1)\n")
    monkeypatch.setitem(training.RUNS, "runs.broken", script)
    (row,), traces = training.gather(["runs.broken"], keras_side=tmp_path)
    assert not row.agrees and traces == []
    assert "the script fails with minikeras (line 2)" in row.misses[0].note
