"""The kernels of the digits network, and the images that it knows least."""

import numpy as np

from minikeras.cli.plotting import INK, VALIDATION_COLOUR

ROWS, COLUMNS = 5, 7  # images in the figure


def draw_answers(figure, place, kernels, images, truth, probabilities) -> None:
    """A strip of kernels above the validation images, the worst answers first."""
    grid = place.subgridspec(2, 1, height_ratios=(1, 4.6))
    above = figure.add_subplot(grid[0])
    patches = np.moveaxis(kernels, -1, 0)
    largest = np.abs(kernels).max()
    _mosaic(above, patches, len(patches) // 2, 1, 1, "PuOr", (-largest, largest))
    above.set_title("Kernels of the first convolution (orange: below 0)")
    true = probabilities[np.arange(len(truth)), truth]
    worst = np.argsort(true, kind="stable")[: ROWS * COLUMNS]
    below = figure.add_subplot(grid[1])
    corners = _mosaic(below, images[worst, ..., 0], COLUMNS, 4, 6, "Greys", (0, 16))
    below.set_title("Validation images, the worst answers first")
    for (top, left), index in zip(corners, worst, strict=True):
        answer = probabilities[index].argmax()
        right = answer == truth[index]
        said = f"{answer}" if right else f"{truth[index]}, said {answer}"
        below.text(
            left + 3.5,
            top + 8,
            f"{said}\n{probabilities[index, answer]:.0%} sure",
            ha="center",
            va="top",
            fontsize=8,
            color=INK if right else VALIDATION_COLOUR,
        )


def _mosaic(axes, tiles, columns, gap, below, colours, limits) -> list:
    """Draws square tiles in rows, with so many pixels beside and below each; returns
    the (top, left) of each."""
    size = tiles.shape[1]
    corners = [
        (i // columns * (size + below), i % columns * (size + gap))
        for i in range(len(tiles))
    ]
    height, width = corners[-1][0] + size, columns * (size + gap) - gap
    canvas = np.full((height, width), np.nan)
    for (top, left), tile in zip(corners, tiles, strict=True):
        canvas[top : top + size, left : left + size] = tile
    axes.imshow(canvas, cmap=colours, vmin=limits[0], vmax=limits[1])
    axes.set_anchor("NW")
    axes.set_ylim(height - 0.5 + below - gap / 4, -0.5)
    axes.axis("off")
    return corners
