"""Counterpart: keras/src/datasets/npz_utils.py. Files of arrays, read without code.

Sequences of unequal length lie in their files as pickles, and so do CIFAR's images. A
pickle may call whatever it can name. Here it can name three things, and gets stand-ins
for them: a true np.dtype would let a forged pickle pass bytes off as pointers, which
ends in a crash or worse.
"""

import io
import pickle
import re

import numpy as np


def load_npz(path: str) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by name, those of Python objects too."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return {
            name.removesuffix(".npy"): _read_npy(io.BytesIO(archive.read(name)))
            for name in archive.namelist()
            if name.endswith(".npy")
        }


def _read_npy(file: io.BytesIO) -> np.ndarray:
    version = np.lib.format.read_magic(file)
    # The header of version 3 differs from 2 in its encoding alone
    headers = (
        np.lib.format.read_array_header_1_0,
        np.lib.format.read_array_header_2_0,
    )
    _, _, dtype = headers[version > (1, 0)](file)
    if dtype.hasobject:
        return unpickle(file)
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def unpickle(file):
    """What a pickle of lists, dicts, numbers, text and NumPy arrays holds.

    pickle.UnpicklingError if it names anything else. Text of Python 2 gives bytes.
    """
    try:
        return _plain(RestrictedUnpickler(file, encoding="bytes").load())
    except _DAMAGES as error:
        raise pickle.UnpicklingError(f"The pickle is damaged: {error!r}") from error


# What Python's documentation names, and what NumPy says to shapes that do not fit
_DAMAGES = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


class RestrictedUnpickler(pickle.Unpickler):
    """Finds what makes an array, as stand-ins, and nothing else."""

    def find_class(self, module: str, name: str):
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(
                f"Refused `{module}.{name}`, which no array of numbers needs: the "
                "file is damaged or was made to run code."
            )
        return _KNOWN[module, name]


class _Dtype:
    """Stands for a np.dtype: a text such as "i8", and its byte order."""

    def __init__(self, text):
        self.text, self.order = _text(text), "="

    def __setstate__(self, state):
        self.order = _text(state[1])

    def dtype(self) -> np.dtype:
        if not re.fullmatch(r"[biufcSUO]\d{1,4}", self.text):
            raise pickle.UnpicklingError(f"Refused the dtype {self.text!r}.")
        return np.dtype(self.text).newbyteorder(self.order)


class _Array:
    """Stands for an array until all of the pickle is read."""

    def __setstate__(self, state):
        self.shape, self.kind, self.by_columns, self.data = state[-4:]

    def array(self) -> np.ndarray:
        dtype = self.kind.dtype()
        if dtype.hasobject:
            flat = np.empty(len(self.data), dtype)
            for i, item in enumerate(self.data):  # a slice would unpack equal lengths
                flat[i] = _plain(item)
        else:
            flat = np.frombuffer(self.data, dtype).copy()
        return flat.reshape(self.shape, order="F" if self.by_columns else "C")


# Functions, not classes: a pickle can set attributes of what it is given
def _new_dtype(text, *_) -> _Dtype:
    return _Dtype(text)


def _new_array(*_) -> _Array:
    return _Array()


_KNOWN = {
    ("numpy", "ndarray"): None,  # always an argument of the next two, never called
    ("numpy.core.multiarray", "_reconstruct"): _new_array,  # NumPy 1
    ("numpy._core.multiarray", "_reconstruct"): _new_array,
    ("numpy", "dtype"): _new_dtype,
}


def _plain(value):
    if isinstance(value, _Array):
        return value.array()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


def _text(value) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)
