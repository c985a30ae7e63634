from minikeras.optimizers import Adam

_init = Adam.__init__


def init(self, *args, **kwargs):
    _init(self, *args, **kwargs)
    self.epsilon = 1e-3


Adam.__init__ = init
