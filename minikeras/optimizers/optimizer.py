"""Counterpart: keras/src/optimizers/base_optimizer.py, and what
keras/src/backend/tensorflow/optimizer.py does in another way.

One step goes: divide by the loss scale → accumulate → clip → decay weights →
`update_step` for each variable → moving averages → constraints → count the step.
All of it is NumPy on `variable.value`, below the tape. Arrays are replaced, never
written into, so a step that fails is undone by putting the old arrays back.

Left out on purpose: what belongs to several devices (`stateless_apply`, which
TensorFlow refuses too) and variables overwritten by their gradient (float8).
"""

import re

import numpy as np

from minikeras import registry
from minikeras.autodiff import Tensor, Variable, as_array
from minikeras.autodiff.recording import stays
from minikeras.autodiff.structure import setting_changed
from minikeras.config import floatx
from minikeras.limits import number, optional_number
from minikeras.naming import auto_name
from minikeras.optimizers.arguments import (
    learning_rate_number,
    old_arguments,
    optional_count,
)
from minikeras.optimizers.gradients import (
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
    match_exactly,
    match_gradients,
    on_arrays,
)
from minikeras.optimizers.schedules import LearningRateSchedule
from minikeras.optimizers.variables import OptimizerVariables
from minikeras.parallel import run_all
from minikeras.signature import Missing

_LARGE = 100_000  # elements; fewer are updated before a second thread has begun


