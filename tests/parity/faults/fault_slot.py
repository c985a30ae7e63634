"""What Adam keeps is not what it has computed with."""

from minikeras.optimizers import Adam

_update_step = Adam.update_step


def update_step(self, gradient, variable, learning_rate):
    _update_step(self, gradient, variable, learning_rate)
    velocity = self._velocities[self._get_variable_index(variable)]
    velocity.value = velocity.value * velocity.value.dtype.type(1.01)


Adam.update_step = update_step
