"""Walks the recordings of a script in the order of time, to where they part."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import zip_longest
from pathlib import Path

import numpy as np

from parity.script import bound
from parity.script.recording import Event, Place, read

# These may be noted on one side alone: layers that minikeras does in one go, and
# weights that are built by the first step itself.
_MAY_LACK = ("activation", "initial weight", "update")
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
class Comparison:
    """What was compared, and `part`, None where the two agree.

    `drowned` is where rounding alone had driven the runs apart, if it did: nothing
    is compared from there on.
    """

    runs: list[str] = field(default_factory=list)
    steps: int = 0
    epochs: int = 0
    tensors: int = 0
    largest: dict[str, float] = field(default_factory=dict)  # gap/allowed by kind
    part: Part | None = None
    drowned: Place | None = None

    def to_dict(self) -> dict:
        content = asdict(self)
        if self.part:
            content["part"]["text"] = str(self.part)
            if self.part.gap == np.inf:  # JSON has no infinity
                content["part"]["gap"] = None
        return content


def compare(keras: Path, minikeras: Path, judge: Path | None) -> Comparison:
    """The comparison of two recordings, with the float64 one if there is one."""
    found, limits = Comparison(), bound.Bound()
    judged, gradients = _Judge(judge), bound.Gradients()
    for a, b in zip_longest(_events(keras), _events(minikeras)):
        if a is None or b is None or a.place != b.place:
            found.part = _out_of_step(a, b)
            return found
        _count(found, a.place)
        for part in _parts(a, b, judged.at(b.place), limits, gradients, found):
            if part.verdict == bound.DROWNED:
                found.drowned = a.place
            else:
                found.part = part
            return found
    return found


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
    name = f"{place.run} ({place.method})"
    if name not in found.runs:
        found.runs.append(name)
    found.steps += place.moment == "step"
    found.epochs += place.moment == "epoch"


def _out_of_step(a: Event | None, b: Event | None) -> Part:
    """One side does something that the other does not, or not then."""
    said = [f"{e.place}" if e else "the script's end" for e in (a, b)]
    note = f"tf.keras is at {said[0]}, minikeras at {said[1]}"
    place = (a or b).place
    return Part(place, "order of steps", "", np.inf, 0.0, bound.REAL, note)


def _noise(pairs: list, j: Event | None) -> float:
    """The largest error of a gradient of the step that both sides have."""
    noise = 0.0
    for (kind, _), x, y in pairs:
        if kind == "gradient" and x is not None and y is not None and j:
            exact = j.tensors.get(y[0])
            if exact is not None and exact.shape == x.shape == y[1].shape:
                errors = bound.distance(x, exact), bound.distance(y[1], exact)
                noise = max(noise, min(errors))
    return noise


def _parts(a: Event, b: Event, j, limits, gradients, found) -> Iterator[Part]:
    pairs = list(pairs_of(a, b))
    noise = _noise(pairs, j)
    for key, x, y in pairs:
        kind, name = key
        if x is None or y is None:
            side = "minikeras" if y is None else "tf.keras"
            note = f"missing in {side}"
            yield Part(a.place, kind, name, np.inf, 0.0, bound.REAL, note)
            continue
        y_key, y = y
        if x.shape != y.shape:
            note = f"shape {x.shape} in tf.keras, {y.shape} in minikeras"
            yield Part(a.place, kind, name, np.inf, 0.0, bound.REAL, note)
            continue
        exact = j.tensors.get(y_key) if j else None
        sizes = [bound.largest(v) for k, v in a.tensors.items() if k[0] == kind]
        judge = partial(
            limits.judge,
            kind_scale=max(sizes) if kind in ("gradient", "activation") else 0.0,
            scale=a.scales.get(key),
            steps=found.steps,
            noise=noise if kind == "gradient" else 0.0,
        )
        verdict = judge(x, y, exact)
        if exact is not None and exact.shape == y.shape:
            if kind == "gradient":
                gradients.see(name, x, y, exact)
            elif kind == "update" and verdict.name != bound.ROUNDING:
                excuse = gradients.excuse(name, x, y, exact, judge)
                if excuse:
                    verdict = replace(verdict, name=excuse, judged=True)
        found.tensors += 1
        if verdict.allowed and verdict.name == bound.ROUNDING:
            ratio = verdict.gap / verdict.allowed
            found.largest[kind] = max(found.largest.get(kind, 0.0), ratio)
        if verdict.name != bound.ROUNDING:
            said = verdict.name
            if not verdict.judged:
                said += " (the float64 run is no judge here)"
            yield Part(a.place, kind, name, verdict.gap, verdict.allowed, said)


def pairs_of(a: Event, b: Event) -> Iterator[tuple]:
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
