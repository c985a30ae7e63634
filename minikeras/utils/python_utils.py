"""Counterpart: keras/src/utils/python_utils.py. Logs in the form that callbacks get."""

import numpy as np

from minikeras.autodiff import Tensor


def pythonify_logs(logs: dict | None) -> dict:
    """Logs with sorted names, inner dicts merged in, and numbers as Python floats.

    The order of the values on a progress line comes from here. A Tensor of more
    than one number (the outputs of `predict`) becomes its array; the rest stays.

    >>> pythonify_logs({"loss": np.float32(0.5), "extra": {"auc": 1}})
    {'auc': 1.0, 'loss': 0.5}
    """
    result: dict = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            result.update(pythonify_logs(value))
            continue
        if isinstance(value, Tensor):
            value = value.value
        result[name] = float(value) if _is_number(value) else value
    return result


def _is_number(value) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 0
    return isinstance(value, (int, float, np.number, np.bool_))
