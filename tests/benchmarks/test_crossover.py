"""The grid of sizes, its table, and both charts (without TensorFlow)."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from benchmarks import charts, crossover
from benchmarks.crossover import Crossover
from benchmarks.runner import Settings
from tests.benchmarks import made_up


@pytest.fixture
def grid():
    made = Crossover((8, 64), (1, 16, 256))
    made.samples = {
        "minikeras": [[[1.0, 2.0, 9.0], [2.0], [2.0]], [[1.0], [2.0], [4.0]]],
        "tf.keras": [[[80.0], [60.0], [4.0]], [[3.0], [2.5], [1.0]]],
    }
    return made


def test_ratio_is_of_medians_by_place(grid):
    assert grid.ratios() == [[40.0, 30.0, 2.0], [3.0, 1.25, 0.25]]


def test_without_both_there_is_no_ratio(grid):
    del grid.samples["tf.keras"]
    assert grid.ratios() == []
    assert "needs both" in shown(grid)


def shown(grid) -> str:
    page = io.StringIO()
    crossover.show(grid, Console(width=100, file=page))
    return page.getvalue()


def test_table_shows_and_counts_losses(grid):
    text = shown(grid)
    assert "3.00       1.25        0.25" in text
    assert "ahead in 5 of 6 sizes, tf.keras in 1 (red)" in text
    assert "between 0.25 × and 40.0 ×" in text


def test_every_size_is_measured(monkeypatch):
    monkeypatch.setattr(crossover, "WIDTHS", (4, 8))
    monkeypatch.setattr(crossover, "BATCHES", (1, 2, 4))
    settings = Settings(1, 1, 0.1, True, ("minikeras",))
    found = crossover.run(settings, lambda text: None)
    assert (found.widths, found.batches) == ((8,), (1, 4))  # --quick: every other
    (row,) = found.samples["minikeras"]
    assert [len(cell) for cell in row] == [3, 3]
    assert all(value > 0 for cell in row for value in cell)


def test_bars_go_both_ways_and_aims_are_marked():
    won, lost = made_up.results("mlp"), made_up.results("lstm")
    lost.samples["step, warm"]["minikeras"] = [32e-3]
    axes = Figure().subplots()
    charts.draw_speed_ups(axes, [won, lost])
    ahead, behind = axes.patches
    assert ahead.get_width() == pytest.approx(399)
    assert behind.get_width() == pytest.approx(-0.5)
    assert ahead.get_facecolor() != behind.get_facecolor()
    assert axes.get_xscale() == "log" and axes.get_xlim()[0] <= 0.5
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["400 ×, aim met", "0.50 ×, aim MISSED"]


def test_a_workload_that_failed_has_its_row():
    failed = made_up.results("lstm")
    del failed.samples["step, warm"]["minikeras"]
    axes = Figure().subplots()
    charts.draw_speed_ups(axes, [made_up.results("mlp"), failed])
    assert [t.get_text() for t in axes.get_yticklabels()] == ["mlp", "lstm"]
    assert axes.texts[1].get_text() == "not measured, aim MISSED"


def test_colours_of_the_grid_are_centred_at_one(grid):
    axes = Figure().subplots()
    charts.draw_crossover(axes, grid)
    (image,) = axes.images
    assert np.array_equal(image.get_array(), grid.ratios())
    assert image.norm(1.0) == pytest.approx(0.5)
    assert image.norm(1 / 3) == pytest.approx(1 - image.norm(3.0))
    weights = [text.get_weight() for text in axes.texts]
    assert weights == [*["normal"] * 5, "bold"]  # a loss stands out


def test_border_runs_round_what_is_lost():
    lost = np.array([[False, False], [False, True]])
    assert list(charts.borders(lost)) == [
        ((0.5, 0.5), (0.5, 1.5)),
        ((0.5, 1.5), (0.5, 0.5)),
    ]


def test_png_has_what_there_is(tmp_path, grid):
    both, neither = tmp_path / "both.png", tmp_path / "neither.png"
    assert charts.save(both, [made_up.results("mlp")], grid)
    assert both.read_bytes().startswith(b"\x89PNG")
    del grid.samples["tf.keras"]
    assert not charts.save(neither, [], grid)
    assert not neither.exists()
