"""The printed table: numbers, verdicts beside them, and its width."""

import io

import pytest
from rich.console import Console

from benchmarks import machine, report
from benchmarks.results import UNITS
from benchmarks.units import quantity
from tests.benchmarks import made_up


def printed(*suite) -> str:
    page = io.StringIO()
    report.show(list(suite), Console(width=report.WIDTH, file=page))
    return page.getvalue()


def row(text: str, name: str) -> list[str]:
    """The cells of the first row that begins with `name`."""
    line = next(line for line in text.splitlines() if line.strip().startswith(name))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_row_has_medians_ratios_and_verdicts():
    assert row(printed(made_up.results("iris")), "step, warm ") == [
        *("step, warm", "32.0 µs", "–", "40.0 µs", "16.0 ms"),
        *("400 ×", "≥ 300 met", "1.25 ×", "≤ 1.5 met"),
    ]


def test_missed_aim_stands_in_its_row():
    results = made_up.results("iris")
    results.samples["step, warm"]["minikeras"] = [80e-6]
    cells = row(printed(results), "step, warm ")
    assert cells[-4:] == ["200 ×", "≥ 300 missed", "2.50 ×", "≤ 1.5 missed"]


def test_what_fails_is_missed_and_what_was_left_out_is_not():
    results = made_up.results("lstm")
    for samples in results.samples.values():
        samples.pop("minikeras")
    cells = row(printed(results), "step, warm ")
    assert cells[-2:] == ["≥ 1.2 not measured", "–"]
    results.failures["minikeras"] = "no such layer"
    cells = row(printed(results), "step, warm ")
    assert cells == ["step, warm", "–", "–", "–", "16.0 ms", "–", "≥ 1.2 missed", "–"]


def test_spread_stands_below_the_median():
    lines = printed(made_up.results("iris")).splitlines()
    above = next(i for i, line in enumerate(lines) if "step, warm " in line)
    assert "30.0–41.0 " in lines[above + 1]
    assert "37.5–51.2 " in lines[above + 1]
    assert "one run" in lines[above + 1]


def test_page_fits_its_width():
    suite = [made_up.results("iris"), made_up.results("mlp")]
    for results in suite:
        for measure in UNITS:
            results.samples[measure]["minikeras"] = [0.1234, 0.2345, 0.3456]
            results.samples[measure]["tf.keras"] = [0.1239, 0.2351, 0.3461]
    text = printed(*suite)
    assert "123–346 " in text and "…" not in text
    table = text[: text.index("iris: Dense")]
    assert max(map(len, table.splitlines())) <= report.WIDTH


def test_one_workload_alone_shows_all_measures():
    alone = printed(made_up.results("mlp"))
    both = printed(made_up.results("mlp"), made_up.results("iris"))
    assert row(alone, "cpu time ")
    assert not any(line.strip().startswith("cpu time") for line in both.splitlines())


@pytest.mark.parametrize(
    "share, text",
    [
        (0.02, "Other processes had 2% of the machine's cores meanwhile."),
        (0.4, "had 40% of the machine's cores meanwhile: repeat this on a quiet"),
        (None, "not known"),
    ],
)
def test_busy_machine_is_called_out(share, text):
    assert text in report.others_line(share)


def test_machine_and_versions_are_printed():
    page = io.StringIO()
    described = machine.describe() | {"others": 0.01}
    suite = [made_up.results("iris")]
    report.show_machine(described, suite, Console(width=report.WIDTH, file=page))
    text = page.getvalue()
    assert "tf.keras 2" in text and "cores" in text and "NumPy 2" in text


@pytest.mark.parametrize(
    "seconds, text",
    [(1.6e-5, "16.0 µs"), (0.0016, "1.60 ms"), (0.9996, "1000 ms"), (160, "160 s")],
)
def test_seconds_are_shown_in_a_fitting_unit(seconds, text):
    assert quantity(seconds, "s") == text


def test_workload_is_described_with_its_runs():
    text = report.description(made_up.results("mlp"))
    assert text.startswith("mlp: MLP 784-512-512-10")
    assert text.endswith("; 3 first, 3 warm runs")
