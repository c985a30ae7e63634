"""How far the sequence network carries, and its units along one string."""

import numpy as np

from minikeras.cli.plotting import INK, VALIDATION_COLOUR


def draw_strings(figure, place, trained, accuracy, bits, probabilities, units) -> None:
    """Accuracy by position above; below it the units' outputs, and what was said.

    `trained` is the length of the training strings, `accuracy` the share of right
    answers after each bit of longer ones; the rest belongs to one string.
    """
    grid = place.subgridspec(3, 1, height_ratios=(1.35, 1.5, 0.55))
    _draw_accuracy(figure.add_subplot(grid[0]), trained, accuracy)
    heat = figure.add_subplot(grid[1])
    picture = heat.imshow(units, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    heat.set_title("The LSTM's outputs along a string")
    heat.set_ylabel("unit")
    heat.set_yticks(range(0, len(units), 5))
    heat.tick_params(labelbottom=False)
    figure.colorbar(picture, ax=heat, pad=0.01, ticks=(-1, 0, 1))
    said = figure.add_subplot(grid[2], sharex=heat)
    steps = np.arange(len(bits))
    truth = bits.cumsum() % 2
    said.step(steps, probabilities, where="mid", color=VALIDATION_COLOUR)
    said.plot(steps, truth, ".", color=INK, markersize=4)
    said.set_yticks([0, 1], ["even", "odd"])
    said.set_ylim(-0.25, 1.25)
    said.set_xlim(-0.5, len(bits) - 0.5)
    said.set_xticks(steps, [str(int(bit)) for bit in bits], fontsize=8)
    said.tick_params(axis="x", length=0)
    said.set_xlabel("the bits, with the probability of odd (line) and the truth (dots)")


def _draw_accuracy(axes, trained, accuracy) -> None:
    steps = np.arange(1, len(accuracy) + 1)
    axes.axvspan(0, trained, color="#EFEFEF", linewidth=0)
    axes.plot(steps, accuracy, color=VALIDATION_COLOUR, linewidth=1.4)
    axes.text(trained + 1, 0.45, "longer than any trained on", fontsize=9, va="center")
    axes.set_title("Right answers along new strings")
    axes.set_xlim(0, len(accuracy))
    axes.set_ylim(0.4, 1.02)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("bits so far")
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.8)
    axes.set_axisbelow(True)
