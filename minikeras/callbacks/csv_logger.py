"""Counterpart: keras/src/callbacks/csv_logger.py."""

import os
from collections.abc import Iterable
from typing import Any

from minikeras.callbacks.callback import Callback


class CSVLogger(Callback):
    """Writes the logs of each epoch as a line of a CSV file.

    The columns are "epoch" and the names of the first epoch's logs in order; `val_`
    ones are there in any case, "NA" where an epoch has none. `append` goes on with a
    file that is there.
    """

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        self.sep = separator
        self.filename = os.fspath(filename)
        self.append = append
        self.csv_file: Any = None
        self.writer: Any = None

    def on_train_begin(self, logs=None):
        self._close()
        begun = self.append and os.path.exists(self.filename)
        self._needs_header = not (begun and os.path.getsize(self.filename))
        self.csv_file = open(self.filename, "a" if self.append else "w", newline="")

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if self.writer is None:
            self._open_writer(logs)
        row = {name: _written(logs.get(name, "NA")) for name in self.writer.fieldnames}
        self.writer.writerow(row | {"epoch": epoch})
        self.csv_file.flush()

    def _open_writer(self, logs):
        import csv

        names = sorted(logs)
        if not any(name.startswith("val_") for name in names):
            names += [f"val_{name}" for name in names]
        self.writer = csv.DictWriter(
            self.csv_file, ["epoch", *names], delimiter=self.sep
        )
        if self._needs_header:
            self.writer.writeheader()

    def on_train_end(self, logs=None):
        self._close()

    def _close(self):
        if self.csv_file is not None:
            self.csv_file.close()
        self.csv_file = self.writer = None


def _written(value):
    """A number or a text as it is; several numbers in brackets."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        if getattr(value, "ndim", 1):
            return f'"[{", ".join(map(str, value))}]"'
    return value
