"""What a thread keeps a record of: for derivatives, and for programs."""

import threading
from typing import Any


class Recording(threading.local):
    """The open tapes of this thread, and its trace if it keeps one."""

    tapes: tuple = ()
    trace: Any = None  # program/trace.py, or the list that autodiff/trace.py keeps


recording = Recording()
