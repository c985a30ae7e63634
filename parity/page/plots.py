"""The plots of a training run, ready to draw: all places in percent of the plot.

x runs over the steps, each of which owns a column; y runs down, as in SVG.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise, repeat, zip_longest

from parity.findings import Curve
from parity.page import scales
from parity.page.numbers import gap, number
from parity.page.scales import Axis, Place, Tick

FEW = 100  # up to so many steps each point gets a dot
COLUMNS = 400  # more steps than that share their columns


@dataclass(frozen=True)
class Step:
    """All that is known of the loss at a step; `str` says it."""

    step: int
    keras: float | None = None
    minikeras: float | None = None
    float64: float | None = None
    allowed: float | None = None

    @property
    def difference(self) -> float | None:
        return gap(self.keras, self.minikeras)

    @property
    def mark(self) -> str:
        """The CSS class of the difference's dot."""
        if self.difference is None or self.allowed is None:
            return "difference"
        return "difference" if self.difference <= self.allowed else "above"

    def __str__(self) -> str:
        said = [
            ("tf.keras", number(self.keras)),
            ("minikeras", number(self.minikeras)),
            ("float64", number(self.float64, 12)),
            ("difference", number(self.difference, 3)),
            ("allowed", number(self.allowed, 3)),
        ]
        known = ", ".join(f"{name} {value}" for name, value in said if value)
        return f"step {self.step}: {known or 'nothing noted'}"


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    css: str


@dataclass(frozen=True)
class Column:
    """A stretch of the x axis and what is said when a reader points at it."""

    x: float
    width: float
    text: str


@dataclass
class Plot:
    """`lines` and `bands` are (CSS class, points) of SVG polylines and polygons;
    `legend` is (CSS class, words)."""

    title: str
    steps: Sequence[Step]
    axis: Axis
    y_ticks: list[Tick]
    legend: list[tuple[str, str]]
    lines: list[tuple[str, str]] = field(default_factory=list)
    bands: list[tuple[str, str]] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)

    def __post_init__(self):
        self._first = self.steps[0].step - 0.5
        self._size = self.steps[-1].step - self.steps[0].step + 1
        self.x = [self._percent(step.step) for step in self.steps]
        inner = [(a.step + b.step) / 2 for a, b in pairwise(self.steps)]
        self.edges = [0.0, *map(self._percent, inner), 100.0]

    def _percent(self, step: float) -> float:
        return 100 * (step - self._first) / self._size

    @property
    def x_ticks(self) -> list[Tick]:
        return scales.step_ticks([step.step for step in self.steps], self.x)

    @property
    def columns(self) -> list[Column]:
        shared = -(-len(self.steps) // COLUMNS)
        return [
            Column(left, right - left, str(step))
            for left, right, step in zip(
                self.edges[:-1:shared],
                [*self.edges[shared:-1:shared], 100.0],
                self.steps[::shared],
                strict=True,
            )
        ]

    def draw(self, values: Sequence[float | None], css: str) -> None:
        """A line through the values, broken where there is none or the scale does not
        hold it; dots where there are few, or where one stands alone."""
        places = [self.axis.place(value) for value in values]
        pieces = _pieces([place is not None and place.on_scale for place in places])
        joined = [piece for piece in pieces if len(piece) > 1]
        for piece in joined:
            points = [(self.x[i], places[i].y) for i in piece]
            self.lines.append((css, _points(points)))
        alone = set(range(len(places))).difference(*joined)
        for i, place in enumerate(places):
            if place and (len(places) <= FEW or i in alone):
                self.dots.append(Dot(self.x[i], place.y, css))

    def scatter(self, values: Sequence[float | None], css: Sequence[str]) -> None:
        """A dot for each value, zeros and infinities included."""
        for x, value, name in zip(self.x, values, css, strict=True):
            if place := self.axis.place(value):
                self.dots.append(Dot(x, place.y, name))

    def fill_below(self, values: Sequence[float | None], css: str) -> None:
        """Stairs, a tread to a column, and all that lies below them."""
        places: list[Place | None] = [self.axis.place(value) for value in values]
        for piece in _pieces([place is not None for place in places]):
            tread = [(self.edges[i], self.edges[i + 1], places[i].y) for i in piece]
            top = [(x, y) for left, right, y in tread for x in (left, right)]
            self.lines.append((css, _points(top)))
            ground = [(top[-1][0], 100.0), (top[0][0], 100.0)]
            self.bands.append((css, _points(top + ground)))


def steps_of(curve: Curve) -> list[Step]:
    """In the order of the steps; a list that is too short leaves its numbers out, and
    a bound that is no number is none."""
    allowed = (None if math.isnan(value) else value for value in curve.allowed)
    rows = zip_longest(curve.keras, curve.minikeras, curve.float64, allowed)
    filled = chain(rows, repeat(()))
    steps = [Step(step, *row) for step, row in zip(curve.steps, filled, strict=False)]
    return sorted(steps, key=lambda step: step.step)


def loss_plot(steps: Sequence[Step]) -> Plot:
    """Both losses; on a log axis where they span more than two decades."""
    shown = [v for s in steps for v in (s.keras, s.minikeras) if v is not None]
    finite = [v for v in shown if math.isfinite(v)]
    wide = bool(finite) and min(finite) > 0 and max(finite) > 100 * min(finite)
    axis = scales.logarithmic(shown) if wide else scales.linear(shown)
    plot = Plot(
        "loss (log scale)" if wide else "loss",
        steps,
        axis,
        axis.ticks("not finite"),
        [("keras", "tf.keras"), ("minikeras", "minikeras")],
    )
    plot.draw([step.keras for step in steps], "keras")
    plot.draw([step.minikeras for step in steps], "minikeras")
    return plot


def difference_plot(steps: Sequence[Step]) -> Plot:
    """|tf.keras - minikeras| and what rounding explains of it."""
    shown = [v for s in steps for v in (s.difference, s.allowed) if v is not None]
    axis = scales.logarithmic(shown)
    legend = [("difference", "|tf.keras - minikeras|")]
    if any(step.allowed is not None for step in steps):
        legend.append(("allowed", "explained by rounding (float64 bound)"))
    if any(step.mark == "above" for step in steps):
        legend.append(("above", "more than that"))
    title = "difference of the losses (log scale)"
    plot = Plot(title, steps, axis, axis.ticks("∞"), legend)
    plot.fill_below([step.allowed for step in steps], "allowed")
    plot.scatter([step.difference for step in steps], [step.mark for step in steps])
    return plot


def _pieces(there: Sequence[bool]) -> list[list[int]]:
    """The indices of each unbroken row of True."""
    pieces: list[list[int]] = [[]]
    for i, yes in enumerate(there):
        if yes:
            pieces[-1].append(i)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.5g},{y:.5g}" for x, y in places)
