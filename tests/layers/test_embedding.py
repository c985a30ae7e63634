"""Embedding and Masking: weights, masks, mistakes, and training with them."""

import numpy as np
import pytest

import minikeras
from minikeras import layers
from minikeras.autodiff import GradientTape, Tensor
from minikeras.graph import KerasTensor
from minikeras.trainers import shards
from tests.gradients import check_gradient

INDICES = np.array([[1, 0, 4], [0, 3, 3]])
STEPS = np.array([[[0, 0], [0, 2.0]], [[1, 0], [0, 0]]])


def looked_up(w, x):
    y = [w["embeddings"][int(i)] for i in x.ravel()]
    return np.reshape(y, (*x.shape, w["embeddings"].shape[1]))


def masked(value):
    def mask(w, x):
        y = np.zeros(x.shape)
        for place in np.ndindex(x.shape[:-1]):
            if any(number != value for number in x[place]):
                y[place] = x[place]
        return y

    return mask


# (layer class, its arguments, an input, naive twin as in test_layers.py)
ROWS = [
    (layers.Embedding, {"input_dim": 5, "output_dim": 3}, INDICES, looked_up),
    (
        layers.Embedding,
        {"input_dim": 5, "output_dim": 1, "mask_zero": True},
        INDICES[0],
        looked_up,
    ),
    (layers.Masking, {}, STEPS, masked(0)),
    (layers.Masking, {"mask_value": 2}, STEPS, masked(2)),
    (layers.Masking, {}, np.stack([STEPS, STEPS * 2]), masked(0)),
]
every_row = pytest.mark.parametrize(
    ("cls", "options", "x", "naive"),
    ROWS,
    ids=[f"{cls.__name__}-{i}" for i, (cls, *_) in enumerate(ROWS)],
)


@every_row
def test_value(cls, options, x, naive):
    layer = cls(**options, dtype="float64")
    y = layer(x).value
    weights = {v.name: v.value for v in layer.weights}
    np.testing.assert_array_equal(y, naive(weights, x))
    for rows in (0, 1):
        np.testing.assert_array_equal(layer(x[:rows]).value, y[:rows])
    assert cls(**options)(x.astype("float32")).dtype == np.float32


@every_row
def test_shapes(cls, options, x, naive):
    eager = cls(**options)(x).shape
    opened = (None, *x.shape[1:])
    symbolic = cls(**options)(KerasTensor(opened))
    assert (symbolic.shape, symbolic.dtype) == ((None, *eager[1:]), "float32")
    assert cls(**options).compute_output_shape(opened) == (None, *eager[1:])
    assert cls(**options).compute_output_shape(x.shape) == eager


@every_row
def test_config(cls, options, x, naive):
    layer = cls(**options, name="mine", trainable=False, dtype="float64")
    written = layer.get_config()
    again = cls.from_config(written)
    assert again.get_config() == written
    assert (again.name, again.trainable, again.dtype) == ("mine", False, "float64")
    assert options.items() <= written.items()
    restored = layers.deserialize(layers.serialize(layer))
    assert restored(x).shape == layer(x).shape


def test_derivatives():
    layer = layers.Embedding(5, 3, dtype="float64")
    layer(INDICES)

    def function(embeddings):
        # Beside the tracking, so that the layer works on the tensor of the check.
        layer.__dict__["embeddings"] = embeddings
        return layer.call(INDICES)

    check_gradient(function, layer.weights[0].value)
    check_gradient(layers.Masking(3.0, dtype="float64"), STEPS + 1)


def mask_of(layer, x):
    mask = layer(x)._keras_mask
    return None if mask is None else mask.value.tolist()


def test_masks():
    padded = [[True, False, True], [False, True, True]]
    assert mask_of(layers.Embedding(5, 3), INDICES) is None
    assert mask_of(layers.Embedding(5, 3, mask_zero=True), INDICES) == padded
    assert not layers.Embedding(5, 3).supports_masking
    steps = [[False, True], [True, False]]
    assert mask_of(layers.Masking(), STEPS) == steps
    assert layers.Masking().compute_mask(STEPS).value.tolist() == steps
    assert mask_of(layers.Masking(2), np.full((1, 2, 2), 2)) == [[False, False]]


def test_masked_steps_become_zeros():
    x = np.float32([[[2, 2], [2, 1], [0, 0]]])
    np.testing.assert_array_equal(layers.Masking(2)(x), [[[0, 0], [2, 1], [0, 0]]])


def test_a_mask_stays_where_a_layer_of_another_dtype_casts_its_input():
    x = layers.Masking()(STEPS.astype("float32"))
    y = layers.Dense(2, dtype="float64")(x)
    assert y.dtype == "float64"
    np.testing.assert_array_equal(y._keras_mask, x._keras_mask)


