"""A parity case: one function that computes named results with either library.

    @case(tolerance=ulp(4, "exp differs by up to 2 ulp, then one division"))
    def softmax(library):
        yield "plain", library.keras.activations.softmax(x)

The function is run once with real Keras and once with minikeras, each with
`set_random_seed(0)` before; results are compared key by key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

CASES: dict[str, "Case"] = {}


@dataclass(frozen=True)
class Tolerance:
    """|a - b| <= absolute + relative·|b| + ulps·spacing(b), for a stated reason.

    Nothing else than `values`, if there are any, may stand for each other: each side
    may give any of them, as a whole result or an entry of one.
    """

    reason: str = "exact"
    ulps: float = 0.0
    absolute: float = 0.0
    relative: float = 0.0
    values: tuple[str | float, ...] = ()

    def __post_init__(self):
        if not self.reason:
            raise ValueError("A tolerance needs a reason")

    @property
    def is_loose(self) -> bool:
        """Whether it allows any difference at all."""
        return bool(self.ulps or self.absolute or self.relative or self.values)

    def allowed(self, expected: np.ndarray) -> np.ndarray:
        magnitude = finite_magnitude(expected)
        return (
            self.absolute
            + self.relative * magnitude
            + self.ulps * np.spacing(magnitude).astype("float64")
        )


def finite_magnitude(x: np.ndarray) -> np.ndarray:
    """|x|, 0 for inf and nan, and small enough for np.spacing not to overflow."""
    largest = np.finfo(x.dtype).max / 2 if x.dtype.kind == "f" else None
    magnitude = np.abs(np.where(np.isfinite(x), x, 0))
    return magnitude if largest is None else np.minimum(magnitude, largest)


EXACT = Tolerance()


def ulp(count: float, reason: str, absolute: float = 0.0) -> Tolerance:
    """`count` units in the last place of the expected value."""
    return Tolerance(reason=reason, ulps=count, absolute=absolute)


def one_of(*values: str | float, reason: str) -> Tolerance:
    """For what TensorFlow's kernels for one processor give and those for another do
    not; whatever is not in `values` has to be equal."""
    return Tolerance(reason=reason, values=values)


@dataclass(frozen=True)
class Case:
    name: str
    function: Callable[[Any], Iterator[tuple[str, Any]]]
    tolerance: Tolerance
    per_key: dict[str, Tolerance]
    slow: bool

    def tolerance_of(self, key: str) -> Tolerance:
        """That of the longest prefix of `key` in `per_key`, else the case's."""
        prefixes = [prefix for prefix in self.per_key if key.startswith(prefix)]
        return self.per_key[max(prefixes, key=len)] if prefixes else self.tolerance


def case(
    tolerance: Tolerance = EXACT,
    per_key: dict[str, Tolerance] | None = None,
    slow: bool = False,
) -> Callable[[Callable], Callable]:
    """Registers a generator function of `(key, result)` pairs as a parity case."""

    def register(function):
        module = function.__module__.rpartition(".")[2]
        name = f"{module}.{function.__name__}"
        if name in CASES:
            raise ValueError(f"Two cases are called {name}")
        CASES[name] = Case(name, function, tolerance, per_key or {}, slow)
        return function

    return register


def kind_of_error(call, *arguments) -> str:
    """The name of the error that a call raises, "none" without one."""
    try:
        call(*arguments)
    except (ValueError, TypeError) as error:
        return type(error).__name__
    except Exception as error:  # TensorFlow's own: an error where ours is a ValueError
        return "ValueError" if "tensorflow" in type(error).__module__ else repr(error)
    return "none"
