"""Counterpart: func_dump and func_load of keras/src/utils/python_utils.py. Functions
without a name, whose code itself is written into a config.

The one place where code can come out of a file. It does so only within `allowed`,
which nothing but `safe_mode=False`, said in the user's own script, opens.
"""

import builtins
import contextlib
import threading
from types import CellType, FunctionType
from typing import Any


class _Trust(threading.local):
    """Whether the file that is being read is one whose code may be run."""

    given = False


_trust = _Trust()


@contextlib.contextmanager
def allowed(is_allowed: bool):
    """A block in which `code_of` makes functions, or in which it does not."""
    before, _trust.given = _trust.given, is_allowed
    try:
        yield
    finally:
        _trust.given = before


def is_allowed() -> bool:
    return _trust.given


def is_lambda(function) -> bool:
    return isinstance(function, FunctionType) and function.__name__ == "<lambda>"


def dumped(function) -> dict[str, Any]:
    """{"code", "defaults", "closure"} of a lambda: its bytecode as text, and values."""
    import base64  # these serve only lambdas in files
    import marshal

    cells = function.__closure__ or ()
    return {
        "code": base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii"),
        "defaults": function.__defaults__,
        "closure": [cell.cell_contents for cell in cells] or None,
    }


def code_of(config: dict, owner: str) -> FunctionType:
    """The function that `dumped` wrote, which knows the builtins alone by their names;
    ValueError where no code may be run. `owner` says whose function it is."""
    if not _trust.given:
        raise ValueError(
            f"{owner} is code of a Python lambda. Expected a function by its name: "
            "code from a file is never run, unless you trust the file and load it "
            "with `safe_mode=False`."
        )
    import base64
    import marshal

    try:
        code = marshal.loads(base64.decodebytes(config["code"].encode("ascii")))
        defaults, closure = config.get("defaults"), config.get("closure")
        return FunctionType(
            code,
            {"__builtins__": builtins, "__name__": "lambdas"},
            argdefs=None if defaults is None else tuple(defaults),
            closure=None if closure is None else tuple(map(CellType, closure)),
        )
    except (AttributeError, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{owner} cannot be read. Expected a lambda that this version of Python "
            f"wrote. Received: {error}"
        ) from error
