"""Compares the results of one case from two libraries.

Where minikeras's float64 run computes the same thing it says what is rounding; else
the case's stated tolerance does.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from parity.bound import ALIKE, EPS, ROUNDING, UNUSABLE, Bound, distance, largest
from parity.case import EXACT, Case, Tolerance, finite_magnitude
from parity.findings import Entry


@dataclass(frozen=True)
class Difference:
    """One result and how far the two libraries lie apart.

    `absolute` and `ulps` are the largest over the array; `excess` is the largest
    of |a - b| / allowed, so the result agrees where it is at most 1. `allowed` is
    what the float64 run allows, None where the tolerance decides; `worst` are the
    entries furthest apart of a result that misses.
    """

    key: str
    absolute: float
    ulps: float
    excess: float
    note: str = ""
    allowed: float | None = None
    worst: tuple[Entry, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.excess <= 1 and not self.note


NAMES = ("tf.keras", "minikeras")  # of the two sides, in notes
_WORST = 5  # entries of a result that misses


def compare_case(
    case: Case,
    expected: dict,
    actual: dict,
    names: tuple[str, str] = NAMES,
    judge: dict | None = None,
) -> list[Difference]:
    """One Difference per key of either side; `judge` are the float64 run's results."""
    differences = []
    judge = judge or {}
    for key in [*expected, *(k for k in actual if k not in expected)]:
        if key not in actual or key not in expected:
            side = names[1] if key not in actual else names[0]
            differences.append(_different(key, f"missing in {side}"))
        else:
            sides = expected[key], actual[key], judge.get(key)
            differences.append(compare(key, sides, case.tolerance_of(key), names))
    return differences


def compare(
    key: str,
    sides: tuple,
    tolerance: Tolerance,
    names: tuple[str, str] = NAMES,
    group: float = 0.0,
) -> Difference:
    """`sides` are tf.keras's, minikeras's and the float64 run's result, None without
    one. Arrays by value, shape and dtype; text, None and the like by equality. `group`
    is the largest entry of all arrays of the result."""
    expected, actual, exact = sides
    if _are_lists(expected, actual):
        group = group or _largest_of(expected)
        others = exact if _are_lists(expected, exact) else [None] * len(expected)
        parts = [
            compare(f"{key}[{i}]", part, tolerance, names, group)
            for i, part in enumerate(zip(expected, actual, others, strict=True))
        ]
        return max(
            parts,
            key=lambda d: (bool(d.note), d.excess),
            default=Difference(key, 0, 0, 0),
        )
    if not _is_array(expected) or not _is_array(actual):
        same = type(expected) is type(actual) and expected == actual
        if same or (expected in tolerance.values and actual in tolerance.values):
            return Difference(key, 0, 0, 0)
        return _different(key, f"{expected!r} != {actual!r}")
    e, a = np.asarray(expected), np.asarray(actual)
    if e.shape != a.shape or e.dtype != a.dtype:
        return _different(key, f"{e.dtype}{e.shape} != {a.dtype}{a.shape}")
    if e.dtype.kind not in "fiub":
        same = (e == a).all()
        return Difference(key, 0, 0, 0) if same else _different(key, "texts differ")
    found = _compare_numbers(key, e, a, tolerance, names)
    return _by_float64(found, e, a, exact, group, names)


def _different(key: str, note: str) -> Difference:
    return Difference(key, np.inf, np.inf, np.inf, note)


def _are_lists(first: Any, second: Any) -> bool:
    kinds = (list, tuple)
    both = isinstance(first, kinds) and isinstance(second, kinds)
    return both and len(first) == len(second)


def _is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic, float))


def _largest_of(x: Any) -> float:
    """The largest number in a nest of lists."""
    if isinstance(x, (list, tuple)):
        return max(map(_largest_of, x), default=0.0)
    is_float = _is_array(x) and np.asarray(x).dtype.kind == "f"
    return largest(np.asarray(x)) if is_float else 0.0


