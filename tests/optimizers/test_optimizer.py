"""What all optimizers share: options, gradients, learning rates, subclasses."""

import threading

import numpy as np
import pytest

from minikeras import Input, Model, Sequential, ops, parallel
from minikeras.autodiff import GradientTape, Tensor, Variable
from minikeras.layers import Dense
from minikeras.optimizers import SGD, Adam, Optimizer
from minikeras.optimizers.schedules import InverseTimeDecay
from tests.optimizers.models import gradients, step, variables

# Options of the base class.


def test_weight_decay_comes_first():
    kernel, bias = step(SGD(0.5, weight_decay=0.1))
    assert kernel == bias == pytest.approx(2 - 2 * 0.1 * 0.5 - 0.5)


def test_weight_decay_exclusions():
    weights = variables()
    optimizer = SGD(0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names="bias")
    optimizer.apply(gradients(0.0), weights)
    assert float(weights[0].value[0, 0]) == pytest.approx(1.9)
    assert float(weights[1].value[0]) == 2
    optimizer.exclude_from_weight_decay(var_list=[weights[0]])
    optimizer.apply(gradients(0.0), weights)
    assert float(weights[0].value[0, 0]) == pytest.approx(1.9)
    assert float(weights[1].value[0]) == pytest.approx(1.9)


def spared(model, *names):
    """The paths of the weights that `exclude_from_weight_decay(var_names)` spares."""
    optimizer = SGD(0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=names)
    weights = model.trainable_weights
    for weight in weights:
        weight.assign(np.ones(weight.shape))
    optimizer.apply([np.zeros(v.shape, "float32") for v in weights], weights)
    return [v.path for v in weights if (v.value == 1).all()]


def test_names_are_searched_in_the_whole_path():
    layers = [Dense(2, name="body"), Dense(1, name="head")]
    model = Sequential([Input((3,)), *layers], name="net")
    kernels = ["net/body/kernel", "net/head/kernel"]
    assert spared(model, "head") == ["net/head/kernel", "net/head/bias"]
    assert spared(model, "body/bias", "HEAD") == ["net/body/bias"]
    assert spared(model, "kernel:0$") == kernels
    assert spared(model, "^kernel", "kernel$") == []
    assert len(spared(model, "^net/")) == 4


def test_tensorflow_names_of_a_traced_model_leave_the_layers_out():
    class Net(Model):
        def __init__(self):
            super().__init__(name="net")
            self.body = Sequential([Dense(1, name="deep")], name="body")

        def call(self, x):
            return self.body(x)

    model = Net()
    model(np.ones((2, 3)))
    assert [v.path for v in model.weights][0] == "net/body/deep/kernel"
    assert [v.tf_name for v in model.weights] == ["net/kernel:0", "net/bias:0"]
    assert spared(model, "body", "deep") == []
    assert len(spared(model, "net/kernel:0")) == 1


def test_clipvalue():
    assert step(SGD(1.0, clipvalue=0.25)) == [1.75, 1.75]
    assert step(SGD(1.0, clipvalue=0.25), -3.0) == [2.25, 2.25]


def test_clipnorm_is_per_variable():
    kernel, bias = step(SGD(1.0, clipnorm=0.5))
    assert kernel == pytest.approx(2 - 0.5 / 6**0.5)
    assert bias == pytest.approx(2 - 0.5 / 3**0.5)
    assert step(SGD(1.0, clipnorm=10.0)) == [1, 1]


def test_global_clipnorm_is_over_all():
    expected = pytest.approx(2 - 0.5 / 9**0.5)
    assert step(SGD(1.0, global_clipnorm=0.5)) == [expected, expected]
    assert step(SGD(1.0, global_clipnorm=10.0)) == [1, 1]
    assert step(SGD(1.0, global_clipnorm=10.0), 0.0) == [2, 2]
    assert np.isnan(step(SGD(1.0, global_clipnorm=10.0), np.inf)).all()


def test_loss_scale():
    assert step(SGD(1.0, loss_scale_factor=4.0)) == [1.75, 1.75]
    assert SGD(loss_scale_factor=4.0).scale_loss(2.0) == 8
    assert SGD().scale_loss(2.0) == 2


def test_gradient_accumulation_uses_the_mean():
    weights = variables()
    optimizer = SGD(1.0, gradient_accumulation_steps=2)
    seen = []
    for value in (0.25, 0.75, 1.0, 0.0):
        optimizer.apply(gradients(value), weights)
        seen.append((float(weights[1].value[0]), int(optimizer.iterations)))
    assert seen == [(2, 0), (1.5, 1), (1.5, 1), (1.0, 2)]


def test_moving_average():
    weights = variables()
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5)
    for _ in range(3):
        optimizer.apply(gradients(), weights)
    assert float(weights[0].value[0, 0]) == -1
    optimizer.finalize_variable_values(weights[:1])
    assert float(weights[0].value[0, 0]) == -0.25  # of 1, 0, -1: 1, 0.5, -0.25
    assert float(weights[1].value[0]) == -1
    optimizer.finalize_variable_values(weights)
    assert float(weights[1].value[0]) == -0.25


