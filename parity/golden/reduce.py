"""Two results of which one or both were too large to be stored whole."""

from typing import Any

import numpy as np

from parity.case import Case, Tolerance
from parity.golden.pack import Large


def reduced(case: Case, expected: dict, actual: dict) -> tuple[dict, dict]:
    """Both sides' results with their `Large` arrays as what can be compared of them:
    the entries that were kept and, where no tolerance is allowed, the hash of all."""
    expected, actual = dict(expected), dict(actual)
    for key in expected.keys() & actual.keys():
        tolerance = case.tolerance_of(key)
        expected[key], actual[key] = _pair(expected[key], actual[key], tolerance)
    return expected, actual


def _pair(e: Any, a: Any, tolerance: Tolerance) -> tuple[Any, Any]:
    if isinstance(e, (list, tuple)) and isinstance(a, (list, tuple)):
        if len(e) != len(a):
            return e, a
        pairs = [_pair(*two, tolerance) for two in zip(e, a, strict=True)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if not isinstance(e, Large) and not isinstance(a, Large):
        return e, a
    if _described(e) != _described(a):
        return _described(e), _described(a)
    if np.dtype(e.dtype).kind == "f" and tolerance.is_loose:
        return e.sample, a.sample
    return [e.sample, f"sha256 {e.sha256}"], [a.sample, f"sha256 {a.sha256}"]


def _described(x: Any) -> str:
    if isinstance(x, (Large, np.ndarray)):
        return f"{x.dtype}{tuple(x.shape)}"
    return type(x).__name__
