import numpy as np
import pytest

from minikeras.datasets import iris


def test_values_and_order_are_scikit_learns():
    reference = pytest.importorskip("sklearn.datasets").load_iris()
    x, y = iris.load_data()
    assert x.dtype == reference.data.dtype and y.dtype == reference.target.dtype
    assert np.array_equal(x, reference.data)
    assert np.array_equal(y, reference.target)
    assert list(iris.TARGET_NAMES) == list(reference.target_names)
    assert [f"{name} (cm)" for name in iris.FEATURE_NAMES] == reference.feature_names


def test_each_call_gives_arrays_of_its_own():
    x, y = iris.load_data()
    assert x.flags.c_contiguous and x.flags.writeable and x.base is None
    x[:], y[:] = 0, 0
    fresh_x, fresh_y = iris.load_data()
    assert fresh_x.min() == 0.1 and fresh_y.max() == 2


def test_fifty_flowers_of_each_species():
    assert np.bincount(iris.load_data()[1]).tolist() == [50, 50, 50]


def test_the_file_states_its_source():
    with open(iris.__file__[:-2] + "csv") as file:
        head = file.read(500)
    assert "UCI" in head and "CC BY 4.0" in head
