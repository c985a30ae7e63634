"""What a thread keeps a record of: for derivatives, and for programs."""

import functools
import threading
from typing import Any


class Recording(threading.local):
    """The open tapes of this thread, and its trace if it keeps one."""

    tapes: tuple = ()
    trace: Any = None  # program/trace.py, or a Survey of program/work.py


recording = Recording()


def stays(function):
    """Marks a function on arrays that looks at their values, to check them say: it
    stays one call in a program, whose answer may be another one each time."""

    @functools.wraps(function)
    def call(*args, **kwargs):
        if recording.trace is None:
            return function(*args, **kwargs)
        return recording.trace.call_whole(function, args, kwargs, stays=True)

    return call
