"""Counterpart: keras/src/utils/sequence_utils.py. Sequences of one length."""

import numpy as np


def pad_sequences(
    sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0
) -> np.ndarray:
    """An array (n, maxlen, …) of sequences, filled up with `value` or cut.

    `padding` says at which end there is filling and `truncating` at which end there
    is cutting: "pre" or "post". `maxlen` is by default the longest length. Text of
    unequal length needs dtype=object.

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    for name, end in (("padding", padding), ("truncating", truncating)):
        if end not in ("pre", "post"):
            raise ValueError(
                f"Expected `{name}` to be 'pre' or 'post'. Received: {end!r}"
            )
    _check_value(value, dtype)
    rows = _rows(sequences)
    shape = np.shape(next((row for row in rows if len(row)), ()))[1:]
    if maxlen is None:
        if not rows:
            raise ValueError("Expected `maxlen` where there is no sequence.")
        maxlen = max(len(row) for row in rows)
    result = np.full((len(rows), maxlen, *shape), value, dtype=dtype)
    for i, row in enumerate(rows):
        if not len(row):
            continue
        kept = np.asarray(row[-maxlen:] if truncating == "pre" else row[:maxlen], dtype)
        if kept.shape[1:] != shape:
            raise ValueError(
                f"Expected steps of the shape {shape}, which the first sequence has. "
                f"Received: {kept.shape[1:]} in the sequence at position {i}"
            )
        part = slice(len(kept)) if padding == "post" else slice(-len(kept), None)
        result[i, part] = kept
    return result


def _rows(sequences) -> list:
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"Expected a list of sequences. Received: {sequences!r}")
    rows = list(sequences)
    for i, row in enumerate(rows):
        if not hasattr(row, "__len__"):
            raise ValueError(
                f"Expected a list of sequences. Received: {row!r} at position {i}"
            )
    return rows


def _check_value(value, dtype) -> None:
    is_text = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and dtype is not object and not is_text:
        raise ValueError(
            f"Text as `value` needs dtype=object. Received: value={value!r}, "
            f"dtype={dtype!r}"
        )
