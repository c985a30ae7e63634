import numpy as np
import pytest

from minikeras.autodiff import Tensor
from minikeras.utils.python_utils import pythonify_logs


@pytest.mark.parametrize(
    "number",
    [2, 2.0, True, np.float32(2), np.int64(2), np.array(2.0), Tensor(np.float32(2))],
)
def test_numbers_become_floats(number):
    assert type(pythonify_logs({"loss": number})["loss"]) is float


def test_names_are_sorted_and_inner_dicts_merged():
    logs = pythonify_logs({"loss": 1, "inner": {"b": 2, "a": 3}, "accuracy": 4})
    assert list(logs) == ["accuracy", "a", "b", "loss"]


@pytest.mark.parametrize("value", ["text", None, np.ones((1, 1)), [1.0]])
def test_other_values_stay(value):
    assert pythonify_logs({"outputs": value})["outputs"] is value


def test_a_tensor_becomes_its_array():
    outputs = Tensor(np.ones((2, 1)))
    assert pythonify_logs({"outputs": outputs})["outputs"] is outputs.value


def test_no_logs():
    assert pythonify_logs(None) == {}
