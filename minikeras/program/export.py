"""Writes the learned training step of a model as a Python file that needs NumPy alone:
its state, its step as `print(model.program)` shows it, and a loop."""

import re
from collections.abc import Callable

import numpy as np

from minikeras.program.learn import Program
from minikeras.program.lines import identifier

_MOST_NUMBERS = 20_000  # of state that are written down; a file of arrays is no text

_HEAD = '''"""{title}, as NumPy calls. Written by minikeras.

    python FILE data.npz

trains on the arrays x and y of that file for `epochs` epochs, and prints their losses.
If there are `orders`, these are the orders of the rows in each epoch.
"""

import sys

import numpy as np
'''
_LOOP = '''
def fit(x, y, epochs, orders=None):
    """Trains on the rows in their order, or in that of each epoch; prints losses."""
    x, y = np.asarray(x, {x_dtype}), np.asarray(y, {y_dtype})
    for epoch in range(epochs):
        for name in METRICS:
            state[name] = np.zeros_like(state[name])
        order = np.arange(len(x)) if orders is None else orders[epoch]
        for start in range(0, len(x), {rows}):
            rows = order[start : start + {rows}]
            STEPS[len(rows)](x[rows], y[rows])
        loss = state["loss_total"] / state["loss_count"]
        print(f"epoch {{epoch + 1}}: loss {{loss}}")


if __name__ == "__main__":
    data = np.load(sys.argv[1])
    fit(data["x"], data["y"], int(data["epochs"]), data.get("orders"))
'''


def exported(
    title: str,
    programs: dict[int, Program],
    state: list,
    metrics: list,
    begin: dict | None = None,
) -> str:
    """The text of the file. `programs` are the steps by the rows of a batch, the usual
    first; `state` are pairs of a name and a variable, `metrics` those variables that
    an epoch begins with zeros in. `begin` has by their ids what variables began with,
    if that is wanted."""
    begin = begin or {}
    owners: dict[int, str] = {}
    for given, variable in state:
        name, count = identifier(given), 1
        while name in owners.values():
            count += 1
            name = f"{identifier(given)}_{count}"
        owners.setdefault(id(variable), name)
    helpers: dict[str, str] = {}
    steps: list[str] = []
    names: list[str] = []
    used: dict[str, None] = {}
    for rows, program in programs.items():
        names.append("train_step" if not names else f"train_step_{rows}")
        steps.append(_function(program, names[-1], owners, helpers, used))
    values = {
        owners[id(v)]: begin.get(id(v), v.value)
        for _, v in state
        if owners[id(v)] in used
    }
    if sum(np.size(value) for value in values.values()) > _MOST_NUMBERS:
        raise ValueError(
            f"The state of the model has more than {_MOST_NUMBERS} numbers, too many "
            "to be written down as text. Save it with `model.save(...)`."
        )
    x, y = (f"np.{dtype}" for dtype in programs[next(iter(programs))].dtypes)
    table = ", ".join(f"{n}: {name}" for n, name in zip(programs, names, strict=True))
    zeros = [owners[id(v)] for v in metrics if owners[id(v)] in used]
    parts = [
        _HEAD.format(title=title),
        "state = {\n"
        + "".join(f'    "{k}": {_literal(v)},\n' for k, v in values.items())
        + "}\n",
        *helpers.values(),
        *steps,
        f"STEPS = {{{table}}}  # by the rows of a batch\nMETRICS = {zeros}\n",
        _LOOP.format(rows=next(iter(programs)), x_dtype=x, y_dtype=y).lstrip("\n"),
    ]
    return "\n\n".join(parts)


def _function(program: Program, name: str, owners: dict, helpers: dict, used: dict):
    """The function of a program, which keeps its variables in `state`."""
    if program.draws:
        raise ValueError(
            "A step that draws random numbers, as that of a Dropout layer, cannot be "
            "exported: NumPy does not have them."
        )
    head, _, body = program.text.rpartition("\n\n\n")
    first, *lines = body.split("\n")
    first = re.sub(r"^def \w+", f"def {name}", first)
    constants = [f"    {line}" for line in head.split("\n") if line]
    text = "\n".join([first, *constants, *lines])
    for known, value in program.run.__globals__.items():
        if id(value) in owners:
            text = text.replace(f"{known}.value", f'state["{owners[id(value)]}"]')
            used[owners[id(value)]] = None
        elif callable(value) and known != "np":
            _gather(known, value, helpers)
        elif isinstance(value, np.ndarray) and f"{known} = " not in head:
            text = text.replace(
                f"    # {known}: ", f"    {known} = {_literal(value)}  # "
            )
    return text


def _gather(name: str, function: Callable, helpers: dict) -> None:
    """The source of a function and of those that it calls; ValueError if it needs
    more than NumPy."""
    import inspect  # heavy, and of use here alone

    plain = inspect.unwrap(function)
    if name in helpers:
        return
    helpers[name] = ""
    kinds = plain.__annotations__.values()
    if any(hasattr(kind, "__metadata__") for kind in kinds):
        raise _too_much(plain)  # it converts what enters (ops/kinds.py)
    for other in plain.__code__.co_names:
        value = plain.__globals__.get(other)
        if inspect.isfunction(value):
            _gather(other, value, helpers)
        elif value is not None and value is not np:
            raise _too_much(plain)
    source = inspect.getsource(plain)
    helpers[name] = source[source.index("def ") :].replace(plain.__name__, name)


def _too_much(function: Callable) -> ValueError:
    return ValueError(
        f"The step calls `{function.__name__}`, which is more than a few NumPy "
        "calls: steps of dense layers can be exported, for instance."
    )


def _literal(value) -> str:
    dtype = f"np.{value.dtype.type.__name__}"
    if isinstance(value, np.generic):
        return f"{dtype}({value.item()!r})"
    return f"np.array({value.tolist()!r}, {dtype})"
