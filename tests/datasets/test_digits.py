import numpy as np
import pytest

from minikeras.datasets import digits


def test_values_and_order_are_scikit_learns():
    reference = pytest.importorskip("sklearn.datasets").load_digits()
    x, y = digits.load_data()
    assert x.dtype == reference.images.dtype and y.dtype == reference.target.dtype
    assert np.array_equal(x, reference.images)
    assert np.array_equal(y, reference.target)
    assert list(digits.TARGET_NAMES) == [str(n) for n in reference.target_names]


def test_shapes_and_range():
    x, y = digits.load_data()
    assert x.shape == (1797, 8, 8) and y.shape == (1797,)
    assert (x.min(), x.max()) == (0, digits.BLACK)
    assert (x == x.round()).all()
    counts = np.bincount(y)
    assert len(counts) == 10 and counts.min() == 174 and counts.max() == 183


def test_each_call_gives_arrays_of_its_own():
    x, y = digits.load_data()
    assert x.flags.c_contiguous and x.flags.writeable and y.flags.writeable
    x[:], y[:] = 0, 0
    fresh_x, fresh_y = digits.load_data()
    assert fresh_x.max() == 16 and fresh_y.max() == 9


def test_the_file_states_its_source():
    with open(digits.__file__[:-2] + "csv") as file:
        head = file.read(500)
    assert "UCI" in head and "CC BY 4.0" in head
