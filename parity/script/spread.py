"""How far rounding alone moves a tensor, asked of runs on minikeras from numbers that
are a few roundings off (shake.py).

The float64 run says how large the errors of two float32 runs are, of which one may be
small by luck: one ReLU falls to the other side of 0, one maximum lies elsewhere, one
sample is counted on the other side of a threshold. Then one side jumps away from the
judge and the other does not. A shaken run jumps as well; a mistake moves none of them.

The runs are in float64, so that a formula of minikeras that loses digits is no excuse
for itself. Only where rounding has taken over a tensor on both sides (a bias in front
of a BatchNormalization) are they in float32: float64 has no such rounding to show.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from parity import bound
from parity.script.processes import ScriptError
from parity.script.recording import Place, Reader

SHAKEN = 4  # of each kind: two pairs, in which each number moves up and down
ENOUGH = 4.0  # moves of eight roundings: as far as bound.py goes, and as much again


def shaken(stem: Path, record: Callable[[Path, int], None]) -> list[Path]:
    """The recordings that `record(path, seed)` leaves; a run that fails is left out."""
    paths = []
    for seed in range(SHAKEN):
        path = stem.with_name(f"{stem.name}{seed}.events")
        path.unlink(missing_ok=True)
        with contextlib.suppress(ScriptError):
            record(path, seed)
            paths.append(path)
    return paths


class Spread:
    """`record(wide)` gives the recordings of shaken runs, in float64 if `wide`; it is
    called when they are needed first. `taken_over` is set by whoever judges."""

    def __init__(self, record: Callable[[bool], list[Path]] | None = None):
        self.taken_over = False
        self._record = record
        self._readers: dict[bool, list[Reader]] = {}
        self._shares: dict[tuple[str, str], float] = {}
        self._times = 1.0  # how many of its moves what layers give is off by

    def allowed(self, place: Place, key: tuple[str, str], y, exact, where) -> float:
        """What rounding explains of |a - b| in the entries `where`: the largest move
        at this place, or as large a part of the tensor as at an earlier one."""
        reference, others = self._others(place, key, y, exact)
        size = bound.largest(reference)
        moves = [bound.distance(x[where], reference[where]) for x in others]
        move = max(moves, default=0.0)
        if size and move < np.inf:
            share = self._shares[key] = max(move / size, self._shares.get(key, 0.0))
            move = share * size
        return ENOUGH * self._times * move

    def scale(self, place: Place, activations: list[tuple]) -> None:
        """What comes of layers is as wrong as they are: tf.keras adds up thousands of
        rows one by one, which costs more than a shaken run moves. `activations` are
        those of the place that the float64 run lets pass: (key, gap, minikeras's,
        float64's)."""
        for key, gap, y, exact in activations:
            reference, others = self._others(place, key, y, exact)
            moves = [bound.distance(x, reference) for x in others]
            move = max(moves, default=0.0)
            if gap < np.inf and move > bound.EPS * bound.largest(y):
                self._times = max(self._times, gap / move)

    def texts(self, place: Place, key: tuple[str, str], y, exact) -> tuple[str, list]:
        """The text that the shaken runs start from, and theirs."""
        start, others = self._others(place, key, y, exact)
        return str(start), [str(text) for text in others]

    def _others(self, place: Place, key: tuple[str, str], y, exact) -> tuple:
        """What the shaken runs start from, and theirs."""
        wide = exact is not None and exact.shape == y.shape and not self.taken_over
        start = exact if wide else y
        if self._record is None:
            return start, []
        if wide not in self._readers:
            self._readers[wide] = [Reader(path) for path in self._record(wide)]
        events = [reader.at(place) for reader in self._readers[wide]]
        found = [e.tensors[key] for e in events if e and key in e.tensors]
        return start, [x for x in found if x.shape == y.shape]
