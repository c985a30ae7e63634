"""Each optimizer beside a naive float64 twin, written as in the papers.

Learning rates and first accumulators are sums of few powers of two: the optimizer
keeps its rate in float32, and initializers draw in it, and so both sides agree.
"""

import numpy as np
import pytest

from minikeras import optimizers
from minikeras.autodiff import Variable

STEPS = 8


def sgd(x, gradients, learning_rate=0.25, momentum=0.0, nesterov=False):
    velocity = 0.0
    for g in gradients:
        velocity = momentum * velocity - learning_rate * g
        x = x + (momentum * velocity - learning_rate * g if nesterov else velocity)
        yield x


def adagrad(x, gradients, initial_accumulator_value, learning_rate=0.25, epsilon=1e-7):
    for t in range(1, len(gradients) + 1):
        total = initial_accumulator_value + sum(g**2 for g in gradients[:t])
        x = x - learning_rate * gradients[t - 1] / (total + epsilon) ** 0.5
        yield x


def adadelta(x, gradients, learning_rate=0.25, rho=0.95, epsilon=1e-7):
    mean_square = mean_square_step = 0.0
    for g in gradients:
        mean_square = rho * mean_square + (1 - rho) * g**2
        step = ((mean_square_step + epsilon) / (mean_square + epsilon)) ** 0.5 * g
        mean_square_step = rho * mean_square_step + (1 - rho) * step**2
        x = x - learning_rate * step
        yield x


def rmsprop(
    x,
    gradients,
    learning_rate=0.25,
    rho=0.9,
    momentum=0.0,
    epsilon=1e-7,
    centered=False,
):
    mean = mean_square = velocity = 0.0
    for g in gradients:
        mean = rho * mean + (1 - rho) * g
        mean_square = rho * mean_square + (1 - rho) * g**2
        variance = mean_square - mean**2 if centered else mean_square
        velocity = momentum * velocity + learning_rate * g / (variance + epsilon) ** 0.5
        x = x - velocity
        yield x


def _bias_corrected(values, beta, t):
    """The weighted mean of the first t values, the last weighing most."""
    weights = [(1 - beta) * beta ** (t - 1 - i) for i in range(t)]
    mean = sum(w * v for w, v in zip(weights, values, strict=False))
    return mean / (1 - beta**t)


def adam(
    x,
    gradients,
    learning_rate=0.25,
    beta_1=0.9,
    beta_2=0.999,
    epsilon=1e-7,
    amsgrad=False,
    weight_decay=0.0,
):
    largest = 0.0
    for t in range(1, len(gradients) + 1):
        x = x - x * weight_decay * learning_rate
        m = _bias_corrected(gradients, beta_1, t)
        v = _bias_corrected([g**2 for g in gradients], beta_2, t) * (1 - beta_2**t)
        largest = np.maximum(largest, v)
        v = largest if amsgrad else v
        correction = (1 - beta_2**t) ** 0.5
        x = x - learning_rate * m * correction / (v**0.5 + epsilon)
        yield x


def adamw(x, gradients, weight_decay=0.004, **options):
    return adam(x, gradients, weight_decay=weight_decay, **options)


