"""Where seeds come from, and the order of batches."""

import random as python_random

import numpy as np
import pytest

from minikeras import random
from minikeras.random import seed_generator


@pytest.fixture(autouse=True)
def same_seeds_afterwards():
    before = random.global_seed()
    yield
    random.set_global_seed(before)
    random.drop_global_seed_generator()


def test_integer_seeds_repeat_and_generators_move_on():
    first = random.uniform((3,), seed=4).value
    np.testing.assert_array_equal(first, random.uniform((3,), seed=4).value)
    generator = random.SeedGenerator(4)
    np.testing.assert_array_equal(first, random.uniform((3,), seed=generator).value)
    assert not np.array_equal(first, random.uniform((3,), seed=generator).value)
    assert generator.state.value.tolist() == [4, 2]
    assert not generator.state.trainable


def test_a_state_once_returned_stays():
    generator = random.SeedGenerator(4)
    state = generator.next()
    generator.next()
    assert state.value.tolist() == [4, 0]


def test_generator_config_round_trip():
    generator = random.SeedGenerator(4, name="mine")
    assert generator.get_config() == {"seed": 4, "name": "mine"}
    again = random.SeedGenerator.from_config(generator.get_config())
    assert again.next().value.tolist() == [4, 0]


@pytest.mark.parametrize("seed", ["a", 1.5, True, [1], 2**63])
def test_bad_generator_seeds(seed):
    with pytest.raises(ValueError, match="Received: seed="):
        random.SeedGenerator(seed)


def test_unknown_generator_argument():
    with pytest.raises(ValueError, match="foo"):
        random.SeedGenerator(1, foo=2)


def test_the_global_generator_follows_the_random_seed():
    random.set_random_seed(3)
    first = [random.uniform((3,)).value for _ in range(2)]
    assert not np.array_equal(first[0], first[1])
    random.set_random_seed(3)
    np.testing.assert_array_equal(first, [random.uniform((3,)).value for _ in range(2)])


def test_default_seeds_come_from_pythons_random():
    python_random.seed(8)
    expected = [python_random.randint(1, 10**9) for _ in range(2)]
    python_random.seed(8)
    assert random.SeedGenerator().state.value[0] == expected[0]
    assert seed_generator.global_seed_generator().state.value[0] == expected[1]


def test_set_random_seed_reaches_every_generator():
    random.set_random_seed(np.int64(5))
    ours = python_random.random(), np.random.random(), random.global_seed()
    python_random.seed(5)
    np.random.seed(5)
    assert ours == (python_random.random(), np.random.random(), 5)


@pytest.mark.parametrize("seed", ["a", 1.0, None, True, -1, 2**32])
def test_bad_random_seeds_change_nothing(seed):
    random.set_random_seed(5)
    python_state = python_random.getstate()
    with pytest.raises(ValueError, match="Received: seed="):
        random.set_random_seed(seed)
    assert random.global_seed() == 5
    assert python_random.getstate() == python_state


def test_set_global_seed_leaves_the_other_generators_alone():
    random.set_random_seed(5)
    python_state = python_random.getstate()
    random.set_global_seed(6)
    assert random.global_seed() == 6
    assert python_random.getstate() == python_state
    random.set_global_seed(None)
    assert random.global_seed() is None
    with pytest.raises(ValueError, match="seed='a'"):
        random.set_global_seed("a")


# Recorded from tf.random.shuffle in a tf.data map under tf.random.set_seed.
TENSORFLOW_ORDERS = {
    0: [2, 0, 5, 8, 7, 1, 9, 6, 3, 4],
    1: [2, 4, 0, 8, 9, 1, 5, 6, 3, 7],
    7: [7, 5, 4, 0, 3, 6, 9, 2, 8, 1],
    2**31 - 1: [2, 0, 5, 8, 7, 1, 9, 6, 3, 4],
    2**40 + 3: [6, 4, 1, 0, 3, 8, 9, 7, 2, 5],
    -5: [1, 5, 2, 4, 6, 3, 0, 9, 8, 7],
}


@pytest.mark.parametrize("seed", TENSORFLOW_ORDERS)
def test_batch_order_is_tensorflows(seed):
    assert random.shuffle_order(10, seed).tolist() == TENSORFLOW_ORDERS[seed]


# Recorded from fit(shuffle="batch"): one random stream goes on through the epoch.
WITHIN_BATCHES = {
    (8, 4, 1): [0, 1, 2, 3, 7, 6, 4, 5],
    (10, 3, 1): [1, 0, 2, 5, 4, 3, 6, 8, 7, 9],
    (10, 5, 0): [2, 3, 4, 1, 0, 6, 8, 7, 9, 5],
    (9, 2, 3): [1, 0, 3, 2, 4, 5, 7, 6, 8],
    (6, 1, 3): [0, 1, 2, 3, 4, 5],
}


@pytest.mark.parametrize(("count", "size", "seed"), WITHIN_BATCHES)
def test_order_within_batches_is_tensorflows(count, size, seed):
    order = random.shuffle_order(count, seed, size).tolist()
    assert order == WITHIN_BATCHES[count, size, seed]


@pytest.mark.parametrize("size", [None, 1, 7, 2000])
@pytest.mark.parametrize("count", [0, 1, 2, 1000])
@pytest.mark.parametrize("seed", [None, 3])
def test_every_row_comes_once(count, seed, size):
    order = random.shuffle_order(count, seed, size)
    batches = order // size if size else np.zeros(count)
    assert (np.diff(batches) >= 0).all()
    assert order.dtype.kind == "i"
    assert sorted(order.tolist()) == list(range(count))
    assert not order.flags.writeable


def test_the_order_repeats_under_a_seed_only():
    first = random.shuffle_order(100, 3).copy()
    np.testing.assert_array_equal(first, random.shuffle_order(100, 3))
    random.shuffle_order(100, 4)
    np.testing.assert_array_equal(first, random.shuffle_order(100, 3))
    fresh = random.shuffle_order(100, None)
    assert not np.array_equal(fresh, random.shuffle_order(100, None))


def test_fresh_orders_leave_pythons_random_alone():
    state = python_random.getstate()
    random.shuffle_order(100, None)
    assert python_random.getstate() == state
