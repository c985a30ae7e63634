"""Counterpart: keras/src/layers/reshaping/repeat_vector.py."""

from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.limits import positive_integer
from minikeras.ops import expand_dims
from minikeras.ops.image import repeat_each


class RepeatVector(Layer):
    """Each sample `n` times: (batch, features) gives (batch, n, features)."""

    def __init__(self, n, **kwargs):
        super().__init__(**kwargs)
        self.n = positive_integer("n", n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs):
        return repeat_each(expand_dims(inputs, 1), self.n, 1)

    def compute_output_shape(self, input_shape):
        batch, features = input_shape
        return (batch, self.n, features)

    def get_config(self):
        return super().get_config() | {"n": self.n}
