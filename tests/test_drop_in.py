"""Scripts as people write them for Keras: what once differed, each held here."""

import copy
import pickle

import numpy as np
import pytest

import minikeras as keras

X = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")
Y = X[:, :1] * 2
LABELS = np.arange(20) % 3


class Counting(keras.layers.Layer):
    """Counts its own calls in a weight, as layers with running statistics do."""

    def build(self, input_shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.calls.assign_add(1.0)
        return x


def test_a_train_step_may_return_the_metrics_of_compile_together():
    """The step of Keras's own guide: for it "compile_metrics" is one metric."""

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            with keras.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return self.results(loss, y, y_pred)

        def test_step(self, data):
            x, y = data
            y_pred = self(x, training=False)
            return self.results(self.compute_loss(y=y, y_pred=y_pred), y, y_pred)

        def results(self, loss, y, y_pred):
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    model = Net()
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert list(history) == ["mae", "loss", "val_loss", "val_mae"]  # as in Keras
    assert list(model.train_on_batch(X, Y, return_dict=True)) == ["mae", "loss"]
    assert model.evaluate(X, Y, verbose=0) == [
        model.evaluate(X, Y, verbose=0, return_dict=True)[name]
        for name in ("loss", "mae")
    ]


def biasOf(y_true, y_pred):  # noqa: N802
    return y_pred - y_true


class Bias:
    def __call__(self, y_true, y_pred):
        return y_pred - y_true


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (biasOf, "bias_of"),
        (lambda y_true, y_pred: y_pred - y_true, "lambda"),
        (Bias(), "bias"),
        (keras.losses.mean_absolute_error, "mean_absolute_error"),
        (keras.losses.Huber(), "huber_loss"),
        (keras.metrics.MeanSquaredError(), "mean_squared_error"),
        (keras.metrics.MeanSquaredError, "mean_squared_error"),
        ("mse", "mse"),
    ],
)
def test_metrics_log_under_the_name_of_their_function(metric, name):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[metric])
    assert list(model.fit(X, Y, verbose=0).history) == sorted(["loss", name])


def test_the_losses_of_a_dict_are_reported_in_its_order():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return {"a": self.dense(x), "b": 2 * self.dense(x)}

    model = Net()
    model.compile("sgd", {"b": "mse", "a": "mae"})
    values = model.evaluate(X, {"a": Y, "b": Y}, verbose=0)
    named = model.evaluate(X, {"a": Y, "b": Y}, verbose=0, return_dict=True)
    assert values == [named["loss"], named["b_loss"], named["a_loss"]]


def test_only_real_steps_change_the_state_of_a_layer():
    """Neither building by example nor the checks before a fit count as calls."""
    for loss, y in (("mse", Y), ("sparse_categorical_crossentropy", LABELS)):
        layer = Counting()
        model = keras.Sequential([layer, keras.layers.Dense(3)])
        model.compile("sgd", loss)
        model.fit(X, y, batch_size=10, epochs=2, verbose=0)
        assert layer.calls.numpy() == 4
        model.summary(print_fn=lambda text: None)
        assert layer.calls.numpy() == 4


def test_the_weights_of_a_frozen_layer_are_frozen():
    layer = keras.layers.Dense(2, trainable=False)
    layer.build((None, 3))
    assert not layer.kernel.trainable
    assert layer.trainable_weights == []
    layer.trainable = True
    assert layer.kernel.trainable
    assert [v.name for v in layer.trainable_weights] == ["kernel", "bias"]


def test_sequence_is_the_older_name_of_pydataset():
    assert keras.utils.Sequence is keras.utils.PyDataset


def test_a_second_compile_keeps_what_it_does_not_mention():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0)
    model.compile(keras.optimizers.Adam(0.1))
    assert list(model.fit(X, Y, verbose=0).history) == ["loss", "mae"]
    model.compile("sgd", "mae", metrics=[])
    assert list(model.fit(X, Y, verbose=0).history) == ["loss"]


