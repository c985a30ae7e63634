"""Compares texts with numbers in them: the words must be equal, and each number but
for its last printed digit, or as far as rounding has driven the runs apart by then.
"""

import re
from collections.abc import Sequence

import numpy as np

from parity.bound import ALIKE

_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[+-]\d+)?")
ONE_DIGIT = 1.01  # in the last place; a little more, for 0.3 - 0.2 is not 0.1


def difference(
    a: str, b: str, j: str | None, start: str = "", shaken: Sequence[str] = ()
) -> tuple[float, float, str]:
    """(largest difference between numbers, what is allowed there, a note on words).

    `a` is tf.keras's text, `b` minikeras's, `j` the float64 run's; rounding alone
    turns `start` into those of `shaken`.
    """
    note = first_line(_NUMBER.sub("#", a), _NUMBER.sub("#", b), a, b)
    if note:
        return np.inf, 0.0, note
    x, y, units = numbers(a), numbers(b), _units(a)
    if not len(x):
        return 0.0, 0.0, ""
    allowed = ONE_DIGIT * units
    z = numbers(j) if j is not None else x
    if len(z) == len(x):
        errors = np.minimum(np.abs(x - z), np.abs(y - z))
        allowed = np.maximum(allowed, np.where(errors > allowed, ALIKE * errors, 0))
    for other in map(numbers, shaken):
        if len(other) == len(x) == len(numbers(start)):
            allowed = np.maximum(allowed, ALIKE * np.abs(other - numbers(start)))
    gap = np.abs(x - y)
    worst = int(np.argmax(gap / allowed))
    return float(gap[worst]), float(allowed[worst]), ""


def numbers(text: str) -> np.ndarray:
    return np.array([float(found) for found in _NUMBER.findall(text)])


def _units(text: str) -> np.ndarray:
    """What one in the last printed place of each number is worth."""
    found = []
    for number in _NUMBER.findall(text):
        digits, _, exponent = number.partition("e")
        decimals = len(digits.partition(".")[2])
        found.append(10.0 ** (int(exponent or 0) - decimals))
    return np.array(found)


def first_line(words_a: str, words_b: str, a: str, b: str) -> str:
    """Where the words part, "" if nowhere; the texts themselves are told."""
    if words_a == words_b:
        return ""
    pairs = [words_a.splitlines(), words_b.splitlines()]
    count = max(map(len, pairs))
    lines = [[*part, *[""] * (count - len(part))] for part in pairs]
    at = next((i for i in range(count) if lines[0][i] != lines[1][i]), count)
    shown = [part.splitlines()[at : at + 1] or ["nothing"] for part in (a, b)]
    return f"line {at + 1}: {shown[0][0]!r} in tf.keras, {shown[1][0]!r} in minikeras"
