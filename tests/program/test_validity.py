"""When a program may run, and what it must not miss."""

import copy
import sys
import threading

import numpy as np
import pytest

import minikeras as keras
from minikeras.program.learn import Program
from minikeras.program.stand_in import StandIn
from tests.program.test_steps import as_written

RNG = np.random.default_rng(4)
X = RNG.normal(size=(50, 6)).astype("float32")
Y = RNG.integers(0, 4, size=50)
LAYERS = keras.layers
LOSS = "sparse_categorical_crossentropy"


def network(*layers, optimizer="sgd", loss=LOSS, **options):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([*layers, LAYERS.Dense(4, "softmax")])
    model.compile(optimizer, loss, **options)
    return model


def learned(model, name="train_step") -> bool:
    known = model._programs._known
    return any(key[0] == name and type(x) is Program for key, x in known.items())


def train(model, steps=3):
    """The losses of some steps on one batch."""
    return [model.train_on_batch(X, Y) for _ in range(steps)]


def test_a_shape_is_learned_when_it_comes_again():
    model = network()
    # the very first step makes variables, and so is none to go by
    for count, known in ((2, False), (1, True), (3, True)):
        train(model, count)
        assert learned(model) == known
    model.train_on_batch(X[:7], Y[:7])
    assert model._programs.programs == model._programs.programs[:1]


def test_a_change_of_structure_is_seen_at_once():
    model = network(LAYERS.Dense(8), optimizer=keras.optimizers.SGD(0.1))
    train(model, 4)
    model.layers[0].trainable = False
    model.compile(keras.optimizers.SGD(0.1))
    before = model.get_weights()
    train(model, 4)
    assert learned(model)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])  # frozen
    assert (before[2] != model.get_weights()[2]).any()


def test_new_weights_and_rates_count_in_the_next_step():
    model = network(optimizer=keras.optimizers.SGD(0.1))
    train(model, 4)
    model.set_weights([np.zeros((6, 4)), np.zeros(4)])
    # Zero weights: all classes are equally likely, whatever came before.
    assert train(model, 1)[0] == pytest.approx(np.log(4), rel=1e-6)
    model.optimizer.learning_rate = 0.0
    before = model.get_weights()
    train(model, 1)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])
    assert learned(model)


def test_bad_labels_are_refused_in_a_repeated_step_too():
    model = network()
    train(model, 4)
    before = [v.numpy() for v in [*model.variables, *model.optimizer.variables]]
    with pytest.raises(ValueError, match="-1"):
        model.train_on_batch(X, np.full(50, -1))
    for ours, v in zip(
        before, [*model.variables, *model.optimizer.variables], strict=True
    ):
        np.testing.assert_array_equal(ours, v.value)


def test_programs_last_from_fit_to_fit_until_a_setting_is_replaced():
    model = network(LAYERS.Dense(8, "relu"))
    model.fit(X, Y, batch_size=16, epochs=3, verbose=0)
    first = model._programs.programs
    assert len(first) == 2  # full batches, and the last one
    model.fit(X, Y, batch_size=16, verbose=0)
    assert model._programs.programs == first
    weights = model.get_weights()
    model.layers[0].activation = keras.activations.tanh
    tanh = model.fit(X, Y, batch_size=50, verbose=0).history["loss"]
    assert not model._programs.programs
    model.set_weights(weights)
    model.layers[0].activation = keras.activations.relu
    assert model.fit(X, Y, batch_size=50, verbose=0).history["loss"] != tanh


# what is set anew, of what kind the model is, and what that changes
SETTINGS = {
    "a penalty": (
        lambda: network(LAYERS.Dense(4, kernel_regularizer="l2")),
        lambda model: setattr(model.layers[0].kernel_regularizer, "l2", 10.0),
    ),
    "a limit": (
        lambda: network(LAYERS.Dense(4, kernel_constraint="max_norm")),
        lambda model: setattr(model.layers[0].kernel_constraint, "max_value", 1e-3),
    ),
    "a loss": (
        lambda: network(loss=keras.losses.SparseCategoricalCrossentropy()),
        lambda model: setattr(model.loss, "from_logits", True),
    ),
    "a schedule": (
        lambda: network(
            optimizer=keras.optimizers.SGD(
                keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.0)
            )
        ),
        lambda model: setattr(
            model.optimizer._learning_rate, "initial_learning_rate", 1.0
        ),
    ),
    "an optimizer": (
        lambda: network(optimizer=keras.optimizers.SGD(0.1, momentum=0.5)),
        lambda model: setattr(model.optimizer, "momentum", 0.0),
    ),
    "another optimizer": (
        lambda: network(optimizer=keras.optimizers.SGD(0.1)),
        lambda model: setattr(model, "optimizer", keras.optimizers.Adam(0.5)),
    ),
    "a rate": (
        lambda: network(LAYERS.Dropout(0.5)),
        lambda model: setattr(model.layers[0], "rate", 0.0),
    ),
}


@pytest.mark.filterwarnings("ignore:.*from_logits")
@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_set_anew_counts_in_the_next_fit(name):
    make, change = SETTINGS[name]
    results = []
    for model in (make(), as_written(make())):
        for _ in range(2):
            logs = model.fit(X, Y, batch_size=25, epochs=3, verbose=0).history["loss"]
            results += [logs, model.get_weights()]
            change(model)
    half = len(results) // 2
    assert repr(results[:half]) == repr(results[half:])


