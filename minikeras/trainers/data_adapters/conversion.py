"""Counterpart: keras/src/trainers/data_adapters/array_slicing.py and
data_adapter_utils.py. What a user may pass as data, and what is refused.
"""

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.caller import warn
from minikeras.config import floatx
from minikeras.limits import is_number

_BLOCK = 1 << 20  # rows × columns looked at in one go when searching for NaN


def as_data(data, name: str, columns=True):
    """The nest of arrays in `data`: arrays, Tensors, pandas objects, or lists.

    A list of arrays stays a list (several inputs); a list of numbers, however
    deep, is one array. ValueError for anything that does not hold numbers.
    With `columns` a Series is one, (n, 1), as in Keras (array_slicing.py).
    """
    if data is None or isinstance(data, (np.ndarray, Tensor)):
        return as_data_array(data, name)
    if is_pandas(data):
        array = from_pandas(data)
        is_column = columns and data.ndim == 1
        return as_data_array(array[:, None] if is_column else array, name)
    if _is_array(data):
        return as_data_array(data, name)
    if isinstance(data, dict):
        return {
            key: as_data(value, f"{name}[{key!r}]", columns)
            for key, value in data.items()
        }
    if isinstance(data, (list, tuple)):
        if any(_is_array(part) or isinstance(part, dict) for part in data):
            return type(data)(
                as_data(part, f"{name}[{i}]", columns) for i, part in enumerate(data)
            )
        return as_data_array(data, name)
    raise ValueError(
        f"Unrecognized data type: {name}={data!r} (of type {type(data)}). Expected "
        "arrays, lists of numbers, pandas objects, a generator or a PyDataset."
    )


def _is_array(data) -> bool:
    return isinstance(data, (np.ndarray, Tensor)) or hasattr(data, "__array__")


def is_pandas(data) -> bool:
    """Whether it is a DataFrame or a Series, told without importing pandas."""
    return hasattr(data, "iloc") and hasattr(data, "to_numpy")


def from_pandas(data) -> np.ndarray:
    """The array of a DataFrame or Series; one of `floatx()` where its columns have
    numbers of several kinds (floats and bools, Float64), missing ones being NaN."""
    array = data.to_numpy()
    dtypes = [data.dtype] if data.ndim == 1 else data.dtypes
    if array.dtype.kind == "O" and all(dtype.kind in "biufO" for dtype in dtypes):
        try:
            return data.to_numpy(dtype=floatx(), na_value=np.nan)
        except (TypeError, ValueError):
            pass  # it holds something else: whoever checks the array names it
    return array


def as_data_array(data, name: str) -> np.ndarray | None:
    """One array of numbers with a row per sample; not copied, not cast."""
    if data is None:
        return None
    if isinstance(data, Tensor):
        data = data.value
    try:
        array = np.asanyarray(data)
    except ValueError as error:
        raise ValueError(
            f"`{name}` cannot be made an array: its rows differ in length. {error}"
        ) from error
    if array.dtype.kind not in "biuf":
        kind = {"O": "objects", "U": "strings", "S": "strings"}.get(array.dtype.kind)
        raise ValueError(
            f"Expected numbers in `{name}`. Received {kind or 'values'} "
            f"(dtype {array.dtype}){_first_odd(array)}."
        )
    if array.ndim == 0:
        raise ValueError(
            f"Expected an array with a row per sample for `{name}`. "
            f"Received a scalar: {data!r}"
        )
    return array


def _first_odd(array) -> str:
    """': row 3 holds "abc"' for the first entry that is not a number."""
    for row, entries in enumerate(array.reshape(len(array), -1) if array.ndim else []):
        for entry in entries:
            if isinstance(entry, (str, bytes)) or not np.isscalar(entry):
                return f": row {row} holds {entry!r}"
    return ""


def to_tensor_dtype(array: np.ndarray) -> np.ndarray:
    """Floats in `floatx()`, all in the machine's byte order; no needless copy."""
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):  # a huge float64 is inf in float32, as in TF
            return np.asarray(array, dtype=floatx())
    return np.asarray(array, dtype=array.dtype.newbyteorder("="))


def check_finite(array: np.ndarray, name: str) -> bool:
    """Whether there is neither NaN nor inf; one warning that names the array and its
    first row with one."""
    if array.dtype.kind != "f" or not array.size:
        return True
    rows = max(1, _BLOCK * len(array) // array.size)
    for start in range(0, len(array), rows):
        finite = np.isfinite(array[start : start + rows])
        if not finite.all():
            bad = finite.reshape(len(finite), -1).all(axis=1).argmin()
            value = array[start + bad].ravel()[~finite[bad].ravel()][0]
            warn(
                f"`{name}` holds NaN or inf: the first is {value} in row {start + bad}."
            )
            return False
    return True


def check_same_length(x, y, sample_weight) -> int:
    """The number of samples; ValueError unless all arrays agree on it."""
    named = {"x": x, "y": y, "sample_weight": sample_weight}
    sizes = {
        name: [len(a) for a in tree.flatten(data) if a is not None]
        for name, data in named.items()
    }
    distinct = {size for found in sizes.values() for size in found}
    if len(distinct) > 1:
        listing = "\n".join(
            f"'{name}' sizes: {', '.join(map(str, found))}"
            for name, found in sizes.items()
            if found
        )
        raise ValueError(
            "Data cardinality is ambiguous. Make sure all arrays contain the same "
            f"number of samples.\n{listing}"
        )
    if not distinct:
        raise ValueError("There is no data: x, y and sample_weight are None.")
    return distinct.pop()


def class_weight_to_sample_weights(y, class_weight: dict) -> np.ndarray:
    """The weight of each sample's class (1 for classes not in the dict).

    `y` holds class numbers, (n,) or (n, 1), or one row of scores per sample.
    """
    if not isinstance(class_weight, dict):
        raise ValueError(
            "`class_weight` must be a dict from class numbers to weights. "
            f"Received: class_weight={class_weight!r} (of type {type(class_weight)})"
        )
    for key, weight in class_weight.items():
        if not is_number(weight) or not (is_number(key) and key == int(key)):
            raise ValueError(
                "`class_weight` must be a dict from class numbers to weights. "
                f"Received: the weight {weight!r} for the class {key!r}"
            )
    y = np.asarray(y)
    if y.ndim > 1:
        y = y.argmax(axis=-1) if y.shape[-1] != 1 else y[..., 0]
    labels = np.round(y).astype("int32")
    weights = [class_weight.get(int(label), 1.0) for label in labels]
    return np.array(weights, dtype=floatx())
