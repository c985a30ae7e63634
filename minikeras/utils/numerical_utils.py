"""Counterpart: keras/src/utils/numerical_utils.py. One-hot rows, unit rows."""

import operator
from contextlib import suppress

import numpy as np

from minikeras.autodiff import Tensor, as_array


def to_categorical(x, num_classes=None):
    """One row of `num_classes` numbers for each label: 1 in its column, else 0.

    Labels are integers from 0, also as text or objects; `num_classes` None or 0
    means the largest plus one. Shape (…) or (…, 1) becomes (…, num_classes):
    float64, or for a Tensor a Tensor of float32, as Keras has it. Raises IndexError
    for a label outside the range and ValueError for a fraction; Keras counts a
    negative label from the end and cuts a fraction off.

    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    if isinstance(x, Tensor):
        return Tensor(to_categorical(x.value, num_classes).astype("float32"))
    labels = _as_labels(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    classes = operator.index(num_classes or 0) or _class_count(labels)
    if classes < 0:
        raise ValueError(
            f"`num_classes` must not be negative. Received: num_classes={classes}"
        )
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.size:
        raise IndexError(
            f"Expected labels from 0 to {classes - 1}. Received: {int(wrong[0])}"
        )
    rows = np.zeros((labels.size, classes))
    rows[np.arange(labels.size), labels.reshape(-1)] = 1
    return rows.reshape((*labels.shape, classes))


def normalize(x, axis=-1, order=2):
    """x divided by its norms along `axis`, as `numpy.linalg.norm` takes them; 0/0 is 0.

    An array of one axis comes back as one row, (1, n); what is no array comes back
    as a Tensor of its own shape: Keras does both. `axis=0` of an array divides row i
    by the norm of column i, as Keras does; only a square has as many of both.

    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if not isinstance(x, np.ndarray):
        array = x.value if isinstance(x, Tensor) else as_array(x)
        return Tensor(array / _norms(array, axis, order))
    norms = _norms(x, axis, order)
    if axis == 0 and x.ndim > 1:
        norms = np.moveaxis(norms, 0, -1)  # `axis or -1`, says numerical_utils.py there
    try:
        return np.atleast_2d(x / norms)
    except ValueError:
        raise ValueError(
            "`normalize(x, axis=0)` divides row i by the norm of column i, so it needs "
            f"a square array. Received: x.shape={x.shape}. For the norm of each column "
            "write x / np.linalg.norm(x, axis=0)."
        ) from None


def _norms(x, axis, order):
    norms = np.linalg.norm(x, order, axis, keepdims=True)
    return np.where(norms == 0, np.ones_like(norms), norms)


def _as_labels(x) -> np.ndarray:
    labels = np.asarray(x)
    if labels.dtype.kind in "OSU":  # as csv and pandas give them
        with suppress(ValueError, TypeError, OverflowError):
            return labels.astype("int64")
    if not _is_whole(labels):
        raise ValueError(f"Expected whole numbers as labels. Received: {x!r}")
    return labels.astype("int64")


def _is_whole(labels) -> bool:
    if labels.dtype.kind == "f":
        return bool(np.all(np.isfinite(labels) & (labels == np.floor(labels))))
    return labels.dtype.kind in "biu"


def _class_count(labels) -> int:
    if not labels.size:
        raise ValueError("Without labels, `num_classes` must be given. Received: x=[]")
    return int(labels.max()) + 1
