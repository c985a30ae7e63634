"""Normalising layers: the rows that every layer has, then training, and mistakes."""

import numpy as np
import pytest

from minikeras import Sequential, layers, ops
from minikeras.autodiff import Tensor
from tests.layers import test_layers
from tests.ops.test_normalization import naive_layer

NORMAL = {"gamma_initializer": "normal", "beta_initializer": "normal"}
MOVED = {"moving_mean_initializer": "normal", "moving_variance_initializer": "ones"}


def along(vector, axis, ndim):
    shape = [1] * ndim
    shape[axis] = -1
    return vector.reshape(shape)


def inference(axis=-1, epsilon=1e-3):
    def normalize(w, x):
        w = {name: along(v, axis, x.ndim) for name, v in w.items()}
        z = (x - w["moving_mean"]) / np.sqrt(w["moving_variance"] + epsilon)
        return z * w.get("gamma", 1) + w.get("beta", 0)

    return normalize


def samples(axes, epsilon=1e-3):
    def normalize(w, x):
        return naive_layer(axes, epsilon)(x, w["gamma"], w["beta"])

    return normalize


def groups(count, epsilon=1e-3):
    """Each sample's groups of neighbouring channels, the last axis."""

    def normalize(w, x):
        parts = np.split(x, count, -1)
        axes = tuple(range(1, x.ndim))
        y = np.concatenate([naive_layer(axes, epsilon)(p) for p in parts], -1)
        return y * w.get("gamma", 1) + w.get("beta", 0)

    return normalize


def rms(w, x):
    return naive_layer((1,), 1e-6, rms=True)(x) * w["scale"]


def rms_of_two(w, x):
    return naive_layer((1, 2), 0.1, rms=True)(x) * w["scale"]


def unit(w, x):
    return x / np.sqrt((x**2).sum(-1, keepdims=True))


def unit_of_two(w, x):
    return x / np.sqrt((x**2).sum((1, 2), keepdims=True))


def rms_scaled(w, x):
    return x / np.sqrt(x.var(-1, keepdims=True) + 1e-3) * w["gamma"]