def built_model():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_a_list_of_numbers_is_no_input_to_a_layer():
    with pytest.raises(ValueError, match=r"np.array"):
        keras.layers.Dense(1)([[1.0, 2.0, 3.0, 4.0]])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"y": None}, "no `y`"),
        ({"validation_data": X}, "validation data has no `y`"),
        ({"epochs": None}, "epochs=None"),
        ({"class_weight": [1.0, 2.0]}, r"class_weight=\[1.0, 2.0\]"),
        ({"x": (part for part in [(X, Y, None, None)]), "y": None}, "4 parts"),
    ],
)
def test_fit_says_what_is_missing_or_too_much(options, words):
    model = built_model()
    before = model.get_weights()
    with pytest.raises(ValueError, match=words):
        model.fit(**{"x": X, "y": Y, "verbose": 0, "shuffle": False, **options})
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_targets_are_not_asked_for_where_the_user_computes_the_loss():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return keras.ops.mean(y_pred**2)

    model = Net()
    model.compile("sgd", "mse")
    model.fit(X, verbose=0)
    assert model.optimizer.iterations == 1


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_a_fitted_model_is_copied_and_pickled_and_trains_on(copied):
    model = keras.Sequential([keras.layers.Dense(3, "relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0)
    other = copied(model)
    before = model.get_weights()
    history = other.fit(X, Y, epochs=2, verbose=0, shuffle=False).history
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert model.fit(X, Y, epochs=2, verbose=0, shuffle=False).history == history


def test_every_loss_metric_and_optimizer_can_be_pickled():
    for family in (keras.losses, keras.metrics, keras.optimizers):
        for name, cls in vars(family).items():
            if isinstance(cls, type):
                try:
                    made = cls()
                except TypeError:  # it needs arguments
                    continue
                assert type(pickle.loads(pickle.dumps(made))) is cls, name


def test_the_sums_of_an_accuracy_stay_float32():
    """0.35 logs as 0.3499999940395355, as float32 has it and Keras prints it."""
    metric = keras.metrics.SparseCategoricalAccuracy()
    labels = keras.ops.convert_to_tensor(np.array([0] * 7 + [1] * 13))
    scores = keras.ops.convert_to_tensor(np.eye(2, dtype="float32")[[0] * 20])
    metric.update_state(labels, scores)
    assert [v.value.dtype for v in metric.variables] == ["float32", "float32"]
    assert float(metric.result()) == float(np.float32(0.35))


def test_sums_that_overflow_do_not_warn():
    """Each square is a float32, their sum is not; Keras's result is inf as well."""
    y_true = keras.ops.zeros((4, 1))
    y_pred = keras.ops.full((4, 1), 1.8e19)
    assert np.isinf(float(keras.losses.MeanSquaredError()(y_true, y_pred)))
    for metric in (keras.metrics.MeanSquaredError(), keras.metrics.Mean()):
        arguments = (y_true, y_pred) if "squared" in metric.name else (y_pred**2,)
        metric.update_state(*arguments)
        assert np.isinf(float(metric.result())), metric.name


class Classifier(keras.Model):
    """Predicts class numbers, and is trained by a step of its own."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3, activation="softmax")

    def predict_step(self, data):
        return keras.ops.argmax(self.outputs(data), axis=-1)


class WithCall(Classifier):
    def call(self, x):
        return self.dense(x)

    outputs = call


class WithSteps(Classifier):
    def outputs(self, x):
        return self.dense(x)

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self.dense(x))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss}

    def test_step(self, data):
        return {"loss": self.compute_loss(y=data[1], y_pred=self.dense(data[0]))}


@pytest.mark.parametrize("cls", [WithCall, WithSteps])
def test_steps_of_the_users_own_get_what_they_expect(cls):
    """`predict_step` gets the bare x; no check calls what a step does not."""
    model = cls()
    model.compile("sgd", "sparse_categorical_crossentropy")
    data = (X, LABELS)
    history = model.fit(*data, validation_data=data, verbose=0).history
    assert list(history) == ["loss", "val_loss"]
    assert model.predict(X, batch_size=8, verbose=0).shape == (20,)


def test_a_nested_model_shows_the_shape_of_its_own_input():
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model = keras.Sequential([inner, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.train_on_batch(X, Y)
    assert inner.output_shape == (None, 2)
    assert model.layers[1].output_shape == (None, 1)
