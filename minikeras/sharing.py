"""Counterpart: ObjectSharingScope of keras/src/saving/serialization_lib.py.

Which configs are of one and the same object.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Sharing:
    """An object that is written twice is one object when it is read: both its configs
    have the same "shared_object_id"."""

    def __init__(self):
        self.noted: dict[int, Any] | None = None  # those written, within a block
        self.made: dict[int, Any] = {}
        self._is_reading = False

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Within the block each config gets a number."""
        before, self.noted = self.noted, {}
        try:
            yield
        finally:
            self.noted = before

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within the block an object with the number of an earlier one is that."""
        before = self.made, self._is_reading
        self.made, self._is_reading = {}, True
        try:
            yield
        finally:
            self.made, self._is_reading = before

    def note(self, obj, config: dict) -> None:
        if self.noted is not None:
            config["shared_object_id"] = id(obj)
            self.noted[id(obj)] = obj  # which keeps another from getting its id

    def note_made(self, number, made) -> None:
        if self._is_reading and number is not None:
            self.made[number] = made

    def only_shared(self, config: Any) -> Any:
        """A config without the numbers of what is in it once."""
        counts = Counter(_numbers(config))
        return _without(config, {number for number in counts if counts[number] == 1})


sharing = Sharing()


def _numbers(config: Any) -> Iterator[int]:
    if isinstance(config, dict):
        if "shared_object_id" in config:
            yield config["shared_object_id"]
        config = config.values()
    elif not isinstance(config, (list, tuple)):
        return
    for part in config:
        yield from _numbers(part)


def _without(config: Any, numbers: set) -> Any:
    if isinstance(config, dict):
        return {
            key: _without(part, numbers)
            for key, part in config.items()
            if key != "shared_object_id" or part not in numbers
        }
    if isinstance(config, (list, tuple)):
        return [_without(part, numbers) for part in config]
    return config
