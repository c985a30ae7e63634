"""Counterpart: keras/src/optimizers/adadelta.py."""

import numpy as np

from minikeras.autodiff import Slices
from minikeras.limits import number
from minikeras.optimizers.averages import squared
from minikeras.optimizers.optimizer import Optimizer


class Adadelta(Optimizer):
    """Steps in the weights' own unit: x ← x + learning_rate·d, with

    a ← rho·a + (1 - rho)·g², d = -g·√(b + epsilon) / √(a + epsilon),
    b ← rho·b + (1 - rho)·d².
    After `epsilon` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-7, *shared, **options):
        super().__init__(learning_rate, *shared, **options)
        self.rho = number("rho", rho, "[0, 1]")
        self.epsilon = number("epsilon", epsilon, "[0, inf)")

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._accumulated_grads, self._accumulated_delta_vars = (
            self.add_optimizer_variables(
                variables, ["accumulated_grad", "accumulated_delta_var"]
            )
        )

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        a, b = self._accumulated_grads[index], self._accumulated_delta_vars[index]
        a.value = self.rho * a.value + (1 - self.rho) * squared(gradient)
        rms_a, rms_b = self._rms(a.value), self._rms(b.value)
        if type(gradient) is Slices:
            rows = gradient.rows
            values = -(rms_b[rows] * gradient.values / rms_a[rows])
            delta = gradient.with_values(values)
        else:
            delta = -(rms_b * gradient / rms_a)
        b.value = self.rho * b.value + (1 - self.rho) * squared(delta)
        variable.value = variable.value + learning_rate * delta

    def _rms(self, mean_square):
        return np.sqrt(mean_square + self.epsilon)

    def get_config(self):
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
