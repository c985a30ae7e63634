"""TimeDistributed and Wrapper: against one call for each time step."""

import numpy as np
import pytest

from minikeras import Sequential, layers
from minikeras.autodiff import GradientTape, Tensor
from minikeras.graph import KerasTensor
from minikeras.layers.rnn import time_distributed
from tests.gradients import check_gradient

STEPS, IMAGES = (2, 3, 4), (2, 3, 4, 5, 2)


class Doubled(layers.Layer):
    """A user's layer: nobody knows what it does, so it sees one step at a time."""

    def call(self, inputs):
        return inputs * 2.0

    def get_config(self):
        return super().get_config()


# (class, its arguments, input shape, whether all steps are one batch)
ROWS = [
    (layers.TimeDistributed, {"layer": wrapped}, shape, is_folded)
    for wrapped, shape, is_folded in (
        (Doubled(), STEPS, False),
        (layers.Dense(3, "tanh"), STEPS, True),
        (layers.Dense(2, activity_regularizer="l2"), STEPS, False),
        (layers.PReLU("he_uniform"), STEPS, True),
        (layers.Softmax(), STEPS, True),
        (layers.Softmax(axis=0), STEPS, False),
        (layers.Softmax(axis=-2), STEPS, False),
        (layers.Softmax(axis=[-1]), STEPS, False),
        (layers.Dropout(0.5), STEPS, False),
        (layers.Dropout(0), STEPS, True),
        (layers.Flatten(), IMAGES, True),
        (layers.MaxPooling2D(), IMAGES, True),
        (layers.Masking(), IMAGES, True),
        (layers.TimeDistributed(layers.Dense(2)), IMAGES, True),
        (Sequential([layers.Dense(3), layers.ReLU()]), STEPS, True),
        (Sequential([layers.Dense(3), layers.Dropout(0.3)]), STEPS, False),
    )
] + [(layers.Wrapper, {"layer": layers.Dense(3)}, STEPS, None)]
CALLED = [row for row in ROWS if row[0] is layers.TimeDistributed]
LABELS = [f"{type(o['layer']).__name__}-{i}" for i, (_, o, *_) in enumerate(CALLED)]
every_row = pytest.mark.parametrize(
    ("cls", "options", "shape", "is_folded"), CALLED, ids=LABELS
)


def fresh(cls, options, **more):
    """A new wrapper around a new layer, both float64 if asked."""
    wrapped = options["layer"]
    config = wrapped.get_config()
    if more.get("dtype") and not isinstance(wrapped, Sequential):
        config["dtype"] = more["dtype"]
    return cls(type(wrapped).from_config(config), **more)


def numbers(shape):
    return np.random.default_rng(0).normal(size=shape)


@every_row
def test_value(cls, options, shape, is_folded):
    layer = fresh(cls, options)
    x = numbers(shape).astype("float32")
    y = layer(x).value
    assert y.dtype == np.float32
    for t in range(shape[1]):
        # float32: a matrix product of more rows may round its sums differently
        np.testing.assert_allclose(
            y[:, t], layer.layer.call(Tensor(x[:, t])).value, rtol=1e-6, atol=1e-7
        )
    if getattr(layer.layer, "axis", -1) in (0, -2):
        return  # over the batch: fewer rows give something else
    for rows in (0, 1):
        few = layer(x[:rows])
        assert few.shape == (rows, *y.shape[1:])
        np.testing.assert_allclose(few.value, y[:rows], rtol=1e-6, atol=1e-7)


@every_row
def test_how_often_the_layer_is_called(cls, options, shape, is_folded):
    layer = fresh(cls, options)
    layer(numbers(shape))
    rows = []
    call = layer.layer.call

    def counted(inputs, **arguments):
        rows.append(len(inputs.value))
        return call(inputs, **arguments)

    counted.__module__ = "minikeras.layers"
    object.__setattr__(layer.layer, "call", counted)
    layer(numbers(shape))
    assert rows == ([shape[0] * shape[1]] if is_folded else [shape[0]] * shape[1])


@every_row
def test_shapes(cls, options, shape, is_folded):
    eager = fresh(cls, options)(numbers(shape)).shape
    opened = (None, *shape[1:])
    symbolic = fresh(cls, options)(KerasTensor(opened))
    assert (symbolic.shape, symbolic.dtype) == ((None, *eager[1:]), "float32")
    if type(options["layer"]).compute_output_shape is layers.Layer.compute_output_shape:
        return
    layer = fresh(cls, options)
    layer.build(opened)
    assert layer.compute_output_shape(opened) == (None, *eager[1:])
    assert layer.compute_output_shape(shape) == eager


