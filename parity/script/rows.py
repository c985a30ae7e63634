"""From a comparison to what everybody is shown: rows by quantity, and the trace."""

from parity.bound import DROWNED
from parity.bound import REAL as BOUND_REAL
from parity.findings import EXACT, REAL, ROUNDING, Curve, Heat, Miss, Row, Trace
from parity.script.compare import Comparison, named
from parity.script.judged import Judged

_WORDS = {
    "initial weight": "initial weights",
    "batch": "batch order",
    "activation": "activations",
    "regularization term": "regularization terms",
    "loss": "batch losses",
    "gradient": "gradients",
    "update": "updates",
    "optimizer slot": "optimizer slots",
    "metric": "metrics",
    "log": "epoch logs",
    "weight": "final weights",
    "output": "predictions",
    "count": "steps counted",
    "parameter count": "parameter counts",
}
_HEAT = ("activation", "gradient", "update", "optimizer slot")
_WORST = 5  # misses of a row with entries
LEFT_OUT = "left out"


def rows_of(run: str, found: Comparison, trouble: str | None = None) -> list[Row]:
    """One row for each quantity, in the order of time; `trouble` says why there was
    no float64 run."""
    rows: dict[str, list[Judged]] = {}
    for judged in found.judged:
        if judged.verdict != DROWNED:
            rows.setdefault(quantity(judged), []).append(judged)
    listed = [_row(run, name, parts, trouble) for name, parts in rows.items()]
    if found.left_out:
        first = found.drowned or next(iter(found.left_out.values()))[0]
        count = sum(count for _, count in found.left_out.values())
        said = f"drowned in rounding from {first} on"
        listed.append(Row(run, LEFT_OUT, count, allowed=said, verdict=ROUNDING))
    return listed


def quantity(judged: Judged) -> str:
    is_log = judged.kind == "metric" and judged.place.moment == "epoch"
    kind = "log" if is_log else judged.kind
    return _WORDS.get(kind, kind)


def _row(run: str, name: str, parts: list[Judged], trouble: str | None) -> Row:
    row = Row(run, name, count=len(parts))
    row.absolute = max(judged.gap for judged in parts)
    row.ulps = max(judged.ulps for judged in parts)
    row.allowed = _allowed(parts, trouble)
    misses = [judged for judged in parts if judged.verdict == BOUND_REAL]
    for judged in misses:
        worst = judged.worst if len(row.misses) < _WORST else []
        row.misses.append(Miss(_tensor(judged), _note(judged), worst))
    if misses:
        row.verdict = REAL
    elif any(judged.verdict != EXACT for judged in parts):
        row.verdict = ROUNDING
    return row


def _allowed(parts: list[Judged], trouble: str | None) -> str:
    """Of the tensor that lies furthest apart, and what decided."""
    widest = max(parts, key=lambda judged: (judged.gap, judged.allowed))
    if not widest.allowed:
        return "exact"
    unjudged = sum(not judged.judged for judged in parts)
    said = f"{widest.allowed:.2g}"
    if widest.kind == "progress text":
        return f"{said}: the last digit"
    if unjudged == len(parts):
        return f"{said}, no float64 run" if trouble else f"{said}, without float64"
    return f"{said} by float64" + (f", {unjudged} without" if unjudged else "")


def _tensor(judged: Judged) -> str:
    return f"{judged.place}: {named(judged.kind, judged.tensor)}"


def _note(judged: Judged) -> str:
    if judged.note:
        return judged.note
    said = f"parts by {judged.gap:.2g} (allowed {judged.allowed:.2g})"
    return said if judged.judged else f"{said}; the float64 run is no judge here"


def trace_of(run: str, found: Comparison) -> Trace:
    """The losses of the steps noted in detail, and the heat of the tensors there."""
    steps = [judged for judged in found.judged if judged.place.moment == "step"]
    numbers: dict = {}
    for judged in steps:
        numbers.setdefault(judged.place, len(numbers) + 1)
    heat = [_heat(kind, steps, numbers) for kind in _HEAT]
    curve = _curve(steps, numbers)
    return Trace(run, curve, [part for part in heat if part.tensors])


def _curve(steps: list[Judged], numbers: dict) -> Curve:
    curve = Curve()
    for judged in steps:
        number = numbers[judged.place]
        if judged.values is None or curve.steps[-1:] == [number]:
            continue
        keras, minikeras, float64 = judged.values
        curve.steps.append(number)
        curve.keras.append(keras)
        curve.minikeras.append(minikeras)
        curve.float64.append(float64)
        curve.allowed.append(judged.allowed)
    return curve


def _heat(kind: str, steps: list[Judged], numbers: dict) -> Heat:
    """`ulps` has a row for each tensor and a column for each step."""
    found: dict[str, dict[int, float]] = {}
    for judged in steps:
        if judged.kind == kind:
            found.setdefault(judged.tensor, {})[numbers[judged.place]] = judged.ulps
    columns = sorted({number for cells in found.values() for number in cells})
    ulps = [[cells.get(n) for n in columns] for cells in found.values()]
    return Heat(kind, list(found), columns, ulps)