def _by_float64(
    found: Difference, e: np.ndarray, a: np.ndarray, exact: Any, group: float, names
) -> Difference:
    """The Difference as the float64 run sees it; as it was if that is no judge.

    The bound of a whole array leaves small entries beside large ones without one, so
    they must also keep to the tolerance or be off in both by as much of themselves.
    """
    if not _is_array(exact) or not (_is_float32(e) and _is_float32(a)):
        return found
    j = np.asarray(exact)
    if j.dtype != "float64" or j.shape != e.shape or _is_nothing(e, a, j, group):
        return found
    verdict = Bound().judge(e, a, j, group, None, steps=1)
    if not verdict.judged or not np.isfinite(verdict.allowed):
        return found
    ulps = found.ulps
    if e.dtype == "float64":
        e, a = e.astype("float32"), a.astype("float32")
        ulps = _compare_numbers(found.key, e, a, EXACT, names).ulps
    found = replace(found, ulps=ulps, allowed=verdict.allowed)
    excess = verdict.gap / verdict.allowed if verdict.allowed else 0.0
    by_entry = found.agrees or _alike_by_entry(e, a, j)
    if verdict.name == ROUNDING and by_entry:
        return replace(found, excess=min(excess, 1.0), note="", worst=())
    worst = tuple(worst_entries(e, a, j))
    if not by_entry:
        return replace(found, worst=worst)
    first = worst[0]
    note = (
        f"at {tuple(first.index)}: {names[0]} {first.keras!r}, "
        f"{names[1]} {first.minikeras!r}, float64 {first.float64!r}"
    )
    return replace(found, excess=max(excess, 1.0), note=note, worst=worst)


def _is_float32(x: np.ndarray) -> bool:
    """Whether these are float32 numbers; Python floats may hold some too."""
    if x.dtype == "float32":
        return True
    with np.errstate(all="ignore"):
        return x.dtype == "float64" and np.array_equal(x, x.astype("float32"), True)


def _is_nothing(e: np.ndarray, a: np.ndarray, j: np.ndarray, group: float) -> bool:
    """Whether one side is nothing but its error, as where a gradient cancels: such an
    array has no size, and that of the `group` is needed to say how large errors are."""
    error = max(distance(e, j), distance(a, j))
    return error > 0 and max(largest(j), group) <= UNUSABLE * error


def _alike_by_entry(e: np.ndarray, a: np.ndarray, j: np.ndarray) -> bool:
    """Whether both sides are off by as much, as parts of the float64 run's entries."""
    errors = []
    for x in (e, a):
        with np.errstate(all="ignore"):
            off = np.where(x == j, 0.0, np.abs((x - j) / j))
        errors.append(float(off.max(initial=0.0)))
    errors.sort()
    return errors[1] <= ALIKE * max(errors[0], 4 * EPS)


def worst_entries(
    a: np.ndarray, b: np.ndarray, j: np.ndarray | None = None
) -> list[Entry]:
    """The entries of tf.keras's `a` and minikeras's `b` that lie furthest apart."""
    with np.errstate(all="ignore"):
        gap = np.abs(a.astype("float64") - b.astype("float64"))
    gap = np.where(np.isnan(gap), np.inf, gap)
    gap = np.where((a == b) | ((a != a) & (b != b)), 0.0, gap)
    order = np.argsort(-gap, axis=None, kind="stable")[:_WORST]
    j = None if j is None or j.shape != a.shape else j
    return [
        Entry(
            [int(i) for i in np.unravel_index(flat, a.shape)],
            float(a.flat[flat]),
            float(b.flat[flat]),
            None if j is None else float(j.flat[flat]),
        )
        for flat in order
        if gap.flat[flat]
    ]


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
    numbers = [value for value in tolerance.values if not isinstance(value, str)]
    same |= np.isin(e, numbers) & np.isin(a, numbers)
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
    sizes = float(gap.max()), float((gap / spacing).max()), float(excess[worst])
    return Difference(
        key, *sizes, note, worst=tuple(worst_entries(e, a) if note else ())
    )
