"""Ctrl-C between two steps instead of within one."""

import signal
import threading


class DeferredInterrupt:
    """While the block runs, Ctrl-C is remembered and raised at the next `check`.

    So an interrupted `fit` never leaves some weights updated and others not. A
    second Ctrl-C is raised at once. Only the main thread receives signals: in any
    other thread, or under a handler of the user's own, nothing is changed.
    """

    def __init__(self):
        self.pending = False
        self._installed = False

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._remember)
                self._installed = True
        return self

    def __exit__(self, *exception):
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.pending and exception[0] is None:
            raise KeyboardInterrupt

    def _remember(self, number, frame):
        if self.pending:
            raise KeyboardInterrupt
        self.pending = True

    def check(self) -> None:
        """Raises KeyboardInterrupt if Ctrl-C came since the last check."""
        if self.pending:
            self.pending = False
            raise KeyboardInterrupt
