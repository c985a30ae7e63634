"""The file that one run of a script leaves: pickled events in the order of time."""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

EXIT = "it ends with exit status"  # in an Ending


@dataclass(frozen=True)
class Place:
    """When something happened. Epochs and steps count from 1; None: not in one.

    `moment` is "start" (before the first step), "step", "epoch" (its end), "end" or,
    outside runs, "print": then `run` is the run before it.
    """

    run: int
    method: str
    moment: str
    epoch: int | None = None
    step: int | None = None

    def __str__(self) -> str:
        if self.moment == "print":
            when = f"after run {self.run}" if self.run else "before the first run"
            return f"{self.method}, {when}"
        parts = [f"run {self.run} ({self.method})"]
        if self.epoch is not None:
            parts.append(f"epoch {self.epoch}")
        if self.moment == "step":
            parts.append(f"step {self.step}")
        elif self.moment == "epoch":
            parts[-1] = f"end of {parts[-1]}"
        else:
            parts.append(
                {"start": "before its first step", "end": "at its end"}[self.moment]
            )
        return ", ".join(parts)


@dataclass
class Event:
    """The tensors of one moment by (kind, name); `scales` are sizes that the error
    of a tensor is measured by where its own does not count (an update: its weight's).
    """

    place: Place
    tensors: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    scales: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, kind: str, name: str, value, scale: float | None = None) -> None:
        """Under `name`, or `name#2` and so on if that is taken."""
        key, count = (kind, name), 1
        while key in self.tensors:
            count += 1
            key = (kind, f"{name}#{count}")
        self.tensors[key] = np.array(value)
        if scale is not None:
            self.scales[key] = scale


@dataclass(frozen=True)
class Ending:
    """The last entry: None for a script that ended well, else what stopped it."""

    error: str | None
    line: int | None = None


def write(path: Path, entries: Iterable[Event | Ending]) -> None:
    """A file that `read` reads."""
    with path.open("wb") as file:
        for entry in entries:
            pickle.dump(entry, file)


def read(path: Path) -> Iterator[Event | Ending]:
    """The entries one by one; a file that breaks off just ends."""
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except (EOFError, pickle.UnpicklingError):
                return


def events(path: Path) -> Iterator[Event]:
    return (entry for entry in read(path) if isinstance(entry, Event))


class Reader:
    """A recording that is read along with another one, forward only."""

    def __init__(self, path: Path | None):
        self._events = iter(()) if path is None else events(path)
        self._last: Event | None = None

    def at(self, place: Place) -> Event | None:
        """The event of that place, None where the recording has none."""
        if self._last is None or self._last.place != place:
            self._last = next((e for e in self._events if e.place == place), None)
        return self._last
