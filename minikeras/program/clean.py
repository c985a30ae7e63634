"""Makes the lines of a trace fewer, without changing what they give.

* What is the same call on the same arrays is done once.
* Lines whose results nobody needs go.
* What depends on shapes alone (zeros_like, …) is done before, once and for all.

Arrays change: the same call after a write is another one, and what is written into is
nobody else's.
"""

import collections

import numpy as np

from minikeras.program.lines import Line, Named, in_terms, named_in


def cleaned(traced: list[Line], outputs: list) -> tuple[list[Line], list]:
    """The lines that are left, and the outputs in their terms: named things, or arrays
    where these are known."""
    written = {id(root) for line in traced for root in line.written}
    writes: collections.Counter = collections.Counter()  # into each root, so far
    known: dict[int, object] = {}  # what is in the place of something now
    seen: dict[tuple, object] = {}
    kept = []
    for line in traced:
        if any(id(x) in known for x in line.taken):
            line.args = in_terms(line.args, known)
            line.kwargs = in_terms(line.kwargs, known)
            line.taken = named_in([line.args, line.kwargs])
        if not _is_pure(line, written):
            kept.append(line)
            writes.update(id(root) for root in line.written)
        elif line.constant is not None:
            known[id(line.results)] = line.constant
        else:
            state = tuple(writes[id(x.root)] for x in line.taken)
            key = (line.form.key, _key(line.args), _key(line.kwargs), state)
            if key not in seen:
                seen[key] = line.results
                kept.append(line)
            else:
                _pair(line.results, seen[key], known)
    outputs = in_terms(outputs, known)
    return _needed(kept, outputs), outputs


def _is_pure(line: Line, written: set) -> bool:
    """Whether it writes nothing, and nothing is written into what it makes. (A view is
    no new thing: what is written into it, all views of that memory see.)"""
    if line.stays or line.written:
        return False
    own = {id(x.root) for x in line.taken}
    made = {id(x.root) for x in named_in(line.results)} - own
    return not made & written


def _needed(kept: list[Line], outputs: list) -> list[Line]:
    """The lines that the outputs depend on, and those that stay."""
    needed = {id(part) for x in named_in(outputs) for part in (x, x.root)}
    found = []
    for line in reversed(kept):
        gives = {id(x) for x in named_in(line.results)}
        changes = {id(root) for root in line.written}
        if line.stays or needed & (gives | changes):
            found.append(line)
            for x in line.taken:
                needed |= {id(x), id(x.root)}
    return found[::-1]


def _pair(results, others, known: dict) -> None:
    if isinstance(results, Named):
        known[id(results)] = others
    elif type(results) in (tuple, list):
        for result, other in zip(results, others, strict=True):
            _pair(result, other, known)


def _key(nest):
    """Something hashable that is equal for what is the same."""
    if type(nest) is slice:
        return ("slice", _key((nest.start, nest.stop, nest.step)))
    if type(nest) in (tuple, list):
        return (type(nest), *map(_key, nest))
    if type(nest) is dict:
        return tuple((key, _key(value)) for key, value in nest.items())
    if isinstance(nest, np.generic):
        return (nest.dtype.str, nest.tobytes())
    if type(nest) in (int, float, bool, str):
        return (type(nest), repr(nest))
    return (type(nest), id(nest))
