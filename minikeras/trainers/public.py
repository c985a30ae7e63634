"""Counterpart: keras/src/utils/traceback_utils.py. What a user calls on a model.

An error that leaves such a method shows the user's own lines and the one that raised
it, not the dozen of this package in between; `keras.config.disable_traceback_filtering`
brings those back.
"""

import types
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from minikeras.caller import is_inner
from minikeras.config import is_traceback_filtering_enabled
from minikeras.signature import check_keywords

F = TypeVar("F", bound=Callable)


def public(method: F) -> F:
    """Decorator of a method that users know as the Model's and call once a training."""
    by_model_s_name(method)

    @wraps(method)
    def call(self, *args, **kwargs):
        check_keywords(method, kwargs, method.__qualname__, first=1)
        try:
            return method(self, *args, **kwargs)
        except Exception as error:
            if is_traceback_filtering_enabled():
                _leave_out_inner_frames(error)
            raise

    return call  # type: ignore[return-value]


def by_model_s_name(method: F) -> F:
    """Decorator: Python's own errors say `Model.fit()`, whatever class it stands in."""
    method.__qualname__ = f"Model.{method.__name__}"
    return method


def _leave_out_inner_frames(error: BaseException | None) -> None:
    """Cuts the traceback of an error, and of those that led to it, to the lines outside
    this package and the last one."""
    cut: list[BaseException] = []
    while error is not None and error not in cut:
        frames, kept = error.__traceback__, []
        while frames is not None:
            if not is_inner(frames.tb_frame) or frames.tb_next is None:
                kept.append(frames)
            frames = frames.tb_next
        for frame in reversed(kept):
            frames = types.TracebackType(
                frames, frame.tb_frame, frame.tb_lasti, frame.tb_lineno
            )
        error.__traceback__ = frames
        cut.append(error)
        error = error.__cause__ or error.__context__
