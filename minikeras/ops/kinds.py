"""What enters a primitive: the annotations of its array inputs beside `Array`.

    @primitive
    def exp(x: Float):           # ints, bools and Python numbers become floatx()
        y = np.exp(x)
        return y, (lambda dy: dy * y,)

    @primitive
    def multiply(x1: Pair, x2: Pair):     # in their common dtype; they broadcast
        return x1 * x2, (lambda dy: dy * x2, lambda dy: dy * x1)

So the bodies are bare formulas. `Array` itself is taken as it is.
"""

import functools
from typing import Annotated, Any

from minikeras.ops.broadcast import match
from minikeras.ops.dtypes import (
    as_float,
    as_wide_float,
    number,
    promote,
    promote_floats,
)


def _each(convert):
    """The input as `convert` gives it."""

    def around(function, position):
        @functools.wraps(function)
        def entered(*inputs, **options):
            if position == 0:  # cheaper, and nearly always so
                return function(convert(inputs[0]), *inputs[1:], **options)
            inputs = list(inputs)
            inputs[position] = convert(inputs[position])
            return function(*inputs, **options)

        return entered

    return around


def _both(convert):
    """The first two inputs as `convert` gives them together; a derivative goes back in
    the shape and dtype of the input itself."""

    def around(function, position):
        if position:  # once for both
            return function

        @functools.wraps(function)
        def entered(x1, x2, *others, **options):
            y, vjp = function(*convert(x1, x2), *others, **options)
            return y, _matched(vjp, x1, x2)

        return entered

    return around


def _matched(vjp, x1, x2):
    if type(vjp) is not tuple:
        return lambda dy: tuple(map(match, vjp(dy), (x1, x2)))
    pull1, pull2 = vjp
    return (
        pull1 and (lambda dy: match(pull1(dy), x1)),
        pull2 and (lambda dy: match(pull2(dy), x2)),
    )


Number = Annotated[Any, _each(number)]  # anything but None, text and objects
Float = Annotated[Any, _each(as_float)]
WideFloat = Annotated[Any, _each(as_wide_float)]  # int64 becomes float64
Pair = Annotated[Any, _both(promote)]  # Python numbers take the other one's dtype
FloatPair = Annotated[Any, _both(promote_floats)]  # two ints become floatx()
