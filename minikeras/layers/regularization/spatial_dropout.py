"""Counterpart: keras/src/layers/regularization/spatial_dropout.py."""

from minikeras.config import standardize_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.regularization.dropout import Dropout
from minikeras.random import dropout


class BaseSpatialDropout(Dropout):
    """Dropout of whole channels. Subclasses set `data_format` and the input's rank."""

    data_format = "channels_last"

    def __init__(self, rate, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        shared = [1] * inputs.ndim
        for axis in (0, 1 if self.data_format == "channels_first" else -1):
            shared[axis] = inputs.shape[axis]
        return dropout(inputs, self.rate, shared, self.seed_generator)

    def get_config(self):
        # Keras writes no more than this: a frozen layer is restored trainable.
        return {
            "rate": self.rate,
            "seed": self.seed,
            "name": self.name,
            "dtype": self.dtype,
        }


class SpatialDropout1D(BaseSpatialDropout):
    """Dropout of whole channels of (batch, steps, channels), as in Dropout else."""

    def __init__(self, rate, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.input_spec = InputSpec(ndim=3)


class SpatialDropout2D(BaseSpatialDropout):
    """Dropout of whole channels of images (batch, rows, columns, channels); the
    channels come second with `data_format="channels_first"`."""

    def __init__(self, rate, data_format=None, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=4)

    def get_config(self):
        return super().get_config() | {"data_format": self.data_format}


class SpatialDropout3D(BaseSpatialDropout):
    """Dropout of whole channels of volumes (batch, three axes, channels); the
    channels come second with `data_format="channels_first"`."""

    def __init__(self, rate, data_format=None, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=5)

    def get_config(self):
        return super().get_config() | {"data_format": self.data_format}
