"""Counterpart: keras/src/utils/naming.py. Names for objects that were given none.

It lies on the lowest floor because layers, models, metrics and variables name
themselves with it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

_uses: defaultdict[str, int] = defaultdict(int)


def auto_name(prefix: str) -> str:
    """A name from a class name: the first is bare, later ones are numbered.

    >>> reset_uids()
    >>> auto_name("ReLU"), auto_name("ReLU"), auto_name("ReLU")
    ('re_lu', 're_lu_1', 're_lu_2')
    """
    return uniquify(to_snake_case(prefix))


def uniquify(name: str) -> str:
    """`name` the first time, then `name_1`, `name_2`…"""
    count = _uses[name]
    _uses[name] = count + 1
    return f"{name}_{count}" if count else name


def to_snake_case(name: str) -> str:
    """Lower case, an underscore before each new word; other signs are dropped.

    A word starts at a capital that follows a small letter or precedes one.

    >>> to_snake_case("GlorotUniform"), to_snake_case("L1L2"), to_snake_case("LSTMCell")
    ('glorot_uniform', 'l1l2', 'lstm_cell')
    """
    word = re.sub(r"\W", "", name)
    starts = r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])"
    return re.sub(starts, "_", word).lower()


def get_uid(prefix: str = "") -> int:
    """The next number of `prefix`, counted together with the names made from it."""
    _uses[prefix] += 1
    return _uses[prefix]


def reset_uids() -> None:
    """Starts every count anew."""
    _uses.clear()


def get_object_name(obj) -> str:
    """`obj.name`, or the snake-case form of a function's or its class's name."""
    if hasattr(obj, "name"):
        return obj.name
    return to_snake_case(getattr(obj, "__name__", type(obj).__name__))


def check_name(name) -> None:
    """ValueError for the name of a layer or operation that cannot be part of a path."""
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise ValueError(
            "Argument `name` must be a string and cannot contain character `/`. "
            f"Received: name={name} (of type {type(name)})"
        )


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """' Did you mean …?' with the nearest candidate, or '' when none is near."""
    import difflib  # costs 3 ms to import and serves only error messages

    # Of two spellings that differ in case alone, the one in the case of `name`.
    ordered = sorted(candidates, key=lambda known: known.islower() == name.islower())
    by_lower = {candidate.lower(): candidate for candidate in ordered}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""
