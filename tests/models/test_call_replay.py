"""The repeated call: bit for bit the ordinary call, or refused."""

import copy

import numpy as np
import pytest

import minikeras as keras
from minikeras.program.cache import _MOST as _MOST_PROGRAMS
from minikeras.program.learn import Program

RNG = np.random.default_rng(8)
LAYERS = keras.layers


def network(shape, *layers):
    keras.utils.set_random_seed(5)
    return keras.Sequential([keras.Input(shape), *layers])


# what the network is made of, and the shape of a row
MODELS = {
    "dense": (lambda: [LAYERS.Dense(5, "relu"), LAYERS.Dense(3, "softmax")], (4,)),
    "sigmoid": (lambda: [LAYERS.Dense(1, "sigmoid")], (4,)),
    "nested": (lambda: [network((4,), LAYERS.Dense(5, "tanh")), LAYERS.ReLU()], (4,)),
    "images": (
        lambda: [LAYERS.Conv2D(3, 3), LAYERS.MaxPooling2D(), LAYERS.Flatten()],
        (7, 7, 2),
    ),
    "masked": (
        lambda: [LAYERS.Masking(0.0), LAYERS.LSTM(4, return_sequences=True)],
        (6, 3),
    ),
    "sequences": (lambda: [LAYERS.LSTM(4), LAYERS.Dense(2)], (6, 3)),
}


def programs(model):
    return list(model._programs._known.values())


def is_program(known) -> bool:
    return type(known) is Program


def ordinary(model, x):
    """Outside of a fit, what goes through the layers: a tape is open."""
    with keras.GradientTape():
        return model(x)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("keywords", [{}, {"training": False}])
def test_a_repeated_call_is_the_ordinary_call(name, keywords):
    make, shape = MODELS[name]
    model = network(shape, *make())
    for rows in (1, 3, 1, 3, 1, 3):
        x = RNG.normal(size=(rows, *shape)).astype("float32")
        x *= x[..., :1] > 0  # some steps are masked, if there is a mask
        y, expected = model(x, **keywords), ordinary(model, x)
        np.testing.assert_array_equal(y.value, expected.value)
        masks = y._keras_mask, expected._keras_mask
        assert type(masks[0]) is type(masks[1])
        np.testing.assert_array_equal(*masks)
        for attribute in ("logits", "is_softmax"):
            assert hasattr(y, attribute) == hasattr(expected, attribute)
        if hasattr(y, "logits"):
            np.testing.assert_array_equal(y.logits.value, expected.logits.value)
    assert all(map(is_program, programs(model))) and len(programs(model)) == 2


REFUSED = {
    "a layer of the user's": lambda: LAYERS.Lambda(lambda x: x * 2.0),
    "an activation of the user's": lambda: LAYERS.Dense(3, lambda x: x * x),
    "an activity regularizer": lambda: LAYERS.Dense(3, activity_regularizer="l2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_do_something_else_next_time_is_refused(name):
    model = network((2, 4), REFUSED[name]())
    x = np.ones((1, 2, 4), "float32")
    for _ in range(3):
        model(x)
    assert all(type(program) is str for program in programs(model))


def test_new_weights_are_seen():
    model = network((2,), LAYERS.Dense(1, use_bias=False))
    x = np.ones((1, 2), "float32")
    for value in (1.0, 2.0, 3.0):
        model.layers[0].kernel.assign(np.full((2, 1), value, "float32"))
        assert float(model(x)[0, 0]) == 2 * value


def test_a_replaced_setting_is_seen_at_once():
    model = network((2,), LAYERS.Dense(2))
    x = np.full((1, 2), -1.0, "float32")
    for _ in range(3):
        before = model(x)
    model.layers[0].activation = keras.activations.relu
    np.testing.assert_array_equal(model(x).value, np.maximum(before.value, 0))
    del model.layers[0].activation
    model.layers[0].activation = None
    np.testing.assert_array_equal(model(x).value, before.value)


def test_a_new_layer_is_seen_at_once():
    model = network((2,), LAYERS.Dense(2))
    x = np.full((1, 2), -1.0, "float32")
    for _ in range(3):
        before = model(x)
    model.add(LAYERS.ReLU())
    np.testing.assert_array_equal(model(x).value, np.maximum(before.value, 0))
    model.pop()
    np.testing.assert_array_equal(model(x).value, before.value)


def test_training_differs():
    model = network((50,), LAYERS.Dropout(0.5))
    x = np.ones((1, 50), "float32")
    for _ in range(3):
        assert (model(x).value == 1).all()
        assert (model(x, training=True).value != 1).any()


def test_gradients_are_there_after_repeated_calls():
    model = network((2,), LAYERS.Dense(1))
    x = np.ones((1, 2), "float32")
    for _ in range(3):
        model(x)
    with keras.GradientTape() as tape:
        y = model(x)
    gradient = tape.gradient(y, model.trainable_variables)
    np.testing.assert_array_equal(gradient[0].value, [[1], [1]])


def test_losses_of_the_call_before_are_gone():
    model = network((2,), LAYERS.Dense(1))
    x = np.ones((1, 2), "float32")
    for _ in range(3):
        model(x)
        assert model.losses == []
        model.add_loss(1.0)


def test_wrong_inputs_are_refused_as_before():
    model = network((2,), LAYERS.Dense(1))
    for _ in range(3):
        model(np.ones((1, 2), "float32"))
    with pytest.raises(ValueError, match="incompatible"):
        model(np.ones((1, 3), "float32"))


def test_copies_have_programs_of_their_own():
    model = network((2,), LAYERS.Dense(1))
    x = np.ones((1, 2), "float32")
    for _ in range(3):
        y = model(x)
    other = copy.deepcopy(model)
    model.layers[0].kernel.assign(np.zeros((2, 1), "float32"))
    for _ in range(3):
        np.testing.assert_array_equal(other(x).value, y.value)


def test_ever_new_shapes_do_not_fill_the_memory():
    model = network((2,), LAYERS.Dense(1))
    for rows in range(1, 2 * _MOST_PROGRAMS):
        model(np.ones((rows, 2), "float32"))
    assert len(programs(model)) <= _MOST_PROGRAMS


def test_a_loop_of_the_users_does_not_forget_the_programs():
    model = network((2,), LAYERS.Dense(1))
    model.compile("sgd", "mse")
    x, y = np.ones((1, 2), "float32"), np.ones((1, 1), "float32")
    for _ in range(4):
        model(x)
        model.predict(x, verbose=0)
        model.train_on_batch(x, y)
    kept = model._programs._known
    known = dict(kept)
    for _ in range(3):
        model(x)
        model.predict(x, verbose=0)
        model.train_on_batch(x, y)
    assert kept == known and sum(map(is_program, programs(model))) == 3
