"""Counterpart: keras/src/optimizers/schedules/learning_rate_schedule.py.

A schedule maps the number of the step, counted from zero, to a learning rate. All
arithmetic is in `floatx()`, so the rates are Keras's to the last bits. Beside an
initial rate that is a Python int all arguments are cut to whole numbers, as there.
"""

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.config import floatx
from minikeras.limits import number, optional_number
from minikeras.signature import Checked


class LearningRateSchedule(Checked):
    """A learning rate that depends on the step.

    Subclasses define `__call__(step)`, where `step` is the optimizer's counter, and
    `get_config()`, whose keys are the constructor's arguments.
    """

    def __call__(self, step):
        raise NotImplementedError(
            f"Learning rate schedule {type(self).__name__!r} must define "
            "`__call__(self, step)`."
        )

    def get_config(self) -> dict:
        raise NotImplementedError(
            f"Learning rate schedule {type(self).__name__!r} must define "
            "`get_config()` to be serializable."
        )

    @classmethod
    def from_config(cls, config):
        """A schedule with the arguments in `config`."""
        return cls(**config)


class ExponentialDecay(LearningRateSchedule):
    """initial_learning_rate · decay_rate ** (step / decay_steps).

    `staircase=True` rounds the exponent down, so the rate falls in jumps.
    """

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        decay_rate,
        staircase=False,
        name="ExponentialDecay",
    ):
        self.initial_learning_rate = _initial(initial_learning_rate)
        self.decay_steps = number("decay_steps", decay_steps, "(0, inf)")
        self.decay_rate = number("decay_rate", decay_rate, "[0, inf)")
        self.staircase = staircase
        self.name = name

    @np.errstate(all="ignore")
    def __call__(self, step):
        initial, steps, decay, step = _floats(
            self.initial_learning_rate, self.decay_steps, self.decay_rate, step
        )
        exponent = step / steps
        if self.staircase:
            exponent = np.floor(exponent)
        return Tensor(initial * decay**exponent)

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i] for boundaries[i - 1] < step <= boundaries[i].

    There is one value more than boundaries; boundaries increase. For integer
    steps a boundary counts as rounded towards zero, as in Keras.
    """

    def __init__(self, boundaries, values, name="PiecewiseConstant"):
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "There must be one value more than boundaries. Received: "
                f"boundaries={boundaries!r} and values={values!r}"
            )
        self.boundaries = [number("boundaries", b, "(-inf, inf)") for b in boundaries]
        if self.boundaries != sorted(set(self.boundaries)):
            raise ValueError(
                f"`boundaries` must increase. Received: boundaries={boundaries!r}"
            )
        self.values = [number("values", value, "[0, inf)") for value in values]
        self.name = name

    @np.errstate(all="ignore")
    def __call__(self, step):
        step = as_array(step)
        boundaries = np.array(self.boundaries).astype(step.dtype)
        values = np.array(self.values, floatx())
        return Tensor(values[np.searchsorted(boundaries, step)])

    def get_config(self) -> dict:
        return {
            "boundaries": self.boundaries,
            "values": self.values,
            "name": self.name,
        }


class PolynomialDecay(LearningRateSchedule):
    """From the initial to the end rate along (1 - step / decay_steps) ** power.

    After `decay_steps` the rate stays. With `cycle=True` it starts anew instead,
    from where the curve to the next multiple of `decay_steps` stands.
    """

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        end_learning_rate=0.0001,
        power=1.0,
        cycle=False,
        name="PolynomialDecay",
    ):
        self.initial_learning_rate = _initial(initial_learning_rate)
        self.decay_steps = number("decay_steps", decay_steps, "(0, inf)")
        self.end_learning_rate = number(
            "end_learning_rate", end_learning_rate, "[0, inf)"
        )
        self.power = number("power", power, "(-inf, inf)")
        self.cycle = cycle
        self.name = name

    @np.errstate(all="ignore")
    def __call__(self, step):
        initial, steps, end, power, step = _floats(
            self.initial_learning_rate,
            self.decay_steps,
            self.end_learning_rate,
            self.power,
            step,
        )
        if self.cycle:
            steps = steps * np.maximum(np.ceil(step / steps), 1)
        else:
            step = np.minimum(step, steps)
        return Tensor((initial - end) * (1 - step / steps) ** power + end)

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class InverseTimeDecay(LearningRateSchedule):
    """initial_learning_rate / (1 + decay_rate · step / decay_steps).

    `staircase=True` rounds step / decay_steps down.
    """

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        decay_rate,
        staircase=False,
        name="InverseTimeDecay",
    ):
        self.initial_learning_rate = _initial(initial_learning_rate)
        self.decay_steps = number("decay_steps", decay_steps, "(0, inf)")
        self.decay_rate = number("decay_rate", decay_rate, "[0, inf)")
        self.staircase = staircase
        self.name = name

    @np.errstate(all="ignore")
    def __call__(self, step):
        initial, steps, decay, step = _floats(
            self.initial_learning_rate, self.decay_steps, self.decay_rate, step
        )
        periods = step / steps
        if self.staircase:
            periods = np.floor(periods)
        return Tensor(initial / (1 + decay * periods))

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class CosineDecay(LearningRateSchedule):
    """Half a cosine wave from the initial rate down to `alpha` times it.

    With a `warmup_target` the rate first climbs there from the initial rate, in a
    line of `warmup_steps` steps, and then decays from the target.
    """

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        alpha=0.0,
        name="CosineDecay",
        warmup_target=None,
        warmup_steps=0,
    ):
        self.initial_learning_rate = _initial(initial_learning_rate)
        self.decay_steps = number("decay_steps", decay_steps, "(0, inf)")
        self.alpha = number("alpha", alpha, "[0, inf)")
        self.name = name
        self.warmup_steps = number("warmup_steps", warmup_steps, "[0, inf)")
        self.warmup_target = optional_number("warmup_target", warmup_target, "[0, inf)")

    @np.errstate(all="ignore")
    def __call__(self, step):
        initial, steps, pi, step = _floats(
            self.initial_learning_rate, self.decay_steps, np.pi, step
        )
        if self.warmup_target is None:
            return Tensor(self._decayed(initial, np.minimum(step, steps) / steps, pi))
        _, target, warmup = _floats(
            self.initial_learning_rate, self.warmup_target, self.warmup_steps
        )
        climbing = step < warmup
        progress = np.where(climbing, step, 0) / np.maximum(warmup, 1)
        climb = (target - initial) * progress + initial
        elapsed = np.minimum(step, steps + warmup) - warmup
        decayed = self._decayed(target, elapsed / steps, pi)
        return Tensor(np.where(climbing, climb, decayed).astype(floatx()))

    def _decayed(self, start, fraction, pi):
        wave = 0.5 * (1 + _rounded(np.cos, pi * fraction))
        return start * ((1 - self.alpha) * wave + self.alpha)

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """Half cosine waves, one after the other (SGDR).

    The first takes `first_decay_steps` steps; each is `t_mul` times as long as the
    one before and starts `m_mul` times as high; `alpha` is the lowest rate, as a
    fraction of the initial rate.
    """

    def __init__(
        self,
        initial_learning_rate,
        first_decay_steps,
        t_mul=2.0,
        m_mul=1.0,
        alpha=0.0,
        name="SGDRDecay",
    ):
        self.initial_learning_rate = _initial(initial_learning_rate)
        self.first_decay_steps = number(
            "first_decay_steps", first_decay_steps, "(0, inf)"
        )
        self.t_mul = number("t_mul", t_mul, "(0, inf)")
        self.m_mul = number("m_mul", m_mul, "[0, inf)")
        self.alpha = number("alpha", alpha, "[0, inf)")
        self.name = name

    @np.errstate(all="ignore")
    def __call__(self, step):
        initial, steps, t_mul, m_mul, alpha, pi, step = _floats(
            self.initial_learning_rate,
            self.first_decay_steps,
            self.t_mul,
            self.m_mul,
            self.alpha,
            np.pi,
            step,
        )
        done = step / steps
        if t_mul == 1:
            restarts = np.floor(done)
            fraction = done - restarts
        else:  # the first n waves last (1 - t_mul ** n) / (1 - t_mul) first waves
            restarts = np.floor(
                _rounded(np.log, 1 - done * (1 - t_mul)) / _rounded(np.log, t_mul)
            )
            length = t_mul**restarts
            fraction = (done - (1 - length) / (1 - t_mul)) / length
        wave = 0.5 * m_mul**restarts * (1 + _rounded(np.cos, pi * fraction))
        return Tensor(initial * ((1 - alpha) * wave + alpha))

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


def _initial(value):
    return number("initial_learning_rate", value, "[0, inf)")


def _floats(initial, *values) -> list:
    """The initial rate and the values as scalars (or arrays) of `floatx()`; whole
    numbers if the rate is an int, whose dtype, int32, Keras gives to all of them.

    Scalars and the `**` operator on purpose: they use the C library's pow, which
    is also TensorFlow's, whereas np.power rounds differently.
    """
    to_float = np.dtype(floatx()).type
    given = [x.value if isinstance(x, Tensor) else x for x in (initial, *values)]
    if isinstance(initial, int):
        given = [np.trunc(x) for x in given]
    return [to_float(x) for x in given]


def _rounded(function, x):
    """`function(x)` computed in float64 and rounded: right to the last bit, as the C
    library is for TensorFlow. NumPy's own float32 cosine and logarithm are not, and
    a logarithm rounded down would put a restart one step late.
    """
    return x.dtype.type(function(x.astype("float64")))