def test_a_setting_of_a_metric_counts_at_once():
    metric = keras.metrics.BinaryAccuracy(threshold=0.5)
    model = network(loss="mse", metrics=[metric])
    data = X, np.ones((50, 4))
    for _ in range(4):
        model.test_on_batch(*data)
    assert learned(model, "test_step")
    metric.reset_state()
    metric._fn_kwargs["threshold"] = metric.threshold = -1.0
    assert model.test_on_batch(*data, return_dict=True)["binary_accuracy"] == 1.0


def test_a_rate_that_a_callback_changes_counts_from_the_next_step_on():
    class Anneal(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[0].rate = 0.5 * epoch

    logs = []
    for finish in (lambda model: model, as_written):
        model = finish(network(LAYERS.Dropout(0.5)))
        history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[Anneal()])
        logs.append(history.history["loss"])
    assert logs[0] == logs[1]


def test_a_new_generator_of_seeds_counts():
    model = network(LAYERS.Dropout(0.5), optimizer=keras.optimizers.SGD(0.0))
    losses = []
    for _ in range(3):
        train(model, 3)
        model.layers[0].seed_generator = keras.random.SeedGenerator(5)
        losses += train(model, 1)
    assert len(set(losses)) == 1


class Counting(keras.layers.Layer):
    """A user's layer; what its `look` does to a Tensor decides how it runs."""

    def __init__(self, look=lambda x: None):
        super().__init__()
        self._calls, self._look = [], look

    def call(self, x):
        self._calls.append(x.shape)
        self._look(x)
        return x * 2.0


def test_python_runs_once_per_shape_as_in_a_graph_of_tensorflow():
    layer = Counting()
    model = network(layer)
    losses = train(model, 6)
    assert learned(model)
    assert len(layer._calls) < 6
    eager = network(Counting(), run_eagerly=True)
    assert train(eager, 1) == losses[:1]  # builds
    eager.layers[0]._calls.clear()
    assert train(eager, 5) == losses[1:]
    assert len(eager.layers[0]._calls) == 5
    assert not learned(eager)


LOOKS = {
    "a float": lambda x: float(x[0, 0]),
    "a condition": lambda x: bool((x > 0).value.all()),
    "an array": lambda x: np.asarray(x),
    "numbers": lambda x: x.value.tolist(),
    "text": lambda x: str(x),
    "a shape that values make": lambda x: np.nonzero(x.value),
    "a write": lambda x: np.zeros((50, 6), "float32").__setitem__(0, x.value[0]),
    "a swallowed question": lambda x: _swallow(x),
}


def _swallow(x):
    try:
        float(x[0, 0])
    except TypeError:
        pass


@pytest.mark.parametrize("name", LOOKS)
def test_what_looks_at_values_runs_as_written(name):
    layer = Counting(LOOKS[name])
    model = network(layer, LAYERS.Dropout(0.5), optimizer="adam")
    losses = train(model, 6)
    assert not learned(model)
    assert len(layer._calls) >= 6
    plain = as_written(network(Counting(), LAYERS.Dropout(0.5), optimizer="adam"))
    assert losses == train(plain, 6)


def test_a_step_that_changes_settings_runs_as_written():
    class Alternating(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.calls = 0

        def call(self, x):
            self.calls += 1
            return x * float(self.calls % 2)

    model = network(Alternating())
    train(model, 1)  # builds
    model.layers[0].calls = 0
    train(model, 6)
    assert model.layers[0].calls == 6 and not learned(model)


def test_numbers_that_are_drawn_in_another_way_are_not_frozen():
    class Noisy(keras.layers.Layer):
        def call(self, x):
            return x + keras.random.gamma(x.shape, 2.0, seed=self.seeds)

    layer = Noisy()
    layer.seeds = keras.random.SeedGenerator(1)
    model = network(layer, optimizer=keras.optimizers.SGD(0.0))
    assert len(set(train(model, 5))) == 5
    assert layer.seeds.state.value[1] == 5


def test_copies_have_programs_of_their_own():
    model = network()
    train(model, 4)
    other = copy.deepcopy(model)
    assert not other._programs.programs
    plain = as_written(copy.deepcopy(model))
    assert train(other, 6) == train(plain, 6)
    assert learned(other)


@pytest.fixture
def eager_threads():
    """Python's threads take turns after each few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def train_anew(model):
    for _ in range(30):
        model._programs.clear()
        train(model, 6)
    return model.get_weights()


def test_threads_that_predict_do_not_disturb_who_trains(eager_threads):
    """While a step is learned the variables hold stand-ins: outside, these are arrays,
    and two traces at a time would take each other's for values. What is trained while
    a prediction is learned counts, and is no part of the prediction."""
    model, alone = (
        network(
            LAYERS.Dense(8, kernel_initializer="ones"),
            LAYERS.BatchNormalization(),
            optimizer="adam",
        )
        for _ in range(2)
    )
    expected = train_anew(alone)
    model.build((None, 6))
    errors, done = [], threading.Event()

    def predict(rows):
        try:
            while not done.is_set():
                for y in (model(X[:rows]).value, model.predict(X[:rows], verbose=0)):
                    assert type(y) is np.ndarray and np.isfinite(y).all()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=predict, args=(rows,)) for rows in (5, 6)]
    for thread in threads:
        thread.start()
    found = train_anew(model)
    done.set()
    for thread in threads:
        thread.join()
    assert not errors
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert all(type(v.value) is not StandIn for v in model.variables)


def test_a_tape_around_a_step_records_it():
    model = network()
    train(model, 4)
    with keras.GradientTape() as tape:
        loss = keras.ops.sum(model.predict_step((X,)))
    assert tape.gradient(loss, model.trainable_variables)[0] is not None
