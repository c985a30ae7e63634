"""Walks the recordings of a script in the order of time: where do they part first, and
what is to be said of each tensor?"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from parity import bound
from parity.script.judged import Judged, Judging, different
from parity.script.recording import Event, Place, read


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
    found, exact, judging = Comparison(), _Judge(judge), Judging()
    for a, b in zip_longest(_events(keras), _events(minikeras)):
        if a is None or b is None or a.place != b.place:
            _note(found, _out_of_step(a, b))
            return found
        _count(found, a.place)
        for judged in judging.tensors(a, b, exact.at(b.place), found.steps):
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
    return different((a or b).place, "order of steps", "", note)
