"""compile: how losses, metrics and optimizers may be given, and their names in logs."""

from collections import OrderedDict

import numpy as np
import pytest

from minikeras import Input, Model, Sequential, losses, metrics, ops, optimizers
from minikeras.layers import Dense

# Several losses for one target are told of: tests/trainers/test_mistakes.py.
pytestmark = pytest.mark.filterwarnings("ignore:`loss` lists")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 4)).astype("float32")
Y = RNG.normal(size=(10, 2)).astype("float32")
KERNEL = RNG.normal(size=(4, 2)).astype("float32")
ERROR = X @ KERNEL - Y
MSE, MAE = float((ERROR**2).mean()), float(np.abs(ERROR).mean())


def made(optimizer="sgd", loss="mse", **options):
    model = Sequential([Input((4,)), Dense(2)])
    model.set_weights([KERNEL, np.zeros(2)])
    model.compile(optimizer, loss, **options)
    return model


def results(**options):
    return made(**options).evaluate(X, Y, verbose=0, return_dict=True)


def mean_of(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


LOSSES = [
    ("mse", MSE),
    ("MSE", MSE),
    ("mean_squared_error", MSE),
    (losses.mean_squared_error, MSE),
    (losses.MeanSquaredError, MSE),
    (losses.MeanSquaredError(), MSE),
    (losses.MeanSquaredError(reduction="sum"), MSE * 10),
    (mean_of, MAE),
    (lambda y_true, y_pred: ops.square(y_true - y_pred), MSE),
    (["mse"], MSE),
    (["mse", "mae"], MSE),  # the first alone, as in Keras
    ([["mae", "mse"]], MAE),
    (("mae", lambda y_true, y_pred: y_pred), MAE),
]


@pytest.mark.parametrize(("loss", "expected"), LOSSES, ids=str)
def test_losses(loss, expected):
    found = results(loss=loss)
    assert found["loss"] == pytest.approx(expected, rel=1e-6)  # float32 sums of 20


WEIGHTS = [
    ("mse", 0.5, 0.5 * MSE),
    ("mse", [0.5], 0.5 * MSE),
    (["mse", "mae"], [0.5, 2.0], 0.5 * MSE),
]


@pytest.mark.parametrize(("loss", "loss_weights", "expected"), WEIGHTS)
def test_loss_weights(loss, loss_weights, expected):
    found = results(loss=loss, loss_weights=loss_weights)
    assert found["loss"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("weights", [None, [0.5, 2.0]])
def test_several_losses_for_one_output(weights):
    """The trackers stay at 0, whether a step is repeated or not; beside a list of
    targets the losses are added up."""
    model = made(loss=["mse", "mae"], loss_weights=weights)
    first, second = weights or (1.0, 1.0)
    options = {"batch_size": 5, "epochs": 3, "shuffle": False, "verbose": 0}
    other = made(loss="mse", loss_weights=first)
    history = model.fit(X, Y, **options).history
    assert history["mse_loss"] == history["mae_loss"] == [0, 0, 0]
    assert history["loss"] == other.fit(X, Y, **options).history["loss"]
    model.set_weights([KERNEL, np.zeros(2)])
    found = model.evaluate(X, [Y], verbose=0)
    total = first * MSE + second * MAE
    assert found == pytest.approx([total, MSE, MAE], rel=1e-6)


def test_weighted_metrics_of_a_target_in_a_list():
    options = {"metrics": ["mae"], "weighted_metrics": ["mse"]}
    expected = made(**options).evaluate(X, Y, verbose=0)
    assert made(**options).evaluate(X, [Y], verbose=0) == expected


NAMES = [
    (["mae"], {"mae": MAE}),
    (["MAE"], {"MAE": MAE}),
    (["mean_absolute_error"], {"mean_absolute_error": MAE}),
    ([metrics.MeanAbsoluteError()], {"mean_absolute_error": MAE}),
    ([metrics.MeanAbsoluteError(name="q")], {"q": MAE}),
    ([losses.mean_absolute_error], {"mean_absolute_error": MAE}),
    ([mean_of], {"mean_of": MAE}),
    (["mae", "mae"], {"mae": MAE, "mae_1": MAE}),
    (["mae", "mse"], {"mae": MAE, "mse": MSE}),
    ([["mae"]], {"mae": MAE}),
    ({"dense": "mae"}, {"mae": MAE}),
    ([], {}),
    (None, {}),
]


@pytest.mark.parametrize(("given", "expected"), NAMES, ids=str)
def test_the_names_of_metrics(given, expected):
    found = results(metrics=given)
    expected = {"loss": MSE} | expected
    assert list(found) == sorted(expected)
    assert found == pytest.approx(expected, rel=1e-6)


def test_weighted_metrics():
    weights = np.arange(10, dtype="float32")
    model = made(metrics=["mae"], weighted_metrics=["mae", "mse"])
    found = model.evaluate(X, Y, sample_weight=weights, verbose=0, return_dict=True)
    rows = {"mae": np.abs(ERROR).mean(1), "mse": (ERROR**2).mean(1)}
    weighted = {k: (v * weights).sum() / weights.sum() for k, v in rows.items()}
    assert found == pytest.approx(
        {
            # The loss divides by the rows, a metric by the weights (Keras does both).
            "loss": (rows["mse"] * weights).sum() / 10,
            "mae": MAE,
            "weighted_mae": weighted["mae"],
            "mse": weighted["mse"],
        },
        rel=1e-6,
    )


ACCURACIES = [
    # labels, outputs, what "accuracy" is there
    (np.array([0, 1, 1]), np.eye(2)[[0, 1, 0]], 2 / 3),
    (np.array([[0], [1], [1]]), np.eye(2)[[0, 1, 0]], 2 / 3),
    (np.eye(2)[[0, 1, 1]], np.eye(2)[[0, 1, 0]], 2 / 3),
    (np.array([0, 1, 1]), np.array([[0.1], [0.9], [0.4]]), 2 / 3),
    (np.array([[0], [1], [1]]), np.array([[0.6], [0.9], [0.4]]), 1 / 3),
]


@pytest.mark.parametrize(("labels", "outputs", "expected"), ACCURACIES)
@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
def test_accuracy_by_shape(labels, outputs, expected, name):
    class Given(Model):
        def call(self, x):
            return x

    model = Given()
    model.compile(loss=lambda t, p: ops.mean(p, axis=-1), metrics=[name])
    found = model.evaluate(outputs, labels, verbose=0, return_dict=True)
    assert found[name] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["crossentropy", "ce", "CE"])
def test_crossentropy_by_shape(name):
    p = np.array([[0.25, 0.75], [0.5, 0.5]])
    rows = [
        (np.array([0, 1]), p, -np.log([0.25, 0.5]).mean()),
        (np.eye(2), p, -np.log([0.25, 0.5]).mean()),
        (np.array([0, 1]), p[:, :1], -np.log([0.75, 0.5]).mean()),
    ]

    class Given(Model):
        def call(self, x):
            return x

    for labels, outputs, expected in rows:
        model = Given()
        model.compile(loss=name)
        found = model.evaluate(outputs, labels, verbose=0)
        assert found == pytest.approx(expected, rel=1e-6)


OPTIMIZERS = [
    "sgd",
    "SGD",
    optimizers.SGD(0.01),
    {"class_name": "SGD", "config": {"learning_rate": 0.01}},
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_optimizers(optimizer):
    model = made(optimizer)
    model.fit(X, Y, verbose=0)
    # d(mean of squares)/d(kernel) = 2·xᵀ(xk - y) / 20; the default rate is 0.01
    expected = KERNEL - 0.01 * 2 * X.T @ ERROR / 20
    np.testing.assert_allclose(model.get_weights()[0], expected, rtol=1e-5)


def test_rmsprop_is_the_default():
    model = Sequential([Dense(2)])
    model.compile(loss="mse")
    assert type(model.optimizer) is optimizers.RMSprop


REFUSED = [
    ({"loss": "msee"}, "'msee'.*'mse'"),
    ({"loss": 3}, "3"),
    ({"metrics": "mae"}, "list, tuple, or dict.*metrics=mae"),
    ({"metrics": metrics.Mean()}, "list, tuple, or dict"),
    ({"weighted_metrics": "mae"}, "weighted_metrics=mae"),
    ({"metrics": ["maee"]}, "'maee'"),
    ({"loss": "mse", "loss_weights": 2}, "loss_weights=2"),
    ({"optimizer": "addam"}, "'addam'.*'adam'"),
    ({"optimizer": optimizers.SGD}, "SGD"),
    ({"steps_per_execution": 0}, "steps_per_execution=0"),
    ({"steps_per_execution": 1.5}, "steps_per_execution=1.5"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=str)
def test_what_compile_refuses(options, message):
    model = made()
    optimizer = model.optimizer
    with pytest.raises(ValueError, match=message):
        model.compile(**options)
    assert model.optimizer is optimizer  # it stays compiled as it was
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(MSE, rel=1e-6)


def test_no_loss_at_all():
    model = Sequential([Input((4,)), Dense(2)])
    model.compile("sgd")
    with pytest.raises(ValueError, match="No loss to compute"):
        model.fit(X, Y, verbose=0)


def test_losses_that_layers_add_are_enough():
    model = Sequential([Input((4,)), Dense(2, kernel_regularizer="l2")])
    model.compile("sgd")
    model.set_weights([KERNEL, np.zeros(2)])
    found = model.evaluate(X, Y, verbose=0)
    assert found == pytest.approx(0.01 * (KERNEL**2).sum(), rel=1e-6)


def test_the_list_of_metrics():
    model = made(metrics=["mae"])
    assert model.metrics_names == ["loss", "compile_metrics"]
    assert model.evaluate(X, Y, verbose=0) == pytest.approx([MSE, MAE], rel=1e-6)
    model.reset_metrics()
    assert {float(v.value.sum()) for v in model.metrics_variables} == {0.0}


# Several outputs ----------------------------------------------------------------


class Two(Model):
    def __init__(self, as_dict):
        super().__init__()
        self.as_dict = as_dict

    def call(self, x):
        first, second = x[:, :2], 2 * x[:, :2]
        return {"b": second, "a": first} if self.as_dict else [first, second]


FIRST = float(((X[:, :2] - Y) ** 2).mean())
FIRST_ROWS = ((X[:, :2] - Y) ** 2).mean(1)
BY_BATCHES = float(FIRST_ROWS[:8].mean() + FIRST_ROWS[8:].mean()) / 2
SECOND = float(np.abs(2 * X[:, :2] - Y).mean())
BY_NAME = [
    ({"a": "mse", "b": "mae"}, {"a": 3.0, "b": 0.5}, {"b": ["mse"]}),
    ({"b": "mae", "a": "mse"}, {"b": 0.5, "a": 3.0}, {"b": "mse"}),
]


@pytest.mark.parametrize(("loss", "weights", "given"), BY_NAME)
def test_outputs_by_name(loss, weights, given):
    model = Two(as_dict=True)
    model.compile(loss=loss, loss_weights=weights, metrics=given)
    target = {"b": Y, "a": Y}
    found = model.evaluate(X, target, verbose=0, return_dict=True)
    expected = {
        "loss": 3 * FIRST + 0.5 * SECOND,
        "a_loss": FIRST,
        "b_loss": SECOND,
        "b_mse": float(((2 * X[:, :2] - Y) ** 2).mean()),
    }
    assert found == pytest.approx(expected, rel=1e-6)
    predicted = model.predict(X, verbose=0)
    np.testing.assert_array_equal(predicted["b"], 2 * predicted["a"])


def test_outputs_by_place():
    model = Two(as_dict=False)
    model.compile(loss=["mse", "mae"], loss_weights=[3.0, 0.5], metrics=[["mae"], []])
    found = model.evaluate(X, [Y, Y], verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(3 * FIRST + 0.5 * SECOND, rel=1e-6)
    model = Two(as_dict=False)
    model.compile(loss=["mse", None])  # an output without a loss needs no target
    assert model.evaluate(X, [Y], verbose=0) == pytest.approx(FIRST, rel=1e-6)


def test_several_losses_for_an_output():
    for as_dict, loss, weights in (
        (False, [["mse", "mae"], "mae"], [[3.0, 1.0], 0.5]),
        (False, [["mse", "mae"], "mae"], [3.0, 1.0, 0.5]),
        (True, {"b": "mae", "a": ["mse", "mae"]}, {"a": [3.0, 1.0], "b": 0.5}),
    ):
        model = Two(as_dict)
        model.compile(loss=loss, loss_weights=weights)
        found = model.evaluate(X, {"a": Y, "b": Y} if as_dict else [Y, Y], verbose=0)
        total = 3 * FIRST + float(np.abs(X[:, :2] - Y).mean()) + 0.5 * SECOND
        assert found[0] == pytest.approx(total, rel=1e-6)


@pytest.mark.parametrize("loss", ["mse", losses.mean_squared_error])
@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_lists_of_results_follow_the_outputs(loss, kind):
    class InOrder(Two):
        def call(self, x):
            return kind(b=2 * x[:, :2], a=x[:, :2])

    model = InOrder(as_dict=True)
    model.compile(loss=loss, metrics=[["mae"], []])
    second = float(((2 * X[:, :2] - Y) ** 2).mean())
    found = model.evaluate(X, kind(a=Y, b=Y), verbose=0)
    # A list of metrics goes by the sorted names of a dict.
    mae = float(np.abs(X[:, :2] - Y).mean()) if kind is dict else SECOND
    assert found == pytest.approx([FIRST + second, second, FIRST, mae], rel=1e-6)


def test_eager_parts_are_means_over_rows():
    for eagerly, expected in ((True, FIRST), (False, BY_BATCHES)):
        model = Two(as_dict=False)
        model.compile(loss=["mse", "mae"], run_eagerly=eagerly)
        found = model.evaluate(X, [Y, Y], batch_size=8, verbose=0)
        assert found[1] == pytest.approx(expected, rel=1e-6)


def test_no_output_has_a_loss():
    model = Two(as_dict=False)
    model.compile(loss=[None, None])
    with pytest.raises(ValueError, match="every entry of `loss` is None"):
        model.evaluate(X, [Y, Y], verbose=0)


def test_a_list_with_none_for_one_output():
    with pytest.raises(ValueError, match="one output.*None"):
        made(loss=["mse", None]).evaluate(X, Y, verbose=0)


def test_one_loss_for_all_outputs():
    model = Two(as_dict=False)
    model.compile(loss="mse")
    second = float(((2 * X[:, :2] - Y) ** 2).mean())
    found = model.evaluate(X, [Y, Y], verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(FIRST + second, rel=1e-6)


@pytest.mark.parametrize(
    ("as_dict", "options", "target", "message"),
    [
        (True, {"loss": {"a": "mse", "c": "mae"}}, {"a": Y, "b": Y}, "'c'"),
        (False, {"loss": ["mse"] * 3}, [Y, Y], "2.*outputs.*3"),
        (False, {"loss": ["mse", "mae"], "loss_weights": [1.0]}, [Y, Y], "2 losses.*1"),
        (False, {"loss": "mse", "loss_weights": [1.0]}, [Y, Y], "2 losses.*1"),
        (False, {"loss": "mse"}, [Y, Y, Y], r"3 target\(s\) for 2 output"),
    ],
)
def test_structures_that_do_not_match(as_dict, options, target, message):
    model = Two(as_dict)
    model.compile(**options)
    with pytest.raises(ValueError, match=message):
        model.evaluate(X, target, verbose=0)
