"""Figures of training runs: loss and accuracy by epoch, beside a picture of one's own.

matplotlib is the extra `plot` (`pip install 'minikeras[plot]'`) and is imported
only when a figure is drawn.
"""

import importlib.util
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from minikeras.late import late_imports

SUFFIXES = (".png", ".svg")

TRAIN_COLOUR = "#7A7A7A"
VALIDATION_COLOUR = "#D55E00"
INK = "#222222"

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


@late_imports()  # matplotlib imports more of itself when it draws and saves
def save_training_figure(
    path: str, history, accuracy: str, labels: tuple[str, str], draw: Callable
) -> None:
    """Writes the curves of a run, and what `draw(figure, place)` puts beside them.

    The suffix of `path` says PNG or SVG. `history` is what `fit` returned, with the
    metric `accuracy` and perhaps validation values every few epochs; `labels` name
    what loss and accuracy measure.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import MaxNLocator

    with matplotlib.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
        figure = Figure(figsize=(12, 6.4), layout=layout)
        grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.15))
        above = figure.add_subplot(grid[0, 0])
        below = figure.add_subplot(grid[1, 0], sharex=above)
        draw_curves(above, history.history, "loss", "{:.3f}")
        above.set_title("Loss")
        above.set_ylabel(labels[0])
        above.tick_params(labelbottom=False)
        draw_curves(below, history.history, accuracy, "{:.1%}")
        below.set_title("Accuracy")
        below.set_ylabel(labels[1])
        below.yaxis.set_major_formatter("{x:.0%}")
        below.set_ylim(top=1.02)
        below.set_xlabel("epoch")
        below.xaxis.set_major_locator(MaxNLocator(integer=True))
        draw(figure, grid[:, 1])
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


def _metadata(path: str) -> dict:
    """No date in the file, so that a run repeated gives the same bytes."""
    return {"Date": None} if path.lower().endswith(".svg") else {}
