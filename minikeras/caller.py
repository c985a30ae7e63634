"""The user's own lines: where warnings point, and what tracebacks show."""

import os
import sys
import warnings

import numpy as np

_INNER = tuple(os.path.dirname(path) + os.sep for path in (__file__, np.__file__))


def is_inner(frame) -> bool:
    """Whether a frame is a line of this package, or of NumPy on its behalf."""
    return frame.f_code.co_filename.startswith(_INNER)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """A warning that points to the line which called this package, however deep."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and is_inner(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