def test_options_reach_the_weight():
    layer = layers.Embedding(
        5, 3, "ones", "l2", "non_neg", activity_regularizer="l1", trainable=False
    )
    layer.build()
    (table,) = layer.weights
    assert (table.value == 1).all() and not table.trainable
    kinds = [type(k).__name__ for k in (table.regularizer, table.constraint)]
    assert kinds == ["L2", "NonNeg"]
    layer(INDICES)
    assert float(layer.losses[0].value) == pytest.approx(0.01 * 18 / 2)


@pytest.mark.parametrize("listed", [False, True])
def test_first_weights(listed):
    table = np.arange(10.0).reshape(5, 2)
    layer = layers.Embedding(5, 2, weights=[table] if listed else table)
    assert layer.built
    np.testing.assert_array_equal(layer(INDICES).value, table[INDICES])
    table[:] = 0  # the layer has a table of its own
    assert layer.embeddings.value.any()
    layer.build((None, 3))  # is built already
    assert len(layer.weights) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Embedding(0, 3), "input_dim=0"),
        (lambda: layers.Embedding(True, 3), "input_dim=True"),
        (lambda: layers.Embedding(3, 2.5), "output_dim=2.5"),
        (lambda: layers.Embedding(3, 2, weights=np.ones((2, 3))), r"\(3, 2\)"),
        (lambda: layers.Embedding(3, 2, weights=[1, 2]), r"\(2,\)"),
    ],
)
def test_impossible_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_input_length_of_old():
    with pytest.warns(UserWarning, match="input_length"):
        layer = layers.Embedding(5, 3, input_length=3)
    assert "input_length" not in layer.get_config()


def model(mask_zero=True):
    minikeras.utils.set_random_seed(1)
    found = minikeras.Sequential(
        [
            layers.Embedding(50, 4, mask_zero=mask_zero, name="words"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1),
        ]
    )
    found.compile("adam", "mse")
    return found


X = np.random.default_rng(0).integers(1, 50, (32, 6)) * (np.arange(6) < 4)
Y = np.linspace(-1, 1, 32, dtype="float32")[:, None]


@pytest.mark.parametrize("bad", [50, -1])
@pytest.mark.parametrize("again", [False, True], ids=["first step", "repeated step"])
def test_a_wrong_index_changes_nothing(bad, again):
    """Also where the step is a program, which does not call the layer any more."""
    trained = model()
    trained.fit(X, Y, batch_size=32, epochs=2 if again else 1, verbose=0)
    before = [v.numpy() for v in trained.variables + trained.optimizer.variables]
    x = X.copy()
    x[3, 2] = bad
    for train in (trained.fit, trained.train_on_batch, trained.evaluate):
        with pytest.raises(
            ValueError, match=rf"'words'.*to 49 .*{bad} at place \(\d+, 2"
        ):
            train(x, Y)
    after = [v.numpy() for v in trained.variables + trained.optimizer.variables]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_repeated_step_gives_the_same_numbers():
    """Steps with other indices of the same shape, against steps done anew each time."""
    repeated, anew = model(), model()
    for seed in range(4):
        x = np.random.default_rng(seed).integers(0, 50, X.shape)
        repeated.train_on_batch(x, Y)
        anew._programs.clear()
        anew.train_on_batch(x, Y)
    assert repeated._programs.programs and not anew._programs.programs
    for a, b in zip(repeated.get_weights(), anew.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_float_indices():
    layer = layers.Embedding(3, 2)
    with GradientTape() as tape:
        y = layer(np.array([2.0, 0.0, 2.0]))
    dtable = tape.gradient(y, layer.embeddings)
    assert dtable.value.tolist() == [[1, 1], [0, 0], [2, 2]]


def test_the_step_in_shards_gives_the_same_numbers(monkeypatch):
    """The lists of rows of the shards, one after the other, are that of the batch."""
    monkeypatch.setattr(shards, "thread_count", lambda: 2)
    monkeypatch.setattr(
        shards,
        "shard_rows",
        lambda ops, probe, rows: [slice(i, i + 8) for i in range(0, rows, 8)],
    )
    unmasked = {"mask_zero": False}
    sharded, whole = model(**unmasked), model(**unmasked)
    for made in (sharded, whole):
        made(X)  # builds
    for seed in range(3):
        x = np.random.default_rng(seed).integers(0, 50, X.shape)
        sharded.train_on_batch(x, Y)
        whole.optimizer.apply(
            whole.loss_and_gradients(Tensor(x), Tensor(Y))[2], whole.trainable_weights
        )
    assert sharded._programs.in_parts
    for a, b in zip(sharded.get_weights(), whole.get_weights(), strict=True):
        # float32: four means over 8 rows make one over 32; Adam takes 1e-3 of it
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
