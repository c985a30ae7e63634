"""From its sixth step on Adam goes a hundredth too far."""

from minikeras.optimizers import Adam

_update_step = Adam.update_step


def update_step(self, gradient, variable, learning_rate):
    if int(self.iterations) >= 5:
        learning_rate = learning_rate * learning_rate.dtype.type(1.01)
    _update_step(self, gradient, variable, learning_rate)


Adam.update_step = update_step
