"""Counterpart: keras/src/optimizers/adagrad.py."""

import numpy as np

from minikeras.initializers import Constant
from minikeras.limits import number
from minikeras.optimizers.averages import squared
from minikeras.optimizers.optimizer import Optimizer


class Adagrad(Optimizer):
    """Steps that shrink as squared gradients add up: a ← a + g² and
    x ← x - learning_rate·g / √(a + epsilon); a starts at `initial_accumulator_value`.

    After `epsilon` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(
        self,
        learning_rate=0.001,
        initial_accumulator_value=0.1,
        epsilon=1e-7,
        *shared,
        **options,
    ):
        super().__init__(learning_rate, *shared, **options)
        self.initial_accumulator_value = number(
            "initial_accumulator_value", initial_accumulator_value, "[0, inf)"
        )
        self.epsilon = number("epsilon", epsilon, "[0, inf)")

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._accumulators = self.add_optimizer_variables(
            variables, "accumulator", Constant(self.initial_accumulator_value)
        )

    def update_step(self, gradient, variable, learning_rate):
        a = self._accumulators[self._get_variable_index(variable)]
        a.value = a.value + squared(gradient)
        step = learning_rate * gradient / np.sqrt(a.value + self.epsilon)
        variable.value = variable.value - step

    def get_config(self):
        return {
            **super().get_config(),
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
