"""Compares the results of one case from two libraries."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.case import Case, Tolerance, finite_magnitude


@dataclass(frozen=True)
class Difference:
    """One result and how far the two libraries lie apart.

    `absolute` and `ulps` are the largest over the array; `excess` is the largest
    of |a - b| / allowed, so the result agrees where it is at most 1.
    """

    key: str
    absolute: float
    ulps: float
    excess: float
    note: str = ""

    @property
    def agrees(self) -> bool:
        return self.excess <= 1 and not self.note


NAMES = ("tf.keras", "minikeras")  # of the two sides, in notes


def compare_case(
    case: Case, expected: dict, actual: dict, names: tuple[str, str] = NAMES
) -> list[Difference]:
    """One Difference per key of either side."""
    differences = []
    for key in [*expected, *(k for k in actual if k not in expected)]:
        if key not in actual or key not in expected:
            side = names[1] if key not in actual else names[0]
            differences.append(
                Difference(key, np.inf, np.inf, np.inf, f"missing in {side}")
            )
        else:
            differences.append(
                compare(key, expected[key], actual[key], case.tolerance_of(key), names)
            )
    return differences


def compare(
    key: str,
    expected: Any,
    actual: Any,
    tolerance: Tolerance,
    names: tuple[str, str] = NAMES,
) -> Difference:
    """Arrays by value, shape and dtype; text, None and the like by equality."""
    if (
        isinstance(expected, (list, tuple))
        and isinstance(actual, (list, tuple))
        and len(expected) == len(actual)
    ):
        parts = [
            compare(f"{key}[{i}]", e, a, tolerance, names)
            for i, (e, a) in enumerate(zip(expected, actual, strict=True))
        ]
        return max(
            parts,
            key=lambda d: (bool(d.note), d.excess),
            default=Difference(key, 0, 0, 0),
        )
    if not isinstance(expected, (np.ndarray, np.generic, float)) or not isinstance(
        actual, (np.ndarray, np.generic, float)
    ):
        same = type(expected) is type(actual) and expected == actual
        return (
            Difference(key, 0, 0, 0)
            if same
            else Difference(key, np.inf, np.inf, np.inf, f"{expected!r} != {actual!r}")
        )
    e, a = np.asarray(expected), np.asarray(actual)
    if e.shape != a.shape or e.dtype != a.dtype:
        return Difference(
            key, np.inf, np.inf, np.inf, f"{e.dtype}{e.shape} != {a.dtype}{a.shape}"
        )
    if e.dtype.kind not in "fiub":
        return (
            Difference(key, 0, 0, 0)
            if (e == a).all()
            else Difference(key, np.inf, np.inf, np.inf, "texts differ")
        )
    return _compare_numbers(key, e, a, tolerance, names)


def _compare_numbers(
    key: str,
    e: np.ndarray,
    a: np.ndarray,
    tolerance: Tolerance,
    names: tuple[str, str],
) -> Difference:
    spacing = (
        np.spacing(finite_magnitude(e)).astype("float64")
        if e.dtype.kind == "f"
        else 1.0
    )
    allowed = tolerance.allowed(e) if e.dtype.kind == "f" else np.zeros(e.shape)
    same = (e == a) | ((e != e) & (a != a))
    with np.errstate(all="ignore"):
        gap = np.where(same, 0.0, np.abs(a.astype("float64") - e.astype("float64")))
        gap = np.where(np.isnan(gap), np.inf, gap)
        excess = np.where(same, 0.0, gap / np.where(allowed > 0, allowed, np.nan))
        excess = np.where(np.isnan(excess), np.inf, excess)
    if not gap.size:
        return Difference(key, 0, 0, 0)
    worst = np.unravel_index(np.argmax(excess), excess.shape)
    note = (
        ""
        if excess[worst] <= 1
        else f"at {tuple(map(int, worst))}: "
        f"{names[0]} {e[worst]!r}, {names[1]} {a[worst]!r}"
    )
    return Difference(
        key, float(gap.max()), float((gap / spacing).max()), float(excess[worst]), note
    )
