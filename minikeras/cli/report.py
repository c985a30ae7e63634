"""Tables that several commands print."""

import numpy as np


def scores(network, parts: dict) -> list[str]:
    """Rows, loss and accuracy of each part of the data, by its name."""
    lines = [f"{'':12}{'rows':>6}{'loss':>10}{'accuracy':>10}"]
    for name, (x, y) in parts.items():
        loss, accuracy = network.evaluate(x, y, verbose=0)
        lines.append(f"{name:12}{len(x):6}{loss:10.4f}{accuracy:10.1%}")
    return lines


def confusions(title: str, answers, truth, names, width: int) -> list[str]:
    """How often each class was answered by each; columns of so many characters."""
    counts = np.zeros((len(names), len(names)), "int64")
    np.add.at(counts, (truth, answers), 1)
    lines = [title, " " * 12 + "".join(f"{name:>{width}}" for name in names)]
    for name, row in zip(names, counts, strict=True):
        lines.append(f"{name:12}" + "".join(f"{count:{width}}" for count in row))
    return lines
