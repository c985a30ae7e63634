import numpy as np
import pytest

from minikeras.autodiff import Tensor
from minikeras.utils import normalize, to_categorical


@pytest.mark.parametrize("shape", [(5,), (5, 1), (2, 3), (2, 3, 1), (), (0,)])
def test_rows_pick_out_their_labels(shape):
    labels = np.random.default_rng(0).integers(0, 4, shape)
    rows = to_categorical(labels, 4)
    squeezed = labels[..., 0] if len(shape) > 1 and shape[-1] == 1 else labels
    assert rows.shape == (*squeezed.shape, 4)
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows @ np.arange(4), squeezed)
    np.testing.assert_array_equal(rows.sum(-1), np.ones(squeezed.shape))


def test_the_number_of_classes_is_the_largest_label_plus_one():
    assert to_categorical([0, 3]).shape == (2, 4)


def test_labels_as_text_and_objects():
    """As csv files and pandas give them."""
    for labels in (["1", "0"], np.array([1, 0], object), np.array(["1", "0"])):
        assert to_categorical(labels).tolist() == [[0, 1], [1, 0]]


def test_a_tensor_gives_a_tensor_of_float32():
    rows = to_categorical(Tensor(np.array([1, 0])), 3)
    assert isinstance(rows, Tensor)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows.value, [[0, 1, 0], [1, 0, 0]])


@pytest.mark.parametrize(
    ("labels", "classes", "error", "message"),
    [
        ([0, 3], 3, IndexError, "0 to 2. Received: 3"),
        ([0, -1], 3, IndexError, "Received: -1"),
        ([0.5], None, ValueError, r"whole numbers.*0\.5"),
        ([np.nan], None, ValueError, "whole numbers.*nan"),
        (["a"], None, ValueError, "whole numbers.*'a'"),
        ([None], None, ValueError, "whole numbers.*None"),
        ([], None, ValueError, "num_classes"),
        ([0], -2, ValueError, "num_classes=-2"),
        ([0], 2.5, TypeError, "float"),
    ],
)
def test_bad_labels(labels, classes, error, message):
    with pytest.raises(error, match=message):
        to_categorical(labels, classes)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("axis", [1, 2, -1])
@pytest.mark.parametrize("order", [1, 2, np.inf])
def test_norms_become_one(dtype, axis, order):
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(dtype)
    before = x.copy()
    y = normalize(x, axis, order)
    assert y.dtype == dtype
    # The sum of at most five squares is rounded five times.
    tolerance = 5 * np.finfo(dtype).eps
    np.testing.assert_allclose(np.linalg.norm(y, order, axis), 1, rtol=tolerance)
    assert np.all(np.sign(y) == np.sign(x))
    np.testing.assert_array_equal(x, before)


def test_axis_0_of_an_array_needs_a_square():
    with pytest.raises(ValueError, match=r"square.*\(2, 3\).*np\.linalg\.norm"):
        normalize(np.ones((2, 3)), axis=0)


def test_axis_0_of_a_tensor_is_its_columns():
    x = np.array([[3, 1], [4, 0]], "float32")
    expected = np.array([[0.6, 1], [0.8, 0]], "float32")
    np.testing.assert_allclose(normalize(Tensor(x), axis=0).value, expected)


def test_zero_stays_zero():
    np.testing.assert_array_equal(normalize(np.zeros((2, 3))), np.zeros((2, 3)))


def test_shapes():
    assert normalize(np.ones(4)).shape == (1, 4)
    assert normalize([1.0, 2.0]).shape == (2,)
    assert isinstance(normalize([1, 2]), Tensor)
    assert normalize(Tensor(np.ones((2, 3), "float32"))).dtype == np.float32
