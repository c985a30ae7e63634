"""Wrong gradients and options raise, and change nothing."""

import numpy as np
import pytest

from minikeras import optimizers
from minikeras.optimizers import SGD, Adam
from tests.optimizers.models import gradients, snapshot, variables

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
    assert float(SGD(1).learning_rate) == 1  # Keras refuses an int
    assert float(SGD(-0.5).learning_rate) == -0.5  # uphill, as in Keras
    assert (
        Adam(gradient_accumulation_steps=np.int32(2)).gradient_accumulation_steps == 2
    )
