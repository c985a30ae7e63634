"""Counterpart: keras/src/layers/core/lambda_layer.py."""

from minikeras import lambdas
from minikeras.layers.layer import Layer
from minikeras.registry import deserialize, serialize
from minikeras.signature import accepts


class Lambda(Layer):
    """A function as a layer: function(inputs, **arguments).

    The function also gets `mask` and `training` if it has such arguments. It has no
    weights of its own. `output_shape` is the shape of one sample, or a function of
    the input's shape; by default the function is tried out. `mask` is the output's
    mask, or a function of (inputs, mask). Saved is the function's name; a lambda has
    none, so that its code is, which is read only with `safe_mode=False`.
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

    def _shapes_needed(self, input_shape):
        return []  # what a function gives only the function knows

    def get_config(self):
        config = {"function": _described(self.function)}
        if self._sample_shape is not None:
            config["output_shape"] = _described(self._sample_shape)
        if self.mask is not None:
            config["mask"] = _described(self.mask)
        config["arguments"] = serialize(self.arguments)
        return super().get_config() | config

    @classmethod
    def from_config(cls, config, custom_objects=None, safe_mode=None):
        """The layer again; functions are looked up by their names. The code of a lambda
        is refused, unless `safe_mode=False` is said here or to `load_model`."""
        config = dict(config)
        trusted = safe_mode is False or (safe_mode is None and lambdas.is_allowed())
        for argument in ("function", "output_shape", "mask"):
            value = config.get(argument)
            if isinstance(value, dict) and value.get("class_name") == "__lambda__":
                owner = f"The `{argument}` of Lambda layer '{config.get('name')}'"
                with lambdas.allowed(trusted):
                    config[argument] = lambdas.code_of(value["config"], owner)
            elif argument in config:
                config[argument] = deserialize(value, custom_objects=custom_objects)
        if isinstance(config.get("output_shape"), list):
            config["output_shape"] = tuple(config["output_shape"])
        config["arguments"] = {
            name: deserialize(value, custom_objects=custom_objects)
            for name, value in config.get("arguments", {}).items()
        }
        return super().from_config(config)


def _described(value):
    """A function, or a plain value, as it is saved."""
    if lambdas.is_lambda(value):
        config = {k: serialize(part) for k, part in lambdas.dumped(value).items()}
        return {"class_name": "__lambda__", "config": config}
    return serialize(value)