def test_moving_average_overwrites():
    weights = variables()
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    seen = []
    for _ in range(4):
        optimizer.apply(gradients(), weights)
        seen.append(float(weights[1].value[0]))
    assert seen == [1, 0.5, -0.5, -0.75]  # averages: 1, 0.5, 0, -0.75


def test_finalize_before_the_first_step_keeps_the_weights():
    weights = variables()
    optimizer = SGD(1.0, use_ema=True)
    optimizer.build(list(weights))
    optimizer.finalize_variable_values(weights)
    assert float(weights[0].value[0, 0]) == 2
    SGD(1.0).finalize_variable_values(weights)


def test_constraints_see_the_updated_weights():
    weights = variables()
    weights[0].constraint = lambda w: np.maximum(w.value, 1.5)
    SGD(1.0).apply(gradients(), weights)
    assert float(weights[0].value[0, 0]) == 1.5
    assert float(weights[1].value[0]) == 1


# What gradients and variables may be.


def test_ways_to_apply():
    results = []
    for call in (
        lambda o, g, v: o.apply(list(g), list(v)),
        lambda o, g, v: o.apply(g, iter(v)),
        lambda o, g, v: o.apply([Tensor(x) for x in g], v),
        lambda o, g, v: o.apply([x.tolist() for x in g], v),
        lambda o, g, v: o.apply([x.astype("float64") for x in g], v),
        lambda o, g, v: o.apply([x.astype("int8") for x in g], v),
        lambda o, g, v: o.apply([x.astype(">f4") for x in g], v),
        lambda o, g, v: o.apply([np.asfortranarray(x) for x in g], v),
        lambda o, g, v: o.apply_gradients(zip(g, v, strict=True)),
        lambda o, g, v: (o.build(list(v)), o.apply(list(g))),
    ):
        weights = variables()
        optimizer = Adam(0.1)
        call(optimizer, gradients(), weights)
        assert int(optimizer.iterations) == 1
        assert [w.dtype for w in weights] == ["float32", "float32"]
        results.append(weights[0].value)
    for value in results[1:]:
        np.testing.assert_array_equal(value, results[0])


def test_apply_gradients_returns_the_counter():
    optimizer = SGD()
    counter = optimizer.apply_gradients(zip(gradients(), variables(), strict=True))
    assert int(counter) == 1
    assert counter is optimizer.iterations


def test_with_a_tape():
    kernel, bias = variables()
    with GradientTape() as tape:
        loss = ops.sum(kernel * kernel) + ops.sum(bias)
    SGD(0.25).apply(tape.gradient(loss, [kernel, bias]), [kernel, bias])
    np.testing.assert_array_equal(kernel.value, np.ones((2, 3)))
    np.testing.assert_array_equal(bias.value, np.full(3, 1.75))


def test_nothing_to_apply():
    optimizer = SGD()
    optimizer.apply([])
    assert int(optimizer.iterations) == 0


def test_missing_gradients_are_skipped_with_a_warning():
    weights = variables()
    optimizer = SGD(1.0, momentum=0.5)
    with pytest.warns(
        UserWarning, match=r"do not exist for variables \['dense/bias'\]"
    ):
        optimizer.apply([gradients()[0], None], weights)
    assert float(weights[0].value[0, 0]) == 1
    assert float(weights[1].value[0]) == 2


def test_two_dtypes_in_one_step():
    half = Variable(np.ones(2, "float16"), name="half")
    double = Variable(np.ones(2, "float64"), name="double")
    single = Variable(np.ones(2, "float32"), name="single")
    SGD(0.25, momentum=0.5).apply([np.ones(2)] * 3, [half, double, single])
    assert [v.dtype for v in (half, double, single)] == [
        "float16",
        "float64",
        "float32",
    ]
    for v in (half, double, single):
        np.testing.assert_array_equal(v.value, [0.75, 0.75])


def test_many_weights_are_updated_on_threads(monkeypatch):
    """Each of them once, by its own gradient, whatever thread takes it."""
    together = threading.Barrier(2)

    class Paired(SGD):
        def update_step(self, gradient, variable, learning_rate):
            together.wait(60)  # for another thread's update: four make two pairs
            super().update_step(gradient, variable, learning_rate)

    Paired.update_step.__module__ = SGD.__module__  # as if it were the package's own
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)
    rng = np.random.default_rng(3)
    shapes = (300, 200), (200,), (50, 1000), (1000,)
    start, *steps = [
        [rng.normal(size=shape).astype("float32") for shape in shapes] for _ in range(3)
    ]
    weights = [Variable(value, name=f"v{i}") for i, value in enumerate(start)]
    optimizer = Paired(0.25)
    for moves in steps:
        optimizer.apply(moves, weights)
    for weight, value, one, two in zip(weights, start, *steps, strict=True):
        # A product with a power of two is exact, so each step rounds once.
        expected = value - one / 4 - two / 4
        np.testing.assert_array_equal(weight.value, expected)


