"""Recordings of training runs as values that a golden can hold, and back."""

from collections.abc import Iterable

from parity.script.recording import Ending, Event, Place


def to_plain(entries: Iterable[Event | Ending]) -> list[dict]:
    """Dicts, lists, numbers, texts and arrays."""
    return [
        vars(entry)
        if isinstance(entry, Ending)
        else {
            "place": vars(entry.place),
            "tensors": [[*key, value] for key, value in entry.tensors.items()],
            "scales": [[*key, value] for key, value in entry.scales.items()],
        }
        for entry in entries
    ]


def from_plain(plain: list[dict]) -> list[Event | Ending]:
    """What `to_plain` was given."""
    return [
        Ending(**entry)
        if "place" not in entry
        else Event(
            Place(**entry["place"]),
            {(kind, name): value for kind, name, value in entry["tensors"]},
            {(kind, name): value for kind, name, value in entry["scales"]},
        )
        for entry in plain
    ]
