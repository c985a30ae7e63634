"""The replayed step: bit for bit the ordinary step, or refused."""

import numpy as np
import pytest

import minikeras as keras
from minikeras.autodiff import Tensor
from minikeras.trainers.step_replay import is_repeatable

RNG = np.random.default_rng(4)
X = RNG.normal(size=(50, 6)).astype("float32")
Y = RNG.integers(0, 4, size=50)
LAYERS = keras.layers


def network(*layers):
    return keras.Sequential(list(layers))


def made(table, name):
    """A model of the table; layers draw their seeds when they are constructed."""
    keras.utils.set_random_seed(3)
    return table[name]()


MODELS = {
    "softmax": lambda: network(LAYERS.Dense(4, "softmax", kernel_regularizer="l2")),
    "deep": lambda: network(
        LAYERS.Dense(8, "relu", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02)),
        LAYERS.Dense(8, "gelu"),
        LAYERS.PReLU(),
        LAYERS.Dense(4),
        LAYERS.Softmax(),
    ),
    "input and flatten": lambda: network(
        keras.Input((6,)), LAYERS.Flatten(), LAYERS.Dense(4, "softmax")
    ),
    "dropout": lambda: network(LAYERS.Dropout(0.5), LAYERS.Dense(4, "softmax")),
    "one mask for all rows": lambda: network(
        LAYERS.Dropout(0.5, noise_shape=(1, None)), LAYERS.Dense(4, "softmax")
    ),
    "noise": lambda: network(
        LAYERS.GaussianNoise(0.5),
        LAYERS.GaussianDropout(0.5),
        LAYERS.Dense(4, "softmax"),
    ),
    "nested": lambda: network(
        network(LAYERS.Dense(5, "tanh")), LAYERS.Dense(4, "softmax")
    ),
}


def train(model, ordinary: bool, rows=50, **options):
    model.compile(
        keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy()
    )
    if ordinary:
        model._replay.run = model.loss_and_gradients
    history = model.fit(
        X[:rows], Y[:rows], batch_size=16, epochs=3, verbose=0, **options
    )
    return model.get_weights(), history.history["loss"]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("weighted", [False, True])
def test_a_replayed_fit_is_the_ordinary_fit_to_the_last_bit(name, weighted):
    options = {"sample_weight": np.linspace(0, 1, 50)} if weighted else {}
    model = made(MODELS, name)
    weights, losses = train(model, ordinary=False, **options)
    programs = model._replay._programs
    assert len(programs) == 2  # full batches of 16 and the last one of 2
    if not weighted:  # the way of weighted labels leaves the tape: not replayed
        assert None not in programs.values()
    expected_weights, expected_losses = train(made(MODELS, name), True, **options)
    assert losses == expected_losses
    for ours, theirs in zip(weights, expected_weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def mine(x):
    return keras.ops.tanh(x)


class Doubled(keras.layers.Dense):
    def call(self, inputs):
        return super().call(inputs) * 2.0


class DropoutOfTheUsers(keras.layers.Layer):
    def call(self, x):
        return keras.random.dropout(x, 0.5)


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(4, "softmax")

    def call(self, x):
        return self.dense(x)


REFUSED = {
    "dropout by hand": lambda: network(DropoutOfTheUsers(), LAYERS.Dense(4)),
    "a mask of fixed size": lambda: network(
        LAYERS.Dropout(0.5, noise_shape=(16, 6)), LAYERS.Dense(4)
    ),
    "noise and dropout": lambda: network(LAYERS.AlphaDropout(0.5), LAYERS.Dense(4)),
    "activation of the user's": lambda: network(LAYERS.Dense(4, mine)),
    "layer of the user's": lambda: network(Doubled(4)),
    "regularizer of the user's": lambda: network(
        LAYERS.Dense(4, "softmax", kernel_regularizer=lambda w: keras.ops.sum(w * w))
    ),
    "activity regularizer": lambda: network(
        LAYERS.Dense(4, "softmax", activity_regularizer="l2")
    ),
    "subclassed model": Subclass,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_user_wrote_or_what_draws_is_not_replayed(name):
    model = made(REFUSED, name)
    train(model, ordinary=False, rows=48)
    assert not is_repeatable(model)
    assert set(model._replay._programs.values()) == {None}


def test_a_loss_of_the_users_is_not_replayed():
    model = made(MODELS, "deep")
    model.compile("sgd", lambda y, p: keras.ops.mean(keras.ops.square(p), axis=-1))
    model.fit(X, Y, verbose=0)
    assert not is_repeatable(model)


def test_a_change_of_structure_is_seen_at_once():
    model = made(MODELS, "deep")
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    for _ in range(3):
        model.train_on_batch(X, Y)
    model.layers[0].trainable = False
    model.compile(keras.optimizers.SGD(0.1))
    before = [weight.copy() for weight in model.get_weights()]
    for _ in range(3):
        model.train_on_batch(X, Y)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])  # frozen
    assert (before[2] != after[2]).any()


def test_new_weights_and_rates_count_in_the_next_step():
    model = made(MODELS, "softmax")
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    for _ in range(2):
        model.train_on_batch(X, Y)
    model.set_weights([np.zeros((6, 4)), np.zeros(4)])
    # Zero weights: all classes are equally likely, whatever came before.
    assert model.train_on_batch(X, Y) == pytest.approx(np.log(4), rel=1e-6)
    model.optimizer.learning_rate = 0.0
    before = model.get_weights()
    model.train_on_batch(X, Y)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_bad_labels_are_refused_in_a_replayed_step_too():
    model = made(MODELS, "softmax")
    model.compile("sgd", "sparse_categorical_crossentropy")
    for _ in range(3):
        model.train_on_batch(X, Y)
    with pytest.raises(ValueError, match="-1"):
        model.train_on_batch(X, np.full(50, -1))


