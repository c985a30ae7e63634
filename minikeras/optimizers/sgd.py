"""Counterpart: keras/src/optimizers/sgd.py."""

from minikeras.limits import number
from minikeras.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent: x ← x - learning_rate·g.

    With momentum: m ← momentum·m - learning_rate·g and x ← x + m; with `nesterov`
    x ← x + momentum·m - learning_rate·g, looking one step ahead.
    After `nesterov` come Optimizer's arguments from `weight_decay` on.
    """

    def __init__(
        self, learning_rate=0.01, momentum=0.0, nesterov=False, *shared, **options
    ):
        super().__init__(learning_rate, *shared, **options)
        self.momentum = number("momentum", momentum, "[0, 1]")
        self.nesterov = nesterov

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.momentums = []
        if self.momentum:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        step = gradient * learning_rate
        if not self.momentum:
            variable.value = variable.value - step
            return
        m = self.momentums[self._get_variable_index(variable)]
        m.value = m.value * self.momentum - step
        if self.nesterov:
            variable.value = variable.value + (m.value * self.momentum - step)
        else:
            variable.value = variable.value + m.value

    def get_config(self):
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "nesterov": self.nesterov,
        }
