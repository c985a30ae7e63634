"""Walks the recordings of a script in the order of time: where do they part first, and
what is to be said of each tensor?"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from parity import bound
from parity.script.judged import Judged, Judging, different
from parity.script.recording import Event, Place, Reader, events
from parity.script.spread import Spread


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

    @property
    def where(self) -> str:
        return f"{self.place}: {named(self.kind, self.tensor)}"

    def __str__(self) -> str:
        if self.note:
            return f"{self.where}: {self.note}"
        apart = f"parts by {self.gap:.2g} (allowed {self.allowed:.2g})"
        return f"{self.where} {apart}: a {self.verdict}"


def named(kind: str, tensor: str) -> str:
    return kind if tensor in ("", kind) else f"{kind} of {tensor}"


@dataclass
class Comparison:
    """What was compared, and `part`, None where the two agree.

    `left_out` has the tensors that rounding alone decides, by kind and name, with the
    first place and how often. `drowned` is where it decides what the model gives, a
    loss or an output, if it does: from there on little could be told, and `sure` are
    the steps before.
    """

    runs: list[str] = field(default_factory=list)
    steps: int = 0
    epochs: int = 0
    tensors: int = 0
    largest: dict[str, float] = field(default_factory=dict)  # gap/allowed by kind
    part: Part | None = None
    left_out: dict[tuple[str, str], tuple[Place, int]] = field(default_factory=dict)
    drowned: Place | None = None
    sure: int = 0
    judged: list[Judged] = field(default_factory=list)

    def to_dict(self) -> dict:
        """What was found, without the single tensors."""
        content = asdict(replace(self, judged=[], left_out={}))
        del content["judged"]
        content["left_out"] = [
            {"kind": kind, "tensor": tensor, "from": str(place), "count": count}
            for (kind, tensor), (place, count) in self.left_out.items()
        ]
        if self.part:
            content["part"]["text"] = str(self.part)
            if self.part.gap == np.inf:  # JSON has no infinity
                content["part"]["gap"] = None
        return content


def compare(
    keras: Path,
    minikeras: Path,
    judge: Path | None,
    shake: Callable[[bool], list[Path]] | None = None,
) -> Comparison:
    """The comparison of two recordings, with the float64 one if there is one; `shake`
    records the runs that Spread asks for."""
    found, exact, judging = Comparison(), Reader(judge), Judging(Spread(shake))
    for a, b in zip_longest(events(keras), events(minikeras)):
        if a is None or b is None or a.place != b.place:
            _note(found, _out_of_step(a, b))
            return found
        _count(found, a.place)
        for judged in judging.tensors(a, b, exact.at(b.place), found.steps):
            _note(found, judged)
    return found


def _note(found: Comparison, judged: Judged) -> None:
    found.judged.append(judged)
    if judged.verdict == bound.DROWNED:
        key = judged.kind, judged.tensor
        first, count = found.left_out.get(key, (judged.place, 0))
        found.left_out[key] = first, count + 1
        if found.drowned is None and _is_of_the_model(judged):
            found.drowned = judged.place
            found.sure = found.steps - (judged.place.moment == "step")
        return
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


def _is_of_the_model(judged: Judged) -> bool:
    """Whether this is what the model gives: a loss, its mean, or an output."""
    is_loss = judged.kind == "metric" and judged.tensor in ("loss", "val_loss")
    return is_loss or judged.kind in ("loss", "output")


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