def test_the_metrics_see_the_logits_as_in_the_ordinary_step():
    model = made(MODELS, "softmax")
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy())
    data = Tensor(X), Tensor(Y)
    ordinary = model._replay.run(*data, None)[1]
    replayed = model._replay.run(*data, None)[1]
    np.testing.assert_array_equal(ordinary.value, replayed.value)
    np.testing.assert_array_equal(ordinary.logits.value, replayed.logits.value)


def steps(*layers, batch_size=None):
    """A model whose first layers see six features as three time steps of two."""
    first = keras.Input(batch_shape=(batch_size, 3, 2))
    return network(first, *layers, LAYERS.Dense(4, "softmax"))


RECURRENT = {
    "lstm": lambda: steps(LAYERS.LSTM(3)),
    "gru, simple": lambda: steps(
        LAYERS.GRU(3, return_sequences=True), LAYERS.SimpleRNN(3)
    ),
    "both ways": lambda: steps(LAYERS.Bidirectional(LAYERS.LSTM(3))),
}
REFUSED_RECURRENT = {
    "dropout": lambda: steps(LAYERS.LSTM(3, dropout=0.3)),
    "recurrent dropout": lambda: steps(LAYERS.GRU(3, recurrent_dropout=0.3)),
    "states": lambda: steps(LAYERS.SimpleRNN(3, stateful=True), batch_size=16),
    "states both ways": lambda: steps(
        LAYERS.Bidirectional(LAYERS.LSTM(3, stateful=True)), batch_size=16
    ),
    "stacked dropout": lambda: steps(
        LAYERS.RNN([LAYERS.GRUCell(2), LAYERS.LSTMCell(3, dropout=0.1)])
    ),
    "cell of the user's": lambda: steps(LAYERS.RNN(OwnCell())),
    "no layer": lambda: steps(LAYERS.RNN([LAYERS.GRUCell(3), OwnCell()])),
}


class OwnCell:
    """The least that a cell needs."""

    state_size = output_size = 3

    def call(self, inputs, states):
        output = keras.ops.tanh(keras.ops.sum(inputs, 1, keepdims=True) + states[0])
        return output, [output]


def train_steps(model, ordinary):
    model.compile("sgd", "sparse_categorical_crossentropy")
    if ordinary:
        model._replay.run = model.loss_and_gradients
    x = X[:48].reshape(48, 3, 2)
    history = model.fit(x, Y[:48], batch_size=16, epochs=3, verbose=0, shuffle=False)
    return model.get_weights(), history.history["loss"]


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layers_are_replayed_to_the_last_bit(name):
    model = made(RECURRENT, name)
    weights, losses = train_steps(model, ordinary=False)
    assert None not in model._replay._programs.values()
    expected_weights, expected_losses = train_steps(made(RECURRENT, name), True)
    assert losses == expected_losses
    for ours, theirs in zip(weights, expected_weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", REFUSED_RECURRENT)
def test_what_draws_masks_or_keeps_states_is_not_replayed(name):
    model = made(REFUSED_RECURRENT, name)
    train_steps(model, ordinary=False)
    assert not is_repeatable(model)
    assert set(model._replay._programs.values()) == {None}


def test_programs_last_from_fit_to_fit_until_a_setting_is_replaced():
    model = network(LAYERS.Dense(8, "relu"), LAYERS.Dense(4, "softmax"))
    train(model, ordinary=False)
    model.fit(X, Y, batch_size=16, verbose=0)
    first = dict(model._replay._programs)
    model.fit(X, Y, batch_size=16, verbose=0)
    assert all(model._replay._programs[key] is step for key, step in first.items())
    weights = model.get_weights()
    model.layers[0].activation = keras.activations.tanh
    tanh = model.fit(X, Y, batch_size=50, verbose=0).history["loss"]
    assert model._replay._programs.keys().isdisjoint(first)
    model.set_weights(weights)
    model.layers[0].activation = keras.activations.relu
    assert model.fit(X, Y, batch_size=50, verbose=0).history["loss"] != tanh


def test_a_penalty_that_is_set_anew_counts_in_the_next_fit():
    model = network(LAYERS.Dense(4, "softmax", kernel_regularizer="l2"))
    train(model, ordinary=False)
    weights = model.get_weights()
    weak = model.fit(X, Y, batch_size=50, verbose=0).history["loss"]
    model.set_weights(weights)
    model.layers[0].kernel_regularizer.l2 = 10.0
    assert model.fit(X, Y, batch_size=50, verbose=0).history["loss"] > weak


def test_a_rate_that_a_callback_changes_counts_from_the_next_step_on():
    class Anneal(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[0].rate = 0.5 * epoch

    weights, losses = train(made(MODELS, "dropout"), False, callbacks=[Anneal()])
    model = made(MODELS, "dropout")
    expected_weights, expected = train(model, True, callbacks=[Anneal()])
    assert losses == expected
    np.testing.assert_array_equal(weights[0], expected_weights[0])


def test_a_new_generator_of_seeds_counts():
    model = made(MODELS, "dropout")
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    losses = []
    for _ in range(3):
        model.train_on_batch(X, Y)
        model.layers[0].seed_generator = keras.random.SeedGenerator(5)
        losses.append(model.train_on_batch(X, Y))
    assert len(set(losses)) == 1
