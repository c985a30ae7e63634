"""Counterpart: keras/src/optimizers/adam.py."""

import numpy as np

from minikeras.limits import number
from minikeras.optimizers.averages import moved_towards, squared
from minikeras.optimizers.optimizer import Optimizer


class Adam(Optimizer):
    """Moving averages of gradient and squared gradient give direction and scale:

    m ← m + (g - m)·(1 - beta_1), v ← v + (g² - v)·(1 - beta_2),
    x ← x - m·alpha / (√v + epsilon),
    alpha = learning_rate·√(1 - beta_2ᵗ) / (1 - beta_1ᵗ) for the step t = 1, 2…
    `amsgrad` divides by the root of the largest v so far.
    After `amsgrad` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(
        self,
        learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        *shared,
        **options,
    ):
        super().__init__(learning_rate, *shared, **options)
        self.beta_1 = number("beta_1", beta_1, "[0, 1)")
        self.beta_2 = number("beta_2", beta_2, "[0, 1)")
        self.epsilon = number("epsilon", epsilon, "[0, inf)")
        self.amsgrad = amsgrad

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(
                variables, "velocity_hat"
            )

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        dtype = gradient.dtype
        step = self._next_step(dtype)
        beta_1_power = dtype.type(self.beta_1) ** step
        beta_2_power = dtype.type(self.beta_2) ** step
        alpha = learning_rate * np.sqrt(1 - beta_2_power) / (1 - beta_1_power)

        m.value = moved_towards(m.value, gradient, 1 - self.beta_1)
        v.value = moved_towards(v.value, squared(gradient), 1 - self.beta_2)
        if self.amsgrad:
            v_hat = self._velocity_hats[index]
            v_hat.value = np.maximum(v_hat.value, v.value)
            v = v_hat
        scale = np.sqrt(v.value)
        scale += self.epsilon
        delta = m.value * alpha
        delta /= scale
        variable.value = variable.value - delta

    def get_config(self):
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }
