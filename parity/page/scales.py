"""Axes: where a value lies, in percent of the plot, and the numbers beside it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from parity.page.numbers import power

TICKS = 6  # at most so many on an axis
STRIP = 15.0  # percent of the height for values that a scale cannot hold


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


class Place(NamedTuple):
    """`y` runs from the top (0) to the bottom (100), as in SVG."""

    y: float
    on_scale: bool


@dataclass(frozen=True)
class Axis:
    """A vertical axis. `height` maps a value to 0 (low) … 1 (high); what is not finite
    has a strip of `top` percent, what a log scale cannot hold, zero, one of `bottom`.
    """

    height: Callable[[float], float]
    marks: list[tuple[float, str]] = field(default_factory=list)
    top: float = 0.0
    bottom: float = 0.0

    def place(self, value: float | None) -> Place | None:
        if value is None:
            return None
        if not math.isfinite(value):
            return Place(self.top / 2, False)
        if value == 0 and self.bottom:
            return Place(100 - self.bottom / 2, False)
        room = 100 - self.top - self.bottom
        return Place(self.top + room * (1 - self.height(value)), True)

    def ticks(self, not_finite: str) -> list[Tick]:
        found = [Tick(self.place(value).y, label) for value, label in self.marks]
        if self.top:
            found.append(Tick(self.top / 2, not_finite))
        if self.bottom:
            found.append(Tick(100 - self.bottom / 2, "0"))
        return found

    @property
    def rules(self) -> list[float]:
        """Where the strips end."""
        return [self.top] * bool(self.top) + [100 - self.bottom] * bool(self.bottom)


def linear(values: Sequence[float]) -> Axis:
    """For any values, with a little room around them."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    top = STRIP if any(not math.isfinite(value) for value in values) else 0.0
    low, high = min(finite), max(finite)
    room = 0.05 * (high - low) or 0.05 * abs(low) or 1.0
    low, high = low - room, high + room
    size = high - low
    if not math.isfinite(size):  # further apart than a float can say
        return Axis(lambda value: 0.5 + value / 4e308, [(0.0, "0")], top)
    return Axis(lambda value: (value - low) / size, nice(low, high), top)


def logarithmic(values: Sequence[float]) -> Axis:
    """For values that are not negative: whole decades around them, a label at each or
    at every second, third …"""
    top = STRIP if any(not math.isfinite(value) for value in values) else 0.0
    bottom = STRIP if 0 in values else 0.0
    exponents = [math.log10(v) for v in values if math.isfinite(v) and v > 0] or [-8.0]
    low = math.floor(min(exponents))
    high = max(math.ceil(max(exponents)), low + 1)
    stride = -(-(high - low) // (TICKS - 1))
    marks = [(e, power(e)) for e in range(low, high + 1) if e % stride == 0]
    return Axis(
        lambda value: (math.log10(value) - low) / (high - low),
        [(10.0**e, label) for e, label in marks],
        top,
        bottom,
    )


def nice(low: float, high: float) -> list[tuple[float, str]]:
    """Multiples of 1, 2 or 5 times a power of ten between the two, with as many digits
    as tell them apart."""
    exponent = math.floor(math.log10(high - low)) - 1
    units = [(u, e) for e in (exponent, exponent + 1) for u in (1, 2, 5)]
    unit, exponent = next(
        (u, e) for u, e in units if (high - low) / (u * 10.0**e) <= TICKS - 1
    )
    size = unit * 10.0**exponent
    found = []
    for i in range(math.ceil(low / size), math.floor(high / size) + 1):
        value = i * unit * 10.0**exponent
        if max(abs(low), abs(high)) < 1e5 and exponent >= -7:
            label = f"{value:.{max(0, -exponent)}f}"
        else:
            label = f"{value:.6g}"
        found.append((value, label))
    return found


def step_ticks(steps: Sequence[int], places: Sequence[float]) -> list[Tick]:
    """At those of the steps that are round numbers; at the first if none is."""
    size = steps[-1] - steps[0]
    units = (u * 10**e for e in range(20) for u in (1, 2, 5))
    unit = next(unit for unit in units if size / unit < TICKS)
    found = [
        Tick(at, str(step))
        for step, at in zip(steps, places, strict=True)
        if step % unit == 0
    ]
    return found or [Tick(places[0], str(steps[0]))]
