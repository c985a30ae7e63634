"""Counterpart: keras/src/optimizers/ftrl.py."""

import numpy as np

from minikeras.initializers import Constant
from minikeras.limits import number
from minikeras.optimizers.averages import squared
from minikeras.optimizers.optimizer import Optimizer


class Ftrl(Optimizer):
    """Follow the regularized leader: weights that an L1 penalty keeps at exact zero.

    With p = -learning_rate_power, s = 2·l2_shrinkage and l2' = l2 + beta / (2·lr):
    n' = n + g², z ← z + g + s·x - (n'ᵖ - nᵖ)·x / lr,
    x ← (clip(z, -l1, l1) - z) / (n'ᵖ / lr + 2·l2'), n ← n'.
    n starts at `initial_accumulator_value`.
    After `beta` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(
        self,
        learning_rate=0.001,
        learning_rate_power=-0.5,
        initial_accumulator_value=0.1,
        l1_regularization_strength=0.0,
        l2_regularization_strength=0.0,
        l2_shrinkage_regularization_strength=0.0,
        beta=0.0,
        *shared,
        **options,
    ):
        super().__init__(learning_rate, *shared, **options)
        self.learning_rate_power = number(
            "learning_rate_power", learning_rate_power, "(-inf, 0]"
        )
        self.initial_accumulator_value = number(
            "initial_accumulator_value", initial_accumulator_value, "[0, inf)"
        )
        self.l1_regularization_strength = number(
            "l1_regularization_strength", l1_regularization_strength, "[0, inf)"
        )
        self.l2_regularization_strength = number(
            "l2_regularization_strength", l2_regularization_strength, "[0, inf)"
        )
        self.l2_shrinkage_regularization_strength = number(
            "l2_shrinkage_regularization_strength",
            l2_shrinkage_regularization_strength,
            "[0, inf)",
        )
        self.beta = number("beta", beta, "[0, inf)")

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables,
            ["accumulator", "linear"],
            [Constant(self.initial_accumulator_value), "zeros"],
        )

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        n, z = self._accumulators[index], self._linears[index]
        power = -self.learning_rate_power
        l1 = self.l1_regularization_strength
        l2 = self.l2_regularization_strength + self.beta / (2 * learning_rate)
        shrinkage = 2 * self.l2_shrinkage_regularization_strength

        n_next = n.value + squared(gradient)
        growth = n_next**power
        pull = (growth - n.value**power) / learning_rate * variable.value
        z.value = z.value + (gradient + shrinkage * variable.value - pull)
        quadratic = growth / learning_rate + 2 * l2
        variable.value = (np.clip(z.value, -l1, l1) - z.value) / quadratic
        n.value = n_next

    def get_config(self):
        names = (
            "learning_rate_power",
            "initial_accumulator_value",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "l2_shrinkage_regularization_strength",
            "beta",
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
