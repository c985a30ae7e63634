"""How a constant array or number is written down, and what it is called."""

import numpy as np

_MOST_NUMBERS = 32  # a longer array that no function gives is not written down


def described(x) -> tuple[str, str | None]:
    """(a name for it, the Python expression that gives it to the last bit, or None)."""
    dtype = f"np.{x.dtype.type.__name__}"
    if isinstance(x, np.generic):
        return "number", _exact(repr(x), x)
    for name, text, value in (
        ("ones", f"np.ones({_shape(x)}, {dtype})", 1),
        ("zeros", f"np.zeros({_shape(x)}, {dtype})", 0),
    ):
        if (x == value).all():
            return name, _exact(text, x)
    if x.ndim == 1 and x.size > 1 and x.dtype == np.arange(1).dtype:
        start, step = x[0].item(), (x[1] - x[0]).item()
        stop = start + step * x.size
        if step and np.array_equal(np.arange(start, stop, step), x):
            return "starts", _exact(f"np.arange({start}, {stop}, {step})", x)
    if x.size > _MOST_NUMBERS:
        return "constant", None
    return "constant", _exact(f"np.array({x.tolist()!r}, {dtype})", x)


def _shape(x) -> str:
    return repr(x.shape[0] if x.ndim == 1 else x.shape)


def _exact(text: str, x) -> str | None:
    """The expression, if it gives the same bits (infinities, say, have no name)."""
    try:
        found = eval(text, {"np": np})
    except NameError:
        return None
    same = type(found) is type(x) and found.dtype == x.dtype
    same = same and found.shape == x.shape and found.strides == x.strides
    return text if same and found.tobytes() == x.tobytes() else None
