"""A step split over parts of the batch gives what the whole step gives."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import layers, losses
from minikeras.autodiff import Tensor
from minikeras.program import learn
from minikeras.trainers import shards
from minikeras.trainers.shards import ShardedStep
from tests.layers import test_layers
from tests.metrics.data import LABELS, ONE_HOT, WEIGHTS, P
from tests.program.test_steps import as_written

RNG = np.random.default_rng(4)
X = RNG.normal(size=(37, 6)).astype("float32")
Y = RNG.integers(0, 4, size=37)


@pytest.fixture(autouse=True)
def small_steps_in_two_threads(monkeypatch):
    monkeypatch.setattr(shards, "LEAST_WORK", 0)
    for module in (shards, learn):
        monkeypatch.setattr(module, "thread_count", lambda: 2)


def make_model(loss="sparse_categorical_crossentropy", middle=(), **options):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            layers.Dense(8, "tanh", kernel_regularizer="l2"),
            *middle,
            layers.Dense(4, "softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.5), loss, metrics=["accuracy"], **options)
    return model


def programs(model):
    """What is known of the gradients."""
    known = model._programs._known
    return [value for key, value in known.items() if key[0] == "gradients"]


@pytest.mark.parametrize(
    ("pieces", "rows"),
    [(1, [18, 19]), (5, [6, 6, 6, 6, 6, 7])],
    ids=["two", "six"],
)
def test_the_sums_over_shards_are_the_step_of_the_whole_batch(
    monkeypatch, pieces, rows
):
    monkeypatch.setattr(shards, "_CACHE_BYTES", -(-37 * 8 * 4 // pieces))
    model = make_model()
    model.fit(X, Y, batch_size=37, shuffle=False, verbose=0)
    (step,) = programs(model)
    assert type(step) is ShardedStep
    sizes = [shard.rows.stop - shard.rows.start for shard in step._shards]
    assert sizes == rows
    loss, y_pred, gradients = step.run_on([X, Y])
    y_pred, logits, loss = y_pred.value, y_pred.logits.value, loss.value
    expected = model.loss_and_gradients(Tensor(X), Tensor(Y))
    # Some 37 products and terms summed in another order: 37 roundings of 6e-8.
    close = {"rtol": 37 * 6e-8, "atol": 37 * 6e-8}
    np.testing.assert_allclose(loss, expected[0].value, **close)
    np.testing.assert_allclose(y_pred, expected[1].value, **close)
    np.testing.assert_allclose(logits, expected[1].logits.value, **close)
    for ours, theirs in zip(gradients, expected[2], strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, **close)


@pytest.mark.parametrize(
    "layer",
    [layers.Dropout, layers.GaussianNoise, layers.GaussianDropout],
)
def test_what_is_drawn_for_the_batch_is_shared_by_its_rows(layer):
    model = make_model(middle=[layer(0.5)])
    model.fit(X, Y, batch_size=37, shuffle=False, verbose=0)
    (step,) = programs(model)
    assert type(step) is ShardedStep
    assert [draw.shape for draw in step.draws] == [(37, 8)]
    state = model.layers[1].seed_generator.state
    assert state.value.tolist()[1] == 1  # once for the step, not for its recording
    ordinary = make_model(middle=[layer(0.5)])
    as_written(ordinary)
    ordinary.fit(X, Y, batch_size=37, shuffle=False, verbose=0)
    for ours, theirs in zip(model.weights, ordinary.weights, strict=True):
        # 37 terms summed in another order: 37 roundings of 6e-8, times a step of 0.5.
        np.testing.assert_allclose(ours.value, theirs.value, rtol=0, atol=37 * 6e-8)


def test_one_mask_for_all_rows_is_not_split():
    model = make_model(middle=[layers.Dropout(0.5, noise_shape=(1, None))])
    model.fit(X, Y, batch_size=37, verbose=0)
    assert not model._programs.in_parts


def fit(**options):
    model = make_model()
    history = model.fit(X, Y, batch_size=20, epochs=5, verbose=0, **options).history
    return model.get_weights(), history


def test_a_fit_is_the_same_to_the_last_bit_run_after_run():
    weights, history = fit()
    for _ in range(3):
        again, logs = fit()
        assert logs == history
        for ours, theirs in zip(again, weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_a_fit_in_shards_is_that_in_one_piece_to_rounding(monkeypatch):
    weights, history = fit()
    monkeypatch.setattr(shards, "LEAST_WORK", 1e18)
    whole, logs = fit()
    for ours, theirs in zip(weights, whole, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
        assert not np.array_equal(ours, theirs)  # else nothing was split
    np.testing.assert_allclose(history["loss"], logs["loss"], rtol=1e-5)
    assert history["accuracy"] == logs["accuracy"]


@pytest.mark.parametrize(
    "loss",
    [
        losses.Dice(),
        losses.SparseCategoricalCrossentropy(ignore_class=1),
        losses.CategoricalCrossentropy(reduction="sum"),
    ],
    ids=["couples", "counts", "sums"],
)
def test_what_is_no_mean_over_samples_is_not_split(loss):
    model = make_model(loss)
    y = Y if isinstance(loss, losses.SparseCategoricalCrossentropy) else np.eye(4)[Y]
    model.fit(X, y.astype("float32"), batch_size=37, verbose=0)
    assert not model._programs.in_parts


def test_a_layer_along_the_rows_is_not_split():
    model = make_model(middle=[layers.UnitNormalization(axis=0)])
    model.fit(X, Y, batch_size=37, verbose=0)
    assert not model._programs.in_parts


def test_few_rows_or_little_work_are_not_split(monkeypatch):
    work = 37 * (6 * 8 + 8 * 4)
    for least, rows, kind in (
        (0, 3, str),
        (work + 1, 37, str),
        (work, 37, ShardedStep),
    ):
        monkeypatch.setattr(shards, "LEAST_WORK", least)
        model = make_model()
        model.fit(X[:rows], Y[:rows], batch_size=rows, verbose=0)
        assert [type(step) for step in programs(model)] == [kind]


def shards_of_a_step(monkeypatch, threads, pieces):
    """How many shards there are where the largest array, 37 rows of 8, takes so many
    pieces of the cache."""
    monkeypatch.setattr(shards, "_CACHE_BYTES", -(-37 * 8 * 4 // pieces))
    for module in (shards, learn):
        monkeypatch.setattr(module, "thread_count", lambda: threads)
    model = make_model()
    model.fit(X, Y, batch_size=37, verbose=0)
    (step,) = programs(model)
    return len(getattr(step, "_shards", [step]))


@pytest.mark.parametrize(
    ("threads", "pieces", "count"),
    [(1, 9, 1), (2, 1, 2), (2, 5, 6), (3, 3, 1), (3, 4, 6), (8, 5, 5)],
)
def test_shards_follow_from_the_arrays_and_the_threads(
    monkeypatch, threads, pieces, count
):
    """Of two cores both are used; of more only for arrays that leave the caches."""
    assert shards_of_a_step(monkeypatch, threads, pieces) == count


LOSSES = [n for n in losses.FAMILY.exports if n[0].isupper() and n != "Loss"]
OF_LABELS = ("Circle", "CategoricalGeneralizedCrossEntropy")


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_that_splits_is_the_mean_of_its_parts(name):
    if name == "LossFunctionWrapper":
        loss = losses.LossFunctionWrapper(losses.huber)
    else:
        loss = losses.FAMILY.exports[name]()
    y = LABELS if name.startswith("Sparse") or name in OF_LABELS else ONE_HOT
    scores = P * WEIGHTS[:, None] / 2  # rows of several sums, or Dice splits by chance
    whole = float(loss(y, scores))
    first, rest = float(loss(y[:10], scores[:10])), float(loss(y[10:], scores[10:]))
    mean = (first * 10 + rest * 20) / 30
    assert loss.splits == (abs(mean - whole) < 1e-6 * abs(whole))


@pytest.mark.parametrize("row", test_layers.ROWS, ids=lambda row: row[0].__name__)
def test_every_layer_that_does_not_couple_samples_can_be_cut(row):
    cls, arguments, shape, _ = row
    layer = cls(**arguments)
    x = np.random.default_rng(0).normal(size=(5, *shape[1:])).astype("float32")
    takes = {"training": True} if layer._takes_training else {}
    if layer._parts(keras.random.SeedGenerator):
        takes = {}
    whole = np.asarray(layer(x, **takes))
    parts = [np.asarray(layer(x[part], **takes)) for part in (slice(0, 2), slice(2, 5))]
    same = np.allclose(whole, np.concatenate(parts), rtol=1e-5, atol=1e-6)
    assert same != layer.couples_samples
