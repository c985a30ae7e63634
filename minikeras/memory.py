"""Keeps freed memory at hand while a model trains: it is for speed alone.

The first touch of each page of fresh memory is a trap into the system, and glibc
gives large arrays back to it as soon as they are free. A training step allocates the
same arrays again and again: that can take a third of its time. So while `fit` runs
glibc is told to keep what is freed; afterwards it goes back to the system.
"""

import ctypes
import sys
import threading

# The options of glibc's mallopt(3), and what it starts with.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -2, -3, -4
_MB = 1 << 20
_KEEP = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 64 * _MB))
# What glibc arrives at by itself in a process that frees large blocks.
_USUAL = (
    (_MMAP_MAX, 65536),
    (_MMAP_THRESHOLD, 32 * _MB),
    (_TRIM_THRESHOLD, 64 * _MB),
    (_TOP_PAD, 128 << 10),
)


class freed_memory_kept:
    """A block in which freed memory stays with the process; does nothing where there
    is no glibc. Blocks may overlap and nest."""

    _lock = threading.Lock()
    _open = 0

    def __enter__(self):
        with self._lock:
            type(self)._open += 1
            if self._open == 1:
                _set(_KEEP)

    def __exit__(self, *exception):
        with self._lock:
            type(self)._open -= 1
            if self._open == 0:
                _set(_USUAL)
                if _glibc is not None:
                    _glibc.malloc_trim(0)


def _set(options) -> None:
    if _glibc is not None:
        for option, value in options:
            _glibc.mallopt(option, value)


def _find_glibc():
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None


_glibc = _find_glibc()
