"""A nest of results as one JSON text and one flat array for each dtype, and back.

Python's own values stand in the text as they are; what JSON has no word for is an
object with one entry, which says what it is. The numbers of arrays stand one after
the other in the flat array of their dtype, in the order of the text.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

TEXT = "text"
LARGE, SAMPLE = 4096, 512  # entries
KINDS = "fiubU"  # of dtypes: all that a file can hold without pickle


@dataclass(frozen=True)
class Large:
    """An array of more than LARGE entries: some of them, and a hash of all."""

    dtype: str
    shape: tuple[int, ...]
    sha256: str
    sample: np.ndarray

    @staticmethod
    def of(x: np.ndarray) -> "Large":
        spread = np.linspace(0, x.size - 1, SAMPLE).astype("int64")
        return Large(str(x.dtype), x.shape, digest(x), x.ravel()[spread])


def digest(x: np.ndarray) -> str:
    """SHA-256 of the entries; arrays that are equal, NaN for NaN, have the same."""
    if x.dtype.kind == "f":
        x = np.where(np.isnan(x), x.dtype.type("nan"), x + x.dtype.type(0))  # no -0
    data = np.ascontiguousarray(x, x.dtype.newbyteorder("<"))
    return hashlib.sha256(data.tobytes()).hexdigest()


def condense(value: Any) -> Any:
    """The nest with its large arrays as Large."""
    if isinstance(value, np.ndarray) and value.size > LARGE:
        return Large.of(value)
    if isinstance(value, (list, tuple)):
        return type(value)(condense(part) for part in value)
    if isinstance(value, dict):
        return {key: condense(part) for key, part in value.items()}
    return value


def pack(value: Any) -> dict[str, np.ndarray]:
    """{TEXT: bytes, dtype: numbers}; TypeError for what cannot be stored."""
    parts: dict[str, list[np.ndarray]] = {}
    text = json.dumps(_encode(value, parts), separators=(",", ":"))
    flat = {code: np.concatenate(parts[code]) for code in sorted(parts)}
    return {TEXT: np.frombuffer(text.encode(), "uint8"), **flat}


def unpack(entries: dict[str, np.ndarray]) -> Any:
    """What `pack` was given."""
    content = json.loads(entries[TEXT].tobytes())
    flat = {code: _Reader(x) for code, x in entries.items() if code != TEXT}
    return _decode(content, flat)


def _encode(value: Any, parts: dict[str, list[np.ndarray]]) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [_encode(part, parts) for part in value]
    if type(value) is tuple:
        return {"tuple": [_encode(part, parts) for part in value]}
    if type(value) is dict:
        pairs = value.items()
        return {"dict": [[_encode(k, parts), _encode(v, parts)] for k, v in pairs]}
    if isinstance(value, Large):
        code = _append(value.sample, parts)
        return {"large": [code, list(value.shape), value.sha256, value.sample.size]}
    if isinstance(value, np.generic):
        return {"scalar": _append(np.asarray(value), parts)}
    if type(value) is np.ndarray:
        return {"array": [_append(value, parts), list(value.shape)]}
    raise TypeError(f"a {type(value).__name__} cannot be stored: {value!r:.60}")


def _append(x: np.ndarray, parts: dict[str, list[np.ndarray]]) -> str:
    if x.dtype.kind not in KINDS or not x.dtype.isnative:
        raise TypeError(f"an array of {x.dtype} cannot be stored")
    code = x.dtype.str[1:]
    parts.setdefault(code, []).append(x.ravel())
    return code


class _Reader:
    """Takes the numbers of a flat array from front to back."""

    def __init__(self, x: np.ndarray):
        self._x, self._at = x, 0

    def take(self, count: int) -> np.ndarray:
        found = self._x[self._at : self._at + count]
        self._at += count
        return found.copy()


def _decode(content: Any, flat: dict[str, _Reader]) -> Any:
    if isinstance(content, list):
        return [_decode(part, flat) for part in content]
    if not isinstance(content, dict):
        return content
    ((kind, held),) = content.items()
    if kind == "tuple":
        return tuple(_decode(part, flat) for part in held)
    if kind == "dict":
        return dict(_pairs(held, flat))
    if kind == "scalar":
        return flat[held].take(1)[0]
    code, shape, *rest = held
    if kind == "large":
        sha256, count = rest
        return Large(str(np.dtype(code)), tuple(shape), sha256, flat[code].take(count))
    return flat[code].take(int(np.prod(shape, dtype="int64"))).reshape(shape)


def _pairs(held: list, flat: dict[str, _Reader]) -> Iterator[tuple[Any, Any]]:
    for key, part in held:
        yield _decode(key, flat), _decode(part, flat)
