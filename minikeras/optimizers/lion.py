"""Counterpart: keras/src/optimizers/lion.py."""

import numpy as np

from minikeras.limits import number
from minikeras.optimizers.optimizer import Optimizer


class Lion(Optimizer):
    """Steps of one size, in the direction of an average's sign:
    x ← x - learning_rate·sign(beta_1·m + (1 - beta_1)·g), then
    m ← beta_2·m + (1 - beta_2)·g.

    After `beta_2` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.99, *shared, **options
    ):
        super().__init__(learning_rate, *shared, **options)
        self.beta_1 = number("beta_1", beta_1, "(0, 1]")  # 0 would be plain SignSGD
        self.beta_2 = number("beta_2", beta_2, "[0, 1]")

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        m = self._momentums[self._get_variable_index(variable)]
        beta_1 = gradient.dtype.type(self.beta_1)
        beta_2 = gradient.dtype.type(self.beta_2)
        direction = np.sign(m.value * beta_1 + gradient * (1 - beta_1))
        m.value = m.value * beta_2 + gradient * (1 - beta_2)
        variable.value = variable.value - learning_rate * direction

    def get_config(self):
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
