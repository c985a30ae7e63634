"""How numbers are written on the page; those that are not finite too."""

import math

FLOAT32_DIGITS = 9  # enough to tell any two float32 numbers apart


def number(value: float | None, digits: int = FLOAT32_DIGITS) -> str:
    """ "0.25", "NaN", "∞", and "" for None."""
    if value is None:
        return ""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:.{digits}g}"


def power(exponent: int) -> str:
    """ "10⁻⁷"; 1 and 10 as they are."""
    if exponent in (0, 1):
        return str(10**exponent)
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def gap(a: float | None, b: float | None) -> float | None:
    """|a - b|, infinite where only one is a number; None where one is missing."""
    if a is None or b is None:
        return None
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    distance = abs(a - b)
    return math.inf if math.isnan(distance) else distance
