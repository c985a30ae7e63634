"""The tensors of one moment, side by side: which belong together, how far apart they
are, and whether that is rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from parity import bound
from parity.compare import worst_entries
from parity.findings import EXACT, Entry
from parity.script import printed
from parity.script.recording import Event, Place
from parity.script.spread import Spread

# These may be noted on one side alone: layers that minikeras does in one go, and
# weights that are built by the first step itself.
_MAY_LACK = ("activation", "initial weight", "update")
_TEXTS = ("progress text", "summary text")
_SCALED_TOGETHER = ("gradient", "activation", "optimizer slot")
_NOISY = ("gradient", "optimizer slot")
_AS_GRADIENTS = ("update", "optimizer slot")  # as far off as these, in parts of it
_BY_ORDER = ("initial weight", "gradient", "update", "weight")


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


def different(place: Place, kind: str, tensor: str, note: str) -> Judged:
    """Where there is nothing to subtract."""
    return Judged(place, kind, tensor, np.inf, 0.0, bound.REAL, np.inf, note=note)


class Judging:
    """Judges the tensors of a recording, event by event. `spread` knows how far
    rounding alone moves them; it is asked where the float64 run sees a difference."""

    def __init__(self, spread: Spread):
        self._limits = bound.Bound()
        self._gradients = bound.Gradients()
        self._spread = spread
        self._activations: list[tuple] = []  # for Spread.scale

    def tensors(self, a: Event, b: Event, j: Event | None, steps: int):
        """Each pair of tensors of two events as a Judged; `j` is the float64 run's
        event, `steps` how many have been done."""
        pairs = list(pairs_of(a, b))
        noises, scales = _noises(pairs, j), _scales(a)
        self._activations.clear()
        for key, x, y in pairs:
            kind, name = key
            if x is None or y is None:
                side = "minikeras" if y is None else "tf.keras"
                yield different(a.place, kind, name, f"missing in {side}")
                continue
            y_key, y = y
            exact = j.tensors.get(y_key) if j else None
            if x.shape != y.shape:
                note = f"shape {x.shape} in tf.keras, {y.shape} in minikeras"
                yield different(a.place, kind, name, note)
            elif kind in _TEXTS:
                shaken = self._spread if kind == "progress text" else None
                yield _text(a.place, key, (x, y, exact), shaken)
            else:
                scale, group = a.scales.get(key), _group(key)
                noise = noises.get(group, 0.0)
                rest = (scales.get(group, 0.0), scale, steps, noise)
                verdict = self._judge((key, y_key), (x, y, exact), rest)
                if verdict.name == bound.REAL and x.dtype.kind == y.dtype.kind == "f":
                    verdict = self._moved(
                        b.place, (key, y_key), (x, y, exact), verdict, rest[0]
                    )
                self._spread.taken_over |= verdict.name == bound.DROWNED
                yield _number(a.place, key, (x, y, exact), verdict, scale)
        yield from _other_orders(a, b)

    def _judge(self, keys: tuple, sides: tuple, rest: tuple) -> bound.Verdict:
        """What the float64 run says."""
        ((kind, name), y_key), (_, y, exact) = keys, sides
        verdict = self._limits.judge(*sides, *rest)
        if kind == "activation" and verdict.name == bound.ROUNDING:
            self._activations.append((y_key, verdict.gap, y, exact))
        if exact is None or exact.shape != y.shape:
            return verdict
        if kind == "gradient":
            self._gradients.see(name, *sides)
        if kind in _AS_GRADIENTS and verdict.name != bound.ROUNDING:
            again = partial(_on_some, self._limits, rest)
            weight = name if kind == "update" else self._gradients.weight_of(name)
            excuse = self._gradients.excuse(weight, *sides, again)
            if excuse:
                allowed = max(verdict.gap, verdict.allowed)
                return replace(verdict, name=excuse, judged=True, allowed=allowed)
        return verdict

    def _moved(
        self,
        place: Place,
        keys: tuple,
        sides: tuple,
        verdict: bound.Verdict,
        kind_scale: float,
    ) -> bound.Verdict:
        """What the shaken runs say where the float64 run sees a difference."""
        ((kind, name), y_key), (x, y, exact) = keys, sides
        counted = np.ones(y.shape, bool)
        if kind == "update":
            counted = self._gradients.certain(name, y.shape)
        self._spread.scale(place, self._activations)
        self._activations.clear()
        allowed = self._spread.allowed(place, y_key, y, exact, counted)
        if bound.distance(x[counted], y[counted]) > allowed:
            return replace(verdict, allowed=max(allowed, verdict.allowed))
        worth = max(bound.largest(y), kind_scale)
        drowned = allowed > bound.ALIKE * bound.UNUSABLE * worth or not counted.all()
        said = bound.DROWNED if drowned else bound.ROUNDING
        return replace(verdict, name=said, allowed=max(allowed, verdict.gap))


def _on_some(limits: bound.Bound, rest: tuple, *sides) -> bound.Verdict:
    return limits.judge(*sides, *rest)


def _other_orders(a: Event, b: Event):
    """Where both have the same weights or slots, but not in the same order."""
    for kind in (*_BY_ORDER, "optimizer slot"):
        ours, theirs = ([k for k in e.tensors if k[0] == kind] for e in (a, b))
        if ours != theirs and set(ours) == set(theirs):
            names = [", ".join(name for _, name in keys) for keys in (ours, theirs)]
            note = f"in the order {names[0]} in tf.keras, {names[1]} in minikeras"
            yield different(a.place, kind, "", note)


def _group(key: tuple[str, str]) -> tuple[str, str]:
    """What a tensor's errors are measured with: all of its kind, and for a slot those
    that end alike ("…_momentum")."""
    kind, name = key
    return kind, name.rpartition("_")[2] if kind == "optimizer slot" else ""


def _scales(event: Event) -> dict:
    """The largest entry of the tensors of each group; none where each counts for
    itself."""
    scales: dict = {}
    for key, tensor in event.tensors.items():
        if key[0] in _SCALED_TOGETHER:
            group = _group(key)
            scales[group] = max(scales.get(group, 0.0), bound.largest(tensor))
    return scales


def _noises(pairs: list, j: Event | None) -> dict:
    """By group of gradients or slots, the largest error that both sides have."""
    noises: dict = {}
    for key, x, y in pairs:
        if j is None or x is None or y is None or key[0] not in _NOISY:
            continue
        exact = j.tensors.get(y[0])
        if exact is not None and exact.shape == x.shape == y[1].shape:
            errors = bound.distance(x, exact), bound.distance(y[1], exact)
            group = _group(key)
            noises[group] = max(noises.get(group, 0.0), min(errors))
    return noises


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
        found.worst = worst_entries(*sides)
    if kind == "loss" and a.ndim == 0:
        found.values = tuple(None if side is None else float(side) for side in sides)
    return found


def _text(place: Place, key, sides: tuple, spread: Spread | None) -> Judged:
    """`spread` is asked where the text's numbers count."""
    a, b = str(sides[0]), str(sides[1])
    if spread is None:
        note = printed.first_line(a, b, a, b)
        gap, allowed = (np.inf if note else 0.0), 0.0
    else:
        j = None if sides[2] is None else str(sides[2])
        gap, allowed, note = printed.difference(a, b, j)
        if gap > allowed and not note:
            start, shaken = spread.texts(place, key, *sides[1:])
            gap, allowed, note = printed.difference(a, b, j, start, shaken)
    verdict = EXACT if gap == 0 else bound.ROUNDING if gap <= allowed else bound.REAL
    return Judged(place, *key, gap, allowed, verdict, note=note)


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