@every_row
def test_config(cls, options, shape, is_folded):
    layer = fresh(cls, options, name="mine")
    known = {"Doubled": Doubled}
    written = layer.get_config()
    again = cls.from_config(written, custom_objects=known)
    assert again.get_config() == written
    assert "class_name" in written["layer"]
    assert again(numbers(shape)).shape == layer(numbers(shape)).shape
    before = [v.path for v in layer.weights]
    assert all(path.startswith("mine/") for path in before)


@pytest.mark.parametrize("wrapped", [layers.Dense(3, "tanh"), layers.Softmax(axis=0)])
def test_derivative(wrapped):
    layer = fresh(layers.TimeDistributed, {"layer": wrapped}, dtype="float64")
    check_gradient(layer, numbers(STEPS))
    x = numbers(STEPS)
    with GradientTape() as tape:
        y = layer(x)
    folded = [g.value for g in tape.gradient(y, layer.trainable_weights)]
    alone = [np.zeros_like(g) for g in folded]
    for t in range(STEPS[1]):
        with GradientTape() as tape:
            y = layer.layer(Tensor(x[:, t]))
        for total, part in zip(
            alone, tape.gradient(y, layer.trainable_weights), strict=True
        ):
            total += part.value
    for a, b in zip(folded, alone, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)  # three sums in another order


# Seeds, masks, training --------------------------------------------------------


def test_each_step_draws_a_mask_of_its_own():
    x = np.ones((2, 3, 50), "float32")
    layer = layers.TimeDistributed(layers.Dropout(0.5, seed=1))
    alone = layers.Dropout(0.5, seed=1)
    y = layer(x, training=True).value
    for t in range(3):
        np.testing.assert_array_equal(y[:, t], alone(x[:, t], training=True).value)
    assert (layer(x).value == 1).all()


class Probe(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seen = []

    def call(self, inputs, training=None, mask=None):
        self.seen.append((training, None if mask is None else mask.value.tolist()))
        return inputs


def test_training_and_the_mask_of_the_step_are_handed_on():
    layer = layers.TimeDistributed(Probe())
    x = np.ones((2, 2, 1), "float32")
    layer(x)
    layer.layer.seen.clear()
    y = layer(x, training=True, mask=Tensor(np.array([[True, False], [True, True]])))
    assert layer.layer.seen == [(True, [True, True]), (True, [False, True])]
    assert y._keras_mask.value.tolist() == [[True, False], [True, True]]


def test_a_layer_without_mask_is_folded_all_the_same(monkeypatch):
    asked = []
    alike = time_distributed._steps_are_alike
    monkeypatch.setattr(
        time_distributed, "_steps_are_alike", lambda x: asked.append(1) or alike(x)
    )
    x = np.array([[[0, 0], [1, 2.0]]])
    masked = layers.Masking()(x)
    dense, softmax = (
        layers.TimeDistributed(wrapped)
        for wrapped in (layers.Dense(2), layers.Softmax())
    )
    assert dense(masked)._keras_mask.value.tolist() == [[False, True]]
    assert asked == [1]
    mask = Tensor(np.array([[[True, False], [False, True]]]))
    assert softmax(x, mask=mask).value.tolist() == [[[1, 0], [0, 1]]]
    assert asked == [1]


def test_the_activity_regularizer_of_the_wrapped_layer_has_no_part():
    wrapped = layers.Dense(2, activity_regularizer="l2")
    layer = layers.TimeDistributed(wrapped, activity_regularizer="l1")
    layer(numbers(STEPS))
    assert len(layer.losses) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.TimeDistributed("dense"), "TimeDistributed wraps.*'dense'"),
        (lambda: layers.Wrapper(layers.Dense), "Wrapper wraps.*of type type"),
        (lambda: td(np.ones((2, 3))), r"'td' expects.*\(2, 3\)"),
        (lambda: td(np.ones(STEPS), mask=np.ones(2)), r"'td' expects.*\(2,\)"),
        (lambda: td(np.ones(STEPS), mask=np.ones((2, 4))), r"'td'.*\(2, 4\)"),
        (lambda: td.compute_output_shape((2, 3)), r"'td' expects"),
    ],
)
def test_mistakes(make, message):
    with pytest.raises(ValueError, match=message):
        make()


td = layers.TimeDistributed(layers.Dense(2), name="td")
td(np.ones(STEPS))


def test_a_built_layer_keeps_its_weights():
    dense = layers.Dense(2)
    dense.build((None, 4))
    kernel = dense.kernel
    layer = layers.TimeDistributed(dense)
    layer(numbers(STEPS))
    assert layer.weights[0] is kernel
