"""Handwritten digits, in the values and the order of scikit-learn's `load_digits`.

Keras has no such module: its images are downloads. These are 8 by 8 pixels, 120 kB
in all, and lie beside this file, where their source and licence are stated too.
"""

import os

import numpy as np

TARGET_NAMES = tuple("0123456789")
BLACK = 16  # the largest value of a pixel; 0 is white

_CSV = os.path.join(os.path.dirname(__file__), "digits.csv")


def load_data():
    """The images `x`, float64 (1797, 8, 8) from 0 to 16, and the digits `y`, int64.

    The order is that of the writers' forms, so neighbours are by one hand: shuffle
    them before a validation split. Every call gives new arrays, so they may be
    shuffled in place.
    """
    with open(_CSV, encoding="ascii") as file:
        rows = [line.rstrip() for line in file if not line.startswith("#")][1:]
    codes = np.frombuffer("".join(rows).encode(), np.uint8).reshape(len(rows), 66)
    pixels = codes[:, :64].astype("float64")
    # "0" to "9" are the codes from 48, "a" to "g" those from 97
    pixels -= np.where(pixels < 97, 48, 97 - 10)
    return pixels.reshape(-1, 8, 8), codes[:, 65].astype("int64") - 48
