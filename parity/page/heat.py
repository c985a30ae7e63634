"""How far tensors lie apart at each step, as colours.

The colours mean the same on every map: a factor of four in ulp to each.
"""

import math
from dataclasses import dataclass

from parity.findings import Heat
from parity.page.numbers import number
from parity.page.scales import Tick, step_ticks

EDGES = (0, 1, 4, 16, 64, 256, 1024, 4096)
# (CSS class, label) of each colour: up to an edge, more than all, no number at all
LEGEND = [
    *((f"u{i}", str(edge)) for i, edge in enumerate(EDGES)),
    (f"u{len(EDGES)}", "more"),
    ("endless", "∞"),
]


@dataclass(frozen=True)
class Cell:
    column: int
    css: str
    text: str


@dataclass(frozen=True)
class Map:
    kind: str
    steps: list[int]
    ticks: list[Tick]
    rows: list[tuple[str, list[Cell]]]


def map_of(heat: Heat) -> Map:
    """A row of cells for each tensor; where there is no number there is no cell."""
    count = len(heat.steps)
    middles = [100 * (i + 0.5) / count for i in range(count)]
    ticks = step_ticks(heat.steps, middles) if count else []
    rows = []
    for tensor, ulps in zip(heat.tensors, heat.ulps, strict=True):
        cells = [
            Cell(i, css_of(ulp), _text(heat.kind, tensor, step, ulp))
            for i, (step, ulp) in enumerate(zip(heat.steps, ulps, strict=True))
            if ulp is not None
        ]
        rows.append((tensor, cells))
    return Map(heat.kind, heat.steps, ticks, rows)


def css_of(ulp: float) -> str:
    if not math.isfinite(ulp):
        return "endless"
    return f"u{sum(ulp > edge for edge in EDGES)}"


def _text(kind: str, tensor: str, step: int, ulp: float) -> str:
    return f"{kind} of {tensor}, step {step}: {number(ulp, 3)} ulp"