ROWS = [
    (layers.BatchNormalization, {}, (4, 5), inference()),
    (layers.BatchNormalization, {**NORMAL, **MOVED}, (4, 2, 5), inference()),
    (
        layers.BatchNormalization,
        {"axis": 1, "epsilon": 0.1, **NORMAL, **MOVED},
        (4, 2, 5),
        inference(1, 0.1),
    ),
    (
        layers.BatchNormalization,
        {"scale": False, "center": False, **MOVED},
        (4, 5),
        inference(),
    ),
    (layers.BatchNormalization, {"renorm": True, **MOVED}, (4, 5), inference()),
    (layers.LayerNormalization, NORMAL, (4, 5), samples((1,))),
    (layers.LayerNormalization, {"axis": [1], **NORMAL}, (4, 2, 5), samples((1,))),
    (
        layers.LayerNormalization,
        {"axis": [1, 2], "epsilon": 0.1, **NORMAL},
        (4, 2, 5),
        samples((1, 2), 0.1),
    ),
    (
        layers.LayerNormalization,
        {"scale": False, "center": False},
        (4, 5),
        lambda w, x: naive_layer((1,), 1e-3)(x),
    ),
    (layers.GroupNormalization, {"groups": 2, **NORMAL}, (4, 3, 6), groups(2)),
    (
        layers.GroupNormalization,
        {"groups": -1, "epsilon": 0.1},
        (4, 3, 2),
        groups(2, 0.1),
    ),
    (
        layers.GroupNormalization,
        {"groups": 3, "axis": 1, "scale": False, "center": False},
        (4, 6, 2),
        lambda w, x: groups(3)(w, x.swapaxes(1, 2)).swapaxes(1, 2),
    ),
    (layers.RMSNormalization, {}, (4, 5), rms),
    (layers.RMSNormalization, {"axis": [1, 2], "epsilon": 0.1}, (4, 2, 5), rms_of_two),
    (layers.UnitNormalization, {}, (4, 5), unit),
    (layers.UnitNormalization, {"axis": [1, 2]}, (4, 2, 5), unit_of_two),
]
CHECKS = [
    test_layers.test_value,
    test_layers.test_derivative,
    test_layers.test_no_rows_at_first,
    test_layers.test_the_symbolic_shape_is_the_eager_one,
    test_layers.test_config,
]
LABELS = [f"{cls.__name__}-{i}" for i, (cls, *_) in enumerate(ROWS)]
every_row = pytest.mark.parametrize("row", ROWS, ids=LABELS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@every_row
def test_row(row, check):
    check(*row)


@every_row
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_float32_comes_out(row, dtype):
    test_layers.test_float32_comes_out(*row, dtype)


@every_row
@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows(row, rows):
    test_layers.test_few_rows(*row, rows)


@pytest.mark.parametrize(
    ("layer", "couples"),
    [
        (layers.BatchNormalization(), True),
        (layers.LayerNormalization(), False),
        (layers.LayerNormalization([0, 1]), True),
        (layers.LayerNormalization(-2), True),
        (layers.GroupNormalization(1), False),
        (layers.RMSNormalization(), False),
        (layers.RMSNormalization([-2, -1]), True),
        (layers.UnitNormalization(), False),
        (layers.UnitNormalization(0), True),
        (layers.UnitNormalization([-2]), True),
    ],
)
def test_who_mixes_the_samples_of_a_batch_says_so(layer, couples):
    """Training must not split the batch over threads there."""
    layer(np.ones((3, 4), "float32"))
    assert layer.couples_samples == couples


# Training and saving ------------------------------------------------------------


def numbers(*shape, seed=0, dtype="float64"):
    return np.random.default_rng(seed).normal(2, 3, shape).astype(dtype)


@pytest.mark.parametrize(
    "make",
    [
        layers.LayerNormalization,
        lambda: layers.LayerNormalization([1, 2]),
        lambda: layers.GroupNormalization(2),
        layers.RMSNormalization,
        lambda: layers.UnitNormalization([1, 2]),
        lambda: layers.Rescaling(0.5, 1),
    ],
)
def test_steps_with_them_are_repeated_as_a_list_of_calls(make):
    model = Sequential([make(), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = numbers(8, 3, 4, dtype="float32")
    model.fit(x, x[:, 0, 0], epochs=3, verbose=0)  # the first step also builds
    assert len(model._programs.programs) == 1


def test_options_reach_the_weights():
    for cls in (layers.BatchNormalization, layers.LayerNormalization):
        layer = cls(
            beta_regularizer="l1",
            gamma_regularizer="l2",
            beta_constraint="non_neg",
            gamma_constraint="max_norm",
        )
        layer.build((None, 4))
        gamma, beta = layer.trainable_weights
        kinds = [type(v.regularizer).__name__ for v in (gamma, beta)]
        assert kinds == ["L2", "L1"]
        kinds = [type(v.constraint).__name__ for v in (gamma, beta)]
        assert kinds == ["MaxNorm", "NonNeg"]


def test_layer_normalization_of_whole_numbers_is_whole():
    """Keras casts back to the input's dtype before it casts to the layer's."""
    y = layers.LayerNormalization()(np.array([[0, 1, 2]]))
    assert y.dtype == np.float32 and y.value.tolist() == [[-1, 0, 1]]


def test_rms_scaling_is_deprecated():
    with pytest.warns(UserWarning, match="RMSNormalization"):
        layer = layers.LayerNormalization(
            rms_scaling=True, gamma_initializer="normal", dtype="float64"
        )
    x = numbers(4, 5)
    with pytest.warns(UserWarning):
        y = layer(x)
    weights = {v.name: v.value for v in layer.weights}
    assert list(weights) == ["gamma"]
    np.testing.assert_allclose(y.value, rms_scaled(weights, x), rtol=1e-12)


def test_both_see_the_mask_through():
    tensor = Tensor(numbers(2, 3, 4, dtype="float32"))
    tensor._keras_mask = Tensor(np.ones((2, 3), bool))
    for layer in (layers.BatchNormalization(), layers.LayerNormalization()):
        assert layer(tensor)._keras_mask is tensor._keras_mask


X = numbers(4, 3, dtype="float32")
BATCH, SAMPLE = layers.BatchNormalization, layers.LayerNormalization


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BATCH(axis=[1]), r"axis=\[1\]"),
        (lambda: BATCH(axis=1.5), "axis=1.5"),
        (lambda: BATCH(momentum=None), "momentum=None"),
        (lambda: BATCH(momentum="0.9"), "momentum='0.9'"),
        (lambda: BATCH(epsilon="tiny"), "epsilon='tiny'"),
        (lambda: BATCH(epsilon=float("nan")), "epsilon=nan"),
        (lambda: BATCH(axis=3, name="bn")(X), r"Axis 3 of layer 'bn'.*\(4, 3\)"),
        (lambda: BATCH(axis=-3, name="bn")(X), "Axis -3 of layer 'bn'"),
        (lambda: BATCH(axis=2).compute_output_shape((None, 3)), "Axis 2"),
        (lambda: BATCH(name="bn")(X, mask=np.ones((4, 3))), r"'bn'.*\(4, 3\)"),
        (lambda: BATCH(renorm=True, renorm_clipping={"max": 1}), "'max'"),
        (lambda: BATCH(renorm=True, renorm_clipping={"rmax": 1, "rmin": 2}), "rmin <="),
        (lambda: BATCH(renorm=True, renorm_clipping={"dmax": -1}), "dmax >= 0"),
        (lambda: BATCH().build((None, None)), "fully-defined"),
        (lambda: SAMPLE(axis="last"), "axis='last'"),
        (lambda: SAMPLE(axis=[1, "2"]), "axis='2'"),
        (lambda: SAMPLE(epsilon=None), "epsilon=None"),
        (lambda: SAMPLE(axis=2, name="ln")(X), "Axis 2 of layer 'ln'"),
        (lambda: SAMPLE(axis=[1, -1], name="ln")(X), "'ln'.*axis twice"),
        (lambda: SAMPLE(axis=2).compute_output_shape((None, 3)), "Axis 2"),
        (lambda: layers.GroupNormalization(0), "groups=0"),
        (lambda: layers.GroupNormalization(1.5), "groups=1.5"),
        (lambda: layers.GroupNormalization(2, name="gn")(X), "3 channels.*'gn'.* 2 eq"),
        (lambda: layers.GroupNormalization(4, name="gn")(X), "3 channels.*'gn'.* 4 eq"),
        (lambda: layers.GroupNormalization(1, 2, name="gn")(X), "Axis 2 of layer 'gn'"),
        (lambda: layers.GroupNormalization(1).build((4, None)), "known length"),
        (lambda: layers.RMSNormalization(axis=2, name="rn")(X), "Axis 2 of layer 'rn'"),
        (lambda: layers.RMSNormalization(epsilon="a"), "epsilon='a'"),
        (lambda: layers.UnitNormalization(2, name="un")(X), "Axis 2 of layer 'un'"),
        (lambda: layers.UnitNormalization("a"), "axis='a'"),
    ],
)
def test_impossible_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_another_shape_is_refused_and_changes_nothing():
    layer = BATCH(name="bn")
    layer(X, training=True)
    before = layer.get_weights()
    with pytest.raises(ValueError, match="'bn'.*expected axis -1.*value 3"):
        layer(numbers(4, 2), training=True)
    with pytest.raises(ValueError, match="'bn'.*expected ndim=2"):
        layer(numbers(4, 2, 3), training=True)
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert ops.shape(layer(X)) == (4, 3)
