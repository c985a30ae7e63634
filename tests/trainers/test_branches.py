"""Independent large calls side by side: the same numbers, and only where it pays."""

import copy

import numpy as np
import pytest

import minikeras as keras
from minikeras import layers
from minikeras.parallel import one_blas_thread
from minikeras.program import learn, work
from minikeras.program.learn import Program
from minikeras.trainers import shards
from minikeras.trainers.shards import ShardedStep
from tests.program.test_steps import as_written

RNG = np.random.default_rng(6)
X = RNG.normal(size=(32, 5, 3)).astype("float32")
Y = RNG.integers(0, 4, size=32)


@pytest.fixture(autouse=True)
def small_steps_in_two_threads(monkeypatch):
    for module in (shards, work):
        monkeypatch.setattr(module, "LEAST_WORK", 200)
    for module in (shards, learn):
        monkeypatch.setattr(module, "thread_count", lambda: 2)


def make_model(*middle):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([*middle, layers.Dense(4, "softmax")])
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    model.fit(X, Y, batch_size=32, epochs=4, shuffle=False, verbose=0)
    return model


def step_of(model):
    """The program of the step, or what its gradients are shared by."""
    known = model._programs._known
    found = {key[0]: x for key, x in known.items() if type(x) is not str}
    return found.get("train_step") or found["gradients"]


def both_ways(**options):
    return layers.Bidirectional(layers.LSTM(8, **options))


DEEP = (both_ways(return_sequences=True), both_ways())


@pytest.mark.parametrize(
    ("middle", "groups"),
    [((both_ways(),), 1), (DEEP, 2)],
    ids=["one", "two"],
)
def test_the_step_is_that_of_the_program_to_the_last_bit(middle, groups):
    model = make_model(*middle)
    step = step_of(model)
    assert step.text.count("together(lambda") == 2 * groups  # forward and back
    alone = as_written(copy.deepcopy(model))
    with one_blas_thread():
        alone.train_on_batch(X, Y)
    model.train_on_batch(X, Y)
    for one, other in zip(model.variables, alone.variables, strict=True):
        np.testing.assert_array_equal(one.value, other.value)


def test_a_fit_is_the_ordinary_one_to_rounding(monkeypatch):
    weights = make_model(both_ways()).get_weights()
    for module in (shards, learn):
        monkeypatch.setattr(module, "thread_count", lambda: 1)
    whole = make_model(both_ways())
    assert "together" not in step_of(whole).text
    for ours, theirs in zip(weights, whole.get_weights(), strict=True):
        # Four steps of 0.5; BLAS may sum 32 products in another order: 32 roundings.
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=4 * 32 * 6e-8)


@pytest.mark.parametrize(
    "middle",
    [
        (layers.LSTM(8),),
        (layers.LSTM(8, return_sequences=True), layers.LSTM(8)),
        (both_ways(return_sequences=True), layers.LSTM(64)),
    ],
    ids=["one call", "each needs the one before", "a small part of the work"],
)
def test_what_has_no_branches_is_split_by_rows(middle):
    assert type(step_of(make_model(*middle))) is ShardedStep


def test_many_rows_are_split_by_rows(monkeypatch):
    """They would leave the cache."""
    monkeypatch.setattr(shards, "_CACHE_BYTES", 32 * 16 * 4 // 3)
    assert type(step_of(make_model(both_ways()))) is ShardedStep


def test_little_work_stays_in_one_thread(monkeypatch):
    for module in (shards, work):
        monkeypatch.setattr(module, "LEAST_WORK", 10**9)
    step = step_of(make_model(both_ways()))
    assert type(step) is Program and "together" not in step.text
