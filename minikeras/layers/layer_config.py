"""Counterpart: the config half of keras/src/layers/layer.py and ops/operation.py."""

from collections.abc import Callable

from minikeras import tree
from minikeras.config import FLOAT_DTYPES, layer_dtype, standardize_dtype
from minikeras.registry import serialize
from minikeras.room import room


class LayerConfig:
    """`get_config` and `from_config`: what it takes to make the same layer again."""

    name: str
    dtype: str
    activity_regularizer: Callable | None
    _trainable: bool
    _config_from_arguments: Callable
    _build_shapes: dict | None
    build: Callable
    compute_output_shape: Callable

    def get_config(self) -> dict:
        """The constructor's arguments as plain data.

        Subclasses add theirs to `super().get_config()`. A layer that does not
        define it gets its own from the arguments it was made with, if these are
        plain data (keras/src/ops/operation.py does the same).
        """
        config = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": {
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": self.dtype},
                "registered_name": None,
            },
        }
        if getattr(self, "activity_regularizer", None) is not None:
            config["activity_regularizer"] = serialize(self.activity_regularizer)
        defined = type(self).get_config is not LayerConfig.get_config
        if not defined:
            config |= self._config_from_arguments(config)
        return config

    def get_build_config(self) -> dict | None:
        """What it takes to build the layer again: the shapes that it was built for."""
        shapes = self._build_shapes
        if not shapes:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": shapes}

    def build_from_config(self, config: dict) -> None:
        """Makes the weights for what `get_build_config` said."""
        if config.get("input_shape") is not None:
            self.build(_as_shape(config["input_shape"]))
        elif config.get("shapes_dict"):
            self.build(**_as_shape(config["shapes_dict"]))

    def _check_room(self, inputs) -> None:
        """ValueError if what these inputs give is too large for a model from a file.
        (The layers in `minikeras` know its shape before they compute it.)"""
        if not type(self).__module__.startswith("minikeras.layers."):
            return
        if hasattr(type(self).compute_output_shape, "is_default"):
            return  # a cell of a recurrent layer, which is asked itself
        shapes = tree.map_structure(lambda x: tuple(x.shape), inputs)
        for shape in self._shapes_needed(shapes):
            room.check(shape, f"the output of layer '{self.name}'")

    def _shapes_needed(self, input_shape) -> list:
        """The shapes of the arrays that grow with the layer's arguments."""
        shape = self.compute_output_shape(input_shape)
        several = any(isinstance(part, (tuple, list)) for part in shape)
        return [*shape] if several else [shape]

    @classmethod
    def from_config(cls, config: dict):
        """A new layer from `get_config()`'s result."""
        config = dict(config)
        if isinstance(config.get("dtype"), dict):
            config["dtype"] = dtype_name(config["dtype"])
        if config.get("quantization_config", ...) is None:
            del config["quantization_config"]  # Keras says so of each dense layer
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(
                f"Error when deserializing class '{cls.__name__}' using "
                f"config={config}.\n\nException encountered: {error}"
            ) from error


def _as_shape(shape):
    """A shape, or a nest of shapes, with the tuples that JSON made lists of."""
    if isinstance(shape, dict):
        return {key: _as_shape(part) for key, part in shape.items()}
    if isinstance(shape, (list, tuple)) and any(
        isinstance(part, (list, tuple, dict)) for part in shape
    ):
        return [_as_shape(part) for part in shape]
    return tuple(shape) if isinstance(shape, list) else shape


def dtype_name(dtype) -> str:
    """The one dtype of a layer, from a name, a dtype or Keras's DTypePolicy config."""
    if dtype is None:
        return layer_dtype()
    if isinstance(dtype, dict):
        dtype = dtype["config"]["name"]
    name = getattr(dtype, "name", dtype)
    if name in ("mixed_float16", "mixed_bfloat16"):
        raise ValueError(
            "A layer has one dtype here: mixed precision is not supported. "
            f"Expected one of {FLOAT_DTYPES}. Received: dtype={name!r}"
        )
    return standardize_dtype(name)