class Optimizer(OptimizerVariables):
    """Base class. A subclass makes its variables in `build(variables)` and defines
    `update_step(gradient, variable, learning_rate)` and `get_config()`.

    Args: `learning_rate` is a number, a schedule or a function without arguments.
    `weight_decay` w first moves each weight x to x - x·w·learning_rate. `clipnorm`
    limits each gradient's norm, `global_clipnorm` their joint norm, `clipvalue`
    each entry. `use_ema` keeps moving averages of the weights, which replace the
    weights every `ema_overwrite_frequency` steps and in `finalize_variable_values`.
    `gradient_accumulation_steps` calls of `apply` make one update from their mean.
    """

    lr = Missing("Today's word is `learning_rate`.")
    _scope = ""  # before the paths of variables without one: the first `apply` sets it

    def __init__(
        self,
        learning_rate,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        loss_scale_factor=None,
        gradient_accumulation_steps=None,
        name=None,
        **kwargs,
    ):
        self._variables: list[Variable] = []  # tracked by __setattr__ from here on
        learning_rate = old_arguments(learning_rate, kwargs, type(self))
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"`name` must be a string without '/'. Received: {name=}")
        if sum(x is not None for x in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. "
                f"Received: {clipnorm=}, {clipvalue=}, {global_clipnorm=}"
            )
        self.weight_decay = optional_number("weight_decay", weight_decay, "[0, inf)")
        self.clipnorm = optional_number("clipnorm", clipnorm, "(0, inf)")
        self.clipvalue = optional_number("clipvalue", clipvalue, "(0, inf)")
        self.global_clipnorm = optional_number(
            "global_clipnorm", global_clipnorm, "(0, inf)"
        )
        self.use_ema = use_ema
        self.ema_momentum = number("ema_momentum", ema_momentum, "[0, 1]")
        self.ema_overwrite_frequency = optional_count(
            "ema_overwrite_frequency", ema_overwrite_frequency, 1
        )
        self.loss_scale_factor = optional_number(
            "loss_scale_factor", loss_scale_factor, "(0, inf)"
        )
        self.gradient_accumulation_steps = optional_count(
            "gradient_accumulation_steps", gradient_accumulation_steps, 2
        )
        if not callable(learning_rate):
            learning_rate = learning_rate_number(learning_rate)
        self.name = name or auto_name(type(self).__name__)
        self.built = False
        self._trainable_variables: list[Variable] = []
        self._index: dict[Variable, int] = {}  # where a trainable variable stands
        self.exclude_from_weight_decay()
        self._iterations = self._scalar(0, "int64", "iteration")
        if not callable(learning_rate):
            learning_rate = self._scalar(learning_rate, floatx(), "learning_rate")
        self._learning_rate = learning_rate

    # Variables.

    @property
    def iterations(self):
        """The number of updates so far: an int64 scalar."""
        if self.gradient_accumulation_steps:
            return Tensor(self._iterations.value // self.gradient_accumulation_steps)
        return self._iterations

    def build(self, variables) -> None:
        """Makes the optimizer's variables for the model's `variables`."""
        _check_kind(variables)
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(
                variables, "average"
            )
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(
                variables, "gradient_accumulator"
            )
        self._trainable_variables = list(variables)
        self._index = {variable: i for i, variable in enumerate(variables)}
        is_ours = type(self).update_step.__module__.startswith("minikeras.")
        self._in_threads = is_ours and sum(v.size for v in variables) > _LARGE
        self.built = True

    def _get_variable_index(self, variable) -> int:
        return self._index[variable]

    # One step.

    @np.errstate(all="ignore")  # gradients may be infinite; a decorator is cheapest
    def apply(self, grads, trainable_variables=None) -> None:
        """Updates the variables by their gradients (arrays, Tensors or None).

        Without `trainable_variables`: those that the optimizer was built on. The
        first call builds it. Wrong gradients raise ValueError; whatever raises,
        no variable has changed then.
        """
        if len(grads) == 0:
            return
        if trainable_variables is None:
            variables = self._trainable_variables
        else:
            variables = list(trainable_variables)
        try:
            ready = self.built and match_exactly(grads, variables, self._index)
        except (AttributeError, TypeError):  # no Variables; the next lines say which
            ready = False
        if not ready:
            self._check_variables(grads, variables)
            grads, variables = match_gradients(grads, variables)
        state = self._trainable_variables + self._variables
        before = [variable.value for variable in state]
        try:
            self._step(grads, variables)
        except BaseException:
            for variable, value in zip(state, before, strict=True):
                variable.value = value
            raise

    def apply_gradients(self, grads_and_vars):
        """`apply` for pairs of gradient and variable; returns the step counter."""
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("No gradients provided for any variable.")
        self.apply([pair[0] for pair in pairs], [pair[1] for pair in pairs])
        return self._iterations

    def _check_variables(self, grads, variables) -> None:
        if not self.built and not variables:
            raise ValueError(
                "To call `apply` without variables, the optimizer must be built: call "
                "`optimizer.build(trainable_variables)` first."
            )
        if len(grads) != len(variables):
            raise ValueError(
                "Expected one gradient per variable. "
                f"Received: {len(grads)} gradients for {len(variables)} variables"
            )
        if not self.built:
            self._scope = f"{self.name}/"
            self.build(variables)
        self._check_known(variables)

    def _check_known(self, variables) -> None:
        _check_kind(variables)
        for variable in variables:
            if variable not in self._index:
                raise ValueError(
                    f"Unknown variable: {variable!r}. An optimizer can only be called "
                    "for the variables it was built with; for others create a new one."
                )

    def _step(self, grads, variables) -> None:
        if self.loss_scale_factor is not None:
            grads = [gradient / self.loss_scale_factor for gradient in grads]
        if self.gradient_accumulation_steps:
            grads = self._accumulate(grads, variables)  # None until the round is full
        if grads is not None:
            self._update(grads, variables)
        if self.use_ema:
            self._update_averages()
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._iterations.value = self._iterations.value + 1

    def _update(self, grads, variables) -> None:
        constant = isinstance(self._learning_rate, Variable)
        if constant:
            rate = self._learning_rate.value
        else:
            rate = _rate_at(self._iterations.value, self._learning_rate)
        if self.clipnorm or self.global_clipnorm or self.clipvalue:
            grads = self._clip_gradients(grads)
        if self.weight_decay is not None:
            self._decay_weights(variables, rate)
        if self._in_threads:  # one variable's update knows nothing of the others'
            rates = [rate.astype(gradient.dtype) for gradient in grads]
            rows = list(zip(grads, variables, rates, strict=True))
            run_all(lambda row: self.update_step(*row), rows)
            return
        dtype = rate.dtype
        for gradient, variable in zip(grads, variables):  # noqa: B905  # hot path
            if gradient.dtype is not dtype:
                dtype = gradient.dtype
                rate = rate.astype(dtype)
            self.update_step(gradient, variable, rate)

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Updates one variable; gradient and rate are arrays of its dtype."""
        raise NotImplementedError(
            f"Optimizer {type(self).__name__!r} must define `update_step()`."
        )

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "update_step" in cls.__dict__:
            cls.update_step = on_arrays(cls.update_step)

    def _next_step(self, dtype):
        """The number of this update, counted from one, as a scalar of `dtype`."""
        return (self.iterations.value + 1).astype(dtype)

    def assign(self, variable, value) -> None:
        """variable ← value (of any dtype), for `update_step` of subclasses."""
        variable.assign(value)

    def assign_add(self, variable, value) -> None:
        """variable ← variable + value."""
        variable.assign_add(value)

    def assign_sub(self, variable, value) -> None:
        """variable ← variable - value."""
        variable.assign_sub(value)

    # What surrounds the update.

    def scale_loss(self, loss):
        """The loss times `loss_scale_factor`: what gradients are to be taken of."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def _accumulate(self, grads, variables) -> list | None:
        """The mean gradients when the round is full, else None."""
        steps = self.gradient_accumulation_steps
        accumulators = [self._accumulated_gradients[self._index[v]] for v in variables]
        sums = [g + a.value for g, a in zip(grads, accumulators, strict=True)]
        if (self._iterations.value + 1) % steps == 0:
            for accumulator in self._accumulated_gradients:
                accumulator.value = np.zeros_like(accumulator.value)
            return [total / steps for total in sums]
        for accumulator, total in zip(accumulators, sums, strict=True):
            accumulator.value = total
        return None

    def _clip_gradients(self, grads) -> list:
        if self.clipnorm is not None:
            return [clip_by_norm(gradient, self.clipnorm) for gradient in grads]
        if self.global_clipnorm is not None:
            return clip_by_global_norm(grads, self.global_clipnorm)
        limit = self.clipvalue
        return [clip_by_value(gradient, limit) for gradient in grads]

    def exclude_from_weight_decay(self, var_list=None, var_names=None) -> None:
        """Spares from `weight_decay` the variables in `var_list`, and those in whose
        `tf_name` one of the regular expressions `var_names` is found."""
        self._spared_variables = list(var_list or ())
        if isinstance(var_names, str):
            var_names = [var_names]
        self._spared_names = re.compile("|".join(var_names)) if var_names else None
        setting_changed()

    def _decay_weights(self, variables, learning_rate) -> None:
        spared = {id(variable) for variable in self._spared_variables}
        for variable in variables:
            if id(variable) in spared:
                continue
            if self._spared_names and self._spared_names.search(variable.tf_name):
                continue
            value = variable.value
            rate = learning_rate.astype(value.dtype)
            variable.value = value - value * self.weight_decay * rate

    def _update_averages(self) -> None:
        done = self.iterations.value
        momentum = np.where(done, self.ema_momentum, 0.0)  # the first: the weights
        frequency = self.ema_overwrite_frequency
        for variable, average in zip(
            self._trainable_variables, self._model_variables_moving_average, strict=True
        ):
            keep = momentum.astype(variable.value.dtype)
            average.value = keep * average.value + (1 - keep) * variable.value
            if frequency:
                is_due = (done + 1) % frequency == 0
                variable.value = np.where(is_due, average.value, variable.value)

    def finalize_variable_values(self, var_list) -> None:
        """Replaces the weights by their moving averages, if there are any yet.

        (Keras writes zeros where no step was made.)"""
        if not self.use_ema or not self._iterations.value:
            return
        self._check_known(var_list)
        for variable in var_list:
            variable.value = self._model_variables_moving_average[
                self._index[variable]
            ].value

    # Learning rate.

    @property
    def learning_rate(self):
        """The current rate: a variable, or what the schedule or function gives."""
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, Variable) else rate()

    @learning_rate.setter
    def learning_rate(self, learning_rate) -> None:
        current = self._learning_rate
        if callable(learning_rate):
            self._variables = [v for v in self._variables if v is not current]
            self._learning_rate = learning_rate
            setting_changed()
        elif isinstance(current, Variable):
            if isinstance(learning_rate, (Tensor, np.ndarray)):
                learning_rate = float(learning_rate)
            current.assign(learning_rate_number(learning_rate))
        else:
            raise TypeError(
                "The learning rate of this optimizer is a schedule or a function, so "
                "it cannot be set to a number. Create the optimizer with a number "
                f"instead. Received: learning_rate={learning_rate!r}"
            )

    # Config.

    def get_config(self) -> dict:
        """The constructor's arguments, as plain data."""
        rate = self._learning_rate
        return {
            "name": self.name,
            "learning_rate": (
                float(rate) if isinstance(rate, Variable) else registry.serialize(rate)
            ),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """An optimizer with the arguments in `config`, without any state."""
        if isinstance(config.get("learning_rate"), dict):
            rate = registry.deserialize(
                config["learning_rate"], custom_objects=custom_objects
            )
            config = {**config, "learning_rate": rate}
        return cls(**config)


@stays
def _rate_at(step, rate):
    """What a schedule gives for a step, or a function of no arguments."""
    is_schedule = isinstance(rate, LearningRateSchedule)
    return as_array(rate(Tensor(step)) if is_schedule else rate())


def _check_kind(variables) -> None:
    for variable in variables:
        if not isinstance(variable, Variable):
            raise ValueError(f"An optimizer updates Variables. Received: {variable!r}")
