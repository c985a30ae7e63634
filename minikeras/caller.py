"""The user's own lines: where warnings point, and what tracebacks show."""

import os
import sys
import warnings

_PACKAGE = os.path.dirname(__file__) + os.sep


def is_inner(frame) -> bool:
    """Whether a frame is a line of this package."""
    return frame.f_code.co_filename.startswith(_PACKAGE)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """A warning that points to the line which called this package, however deep."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and is_inner(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
