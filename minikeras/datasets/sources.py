"""Where a data set comes from: Keras's cache folder, its address, or made up."""

import contextlib
import os
import sys

from minikeras.utils.file_utils import get_file

BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
VARIABLE = "MINIKERAS_DATASETS"
SYNTHETIC = "synthetic"


def fetch(fname: str, origin: str, file_hash: str | None = None, **options) -> str:
    """`get_file`; its error says that there is made-up data too."""
    try:
        return get_file(fname, origin, file_hash=file_hash, **options)
    except OSError as error:
        raise OSError(
            f"{error} Or train on made-up data of the same shape: `minikeras run "
            f"--synthetic-data SCRIPT`, or {VARIABLE}={SYNTHETIC} in the environment."
        ) from None


@contextlib.contextmanager
def made_up():
    """A block in which all data sets are made up, in child processes too."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = SYNTHETIC
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def is_synthetic(name: str) -> bool:
    """Whether the data set is to be made up; if so, says that on stderr."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", SYNTHETIC):
        raise ValueError(
            f"Expected the environment variable {VARIABLE} to be {SYNTHETIC!r} or "
            f"unset. Received: {wanted!r}"
        )
    if wanted:
        print(
            f"minikeras: {name} is made-up data, not the real set "
            f"({VARIABLE}={SYNTHETIC})",
            file=sys.stderr,
        )
    return bool(wanted)
