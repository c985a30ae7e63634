"""Walks the recordings of a script in the order of time: where do they part first, and
what is to be said of each tensor?"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from parity import bound
from parity.findings import EXACT, Entry
from parity.script import printed
from parity.script.recording import Event, Place, read

# These may be noted on one side alone: layers that minikeras does in one go, and
# weights that are built by the first step itself.
_MAY_LACK = ("activation", "initial weight", "update")
_TEXTS = ("progress text", "summary text")
_SCALED_TOGETHER = ("gradient", "activation", "optimizer slot")
_WORST = 5  # entries of a tensor that parts
_BY_ORDER = ("initial weight", "gradient", "update", "weight")


@dataclass
class Part:
    """The first place where the two part. `gap` and `allowed` are largest entries;
    the gap is infinite where there is nothing to subtract, and `note` says why."""

    place: Place
    kind: str
    tensor: str
    gap: float
    allowed: float
    verdict: str
    note: str = ""

    def __str__(self) -> str:
        what = (
            self.kind
            if self.tensor in ("", self.kind)
            else f"{self.kind} of {self.tensor}"
        )
        if self.note:
            return f"{self.place}: {what}: {self.note}"
        apart = f"parts by {self.gap:.2g} (allowed {self.allowed:.2g})"
        return f"{self.place}: {what} {apart}: a {self.verdict}"


@dataclass
class Judged:
    """One tensor (or text) of both sides. `gap` and `allowed` are as in Part, `ulps`
    is the gap in units in the last place of the largest entry; `values` are those of
    the three sides where it is a loss."""

    place: Place
    kind: str
    tensor: str
    gap: float
    allowed: float
    verdict: str
    ulps: float = 0.0
    judged: bool = True
    note: str = ""
    worst: list[Entry] = field(default_factory=list)
    values: tuple | None = None


@dataclass
class Comparison:
    """What was compared, and `part`, None where the two agree.

    `drowned` is where rounding alone had driven the runs apart, if it did: nothing
    is compared from there on. `judged` are all tensors up to there.
    """

    runs: list[str] = field(default_factory=list)
    steps: int = 0
    epochs: int = 0
    tensors: int = 0
    largest: dict[str, float] = field(default_factory=dict)  # gap/allowed by kind
    part: Part | None = None
    drowned: Place | None = None
    judged: list[Judged] = field(default_factory=list)

    def to_dict(self) -> dict:
        """What was found, without the single tensors."""
        content = asdict(replace(self, judged=[]))
        del content["judged"]
        if self.part:
            content["part"]["text"] = str(self.part)
            if self.part.gap == np.inf:  # JSON has no infinity
                content["part"]["gap"] = None
        return content


def compare(keras: Path, minikeras: Path, judge: Path | None) -> Comparison:
    """The comparison of two recordings, with the float64 one if there is one."""
    found, limits = Comparison(), bound.Bound()
    exact = _Judge(judge)
    for a, b in zip_longest(_events(keras), _events(minikeras)):
        if a is None or b is None or a.place != b.place:
            _note(found, _out_of_step(a, b))
            return found
        _count(found, a.place)
        for judged in _tensors(a, b, exact.at(b.place), limits, found.steps):
            _note(found, judged)
            if found.drowned:
                return found
    return found


def _note(found: Comparison, judged: Judged) -> None:
    if judged.verdict == bound.DROWNED:
        found.drowned = judged.place
        return
    found.judged.append(judged)
    found.tensors += judged.gap < np.inf
    if judged.verdict != bound.REAL:
        if judged.allowed:
            ratio = max(
                found.largest.get(judged.kind, 0.0), judged.gap / judged.allowed
            )
            found.largest[judged.kind] = ratio
    elif found.part is None:
        verdict = judged.verdict
        if not judged.judged:
            verdict += " (the float64 run is no judge here)"
        found.part = Part(
            judged.place,
            judged.kind,
            judged.tensor,
            judged.gap,
            judged.allowed,
            verdict,
            judged.note,
        )


def _events(path: Path) -> Iterator[Event]:
    return (event for event in read(path) if isinstance(event, Event))


class _Judge:
    """The float64 recording, read along; no event where it has another order."""

    def __init__(self, path: Path | None):
        self._events = iter(()) if path is None else _events(path)

    def at(self, place: Place) -> Event | None:
        event = next(self._events, None)
        if event is None or event.place != place:
            self._events = iter(())
            return None
        return event


def _count(found: Comparison, place: Place) -> None:
    if place.moment == "print":
        return
    name = f"{place.run} ({place.method})"
    if name not in found.runs:
        found.runs.append(name)
    found.steps += place.moment == "step"
    found.epochs += place.moment == "epoch"


def _out_of_step(a: Event | None, b: Event | None) -> Judged:
    """One side does something that the other does not, or not then."""
    said = [f"{e.place}" if e else "the script's end" for e in (a, b)]
    note = f"tf.keras is at {said[0]}, minikeras at {said[1]}"
    return _different((a or b).place, "order of steps", "", note)


def _different(place: Place, kind: str, tensor: str, note: str) -> Judged:
    """Where there is nothing to subtract."""
    return Judged(place, kind, tensor, np.inf, 0.0, bound.REAL, np.inf, note=note)


def _tensors(a: Event, b: Event, j: Event | None, limits, steps: int):
    """Each pair of tensors, judged."""
    for key, x, y in _pairs(a, b):
        kind, name = key
        if x is None or y is None:
            side = "minikeras" if y is None else "tf.keras"
            yield _different(a.place, kind, name, f"missing in {side}")
            continue
        y_key, y = y
        exact = j.tensors.get(y_key) if j else None
        if x.shape != y.shape:
            note = f"shape {x.shape} in tf.keras, {y.shape} in minikeras"
            yield _different(a.place, kind, name, note)
        elif kind in _TEXTS:
            yield _text(a.place, key, x, y, exact)
        else:
            scale, group = a.scales.get(key), _group_scale(a, key)
            verdict = limits.judge(x, y, exact, group, scale, steps)
            yield _number(a.place, key, (x, y, exact), verdict, scale)
    for kind in _BY_ORDER:
        ours, theirs = ([k for k in e.tensors if k[0] == kind] for e in (a, b))
        if ours != theirs and set(ours) == set(theirs):
            names = [", ".join(name for _, name in keys) for keys in (ours, theirs)]
            note = f"in the order {names[0]} in tf.keras, {names[1]} in minikeras"
            yield _different(a.place, kind, "", note)


def _group_scale(event: Event, key: tuple[str, str]) -> float:
    """The largest entry of all tensors whose errors are measured together: those of
    a kind, and of slots those that end alike ("…_momentum")."""
    kind, name = key
    if kind not in _SCALED_TOGETHER:
        return 0.0
    end = name.rpartition("_")[2] if kind == "optimizer slot" else ""
    return max(
        bound.largest(tensor)
        for (other, label), tensor in event.tensors.items()
        if other == kind and label.endswith(end)
    )


def _number(place: Place, key, sides: tuple, verdict: bound.Verdict, scale) -> Judged:
    kind, name = key
    a, b, _ = sides
    name_of_verdict = EXACT if verdict.gap == 0 else verdict.name
    found = Judged(place, kind, name, verdict.gap, verdict.allowed, name_of_verdict)
    found.judged = verdict.judged
    size = max(bound.largest(a), bound.largest(b), scale or 0.0)
    if verdict.gap:
        unit = 1.0 if a.dtype.kind in "iub" else float(np.spacing(np.float32(size)))
        found.ulps = verdict.gap / unit
    if verdict.name == bound.REAL:
        found.worst = worst(*sides)
    if kind == "loss" and a.ndim == 0:
        found.values = tuple(None if side is None else float(side) for side in sides)
    return found


def _text(place: Place, key, a, b, j) -> Judged:
    kind, name = key
    exact = None if j is None else str(j)
    if kind == "progress text":
        gap, allowed, note = printed.difference(str(a), str(b), exact)
    else:
        note = printed.first_line(str(a), str(b), str(a), str(b))
        gap, allowed = (np.inf if note else 0.0), 0.0
    verdict = EXACT if gap == 0 else bound.ROUNDING if gap <= allowed else bound.REAL
    return Judged(place, kind, name, gap, allowed, verdict, note=note)


def worst(a: np.ndarray, b: np.ndarray, j: np.ndarray | None) -> list[Entry]:
    """The entries that lie furthest apart."""
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


def _pairs(a: Event, b: Event) -> Iterator[tuple]:
    """(tf.keras's key, its tensor or None, minikeras's (key, tensor) or None) in
    tf.keras's order.

    Equal keys belong together; weights with other paths, but as many of them,
    belong together by their order.
    """
    partner = {key: key for key in a.tensors}
    for kind in _BY_ORDER:
        ours = [key for key in a.tensors if key[0] == kind]
        theirs = [key for key in b.tensors if key[0] == kind]
        if len(ours) == len(theirs) and set(ours) != set(theirs):
            partner.update(zip(ours, theirs, strict=True))
    taken = set(partner.values())
    for key, x in a.tensors.items():
        other = partner[key]
        if other in b.tensors:
            yield key, x, (other, b.tensors[other])
        elif key[0] not in _MAY_LACK:
            yield key, x, None
    for key, y in b.tensors.items():
        if key not in taken and key[0] not in _MAY_LACK:
            yield key, None, (key, y)
