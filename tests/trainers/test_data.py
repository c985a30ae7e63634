"""Data in, batches out: adapters, blocks, order, weights, and the steps of an epoch."""

import tracemalloc
import warnings

import numpy as np
import pytest

from minikeras import Input, Sequential, random
from minikeras.layers import Dense
from minikeras.trainers.data_adapters import array_data_adapter, get_data_adapter
from minikeras.trainers.data_adapters.conversion import class_weight_to_sample_weights
from minikeras.trainers.epoch_iterator import EpochIterator
from minikeras.trainers.validation import train_validation_split
from minikeras.utils import PyDataset, set_random_seed

X = np.arange(20, dtype="float64").reshape(10, 2)
Y = np.arange(10)


def arrays(batch):
    return [None if part is None else part.value.tolist() for part in batch]


def firsts(batches):
    """The labels in each batch: they number the rows."""
    return [batch[1].value.tolist() for batch in batches]


class Batches(PyDataset):
    def __init__(self, count=3, **options):
        super().__init__(**options)
        self.count, self.events = count, []

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        self.events.append(i)
        return X[i : i + 1], Y[i : i + 1]

    def on_epoch_begin(self):
        self.events.append("begin")

    def on_epoch_end(self):
        self.events.append("end")


def pairs(count):
    for i in range(count):
        yield X[i : i + 1], Y[i : i + 1]


# Arrays ---------------------------------------------------------------------

BLOCKS = [1, 50, 100, 10**9]  # bytes: less than a batch, a batch, a few, everything


@pytest.fixture(params=BLOCKS)
def block(request, monkeypatch):
    monkeypatch.setattr(array_data_adapter, "_BLOCK_BYTES", request.param)


@pytest.mark.parametrize("size", [1, 3, 5, 10, 32])
def test_batches_are_slices(block, size):
    weights = np.linspace(0, 1, 10)
    adapter = get_data_adapter(X, Y, weights, batch_size=size)
    assert adapter.num_batches == -(-10 // size)
    for _ in range(2):
        batches = list(adapter.batches())
        assert len(batches) == adapter.num_batches
        for i, (x, y, w) in enumerate(batches):
            rows = slice(size * i, size * (i + 1))
            np.testing.assert_array_equal(x.value, X[rows].astype("float32"))
            np.testing.assert_array_equal(y.value, Y[rows])
            np.testing.assert_array_equal(w.value, weights[rows].astype("float32"))
            assert (x.dtype, y.dtype, w.dtype) == ("float32", "int64", "float32")


@pytest.mark.parametrize("size", [1, 3, 10])
def test_the_order_of_shuffled_rows(block, size):
    set_random_seed(4)
    adapter = get_data_adapter(X, Y, batch_size=size, shuffle=True)
    order = random.shuffle_order(10, random.global_seed()).tolist()
    assert sorted(order) == list(range(10)) and order != list(range(10))
    for _ in range(2):
        seen = firsts(adapter.batches())
        assert seen == [order[i : i + size] for i in range(0, 10, size)]


def test_every_row_comes_once_without_a_seed(block):
    before = random.global_seed()
    random.set_global_seed(None)
    try:
        adapter = get_data_adapter(X, Y, batch_size=3, shuffle=True)
        orders = [sum(firsts(adapter.batches()), []) for _ in range(5)]
    finally:
        random.set_global_seed(before)
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) > 1


