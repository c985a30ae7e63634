"""Arrays from pickles, and pickles made to run code or to break memory."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from minikeras.datasets.npz_utils import load_npz, unpickle
from parity.dataset_files import python2_pickle


def test_numbers_and_lists_come_back(tmp_path):
    lists = np.empty(3, dtype=object)
    lists[:] = [[1, 2, 3], [300], []]
    arrays = {
        "lists": lists,
        "grid": np.array([[[1], None], [2.5, "a"]], dtype=object),
        "floats": np.arange(6, dtype="float32").reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6).reshape(2, 3)),
    }
    np.savez(tmp_path / "a.npz", **arrays)
    loaded = load_npz(tmp_path / "a.npz")
    assert list(loaded) == list(arrays)
    for name, array in arrays.items():
        assert loaded[name].dtype == array.dtype and loaded[name].shape == array.shape
        assert loaded[name].tolist() == array.tolist()
    assert all(type(word) is int for word in loaded["lists"][0])


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([[1, 2]], dtype="bool"),
        np.array(["a", "bcd"]),
        np.array([], dtype="uint8"),
    ],
    ids=str,
)
@pytest.mark.parametrize("protocol", [3, 4])
def test_a_pickled_array_comes_back(array, protocol):
    found = unpickle(io.BytesIO(pickle.dumps({"data": array}, protocol)))["data"]
    assert found.dtype == array.dtype and found.shape == array.shape
    assert (found == array).all() and found.flags.writeable


def test_what_python_2_pickled_comes_back():
    images = np.arange(12, dtype="uint8").reshape(3, 4)
    file = io.BytesIO(python2_pickle(images, {"labels": [3, 1, 2]}))
    found = unpickle(file)
    assert list(found) == [b"data", b"labels"] and found[b"labels"] == [3, 1, 2]
    assert found[b"data"].dtype == "uint8" and (found[b"data"] == images).all()


class Call:
    """Pickles as the call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


HARM = {
    "a command": Call(os.system, "exit 1"),
    "an evaluation": Call(eval, "1 / 0"),
    "a file": Call(open, "/dev/null"),
    "an import": Call(__import__, "antigravity"),
    "an attribute": Call(getattr, "a", "upper"),
    "a part of NumPy": Call(np.fromfile, "/dev/null"),
    "a buffer as an array": Call(np.ndarray, (1,), "i8", b"12345678"),
}


@pytest.mark.parametrize("label", HARM)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_that_calls_something_is_refused(label, protocol):
    content = pickle.dumps([HARM[label]], protocol)
    with pytest.raises(pickle.UnpicklingError):
        unpickle(io.BytesIO(content))


def test_an_npz_with_code_is_refused_and_runs_nothing(tmp_path):
    marker = tmp_path / "ran"
    evil = np.empty(1, dtype=object)
    evil[0] = Call(os.system, f"touch {marker}")
    np.savez(tmp_path / "a.npz", x=evil)
    with pytest.raises(pickle.UnpicklingError, match="system.*made to run code"):
        load_npz(tmp_path / "a.npz")
    assert not marker.exists()


def forged(dtype: bytes, data: bytes, flags: bytes = b"K\x00") -> bytes:
    """An array of one element with that dtype, with those flags, over these bytes."""
    return (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
        b"K\x00\x85U\x01b\x87Rq\x05(K\x01K\x01\x85cnumpy\ndtype\n"
        + dtype
        + b"K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
        + flags
        + b"tb\x89"
        + data
        + b"tb."
    )


def test_the_forgeries_are_arrays_but_for_their_fault():
    content = forged(b"U\x02i8", b"U\x0812345678")
    (found,) = unpickle(io.BytesIO(content))
    assert found == np.frombuffer(b"12345678", "i8")[0]


@pytest.mark.parametrize(
    "content",
    [
        # np.dtype would take the flags, then bytes as pointers to objects
        forged(b"U\x02O8", b"U\x0812345678"),
        forged(b"U\x02O8", b"U\x0812345678", b"K\x3f"),
        forged(b"U\x05O8,O8", b"]"),
        forged(b"}", b"U\x0812345678"),
        forged(b"U\x02i8", b"U\x041234"),
        forged(b"U\x02i8", b"]K\x01a"),
        forged(b"U\x02V8", b"U\x0812345678"),
        forged(b"U\x02O8", b"]h\x05a"),  # an array that holds itself
        forged(b"U\x02O8", b"T\xff\xff\xff\x7f"),  # a length beyond the end
    ],
)
def test_a_forged_array_is_refused(content):
    with pytest.raises(pickle.UnpicklingError):
        unpickle(io.BytesIO(content))


def test_a_member_that_is_no_array_is_passed_over(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(2))
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("read me.txt", "text")
    assert list(load_npz(tmp_path / "a.npz")) == ["x"]
