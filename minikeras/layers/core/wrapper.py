"""Counterpart: keras/src/layers/core/wrapper.py."""

from minikeras.layers.layer import Layer
from minikeras.registry import deserialize, serialize


class Wrapper(Layer):
    """The base of layers that do something around another one, their `layer`."""

    def __init__(self, layer, **kwargs):
        if not isinstance(layer, Layer):
            raise ValueError(
                f"{type(self).__name__} wraps an instance of `keras.layers.Layer`. "
                f"Received: {layer!r} (of type {type(layer).__name__})"
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape=None):
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    def get_config(self):
        return super().get_config() | {"layer": serialize(self.layer)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        layer = deserialize(config["layer"], custom_objects=custom_objects)
        return super().from_config(config | {"layer": layer})