# Learning rate.


def test_setting_the_learning_rate():
    optimizer = SGD(0.1)
    optimizer.learning_rate = 0.5
    assert optimizer.learning_rate.dtype == "float32"
    assert step(optimizer) == [1.5, 1.5]
    optimizer.learning_rate.assign(0.25)
    assert float(optimizer.learning_rate) == 0.25
    optimizer.learning_rate = np.float32(0.5)
    optimizer.learning_rate = Tensor(np.float32(0.75))
    assert float(optimizer.learning_rate) == 0.75
    with pytest.raises(ValueError, match="learning_rate=inf"):
        optimizer.learning_rate = np.inf
    assert float(optimizer.learning_rate) == 0.75


def test_a_schedule_reads_the_counter():
    optimizer = SGD(InverseTimeDecay(1.0, 1, 1.0))
    weights = variables()
    for expected in (1.0, 0.5, 1 / 3):
        assert float(optimizer.learning_rate) == pytest.approx(expected)
        optimizer.apply(gradients(0.0), weights)
    with pytest.raises(TypeError, match="learning_rate=0.1"):
        optimizer.learning_rate = 0.1


def test_a_schedule_counts_calls_while_gradients_accumulate():
    optimizer = SGD(InverseTimeDecay(1.0, 1, 1.0), gradient_accumulation_steps=2)
    weights = variables()
    for _ in range(2):
        optimizer.apply(gradients(), weights)
    assert float(weights[1].value[0]) == 1.5  # the rate of the second call, 1 / 2


def test_a_schedule_replaces_the_variable():
    optimizer = SGD(0.1)
    optimizer.learning_rate = InverseTimeDecay(1.0, 1, 1.0)
    assert [v.name for v in optimizer.variables] == ["iteration"]
    assert step(optimizer) == [1, 1]


def test_a_function_as_learning_rate():
    optimizer = SGD(lambda: 0.5)
    assert optimizer.learning_rate == 0.5
    assert step(optimizer) == [1.5, 1.5]


# Optimizers of a user's own.


class Momentum(Optimizer):
    """As Keras's documentation shows it, with ops on Variables and Tensors."""

    def __init__(self, learning_rate=0.5, **options):
        super().__init__(learning_rate, **options)
        self.momentum = 0.5
        self.calls = Variable(0.0, name="calls", trainable=False)

    def build(self, variables):
        super().build(variables)
        self.momentums = [
            self.add_variable_from_reference(v, name="momentum") for v in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        learning_rate = ops.cast(learning_rate, variable.dtype)
        m = self.momentums[self._get_variable_index(variable)]
        decayed = ops.multiply(m, ops.cast(self.momentum, variable.dtype))
        self.assign(m, ops.subtract(decayed, ops.multiply(gradient, learning_rate)))
        self.assign_add(variable, m)
        self.assign_add(self.calls, 1.0)


def test_a_subclass_gives_what_sgd_gives():
    own, ours = list(variables()), list(variables())
    optimizer = Momentum(clipvalue=0.75)
    reference = SGD(0.5, momentum=0.5, clipvalue=0.75)
    for value in (1.0, 0.5, -2.0):
        optimizer.apply(gradients(value), own)
        reference.apply(gradients(value), ours)
    for a, b in zip(own, ours, strict=True):
        np.testing.assert_array_equal(a.value, b.value)
    names = [v.name for v in optimizer.variables]
    assert names == [
        "iteration",
        "learning_rate",
        "calls",
        "dense_kernel_momentum",
        "dense_bias_momentum",
    ]
    assert float(optimizer.calls) == 6


def test_forgotten_parts_of_a_subclass():
    class Empty(Optimizer):
        pass

    class Hasty(Optimizer):
        def __init__(self):
            self.momentum = 0.5
            super().__init__(0.1)

    weights = list(variables())
    with pytest.raises(NotImplementedError, match=r"'Empty' must define `update_step"):
        Empty(0.1).apply(gradients(), weights)
    assert float(weights[0].value[0, 0]) == 2
    with pytest.raises(RuntimeError, match=r"'Hasty', `super\(\).__init__\(\)`"):
        Hasty()


def test_add_variable():
    optimizer = SGD(name="mine")
    ones = optimizer.add_variable((2,), "ones", "float64", name="ones")
    assert (ones.path, ones.dtype, ones.trainable) == ("mine/ones", "float64", False)
    np.testing.assert_array_equal(ones.value, [1, 1])
    assert optimizer.variables[-1] is ones
    first, second = optimizer.add_optimizer_variables(
        variables(), ["a", "b"], ["zeros", "ones"]
    )
    assert [v.name for v in first] == ["dense_kernel_a", "dense_bias_a"]
    assert second[1].value.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="one initializer per name"):
        optimizer.add_optimizer_variables(variables(), ["a", "b"], ["zeros"])
