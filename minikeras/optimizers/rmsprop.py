"""Counterpart: keras/src/optimizers/rmsprop.py."""

import numpy as np

from minikeras.limits import number
from minikeras.optimizers.averages import squared
from minikeras.optimizers.optimizer import Optimizer


class RMSprop(Optimizer):
    """Gradients divided by their recent size: v ← rho·v + (1 - rho)·g² and
    x ← x - d, where d = learning_rate·g / √(v + epsilon).

    `centered` subtracts the square of the mean gradient a ← rho·a + (1 - rho)·g
    from v. With momentum: m ← momentum·m + d and x ← x - m.
    After `centered` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(
        self,
        learning_rate=0.001,
        rho=0.9,
        momentum=0.0,
        epsilon=1e-7,
        centered=False,
        *shared,
        **options,
    ):
        super().__init__(learning_rate, *shared, **options)
        self.rho = number("rho", rho, "[0, 1]")
        self.momentum = number("momentum", momentum, "[0, 1]")
        self.epsilon = number("epsilon", epsilon, "[0, inf)")
        self.centered = centered

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums = self._average_gradients = []
        if self.momentum:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(
                variables, "average_gradient"
            )

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        v = self._velocities[index]
        v.value = self.rho * v.value + (1 - self.rho) * squared(gradient)
        variance = v.value
        if self.centered:
            a = self._average_gradients[index]
            a.value = self.rho * a.value + (1 - self.rho) * gradient
            variance = variance - a.value * a.value
        step = learning_rate * gradient / np.sqrt(variance + self.epsilon)
        if self.momentum:
            m = self._momentums[index]
            m.value = step = self.momentum * m.value + step
        variable.value = variable.value - step

    def get_config(self):
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
