"""Which difference between two float32 runs is rounding.

The judge is the same script on minikeras in float64 (judge.py). With e(a) and e(b)
the largest distance of tf.keras's and minikeras's tensor from the judge's, and m the
smaller of the two, the difference is rounding if the two are errors of the same size:

    |a - b| <= m + 16 · max(m, floor)

So an error that only one side makes stands out, be it in float32 alone or (then the
judge makes it too, and the other side is far off) in both. Where rounding has been
amplified (small gradients under Adam, a long training) both errors have grown alike,
and the bound grows with them. The floor is for a side that happens to be exact: four
units in the last place of the tensor's largest entry, or one of the largest entry of
its kind at that step (a gradient that is zero but for rounding), or, for a gradient,
what both sides are off by in another gradient of the step; for an update
a quarter of a unit of the weight, which the subtraction of two float32 weights costs.
It is never below the smallest normal float32: TensorFlow flushes what is smaller to 0.

An update is as wrong as its gradients, and so is a slot: entries that part by no more
than 16 times what their gradients so far were off by, both relative, are rounding. An
optimizer that
divides a gradient by its own size makes full steps of a gradient that is rounding
alone, in a direction of its own on each side: where only entries part whose gradient
was not certain to have its sign, the tensor is drowned in rounding and left out.

Where both lie further than 1e-3 of that size from the judge it knows little. If the
errors have grown to that little by little (beside the tensor's own size: digits are
lost where large numbers cancel), the tensor is drowned too, if the bound above holds.
If its own tensor is a thousand times smaller than what both are off by, the tensor is
zero but for rounding, and the bound above holds. If neither, or where no judge could
run, the bound is (64 + 16 · steps so far) units in the last place of the largest entry.
"""

from dataclasses import dataclass

import numpy as np

EPS = float(np.finfo("float32").eps)
SMALLEST = float(np.finfo("float32").tiny)
ALIKE = 16.0
UNUSABLE = 1e-3
GROWN = 1e-5  # errors of this size make later ones of UNUSABLE no surprise

ROUNDING, REAL, DROWNED = "rounding", "real difference", "drowned in rounding"


@dataclass(frozen=True)
class Verdict:
    """`gap` is max |a - b|, `allowed` what rounding explains."""

    name: str
    gap: float
    allowed: float
    judged: bool = True


class Bound:
    """Judges tensor by tensor in the order of time; remembers how errors have grown."""

    def __init__(self):
        self._grown = 0.0

    def judge(
        self, a, b, j, kind_scale: float, scale: float | None, steps: int, noise=0.0
    ):
        """The Verdict on tf.keras's `a` and minikeras's `b`, with `j` or None.

        `kind_scale` is the largest entry of the kind at this place, `scale` the
        size that an update's error is measured by (its weight's), `noise` what both
        sides are off by elsewhere in the kind.
        """
        gap = distance(a, b)
        if a.dtype.kind in "iub" and b.dtype.kind in "iub":
            return Verdict(ROUNDING if gap == 0 else REAL, gap, 0.0)
        size = max(largest(a), largest(b), scale or 0.0)
        if j is None or j.shape != b.shape:
            return self._unjudged(gap, size, steps)
        errors = sorted((distance(a, j), distance(b, j)))
        if scale is None:
            floor = EPS * max(4 * size, kind_scale)
        else:
            floor = EPS * (scale / 4 + 4 * largest(a))
        allowed = errors[0] + ALIKE * max(errors[0], floor, noise, SMALLEST)
        worth = max(size, kind_scale)
        if errors[0] > UNUSABLE * worth:
            if self._grown > GROWN:
                return Verdict(DROWNED if gap <= allowed else REAL, gap, allowed)
            if largest(j) > UNUSABLE * errors[0]:
                return self._unjudged(gap, size, steps)
        if size:
            self._grown = max(self._grown, errors[0] / size)
        return Verdict(ROUNDING if gap <= allowed else REAL, gap, allowed)

    @staticmethod
    def _unjudged(gap: float, size: float, steps: int) -> Verdict:
        allowed = (64 + 16 * steps) * EPS * size
        return Verdict(ROUNDING if gap <= allowed else REAL, gap, allowed, False)


class Gradients:
    """How far each entry of each weight's gradients has been off, relative to it."""

    def __init__(self):
        self._off: dict = {}

    def see(self, name: str, a: np.ndarray, b: np.ndarray, j: np.ndarray) -> None:
        off = np.maximum(np.abs(a - j), np.abs(b - j))
        with np.errstate(all="ignore"):
            off = np.where(off == 0, 0.0, off / np.abs(j))
        self._off[name] = np.maximum(self._off.get(name, 0.0), off)

    def weight_of(self, slot: str) -> str:
        """The name of the weight that an optimizer's slot belongs to, "" if unknown:
        "adam/dense_kernel_momentum" to "dense/kernel"."""
        slot = slot.partition("/")[2]
        names = [n for n in self._off if slot.startswith(n.replace("/", "_") + "_")]
        return max(names, key=len, default="")

    def excuse(self, name: str, a, b, j, judge) -> str | None:
        """ROUNDING or DROWNED if the gradients of the weight `name` explain what parts
        in its update or in a slot for it.

        `judge(a, b, j)` gives the Verdict on some of its entries.
        """
        off = self._off.get(name)
        if off is None or off.shape != j.shape:
            return None
        wild = ~self.certain(name, j.shape)
        with np.errstate(invalid="ignore", over="ignore"):  # of one that should be 0
            left = np.abs(a - b) > ALIKE * off * np.abs(j)
        if judge(a[left], b[left], j[left]).name == ROUNDING:
            return DROWNED if (wild & (a != b)).any() else ROUNDING
        left &= ~wild
        return DROWNED if judge(a[left], b[left], j[left]).name == ROUNDING else None

    def certain(self, name: str, shape: tuple) -> np.ndarray:
        """The entries of a weight whose gradients have been certain of their signs."""
        off = self._off.get(name, np.zeros(shape))
        return off < 0.5 if off.shape == shape else np.ones(shape, bool)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """max |a - b|; equal infinities and NaN beside NaN are no distance."""
    a, b = a.astype("float64"), b.astype("float64")
    with np.errstate(all="ignore"):
        gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
    return float(np.where(np.isnan(gap), np.inf, gap).max()) if gap.size else 0.0


def largest(x: np.ndarray) -> float:
    """max |x| over the finite entries."""
    magnitude = np.abs(np.where(np.isfinite(x), x, 0).astype("float64"))
    return float(magnitude.max()) if magnitude.size else 0.0