def adamax(x, gradients, learning_rate=0.25, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    for t in range(1, len(gradients) + 1):
        m = _bias_corrected(gradients, beta_1, t)
        norm = max_over([beta_2 ** (t - 1 - i) * gradients[i] for i in range(t)])
        x = x - learning_rate * m / (norm + epsilon)
        yield x


def max_over(arrays):
    return np.max(np.abs(arrays), axis=0)


def nadam(x, gradients, learning_rate=0.25, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    def u(t):
        return beta_1 * (1 - 0.5 * 0.96**t)

    for t in range(1, len(gradients) + 1):
        product = np.prod([u(i) for i in range(1, t + 1)])
        m = _bias_corrected(gradients, beta_1, t) * (1 - beta_1**t)
        v = _bias_corrected([g**2 for g in gradients], beta_2, t)
        ahead = u(t + 1) * m / (1 - product * u(t + 1))
        ahead = ahead + (1 - u(t)) * gradients[t - 1] / (1 - product)
        x = x - learning_rate * ahead / (v**0.5 + epsilon)
        yield x


def ftrl(
    x,
    gradients,
    learning_rate=0.25,
    learning_rate_power=-0.5,
    initial_accumulator_value=0.125,
    l1_regularization_strength=0.0,
    l2_regularization_strength=0.0,
    l2_shrinkage_regularization_strength=0.0,
    beta=0.0,
):
    n, z = initial_accumulator_value, np.zeros_like(x)
    l1, power = l1_regularization_strength, -learning_rate_power
    l2 = l2_regularization_strength + beta / 2 / learning_rate
    for g in gradients:
        sigma = ((n + g**2) ** power - n**power) / learning_rate
        z = z + g + 2 * l2_shrinkage_regularization_strength * x - sigma * x
        n = n + g**2
        x = (np.sign(z) * l1 - z) / (n**power / learning_rate + 2 * l2)
        x = np.where(np.abs(z) > l1, x, 0.0)
        yield x


def lion(x, gradients, learning_rate=0.25, beta_1=0.9, beta_2=0.99):
    m = 0.0
    for g in gradients:
        x = x - learning_rate * np.sign(beta_1 * m + (1 - beta_1) * g)
        m = beta_2 * m + (1 - beta_2) * g
        yield x


def lamb(x, gradients, learning_rate=0.25, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    for t in range(1, len(gradients) + 1):
        m = _bias_corrected(gradients, beta_1, t)
        v = _bias_corrected([g**2 for g in gradients], beta_2, t)
        step = m / (v**0.5 + epsilon)
        size = np.linalg.norm(step)
        ratio = np.linalg.norm(x) / size if np.any(x) and size else 1.0
        x = x - learning_rate * ratio * step
        yield x


CASES = [
    (optimizers.SGD, sgd, {}),
    (optimizers.SGD, sgd, {"momentum": 0.9}),
    (optimizers.SGD, sgd, {"momentum": 0.9, "nesterov": True}),
    (optimizers.Adagrad, adagrad, {"initial_accumulator_value": 0.125}),
    (optimizers.Adagrad, adagrad, {"initial_accumulator_value": 0.0, "epsilon": 0.1}),
    (optimizers.Adadelta, adadelta, {}),
    (optimizers.Adadelta, adadelta, {"rho": 0.5, "epsilon": 0.1}),
    (optimizers.RMSprop, rmsprop, {}),
    (optimizers.RMSprop, rmsprop, {"rho": 0.5, "momentum": 0.9, "epsilon": 0.1}),
    (optimizers.RMSprop, rmsprop, {"centered": True, "epsilon": 0.1}),
    (optimizers.RMSprop, rmsprop, {"centered": True, "momentum": 0.5}),
    (optimizers.Adam, adam, {}),
    (optimizers.Adam, adam, {"beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.1}),
    (optimizers.Adam, adam, {"amsgrad": True, "beta_2": 0.5}),
    (optimizers.AdamW, adamw, {}),
    (optimizers.AdamW, adamw, {"weight_decay": 0.5, "amsgrad": True}),
    (optimizers.Adamax, adamax, {}),
    (optimizers.Adamax, adamax, {"beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.1}),
    (optimizers.Nadam, nadam, {}),
    (optimizers.Nadam, nadam, {"beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.1}),
    (optimizers.Ftrl, ftrl, {"initial_accumulator_value": 0.125}),
    (
        optimizers.Ftrl,
        ftrl,
        {
            "initial_accumulator_value": 0.0,
            "learning_rate_power": -0.75,
            "beta": 0.5,
        },
    ),
    (
        optimizers.Ftrl,
        ftrl,
        {"initial_accumulator_value": 0.25, "l1_regularization_strength": 1.0},
    ),
    (
        optimizers.Ftrl,
        ftrl,
        {
            "initial_accumulator_value": 0.5,
            "l2_regularization_strength": 0.5,
            "l2_shrinkage_regularization_strength": 0.25,
        },
    ),
    (optimizers.Lion, lion, {}),
    (optimizers.Lion, lion, {"beta_1": 0.5, "beta_2": 0.75}),
    (optimizers.Lamb, lamb, {}),
    (optimizers.Lamb, lamb, {"beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.1}),
]


def _name(case):
    cls, _, options = case
    return f"{cls.__name__}-{'-'.join(f'{k}={v}' for k, v in options.items())}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_float64_twin(case):
    cls, twin, options = case
    rng = np.random.default_rng(5)
    start = rng.normal(size=(3, 4))
    gradients = [rng.normal(size=(3, 4)) for _ in range(STEPS)]
    variable = Variable(start, name="x")
    optimizer = cls(learning_rate=0.25, **options)
    for gradient, expected in zip(
        gradients, twin(start, gradients, **options), strict=True
    ):
        optimizer.apply([gradient], [variable])
        # Both round each of some 20 operations; the steps add up.
        np.testing.assert_allclose(variable.value, expected, rtol=1e-12, atol=1e-13)
        assert variable.dtype == "float64"


def test_lamb_moves_weights_that_are_all_zero():
    """Their norm is no measure for a step then."""
    gradients = [np.array([1.0, -2.0]), np.array([0.5, 0.5])]
    variable = Variable(np.zeros(2), name="x")
    optimizer = optimizers.Lamb(learning_rate=0.25)
    for gradient, expected in zip(gradients, lamb(np.zeros(2), gradients), strict=True):
        optimizer.apply([gradient], [variable])
        np.testing.assert_allclose(variable.value, expected, rtol=1e-12)


def test_every_optimizer_has_a_twin():
    assert {cls for cls, _, _ in CASES} == set(optimizers.FAMILY.exports.values())


@pytest.mark.parametrize("name", optimizers.FAMILY.exports)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (0, 3), (1,), (2, 3)])
def test_dtypes_and_shapes_stay(name, dtype, shape):
    variable = Variable(np.ones(shape, dtype), name="x")
    optimizer = getattr(optimizers, name)(0.1, weight_decay=0.1, use_ema=True)
    for _ in range(2):
        optimizer.apply([np.full(shape, 0.5, dtype)], [variable])
    for v in [variable, *optimizer.variables[2:]]:
        assert v.dtype == dtype
        assert v.shape == shape or v.name.startswith("variable")
    assert optimizer.iterations.dtype == "int64"
    assert variable.value.size == 0 or (variable.value < 1).all()


@pytest.mark.parametrize("name", optimizers.FAMILY.exports)
def test_extreme_gradients_warn_of_nothing(name):
    extremes = [0.0, -0.0, 1e-8, 30, -30, 1e4, 1e30, 3e38, np.inf, -np.inf, np.nan]
    gradient = np.array(extremes, "float32")
    variable = Variable(np.ones_like(gradient), name="x")
    optimizer = getattr(optimizers, name)()
    for sign in (1, -1, 1):
        optimizer.apply([sign * gradient], [variable])
    finite = slice(0, 6) if name != "Lamb" else slice(0, 0)  # its norm is over all
    assert np.isfinite(variable.value[finite]).all()
    assert np.isnan(variable.value[-1])


@pytest.mark.parametrize("name", optimizers.FAMILY.exports)
def test_arrays_are_replaced_and_gradients_left_alone(name):
    variable = Variable(np.ones((2, 2), "float32"), name="x")
    gradient = np.full((2, 2), 0.5, "float32")
    gradient.flags.writeable = False
    options = {"clipnorm": 0.1, "weight_decay": 0.1, "use_ema": True}
    optimizer = getattr(optimizers, name)(0.1, **options)
    optimizer.build([variable])
    watched = [variable, *optimizer.variables]
    held = [v.value for v in watched]
    copies = [np.copy(array) for array in held]
    for _ in range(2):
        optimizer.apply([gradient], [variable])
    for array, copy in zip(held, copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    assert variable.value is not held[0]
