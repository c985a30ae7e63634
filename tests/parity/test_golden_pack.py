"""Results become numbers and text that need no pickle, and come back as they were."""

import io

import numpy as np
import pytest

from parity.golden import pack, store

NUMBERS = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 3.4e38]
ROUND = {
    "float32": np.float32(NUMBERS),
    "float64": np.float64([*NUMBERS[:-1], 5e-324]),
    "float16": np.float16([np.nan, -0.0, 6e-8, 65504]),
    "bool": np.array([[True, False]]),
    "int8 uint8": [np.int8([-128, 127]), np.uint8([0, 255])],
    "int64": np.array([-(2**63), 2**63 - 1]),
    "uint64": np.uint64([2**64 - 1]),
    "no rows": np.zeros((0, 3), "float32"),
    "no axes": np.array(2.5),
    "three axes": np.arange(24, dtype="int32").reshape(2, 3, 4),
    "column by column": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "every other": np.arange(10.0)[::2],
    "texts": np.array(["", "Ä", "long enough"]),
    "scalars": [np.float32(0.1), np.int64(-1), np.float64("nan"), np.bool_(True)],
    "a text scalar": np.str_("ä"),
    "text": 'a\tbar │ 12% \x1b[1m "quoted" \\ \ud800 \x00\n',
    "nothing": None,
    "bools": [True, False],
    "ints": [0, 1, -(2**70)],
    "floats": [0.1, float("inf"), float("-inf"), 1e308, -0.0],
    "not a number": float("nan"),
    "lists": [[], [[None]], [np.float32([1]), [np.int32([2]), "x"], {}]],
    "tuples": ((), (1, [2, (3,)])),
    "dict": {"tuple": [1], "array": {"b": 1, "a": None}, 3: {None: True}},
}


def same(a, b) -> bool:
    """Equal in type, dtype, shape and every bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        bits = np.asarray(a).tobytes() == np.asarray(b).tobytes()
        return bits and (a.dtype, a.shape) == (b.dtype, b.shape)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        pairs = zip(a.items(), b.items(), strict=True)
        return len(a) == len(b) and all(same(x, y) for x, y in pairs)
    if isinstance(a, pack.Large):
        return same(list(vars(a).values()), list(vars(b).values()))
    return repr(a) == repr(b)  # tells -0.0 from 0.0, and NaN is NaN


def through_a_file(value, tmp_path):
    store.write(tmp_path / "x.npz", {"value": value})
    return store.read(tmp_path / "x.npz", "")["value"]


@pytest.mark.parametrize("name", ROUND)
def test_each_kind_of_result_comes_back(name, tmp_path):
    assert same(through_a_file(ROUND[name], tmp_path), ROUND[name])


def test_all_of_them_together_come_back(tmp_path):
    assert same(through_a_file(ROUND, tmp_path), ROUND)


def test_what_comes_back_can_be_written_to(tmp_path):
    through_a_file(ROUND["float32"], tmp_path)[0] = 1


@pytest.mark.parametrize(
    "value", [{1}, b"x", 1j, np.array([None]), np.array([1j]), np.dtype("f4"), len]
)
def test_what_would_need_pickle_is_refused(value, tmp_path):
    with pytest.raises(TypeError, match="cannot be stored"):
        store.write(tmp_path / "x.npz", {"value": [value]})
    assert not list(tmp_path.glob("*.npz"))


def test_numpy_reads_the_file_without_pickle():
    data = store.to_bytes({"value": ROUND})
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        assert {"text", "f4", "f8", "b1"} <= set(file.files)
        assert all(file[name].ndim == 1 for name in file.files)


def test_the_same_content_gives_the_same_bytes():
    assert store.to_bytes(ROUND) == store.to_bytes(ROUND)


@pytest.fixture
def large():
    return np.random.default_rng(0).normal(size=(100, 50)).astype("float32")


def test_a_large_array_is_a_sample_and_a_hash(large, tmp_path):
    found = pack.condense({"x": [large, large[:40]]})
    kept, whole = found["x"]
    assert (kept.dtype, kept.shape) == ("float32", (100, 50))
    assert kept.sample.size == pack.SAMPLE
    assert (kept.sample[0], kept.sample[-1]) == (large[0, 0], large[-1, -1])
    assert whole is not large and same(whole, large[:40])
    assert same(through_a_file(found, tmp_path), found)


def test_the_hash_sees_each_bit_but_no_layout(large):
    expected = pack.digest(large)
    assert pack.digest(np.asfortranarray(large)) == expected
    for index in (0, 4999):
        other = large.copy()
        other.flat[index] = np.nextafter(other.flat[index], np.float32(9))
        assert pack.digest(other) != expected


def test_equal_arrays_have_one_hash():
    """Zeros of both signs, and every NaN, count as equal elsewhere too."""
    x = np.float32([0.0, np.nan, 1])
    y = x.copy()
    y.view("uint32")[:2] = (0x80000000, 0xFFC00001)
    assert x.tobytes() != y.tobytes()
    assert pack.digest(x) == pack.digest(y)
