"""What the iris network answers, drawn over the sizes of the petals."""

import numpy as np

from minikeras.cli.plotting import INK
from minikeras.datasets import iris
from minikeras.late import late_imports

# Okabe and Ito's palette, which stays distinct in all common colour blindness;
# each species has its own marker besides.
SPECIES_COLOURS = ("#0072B2", "#E69F00", "#009E73")
SPECIES_MARKERS = ("o", "s", "^")

PETALS = (2, 3)  # the features that the regions are drawn over
GRID = 300  # points along each axis of the regions


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
    with late_imports():
        from matplotlib.colors import to_rgb

    colours = np.array([to_rgb(colour) for colour in SPECIES_COLOURS])
    best = probabilities.argmax(axis=-1)
    sureness = (probabilities.max(axis=-1, keepdims=True) - 1 / 3) * 1.5
    return 1 - (0.08 + 0.34 * sureness) * (1 - colours[best])
