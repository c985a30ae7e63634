"""Learning-rate schedules against their formulas, their configs and their errors."""

import math

import numpy as np
import pytest

from minikeras import config, optimizers
from minikeras.autodiff import Tensor, Variable
from minikeras.optimizers import schedules

S = schedules


def _restart(step, first, t_mul):
    """(number, fraction) of the wave that a step lies in, found by walking."""
    number, start, length = 0, 0.0, float(first)
    while step >= start + length - 1e-9:
        number, start, length = number + 1, start + length, length * t_mul
    return number, (step - start) / length


def _restarts(step, t_mul=2.0, m_mul=1.0, alpha=0.0):
    number, fraction = _restart(step, 5, t_mul)
    wave = 0.5 * m_mul**number * (1 + math.cos(math.pi * fraction))
    return 0.1 * ((1 - alpha) * wave + alpha)


def _cosine(step, alpha=0.0):
    wave = 0.5 * (1 + math.cos(math.pi * min(step, 8) / 8))
    return 0.1 * ((1 - alpha) * wave + alpha)


def _polynomial(step, power=1.0, cycle=False):
    end = 8 * max(1, math.ceil(step / 8)) if cycle else 8
    return (0.1 - 0.02) * (1 - min(step, end) / end) ** power + 0.02


CASES = [
    (S.ExponentialDecay(0.1, 8, 0.5), lambda t: 0.1 * 0.5 ** (t / 8)),
    (S.ExponentialDecay(0.1, 8, 0.5, staircase=True), lambda t: 0.1 * 0.5 ** (t // 8)),
    (
        S.PiecewiseConstantDecay([3, 7], [0.3, 0.2, 0.1]),
        lambda t: 0.3 if t <= 3 else 0.2 if t <= 7 else 0.1,
    ),
    (S.PiecewiseConstantDecay([], [0.3]), lambda t: 0.3),
    (S.PolynomialDecay(0.1, 8, 0.02), _polynomial),
    (S.PolynomialDecay(0.1, 8, 0.02, power=2.0), lambda t: _polynomial(t, 2.0)),
    (
        S.PolynomialDecay(0.1, 8, 0.02, power=2.0, cycle=True),
        lambda t: _polynomial(t, 2.0, True),
    ),
    (S.InverseTimeDecay(0.1, 8, 0.5), lambda t: 0.1 / (1 + 0.5 * t / 8)),
    (S.InverseTimeDecay(0.1, 8, 0.5, True), lambda t: 0.1 / (1 + 0.5 * (t // 8))),
    (S.CosineDecay(0.1, 8), _cosine),
    (S.CosineDecay(0.1, 8, alpha=0.25), lambda t: _cosine(t, 0.25)),
    (
        S.CosineDecay(0.02, 8, warmup_target=0.1, warmup_steps=4),
        lambda t: 0.02 + 0.08 * t / 4 if t < 4 else _cosine(t - 4),
    ),
    (S.CosineDecayRestarts(0.1, 5), _restarts),
    (S.CosineDecayRestarts(0.1, 5, t_mul=1.0), lambda t: _restarts(t, 1.0)),
    (
        S.CosineDecayRestarts(0.1, 5, t_mul=2.0, m_mul=0.5, alpha=0.25),
        lambda t: _restarts(t, 2.0, 0.5, 0.25),
    ),
]


def _name(case):
    return f"{type(case[0]).__name__}-{CASES.index(case)}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_formula(case):
    schedule, twin = case
    for step in [*range(40), 1000]:
        rate = schedule(step)
        assert isinstance(rate, Tensor)
        assert rate.dtype == "float32"
        assert rate.shape == ()
        # float32 rounds each of some five operations on numbers up to 0.1, and an
        # angle near 3 or a fraction of a late wave (of 10 waves) loses a few bits
        np.testing.assert_allclose(float(rate), twin(step), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_steps_may_be_arrays_tensors_or_the_counter(case):
    schedule, _ = case
    one_by_one = [float(schedule(step)) for step in range(40)]
    steps = np.arange(40)
    # NumPy's vectorised power may differ from the C library's by an ulp
    np.testing.assert_allclose(schedule(steps).value, one_by_one, rtol=3e-7)
    assert float(schedule(Variable(7, dtype="int64"))) == one_by_one[7]
    assert float(schedule(Tensor(np.float32(7)))) == one_by_one[7]
    assert float(schedule(np.int64(7))) == one_by_one[7]


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_config_round_trip(case):
    schedule, _ = case
    described = schedules.serialize(schedule)
    restored = schedules.deserialize(described)
    assert type(restored) is type(schedule)
    assert restored.get_config() == schedule.get_config()
    assert float(restored(9)) == float(schedule(9))
    assert described["module"] == "keras.optimizers.schedules"


def test_every_schedule_has_a_case():
    assert {type(schedule) for schedule, _ in CASES} == set(S.FAMILY.exports.values())


@pytest.mark.parametrize("make", [S.ExponentialDecay, S.InverseTimeDecay])
def test_beside_an_int_rate_all_is_cut_to_whole_numbers(make):
    """Keras computes in the rate's dtype, int32."""
    for decay_rate in (0.5, 2.5):
        for step in (0, 3, 20):
            cut = make(1.0, 8, float(int(decay_rate)))(step)
            assert float(make(1, 8, decay_rate)(step)) == float(cut)


def test_whole_values_are_floats():
    assert S.PiecewiseConstantDecay([1], [1, 0.5])(5).dtype == "float32"


def test_float64():
    try:
        config.set_floatx("float64")
        rate = S.CosineDecay(0.1, 7)(3)
    finally:
        config.set_floatx("float32")
    assert rate.dtype == "float64"
    expected = 0.05 * (1 + math.cos(math.pi * 3 / 7))
    assert float(rate) == pytest.approx(expected, rel=1e-15)


def test_late_steps_and_shrinking_waves_warn_of_nothing():
    for schedule, _ in CASES:
        schedule(2**40)
    assert np.isnan(float(S.CosineDecayRestarts(0.1, 5, t_mul=0.5)(11)))
    assert float(S.ExponentialDecay(0.1, 1, 10.0)(10**6)) == np.inf


REFUSED = [
    (S.ExponentialDecay, {"decay_steps": 0, "decay_rate": 0.5}, "decay_steps=0"),
    (S.ExponentialDecay, {"decay_steps": -1, "decay_rate": 0.5}, "decay_steps=-1"),
    (S.ExponentialDecay, {"decay_steps": 3, "decay_rate": -0.5}, "decay_rate=-0.5"),
    (S.PolynomialDecay, {"decay_steps": 0}, "decay_steps=0"),
    (S.PolynomialDecay, {"decay_steps": 3, "end_learning_rate": -1}, "rate=-1"),
    (S.PolynomialDecay, {"decay_steps": 3, "power": math.nan}, "power=nan"),
    (S.InverseTimeDecay, {"decay_steps": "3", "decay_rate": 1}, "decay_steps='3'"),
    (S.CosineDecay, {"decay_steps": math.nan}, "decay_steps=nan"),
    (S.CosineDecay, {"decay_steps": 3, "warmup_target": -0.1}, "warmup_target=-0.1"),
    (S.CosineDecay, {"decay_steps": 3, "warmup_steps": -1}, "warmup_steps=-1"),
    (S.CosineDecayRestarts, {"first_decay_steps": 0}, "first_decay_steps=0"),
    (S.CosineDecayRestarts, {"first_decay_steps": 3, "t_mul": 0}, "t_mul=0"),
]


@pytest.mark.parametrize(("cls", "options", "message"), REFUSED)
def test_impossible_values(cls, options, message):
    with pytest.raises(ValueError, match=message):
        cls(0.1, **options)


@pytest.mark.parametrize("rate", [-0.1, math.inf, math.nan, "fast", None, True])
def test_impossible_initial_rates(rate):
    with pytest.raises(ValueError, match="`initial_learning_rate` must be a number"):
        S.CosineDecay(rate, 3)


def test_piecewise_errors():
    with pytest.raises(ValueError, match="one value more than boundaries"):
        S.PiecewiseConstantDecay([1, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match=r"must increase.*\[2, 1\]"):
        S.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="values=-0.2"):
        S.PiecewiseConstantDecay([1], [0.1, -0.2])


def test_the_base_class_says_what_is_missing():
    class Mine(S.LearningRateSchedule):
        pass

    with pytest.raises(NotImplementedError, match=r"'Mine' must define `__call__"):
        Mine()(1)
    with pytest.raises(NotImplementedError, match=r"'Mine' must define `get_config"):
        Mine().get_config()


def test_a_schedule_of_ones_own():
    class Halving(S.LearningRateSchedule):
        def __init__(self, start):
            self.start = start

        def __call__(self, step):
            return self.start / 2 ** int(step)

        def get_config(self):
            return {"start": self.start}

    variable = Variable(np.zeros(1, "float32"), name="x")
    optimizer = optimizers.SGD(Halving(1.0))
    for _ in range(3):
        optimizer.apply([np.ones(1, "float32")], [variable])
    np.testing.assert_array_equal(variable.value, [-1.75])
    assert optimizer.learning_rate == 0.125
    restored = optimizers.deserialize(
        optimizers.serialize(optimizer), custom_objects={"Halving": Halving}
    )
    assert restored.learning_rate == 1.0
