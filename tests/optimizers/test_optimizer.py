"""What all optimizers share: options, state, errors, and weights untouched by them."""

import copy
import warnings

import numpy as np
import pytest

from minikeras import ops, optimizers
from minikeras.autodiff import GradientTape, Tensor, Variable
from minikeras.optimizers import SGD, Adam, Optimizer
from minikeras.optimizers.schedules import InverseTimeDecay


def variables(dtype="float32"):
    kernel = Variable(np.full((2, 3), 2.0, dtype), name="kernel", path="dense/kernel")
    bias = Variable(np.full(3, 2.0, dtype), name="bias", path="dense/bias")
    return kernel, bias


def gradients(value=1.0, dtype="float32"):
    return np.full((2, 3), value, dtype), np.full(3, value, dtype)


def step(optimizer, value=1.0):
    """Weights near 2 after one step of gradients that all have one value."""
    weights = variables()
    optimizer.apply(gradients(value), weights)
    return [float(v.value.flat[0]) for v in weights]


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


# Errors, and that nothing has changed after them.


def snapshot(optimizer, weights):
    return [np.copy(v.value) for v in [*weights, *optimizer.variables]]


WRONG = [
    ("shape of the last", lambda g, v: ([g[0], g[1][:2]], v), r"'dense/bias'.*\(2,\)"),
    ("a shape that fits", lambda g, v: ([g[1], g[1]], v), r"'dense/kernel'.*\(3,\)"),
    ("text", lambda g, v: ([g[0], np.array(["a"] * 3)], v), "dtype=<U1"),
    ("complex", lambda g, v: ([g[0], g[1] * 1j], v), "dtype=complex64"),
    ("count", lambda g, v: (g[:1], v), "1 gradients for 2 variables"),
    ("no gradients", lambda g, v: ([None, None], v), "No gradients provided"),
    ("unknown", lambda g, v: (g, [v[0], variables()[1]]), "Unknown variable"),
    ("an array", lambda g, v: (g, [v[0], v[1].value]), "updates Variables"),
]


