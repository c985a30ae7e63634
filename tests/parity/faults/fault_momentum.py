from minikeras.layers import BatchNormalization

_init = BatchNormalization.__init__


def init(self, *args, **kwargs):
    _init(self, *args, **kwargs)
    self.momentum = 0.9


BatchNormalization.__init__ = init