def test_shuffled_within_batches_only(block):
    set_random_seed(4)
    adapter = get_data_adapter(X, Y, batch_size=4, shuffle="batch")
    seen = firsts(adapter.batches())
    assert [sorted(rows) for rows in seen] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert seen != [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert firsts(adapter.batches()) == seen


def test_rows_stay_together(block):
    set_random_seed(4)
    adapter = get_data_adapter(
        {"a": X, "b": [X[:, 0], X + 1]}, (Y, X), batch_size=4, shuffle=True
    )
    for x, (y, z), weight in adapter.batches():
        rows = X[y.value].astype("float32")
        np.testing.assert_array_equal(x["a"].value, rows)
        np.testing.assert_array_equal(x["b"][0].value, rows[:, 0])
        np.testing.assert_array_equal(x["b"][1].value, rows + 1)
        np.testing.assert_array_equal(z.value, rows)
        assert weight is None


def test_batches_cannot_spoil_the_data(block):
    x = X.astype("float32")
    adapter = get_data_adapter(x, batch_size=4)
    for batch, _, _ in adapter.batches():
        if batch.value.flags.writeable:
            batch.value[:] = -1
    assert (x >= 0).all()


def test_large_files_are_not_read_whole(tmp_path, monkeypatch):
    """40 MB on disk; blocks of 1 MB, and so never more than a few in memory."""
    x = np.lib.format.open_memmap(
        tmp_path / "x.npy", mode="w+", dtype="float64", shape=(100_000, 50)
    )
    y = np.zeros((100_000, 1), "float32")
    monkeypatch.setattr(array_data_adapter, "_BLOCK_BYTES", 1 << 20)
    model = Sequential([Input((50,)), Dense(1)])
    model.compile("sgd", "mse")
    tracemalloc.start()
    try:
        for shuffle in (False, True):
            model.fit(x, y, batch_size=1000, shuffle=shuffle, verbose=0)
        model.evaluate(x, y, batch_size=1000, verbose=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20, f"{peak >> 20} MB"


# Class weights ----------------------------------------------------------------


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 1, 2, 1]),
        np.array([[0], [1], [2], [1]]),
        np.array([0.0, 1.0, 2.0, 1.0]),
        np.eye(3)[[0, 1, 2, 1]],
        [0, 1, 2, 1],
    ],
)
def test_class_weights(y):
    weights = class_weight_to_sample_weights(y, {0: 0.5, 1: 2})
    assert weights.tolist() == [0.5, 2.0, 1.0, 2.0]
    assert weights.dtype == np.float32


