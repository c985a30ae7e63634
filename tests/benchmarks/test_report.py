"""The printed page: numbers, verdicts, and no loss left out."""

import io

import pytest
from rich.console import Console

from benchmarks import machine, report
from benchmarks.__main__ import WIDTH
from benchmarks.results import LIBRARIES, UNITS, Results


@pytest.fixture
def results():
    made = Results("iris", epochs=500)
    for measure in UNITS:
        for value in (0.030, 0.032, 0.041):
            made.add(measure, "by hand", value)
            made.add(measure, "tuned", value / 2)
            made.add(measure, "minikeras", 1.25 * value)
        made.add(measure, "tf.keras", 16.0)
    losses = {"loss": [1.0, 0.5]}
    made.histories = dict.fromkeys(LIBRARIES, losses)
    made.threads = {"by hand": 2, "tuned": 2, "minikeras": 2, "tf.keras": 11}
    return made


def printed(results, others=0.01) -> str:
    page = io.StringIO()
    described = machine.describe() | {"others": others}
    report.show(results, described, Console(width=WIDTH, file=page))
    return page.getvalue()


def row(text: str, name: str) -> list[str]:
    """The cells of the table's row that begins with `name`."""
    line = next(line for line in text.splitlines() if line.strip().startswith(name))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_row_has_medians_and_ratios(results):
    assert row(printed(results), "fit, warm ") == [
        "fit, warm",
        *("32.0 ms", "16.0 ms", "40.0 ms", "16.0 s"),
        *("400 ×", "1.25 ×", "2.50 ×"),
    ]


def test_page_fits_its_width(results):
    for measure in UNITS:
        results.samples[measure]["minikeras"] = [0.1234, 0.2345, 0.3456]
        results.samples[measure]["tf.keras"] = [0.1239, 0.2351, 0.3461]
    text = printed(results)
    assert "123–346 " in text and "…" not in text
    assert max(map(len, text.splitlines()[:30])) <= WIDTH


def test_spread_stands_below_the_median(results):
    lines = printed(results).splitlines()
    above = next(i for i, line in enumerate(lines) if line.startswith("  fit, warm "))
    assert "30.0–41.0 " in lines[above + 1]
    assert "37.5–51.2 " in lines[above + 1]
    assert "one run" in lines[above + 1]


def test_step_is_the_warm_fit_over_all_steps(results):
    assert row(printed(results), "– one step") == [
        "– one step",
        "16.0 µs",
        "8.00 µs",
        "20.0 µs",
        "8.00 ms",
    ]


def test_runs_are_counted(results):
    assert row(printed(results), "runs") == ["runs", "3", "3", "3", "1"]


def test_aims_are_met_or_not(results):
    text = printed(results)
    assert row(text, "fit, warm: tf.keras")[-2:] == ["400", "met"]
    assert row(text, "fit, warm: minikeras")[-2:] == ["1.25", "met"]
    for _ in range(4):
        results.add("fit, warm", "minikeras", 0.1)
    text = printed(results)
    assert row(text, "fit, warm: tf.keras")[-2:] == ["160", "not met"]
    assert row(text, "fit, warm: minikeras")[-2:] == ["3.12", "not met"]


def test_losses_are_named(results):
    results.samples["peak memory"]["tf.keras"] = [0.001]
    text = printed(results)
    assert "minikeras is behind tf.keras in: peak memory (40.0 ×)." in text
    line = "minikeras is behind by hand in: import (1.25 ×), import, used (1.25 ×), fit"
    assert line in text
    assert "minikeras is behind tuned in: import (2.50 ×)," in text


def test_other_work_is_called_out(results):
    assert "not the same work" not in printed(results)
    results.histories = results.histories | {"minikeras": {"loss": [1.0, 0.6]}}
    assert "differ, by 1.0e-01: not the same work!" in printed(results)


def test_without_tensorflow(results):
    for samples in results.samples.values():
        del samples["tf.keras"]
    del results.histories["tf.keras"]
    text = printed(results)
    assert "tf.keras was not measured." in text
    assert row(text, "fit, warm: tf.keras")[-1] == "not measured"
    assert row(text, "fit, warm ")[-4:] == ["–", "–", "1.25 ×", "2.50 ×"]


@pytest.mark.parametrize(
    "share, text",
    [
        (0.02, "Other processes had 2% of the machine's cores meanwhile.\n"),
        (0.4, "had 40% of the machine's cores meanwhile: repeat this on a quiet"),
        (None, "not known"),
    ],
)
def test_busy_machine_is_called_out(results, share, text):
    assert text in printed(results, others=share)


def test_machine_and_versions_are_printed(results):
    text = printed(results)
    assert "tf.keras 11" in text and "cores" in text and "NumPy 2" in text


@pytest.mark.parametrize(
    "seconds, text",
    [(1.6e-5, "16.0 µs"), (0.0016, "1.60 ms"), (0.9996, "1000 ms"), (160, "160 s")],
)
def test_seconds_are_shown_in_a_fitting_unit(seconds, text):
    assert report._median(seconds, "s") == text
