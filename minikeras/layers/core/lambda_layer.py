"""Counterpart: keras/src/layers/core/lambda_layer.py."""

from minikeras.layers.layer import Layer
from minikeras.registry import deserialize, serialize
from minikeras.signature import accepts


class Lambda(Layer):
    """A function as a layer: function(inputs, **arguments).

    The function also gets `mask` and `training` if it has such arguments. It has no
    weights of its own. `output_shape` is the shape of one sample, or a function of
    the input's shape; by default the function is tried out. `mask` is the output's
    mask, or a function of (inputs, mask). Saved is the function's name: a lambda
    has none (ValueError), and no code is ever read from a config.
    """

    couples_samples = True  # for all that is known of the function

    def __init__(
        self, function, output_shape=None, mask=None, arguments=None, **kwargs
    ):
        super().__init__(**kwargs)
        if not callable(function):
            raise ValueError(
                f"Layer '{self.name}' needs a function. Received: function={function!r}"
            )
        self.arguments = arguments or {}
        self.function = function
        self.supports_masking = mask is not None
        self.mask = mask
        self._sample_shape = output_shape

    def call(self, inputs, mask=None, training=None):
        options = dict(self.arguments)
        for name, value in (("mask", mask), ("training", training)):
            if accepts(self.function, name):
                options[name] = value
        return self.function(inputs, **options)

    def compute_mask(self, inputs, previous_mask=None):
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape):
        if self._sample_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._sample_shape):
            return self._sample_shape(input_shape)
        return (input_shape[0], *self._sample_shape)

    def get_config(self):
        config = {"function": self._named("function", self.function)}
        if self._sample_shape is not None:
            shape = self._sample_shape
            config["output_shape"] = (
                self._named("output_shape", shape) if callable(shape) else shape
            )
        if self.mask is not None:
            config["mask"] = self._named("mask", self.mask)
        config["arguments"] = serialize(self.arguments)
        return super().get_config() | config

    def _named(self, argument, value):
        """What `argument` is saved as; a function is known by its name alone."""
        if getattr(value, "__name__", None) == "<lambda>":
            raise ValueError(
                f"Layer '{self.name}' cannot be saved: its `{argument}` is a lambda, "
                "which has no name. Expected a function made by `def` and known by "
                "`@keras.saving.register_keras_serializable()`."
            )
        return serialize(value)

    @classmethod
    def from_config(cls, config, custom_objects=None, safe_mode=None):
        """The layer again. A lambda that Keras wrote down as code is refused, whatever
        `safe_mode` says; functions are looked up by their names."""
        config = dict(config)
        for argument in ("function", "output_shape", "mask"):
            value = config.get(argument)
            if isinstance(value, dict) and value.get("class_name") == "__lambda__":
                raise ValueError(
                    f"The `{argument}` of Lambda layer '{config.get('name')}' is code "
                    "of a Python lambda. Expected a function by name: code from a "
                    "file is never run."
                )
            if argument in config:
                config[argument] = deserialize(value, custom_objects=custom_objects)
        if isinstance(config.get("output_shape"), list):
            config["output_shape"] = tuple(config["output_shape"])
        config["arguments"] = {
            name: deserialize(value, custom_objects=custom_objects)
            for name, value in config.get("arguments", {}).items()
        }
        return super().from_config(config)