@pytest.mark.parametrize(("name", "spoil", "message"), WRONG, ids=[w[0] for w in WRONG])
def test_wrong_gradients(name, spoil, message):
    weights = list(variables())
    optimizer = Adam(0.1, use_ema=True, gradient_accumulation_steps=2)
    optimizer.apply(gradients(), weights)
    before = snapshot(optimizer, weights)
    grads, given = spoil(list(gradients()), weights)
    with pytest.raises(ValueError, match=message):
        optimizer.apply(grads, given)
    for old, new in zip(before, snapshot(optimizer, weights), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("error", [ArithmeticError, KeyboardInterrupt])
def test_a_step_that_fails_half_way_is_undone(error):
    def fail(weight):
        raise error

    weights = list(variables())
    optimizer = Adam(0.1, weight_decay=0.1, use_ema=True)
    optimizer.apply(gradients(), weights)
    before = snapshot(optimizer, weights)
    weights[1].constraint = fail
    with pytest.raises(error):
        optimizer.apply(gradients(), weights)
    for old, new in zip(before, snapshot(optimizer, weights), strict=True):
        np.testing.assert_array_equal(old, new)


def test_apply_before_build():
    with pytest.raises(ValueError, match="must be built"):
        SGD().apply(gradients())
    with pytest.raises(ValueError, match="No gradients provided"):
        SGD().apply_gradients([])
    with pytest.raises(ValueError, match=r"updates Variables.*array"):
        SGD().build([np.ones(3)])


REFUSED = [
    ({"learning_rate": -0.1}, "learning_rate=-0.1"),
    ({"learning_rate": np.nan}, "learning_rate=nan"),
    ({"learning_rate": np.inf}, "learning_rate=inf"),
    ({"learning_rate": "0.1"}, "learning_rate='0.1'"),
    ({"learning_rate": None}, "learning_rate=None"),
    ({"learning_rate": True}, "learning_rate=True"),
    ({"momentum": -0.1}, "momentum=-0.1"),
    ({"momentum": 1.1}, "momentum=1.1"),
    ({"momentum": np.nan}, "momentum=nan"),
    ({"weight_decay": -0.1}, "weight_decay=-0.1"),
    ({"weight_decay": "0.1"}, "weight_decay='0.1'"),
    ({"clipnorm": 0}, "clipnorm=0"),
    ({"clipvalue": -1.0}, "clipvalue=-1.0"),
    ({"global_clipnorm": np.nan}, "global_clipnorm=nan"),
    ({"clipnorm": 1.0, "clipvalue": 1.0}, "Only one of .*clipnorm=1.0, clipvalue=1.0"),
    ({"loss_scale_factor": 0.0}, "loss_scale_factor=0.0"),
    ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps=1"),
    ({"gradient_accumulation_steps": 2.5}, "gradient_accumulation_steps=2.5"),
    ({"ema_momentum": 1.1, "use_ema": True}, "ema_momentum=1.1"),
    ({"ema_overwrite_frequency": -1, "use_ema": True}, "ema_overwrite_frequency=-1"),
    ({"name": "a/b"}, "name='a/b'"),
    ({"name": 3}, "name=3"),
    ({"learnig_rate": 0.1}, "not recognized: {'learnig_rate': 0.1}"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=[r[1] for r in REFUSED])
def test_impossible_options(options, message):
    with pytest.raises(ValueError, match=message):
        SGD(**options)


REFUSED_BY_SUBCLASSES = [
    ("Adam", {"beta_1": 1.0}),
    ("Adam", {"beta_2": -0.1}),
    ("Adam", {"epsilon": -1.0}),
    ("AdamW", {"weight_decay": None}),
    ("Adamax", {"beta_2": 1.5}),
    ("Nadam", {"beta_1": np.nan}),
    ("Lamb", {"beta_1": "0.9"}),
    ("Lion", {"beta_1": 0}),
    ("Lion", {"beta_2": 1.1}),
    ("RMSprop", {"rho": 1.1}),
    ("RMSprop", {"momentum": -0.1}),
    ("Adadelta", {"rho": -0.1}),
    ("Adadelta", {"epsilon": np.inf}),
    ("Adagrad", {"initial_accumulator_value": -0.1}),
    ("Ftrl", {"learning_rate_power": 0.5}),
    ("Ftrl", {"beta": -1.0}),
    ("Ftrl", {"l1_regularization_strength": -1.0}),
    ("Ftrl", {"l2_regularization_strength": -1.0}),
    ("Ftrl", {"l2_shrinkage_regularization_strength": -1.0}),
    ("Ftrl", {"initial_accumulator_value": -1.0}),
]


@pytest.mark.parametrize(("name", "options"), REFUSED_BY_SUBCLASSES)
def test_impossible_options_of_subclasses(name, options):
    ((option, value),) = options.items()
    with pytest.raises(ValueError, match=f"{option}.*Received: {option}={value!r}"):
        getattr(optimizers, name)(**options)


@pytest.mark.parametrize("name", optimizers.FAMILY.exports)
def test_lr_is_the_old_name(name):
    with pytest.warns(
        DeprecationWarning, match="old name of `learning_rate`"
    ) as caught:
        optimizer = getattr(optimizers, name)(lr=0.5)
    assert float(optimizer.learning_rate) == 0.5
    assert caught[0].filename == __file__  # so that Python shows it in scripts


def test_decay_is_ignored_with_a_warning():
    with pytest.warns(UserWarning, match="no longer supported"):
        SGD(decay=0.1)


def test_numpy_numbers_and_ints_are_numbers():
    optimizer = SGD(
        np.float32(0.5), np.float64(0.25), clipnorm=np.int64(1), name="numbers"
    )
    config = optimizer.get_config()
    assert config["learning_rate"] == 0.5
    assert [type(config[key]) for key in ("momentum", "clipnorm")] == [float, int]
    assert float(SGD(1).learning_rate) == 1
    assert (
        Adam(gradient_accumulation_steps=np.int32(2)).gradient_accumulation_steps == 2
    )


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
    with pytest.raises(ValueError, match="learning_rate=-1"):
        optimizer.learning_rate = -1
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


# State.


def test_variables_and_their_names():
    optimizer = Adam(amsgrad=True, use_ema=True, name="mine")
    optimizer.build(list(variables()))
    slots = ("average", "momentum", "velocity", "velocity_hat")
    paths = [v.path for v in optimizer.variables]
    assert paths[:2] == ["mine/iteration", "mine/learning_rate"]
    assert sorted(paths[2:]) == sorted(
        f"mine/dense_{v}_{slot}" for v in ("kernel", "bias") for slot in slots
    )
    optimizer.build(list(variables()))
    assert [v.path for v in optimizer.variables] == paths


def test_state_can_be_moved():
    first, weights = Adam(0.1), list(variables())
    first.apply(gradients(), weights)
    store: dict = {}
    first.save_own_variables(store)
    assert list(store) == [str(i) for i in range(6)]
    for load in (
        lambda o: o.load_own_variables(store),
        lambda o: o.set_weights([v.numpy() for v in first.variables]),
    ):
        second = Adam(0.5)
        second.build(weights)
        load(second)
        assert float(second.learning_rate) == float(first.learning_rate)
        assert int(second.iterations) == 1
        for ours, theirs in zip(second.variables, first.variables, strict=True):
            np.testing.assert_array_equal(ours.value, theirs.value)


def test_wrong_state_changes_nothing():
    optimizer, weights = Adam(0.1), list(variables())
    with pytest.raises(ValueError, match="needs a built optimizer"):
        optimizer.set_weights([])
    optimizer.build(weights)
    before = snapshot(optimizer, weights)
    arrays = [v.numpy() for v in optimizer.variables]
    with pytest.raises(ValueError, match="Expected 6 arrays. Received: 5"):
        optimizer.set_weights(arrays[:-1])
    arrays[0] = np.int64(7)
    arrays[-1] = np.ones(5)
    with pytest.raises(ValueError, match=r"dense_bias_velocity.*\(3,\).*\(5,\)"):
        optimizer.set_weights(arrays)
    with pytest.raises(ValueError, match="dense_bias_velocity"):
        optimizer.load_own_variables({str(i): a for i, a in enumerate(arrays)})
    with pytest.warns(UserWarning, match="has 6 variables and the saved optimizer 1"):
        optimizer.load_own_variables({"0": np.int64(3)})
    for old, new in zip(before, snapshot(optimizer, weights), strict=True):
        np.testing.assert_array_equal(old, new)


def test_copies_go_on_by_themselves():
    optimizer, weights = Adam(0.1), list(variables())
    optimizer.apply(gradients(), weights)
    twin, twin_weights = copy.deepcopy((optimizer, weights))
    before = snapshot(twin, twin_weights)
    optimizer.apply(gradients(), weights)
    for old, new in zip(before, snapshot(twin, twin_weights), strict=True):
        np.testing.assert_array_equal(old, new)
    twin.apply(gradients(), twin_weights)
    np.testing.assert_array_equal(twin_weights[0].value, weights[0].value)


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


# Names and configs.


@pytest.mark.parametrize("name", optimizers.FAMILY.exports)
def test_every_export_is_found_serialised_and_restored(name):
    cls = getattr(optimizers, name)
    for spelling in (name, name.lower(), name.upper()):
        assert type(optimizers.get(spelling)) is cls
    options = {"weight_decay": 0.5, "clipnorm": 2.0, "use_ema": True, "name": "mine"}
    optimizer = cls(0.25, **options)
    assert optimizers.get(optimizer) is optimizer
    described = optimizers.serialize(optimizer)
    kept = repr(described)
    for restored in (
        optimizers.deserialize(described),
        optimizers.get(described),
        cls.from_config(described["config"]),
    ):
        assert type(restored) is cls
        assert restored.get_config() == optimizer.get_config()
    assert repr(described) == kept  # reading a config leaves it as it is
    assert described["module"] == "keras.optimizers"
    assert {**optimizer.get_config(), **options} == optimizer.get_config()


def test_a_schedule_in_a_config():
    optimizer = Adam(InverseTimeDecay(1.0, 2, 0.5))
    described = optimizers.serialize(optimizer)
    assert described["config"]["learning_rate"]["class_name"] == "InverseTimeDecay"
    restored = optimizers.deserialize(described)
    assert optimizers.serialize(restored) == described
    assert float(restored.learning_rate) == 1


def test_a_function_in_a_config():
    def quarter():
        return 0.25

    described = optimizers.serialize(SGD(quarter))
    restored = optimizers.deserialize(described, {"quarter": quarter})
    assert restored.learning_rate == 0.25
    with pytest.raises(ValueError, match="Unknown .*'quarter'"):
        optimizers.deserialize(described)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("sdg", "sgd"), ("adm", "adam"), ("rmsprob", "rmsprop"), ("Adamm", "adam")],
)
def test_unknown_names(name, nearest):
    with pytest.raises(
        ValueError, match=f"Unknown optimizer: '{name}'.*(?i:{nearest})"
    ):
        optimizers.get(name)


@pytest.mark.parametrize("identifier", [3, Adam, print, [], "optimizer"])
def test_what_is_no_optimizer(identifier):
    with pytest.raises(ValueError, match="optimizer"):
        optimizers.get(identifier)
    assert optimizers.get(None) is None


def test_automatic_names():
    first, second = optimizers.AdamW(), optimizers.AdamW()
    assert first.name.startswith("adam_w")
    assert second.name != first.name
    assert SGD(name="mine").variables[0].path == "mine/iteration"


def test_no_warning_in_an_ordinary_step():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert step(SGD(0.5)) == [1.5, 1.5]
