"""One figure of a training run on iris: loss, accuracy and decision regions.

matplotlib is the extra `plot` (`pip install 'minikeras[plot]'`) and is imported
only when a figure is drawn.
"""

import importlib.util
import os
from typing import Any

import numpy as np

from minikeras.datasets import iris

SUFFIXES = (".png", ".svg")

# Okabe and Ito's palette, which stays distinct in all common colour blindness;
# each species has its own marker besides.
SPECIES_COLOURS = ("#0072B2", "#E69F00", "#009E73")
SPECIES_MARKERS = ("o", "s", "^")
TRAIN_COLOUR = "#7A7A7A"
VALIDATION_COLOUR = "#D55E00"
INK = "#222222"

PETALS = (2, 3)  # the features that the regions are drawn over
GRID = 300  # points along each axis of the regions

STYLE: Any = {
    "font.size": 10,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "svg.hashsalt": "minikeras",  # the same run writes the same file
}


def check_target(path: str) -> None:
    """Raises ValueError, with what to do, if no figure can be written to `path`."""
    folder = os.path.dirname(path) or "."
    if not path.lower().endswith(SUFFIXES):
        raise ValueError(f"expected a file name ending in .png or .svg, got {path!r}")
    if not os.path.isdir(folder):
        raise ValueError(f"there is no folder {folder!r} to write {path!r} to")
    if os.path.isdir(path) or not os.access(
        path if os.path.exists(path) else folder, os.W_OK
    ):
        raise ValueError(f"cannot write to {path!r}")
    if importlib.util.find_spec("matplotlib") is None:
        raise ValueError("plots need matplotlib: pip install 'minikeras[plot]'")


def save_training_figure(path: str, history, predict, x, y, split: int) -> None:
    """Draws a run on iris and writes it to `path` (PNG or SVG, by its suffix).

    `history` is what `fit` returned, with its validation values every
    `validation_freq` epochs; `predict` maps rows of four features to the
    probabilities of the species; rows of `x` from `split` on are validation rows.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import MaxNLocator

    with matplotlib.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
        figure = Figure(figsize=(12, 6.4), layout=layout)
        grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.15))
        loss = figure.add_subplot(grid[0, 0])
        accuracy = figure.add_subplot(grid[1, 0], sharex=loss)
        draw_curves(loss, history.history, "loss", "{:.3f}")
        loss.set_title("Loss")
        loss.set_ylabel("cross-entropy + L2 penalty")
        loss.tick_params(labelbottom=False)
        draw_curves(accuracy, history.history, "sparse_categorical_accuracy", "{:.1%}")
        accuracy.set_title("Accuracy")
        accuracy.set_ylabel("rows answered correctly")
        accuracy.yaxis.set_major_formatter("{x:.0%}")
        accuracy.set_ylim(top=1.02)
        accuracy.set_xlabel("epoch")
        accuracy.xaxis.set_major_locator(MaxNLocator(integer=True))
        draw_regions(figure.add_subplot(grid[:, 1]), predict, x, y, split)
        figure.savefig(path, dpi=150, metadata=_metadata(path))


def draw_curves(axes, values: dict, name: str, form: str) -> None:
    """One quantity by epoch, on the training rows and on the validation rows."""
    train, validation = values[name], values.get(f"val_{name}", ())
    axes.plot(
        np.arange(1, len(train) + 1),
        train,
        color=TRAIN_COLOUR,
        linewidth=1,
        label=f"training, last {form.format(train[-1])}",
    )
    if len(validation):
        step = len(train) // len(validation)
        axes.plot(
            step * np.arange(1, len(validation) + 1),
            validation,
            color=VALIDATION_COLOUR,
            marker="o",
            markersize=3.5,
            linewidth=1.4,
            clip_on=False,
            label=f"validation, last {form.format(validation[-1])}",
        )
    axes.set_xlim(1, max(len(train), 2))
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.01, 0.985),
        ncols=2,
        frameon=False,
        fontsize=9,
        borderpad=0.2,
        columnspacing=1.2,
        handlelength=1.4,
    )


def draw_regions(axes, predict, x, y, split: int) -> None:
    """The predicted species by petal size, for sepals of mean size, and all rows."""
    mean = x.mean(axis=0)
    length, width = (_grid_line(x[:, feature]) for feature in PETALS)
    rows = np.tile(mean, (GRID * GRID, 1))
    rows[:, PETALS[0]] = np.tile(length, GRID)
    rows[:, PETALS[1]] = np.repeat(width, GRID)
    probabilities = predict(rows).reshape(GRID, GRID, -1)
    axes.imshow(
        _tints(probabilities),
        extent=(length[0], length[-1], width[0], width[-1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    for species in range(probabilities.shape[-1]):
        others = np.delete(probabilities, species, axis=-1).max(axis=-1)
        lead = probabilities[..., species] - others
        if lead.min() < 0 < lead.max():
            axes.contour(length, width, lead, [0], colors="#666666", linewidths=1)
    _draw_rows(axes, x, y, split, wrong=predict(x).argmax(axis=-1) != y)
    axes.set_title("What the network answers, by petal size")
    axes.set_xlabel(
        "petal length (cm)\n"
        f"regions: for sepals of mean size, {mean[0]:.1f} x {mean[1]:.1f} cm"
    )
    axes.set_ylabel("petal width (cm)")
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.12),
        ncols=5,
        frameon=False,
        fontsize=9.5,
        handletextpad=0.1,
        columnspacing=1,
    )


def _draw_rows(axes, x, y, split: int, wrong) -> None:
    """Every flower with its true species; validation rows and mistakes are marked."""
    horizontal, vertical = x[:, PETALS[0]], x[:, PETALS[1]]
    validation = np.arange(len(x)) >= split
    for species, name in enumerate(iris.TARGET_NAMES):
        for chosen, edge, thickness in (
            ((y == species) & ~validation, "white", 0.6),
            ((y == species) & validation, INK, 1.3),
        ):
            axes.scatter(
                horizontal[chosen],
                vertical[chosen],
                s=36,
                marker=SPECIES_MARKERS[species],
                facecolor=SPECIES_COLOURS[species],
                edgecolor=edge,
                linewidth=thickness,
                label=name if edge == "white" else None,
                zorder=3,
            )
    ring = {"s": 36, "facecolor": "none", "edgecolor": INK, "linewidth": 1.3}
    axes.scatter([], [], label="validation row", **ring)
    cross = {"s": 26, "marker": "x", "color": "black", "linewidth": 1.2, "zorder": 4}
    axes.scatter(horizontal[wrong], vertical[wrong], label="wrong answer", **cross)


def _grid_line(values) -> np.ndarray:
    margin = 0.06 * (values.max() - values.min())
    return np.linspace(max(0, values.min() - margin), values.max() + margin, GRID)


def _tints(probabilities) -> np.ndarray:
    """Each point in its species' colour, the paler the less sure the network is."""
    from matplotlib.colors import to_rgb

    colours = np.array([to_rgb(colour) for colour in SPECIES_COLOURS])
    best = probabilities.argmax(axis=-1)
    sureness = (probabilities.max(axis=-1, keepdims=True) - 1 / 3) * 1.5
    return 1 - (0.08 + 0.34 * sureness) * (1 - colours[best])


def _metadata(path: str) -> dict:
    """No date in the file, so that a run repeated gives the same bytes."""
    return {"Date": None} if path.lower().endswith(".svg") else {}
