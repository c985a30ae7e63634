"""Counterpart: keras/src/optimizers/lamb.py."""

import numpy as np

from minikeras.limits import number
from minikeras.optimizers.averages import moved_towards, squared
from minikeras.optimizers.optimizer import Optimizer


class Lamb(Optimizer):
    """Adam whose step d is scaled to the size of the whole variable:
    x ← x - (‖x‖ / ‖d‖)·learning_rate·d, the ratio being 1 where a norm is 0.

    d = m̂ / (√v̂ + epsilon); m̂ = m / (1 - beta_1ᵗ) and v̂ = v / (1 - beta_2ᵗ) for the
    step t = 1, 2…; m and v as in Adam.
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
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        dtype = gradient.dtype
        step = self._next_step(dtype)
        m.value = moved_towards(m.value, gradient, 1 - self.beta_1)
        v.value = moved_towards(v.value, squared(gradient), 1 - self.beta_2)
        m_hat = m.value / (1 - dtype.type(self.beta_1) ** step)
        v_hat = v.value / (1 - dtype.type(self.beta_2) ** step)
        delta = m_hat / (np.sqrt(v_hat) + self.epsilon)
        norm = np.sqrt(np.sum(variable.value * variable.value))
        delta_norm = np.sqrt(np.sum(delta * delta))
        both = (norm > 0) & (delta_norm > 0)
        ratio = np.where(both, norm / delta_norm, dtype.type(1))
        variable.value = variable.value - ratio * learning_rate * delta

    def get_config(self):
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
