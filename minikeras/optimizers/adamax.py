"""Counterpart: keras/src/optimizers/adamax.py."""

import numpy as np

from minikeras.limits import number
from minikeras.optimizers.averages import magnitude, moved_towards
from minikeras.optimizers.optimizer import Optimizer


class Adamax(Optimizer):
    """Adam scaled by the largest recent gradient instead of its mean square:

    m ← m + (g - m)·(1 - beta_1), u ← max(beta_2·u, |g|),
    x ← x - learning_rate·m / ((1 - beta_1ᵗ)·(u + epsilon)) for the step t = 1, 2…
    After `epsilon` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(
        self,
        learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        *shared,
        **options,
    ):
        super().__init__(learning_rate, *shared, **options)
        self.beta_1 = number("beta_1", beta_1, "[0, 1)")
        self.beta_2 = number("beta_2", beta_2, "[0, 1)")
        self.epsilon = number("epsilon", epsilon, "[0, inf)")

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._m, self._u = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        m, u = self._m[index], self._u[index]
        dtype = gradient.dtype
        correction = 1 - dtype.type(self.beta_1) ** self._next_step(dtype)
        m.value = moved_towards(m.value, gradient, 1 - self.beta_1)
        u.value = np.maximum(self.beta_2 * u.value, magnitude(gradient))
        scale = correction * (u.value + self.epsilon)
        variable.value = variable.value - learning_rate * m.value / scale

    def get_config(self):
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
