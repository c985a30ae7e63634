"""Counterpart: keras/src/optimizers/nadam.py."""

import numpy as np

from minikeras.autodiff import Variable
from minikeras.config import floatx
from minikeras.limits import number
from minikeras.naming import auto_name
from minikeras.optimizers.averages import moved_towards, squared
from minikeras.optimizers.optimizer import Optimizer


class Nadam(Optimizer):
    """Adam with Nesterov momentum: the average m is looked at one step ahead.

    With u(t) = beta_1·(1 - 0.5·0.96ᵗ) and U = u(1)·…·u(t), at the step t = 1, 2…
    m̂ = u(t+1)·m / (1 - U·u(t+1)) + (1 - u(t))·g / (1 - U),
    x ← x - m̂·learning_rate / (√(v / (1 - beta_2ᵗ)) + epsilon); m and v as in Adam.
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
        dtype = variables[0].dtype if variables else floatx()
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )
        # Keras names neither this one nor a scope for it: the path tells who built it.
        name = auto_name("variable")
        path = f"{self._scope}{name}"
        self._u_product = Variable(
            1.0, dtype=dtype, trainable=False, name=name, path=path
        )

    def _update(self, grads, variables):
        product = self._u_product.value
        decay = product.dtype.type(0.96) ** self._next_step(product.dtype)
        self._u_product.value = product * self.beta_1 * (1 - 0.5 * decay)
        super()._update(grads, variables)

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        to_dtype = gradient.dtype.type
        step = self._next_step(gradient.dtype)
        beta_1 = to_dtype(self.beta_1)
        beta_2 = to_dtype(self.beta_2)
        u_now = beta_1 * (1 - 0.5 * to_dtype(0.96) ** step)
        u_next = beta_1 * (1 - 0.5 * to_dtype(0.96) ** (step + 1))
        product = self._u_product.value.astype(gradient.dtype)

        m.value = moved_towards(m.value, gradient, 1 - beta_1)
        v.value = moved_towards(v.value, squared(gradient), 1 - beta_2)
        ahead = u_next * m.value / (1 - product * u_next)
        ahead += (1 - u_now) * gradient / (1 - product)
        scale = np.sqrt(v.value / (1 - beta_2**step)) + self.epsilon
        variable.value = variable.value - ahead * learning_rate / scale

    def get_config(self):
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