def test_class_weights_become_sample_weights():
    adapter = get_data_adapter(X, Y % 2, batch_size=4, class_weight={1: 3.0})
    found = [arrays(batch)[2] for batch in adapter.batches()]
    assert found == [[1.0, 3.0, 1.0, 3.0], [1.0, 3.0, 1.0, 3.0], [1.0, 3.0]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: get_data_adapter(X, Y, np.ones(10), class_weight={0: 1.0}),
            "`sample_weight` at the same time",
        ),
        (lambda: get_data_adapter(X, [Y, Y], class_weight={0: 1.0}), "single output"),
        (lambda: get_data_adapter(pairs(3), class_weight={0: 1.0}), "generator"),
        (lambda: get_data_adapter(pairs(3), Y), "`y` should not be passed"),
        (lambda: get_data_adapter(Batches(), None, Y), "`sample_weight` should not"),
        (lambda: get_data_adapter(Batches(0)), "length 0"),
        (lambda: get_data_adapter(pairs(0)), "empty generator"),
        (lambda: get_data_adapter(x for x in [X]), "return a tuple"),
        (lambda: get_data_adapter(X, [Y, Y], [Y]), "one `sample_weight` array per"),
        (lambda: get_data_adapter(X, [Y, Y], X), "one scalar per sample"),
    ],
)
def test_what_does_not_go_together(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_one_weight_for_several_outputs():
    adapter = get_data_adapter(X, [Y, Y], np.arange(10.0), batch_size=10)
    (_, _, weights), *_ = adapter.batches()
    assert arrays(weights) == [np.arange(10.0).tolist()] * 2


# Generators and data sets -----------------------------------------------------------


def test_a_generator_is_read_once():
    adapter = get_data_adapter(pairs(3))
    assert adapter.num_batches is None
    assert firsts(adapter.batches()) == [[0], [1], [2]]
    assert firsts(adapter.batches()) == [[0], [1]]  # those that Keras peeks at


def test_the_first_two_batches_come_again():
    adapter = get_data_adapter(pairs(6))
    batches = adapter.batches()
    assert [next(batches)[1].value.tolist() for _ in range(3)] == [[0], [1], [2]]
    assert firsts(adapter.batches()) == [[0], [1], [3], [4], [5]]


@pytest.mark.parametrize(
    ("batch", "length"), [((X,), 1), ((X, Y), 2), ((X, Y, np.ones(10)), 3)]
)
def test_what_a_generator_may_yield(batch, length):
    (found,) = get_data_adapter(b for b in [batch]).batches()
    assert len(found) == length
    assert found[0].dtype == np.float32


def test_shuffling_what_cannot_be_shuffled():
    for make in (lambda: pairs(3), lambda: Endless()):
        with pytest.warns(UserWarning, match="`shuffle=True` was passed"):
            get_data_adapter(make(), shuffle=True)


class Endless(Batches):
    @property
    def num_batches(self):
        return None


def test_a_data_set_hears_of_its_epochs():
    data = Batches(2)
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    model.fit(data, epochs=2, shuffle=False, verbose=0)
    # As in Keras an end comes before the first beginning.
    assert data.events == ["end", *["begin", 0, 1, "end"] * 2]


@pytest.mark.parametrize("wrong", [3, "batch", (), (X, Y, Y, Y), None])
def test_batches_of_a_data_set_that_are_none(wrong):
    class Odd(Batches):
        def __getitem__(self, i):
            return wrong

    with pytest.raises(ValueError, match="__getitem__"):
        list(get_data_adapter(Odd()).batches())


def test_class_weights_of_a_data_set():
    adapter = get_data_adapter(Batches(3), class_weight={1: 5.0})
    assert [arrays(b)[2] for b in adapter.batches()] == [[1.0], [5.0], [1.0]]


def test_a_data_set_without_a_length():
    class Lost(PyDataset):
        def __getitem__(self, i):
            return X, Y

    with pytest.raises(NotImplementedError, match="num_batches"):
        get_data_adapter(Lost())


# The steps of an epoch ---------------------------------------------------------------


def steps(iterator):
    return [(first, last, firsts(batches)) for first, last, batches in iterator]


def test_an_epoch_is_the_whole_data():
    iterator = EpochIterator(X, Y, batch_size=4)
    expected = [
        (0, 0, [[0, 1, 2, 3]]),
        (1, 1, [[4, 5, 6, 7]]),
        (2, 2, [[8, 9]]),
    ]
    assert iterator.num_batches == 3
    assert [steps(iterator) for _ in range(2)] == [expected] * 2


def test_several_steps_go_together():
    iterator = EpochIterator(X, Y, batch_size=4, steps_per_execution=2)
    assert steps(iterator) == [
        (0, 1, [[0, 1, 2, 3], [4, 5, 6, 7]]),
        (2, 3, [[8, 9]]),
    ]


def test_epochs_of_some_steps_go_on_where_the_last_one_stopped():
    iterator = EpochIterator(X, Y, batch_size=2, steps_per_epoch=2)
    seen = [[batches for *_, batches in steps(iterator)] for _ in range(2)]
    assert seen == [[[[0, 1]], [[2, 3]]], [[[4, 5]], [[6, 7]]]]
    iterator = EpochIterator(X, Y, batch_size=5, steps_per_epoch=2)
    seen = [[batches for *_, batches in steps(iterator)] for _ in range(2)]
    assert seen[0] == seen[1]  # the data was used up exactly: from its start again


def test_the_batch_size_follows_from_the_steps():
    iterator = EpochIterator(X, Y, steps_per_epoch=3)
    assert [batches for *_, batches in steps(iterator)] == [
        [[0, 1, 2, 3]],
        [[4, 5, 6, 7]],
        [[8, 9]],
    ]


def test_running_out_of_data():
    iterator = EpochIterator(X, Y, batch_size=5, steps_per_epoch=3)
    with pytest.warns(UserWarning, match="ran out of data") as caught:
        assert len(steps(iterator)) == 2
    assert len(caught) == 1


def test_the_length_of_a_generator_is_known_after_an_epoch():
    iterator = EpochIterator(pairs(3))
    assert iterator.num_batches is None
    with pytest.warns(UserWarning, match="ran out of data"):
        # The last step begins before it is known that nothing is left for it.
        assert [len(batches) for *_, batches in steps(iterator)] == [1, 1, 1, 0]
    assert iterator.num_batches == 4  # with the step that found no more, as in Keras


@pytest.mark.parametrize(
    ("steps_per_epoch", "seen"),
    [
        (None, [[0, 1, 2, 3, 4], [0, 1], [0, 1], [0, 1]]),
        (2, [[0, 1], [2, 3], [4], [0, 1], [], [0, 1]]),
        (3, [[0, 1, 2], [3, 4], [0, 1], [0, 1]]),
        (5, [[0, 1, 2, 3, 4], [], [0, 1], [0, 1]]),
    ],
)
def test_epochs_after_the_end_of_a_generator(steps_per_epoch, seen):
    """As tf.keras took them, each with a warning where the epoch ends too early."""
    iterator = EpochIterator(pairs(5), steps_per_epoch=steps_per_epoch)
    for expected in seen:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rows = [row for *_, batches in steps(iterator) for (row,) in batches]
        assert rows == expected
        assert len(caught) == (len(expected) != steps_per_epoch)


def test_reset_starts_anew():
    iterator = EpochIterator(X, Y, batch_size=2, steps_per_epoch=2)
    first = steps(iterator)
    iterator.reset()
    assert steps(iterator) == first


@pytest.mark.parametrize(
    ("size", "is_open"), [(5, False), (10, False), (4, True), (32, True)]
)
def test_open_batches(size, is_open):
    assert EpochIterator(X, Y, batch_size=size).has_open_batches is is_open
    assert EpochIterator(pairs(3)).has_open_batches


# Validation split --------------------------------------------------------------------

SPLITS = [  # rows, split, rows that train in tf.keras
    (10, 0.1, 9),
    (10, 0.25, 7),
    (10, 0.3, 7),
    (3, 0.5, 1),
    (2, 0.5, 1),
    (100, 0.29, 71),
    (10, 1e-9, 9),
    (150, 0.2, 120),
]


@pytest.mark.parametrize(("rows", "split", "training"), SPLITS)
def test_the_last_rows_validate(rows, split, training):
    x, y = np.arange(rows), np.arange(rows) * 2
    train, validation = train_validation_split(({"a": x}, [y, y], None), split)
    assert train[0]["a"].tolist() == list(range(training))
    assert validation[0]["a"].tolist() == list(range(training, rows))
    assert validation[1][1].tolist() == [2 * i for i in range(training, rows)]
    assert train[2] is validation[2] is None


@pytest.mark.parametrize(("rows", "split"), [(7, 0.9), (10, 0.999), (1, 0.5)])
def test_a_split_that_leaves_nothing(rows, split):
    with pytest.raises(ValueError, match=f"{rows} samples.*={split}"):
        train_validation_split((np.zeros(rows), np.zeros(rows), None), split)


@pytest.mark.parametrize("wrong", ["text", object(), pairs(3), Batches()])
def test_what_cannot_be_split(wrong):
    with pytest.raises(ValueError, match="only supported for tensors or NumPy"):
        train_validation_split((wrong, None, None), 0.5)


def test_no_warning_from_ordinary_data():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in ((X, Y), (X.tolist(), Y.tolist()), (X > 0, Y.astype("uint8"))):
            list(EpochIterator(*data))
