"""Two pictures of the results: speed-ups beside their aims, and who wins where."""

import math
import pathlib

import matplotlib
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from benchmarks.crossover import Crossover
from benchmarks.results import Results
from benchmarks.units import number

AHEAD = "#2166ac"
BEHIND = "#b2182b"
AIM = "#222222"
MEASURE = "step, warm"
# From this ratio on the colour stays, so that small losses do not look pale.
DEEPEST = 10


def save(path: pathlib.Path, suite: list[Results], crossover: Crossover | None) -> bool:
    """Draws what there is, and nothing at all without tf.keras's numbers."""
    shown = suite if any(ratio_of(r) is not None for r in suite) else []
    grid = crossover is not None and bool(crossover.ratios())
    if not shown and not grid:
        return False
    matplotlib.use("agg")
    heights = [0.42 * len(shown) + 1.6] * bool(shown) + [5.2] * grid
    figure = Figure(figsize=(9.5, sum(heights)), layout="constrained")
    axes = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    if shown:
        draw_speed_ups(axes[0], shown)
    if grid:
        assert crossover is not None
        draw_crossover(axes[-1], crossover)
    figure.savefig(path, dpi=150)
    return True


def ratio_of(results: Results) -> float | None:
    return results.ratio(MEASURE, "tf.keras", "minikeras")


def aim_of(results: Results) -> float | None:
    """The aim for a warm step beside tf.keras."""
    for aim, _ in results.aims():
        if (aim.measure, aim.slow, aim.fast) == (MEASURE, "tf.keras", "minikeras"):
            return aim.at_least
    return None


def draw_speed_ups(axes, suite: list[Results]) -> None:
    """A bar per workload from 1 to its ratio, to the right or to the left."""
    drawn = [1.0]  # everything that has to fit
    for place, results in enumerate(suite):
        ratio, aim = ratio_of(results), aim_of(results)
        end = 1.0
        if ratio is not None:
            colour = AHEAD if ratio >= 1 else BEHIND
            axes.barh(place, ratio - 1, left=1, height=0.62, color=colour, zorder=2)
            least, end = results.ratio_range(MEASURE, "tf.keras", "minikeras")
            axes.plot([least, end], [place, place], color="#888888", lw=1.2, zorder=3)
            drawn += [ratio, least]
        if aim is not None:
            axes.plot([aim, aim], [place - 0.42, place + 0.42], color=AIM, lw=2.2)
            drawn.append(aim)
        text, colour = verdict(ratio, aim)
        # Beside the bar's end, or behind the aim's mark or the line of the spread.
        axes.annotate(
            text,
            (max(aim or 1, end, 1), place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=colour,
        )
    axes.set_xscale("log")
    axes.set_xlim(min(0.5, min(drawn) / 1.5), max(drawn) * 12)
    axes.axvline(1, color=AIM, lw=1, zorder=3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} ×"))
    axes.set_yticks(range(len(suite)), [r.workload for r in suite])
    axes.invert_yaxis()
    axes.grid(axis="x", color="#dddddd", zorder=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(
        "Time of a warm step: tf.keras ÷ minikeras\n"
        "blue: minikeras is faster; red: tf.keras is; black mark: the aim; "
        "grey line: spread of the runs",
        fontsize=10,
        loc="left",
    )


def verdict(ratio: float | None, aim: float | None) -> tuple[str, str]:
    """What stands beside a bar, and its colour."""
    text = "not measured" if ratio is None else f"{number(ratio)} ×"
    if aim is None:
        return text, AIM
    if ratio is None or ratio < aim:
        return f"{text}, aim MISSED", BEHIND
    return f"{text}, aim met", AIM


def draw_crossover(axes, crossover: Crossover) -> None:
    """Ratios in colour, white where both take the same time."""
    ratios = np.array(crossover.ratios())
    image = axes.imshow(
        ratios, norm=LogNorm(1 / DEEPEST, DEEPEST), cmap="RdBu", aspect="auto"
    )
    for (row, column), ratio in np.ndenumerate(ratios):
        dark = abs(math.log(ratio)) > 0.6 * math.log(DEEPEST)
        axes.text(
            *(column, row, number(ratio)),
            ha="center",
            va="center",
            fontsize=8,
            color="white" if dark else "black" if ratio >= 1 else BEHIND,
            weight="normal" if ratio >= 1 else "bold",
        )
    for ends in borders(ratios < 1):
        axes.plot(*ends, color=AIM, lw=2)
    axes.set_xticks(range(len(crossover.batches)), crossover.batches)
    axes.set_yticks(range(len(crossover.widths)), crossover.widths)
    axes.invert_yaxis()
    axes.set_xlabel("batch size")
    axes.set_ylabel("width w")
    axes.set_title(
        "Where each side wins: MLP w-w-w-10, relu, Adam, warm step of fit\n"
        "tf.keras ÷ minikeras; blue: minikeras is faster; red: tf.keras is; "
        "black line: the border",
        fontsize=10,
        loc="left",
    )
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02, extend="both")
    bar.ax.yaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10]))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))


def borders(lost: np.ndarray):
    """The sides between cells that are lost and cells that are not: (xs, ys)."""
    for row, column in np.argwhere(lost[:, 1:] != lost[:, :-1]):
        yield (column + 0.5, column + 0.5), (row - 0.5, row + 0.5)
    for row, column in np.argwhere(lost[1:] != lost[:-1]):
        yield (column - 0.5, column + 0.5), (row + 0.5, row + 0.5)
