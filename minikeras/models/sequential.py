"""Counterpart: keras/src/models/sequential.py."""

from collections.abc import Iterable

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.graph import KerasTensor
from minikeras.layers import InputLayer, Layer
from minikeras.models.model import Model
from minikeras.naming import auto_name
from minikeras.ops import cast, expand_dims, squeeze
from minikeras.registry import deserialize, serialize
from minikeras.room import room


class Sequential(Model):
    """A chain of layers, each applied to the output of the one before.

    Built at once if it starts with an `Input`, otherwise when it first sees data.
    Layers can be added and popped at any time.
    """

    _not_parts = Model._not_parts | {"_output"}
    _layers_first = True  # in a file

    def __init__(self, layers=None, trainable=True, name=None):
        super().__init__(trainable=trainable, name=name)
        self._output = None
        self._set_layers([])
        if layers is not None and not isinstance(layers, Iterable):
            raise TypeError(
                "Sequential takes a list of layers: Sequential([…]). "
                f"Received: {layers!r} (of type {type(layers).__name__})"
            )
        for layer in layers or []:
            self._append(layer)
        self._maybe_build()

    def add(self, layer) -> None:
        """Appends a layer (or what `Input` gives, as the first)."""
        self._append(layer)
        self._maybe_build()

    def pop(self) -> Layer:
        """Removes the last layer and returns it."""
        if not self.layers:
            raise ValueError(f"Sequential model '{self.name}' has no layers to pop.")
        layer = self._layers[-1]
        self._set_layers(self._layers[:-1])
        self._maybe_build()
        return layer

    def _append(self, layer) -> None:
        shape = getattr(layer, "_input_shape_arg", None)
        if shape is not None and not self._layers:
            self._append(InputLayer(shape=shape))
        if isinstance(layer, KerasTensor):  # what Input() gives
            layer = layer._keras_history.operation
        if not isinstance(layer, Layer):
            is_class = isinstance(layer, type) and issubclass(layer, Layer)
            raise ValueError(
                "Only instances of `keras.Layer` can be added to a Sequential model. "
                f"Received: {layer!r} (of type {type(layer)})"
                + (". A class is no layer yet: call it." if is_class else "")
            )
        others = [known for known in self._layers if known is not layer]
        if any(layer.name == other.name for other in others):
            raise ValueError(
                "All layers added to a Sequential model should have unique names. Name "
                f"'{layer.name}' is already the name of a layer in this model. Update "
                "the `name` argument to pass a unique name."
            )
        if isinstance(layer, InputLayer) and self._layers:
            raise ValueError(
                f"An Input must be the first layer of Sequential model '{self.name}', "
                f"which starts with '{self._layers[0].name}' already."
            )
        self._set_layers([*self._layers, layer])

    def _set_layers(self, layers: list[Layer]) -> None:
        """Keeps the layers, and for `call` the InputLayer apart from the others."""
        self._layers = layers
        first = layers[0] if layers else None
        self._input = first if isinstance(first, InputLayer) else None
        self._input_rank = len(self._input.batch_shape) if self._input else None
        self._chain = layers[1:] if self._input else layers

    def _maybe_build(self) -> None:
        self.built = self._called = self._plain = False
        self._output_shape = self._output = None
        if len(self._layers) > 1:
            first = self._layers[0]  # an Input, or a model that knows its own
            shape = getattr(first, "batch_shape", getattr(first, "input_shape", None))
            if shape is not None:
                self.build(shape)

    def build(self, input_shape=None):
        """Builds the layers one after the other for `input_shape`, batch included."""
        if not self._layers:
            raise ValueError(
                f"Sequential model {self.name} cannot be built because it has no "
                "layers. Call `model.add(layer)`."
            )
        if not _is_shape(input_shape):
            return  # several inputs: the layers are built as they are called
        input_shape = tuple(input_shape)
        first = self._layers[0]
        if not isinstance(first, InputLayer):
            first = InputLayer(batch_shape=input_shape, dtype=first.dtype)
            self._set_layers([first, *self._layers])
        elif first.batch_shape[1:] != input_shape[1:]:
            raise ValueError(
                f"Sequential model '{self.name}' has already been configured to use "
                f"input shape {first.batch_shape}. You cannot build it with "
                f"input_shape {input_shape}"
            )
        auto_name("Functional")  # Keras makes one here, which takes a name
        x = first.output
        if input_shape != first.batch_shape:
            x = KerasTensor(input_shape, first.dtype)
        for layer in self._chain:
            x = layer(x)
        self._output = x
        if isinstance(x, KerasTensor):
            self._output_shape = x.shape

    def call(self, inputs, training=None, mask=None):
        # `training` reaches the layers through the call context.
        if self._input is not None and isinstance(inputs, Tensor):
            value = inputs.value
            if value.dtype is not self._input._dtype or value.ndim != self._input_rank:
                inputs = _adjust(inputs, self._input)
        elif self._input is not None and tree.is_nested(inputs):
            parts = tree.flatten(inputs)
            if len(parts) == 1:
                return self.call(parts[0])  # [x] and {"name": x} mean x
        if mask is not None and isinstance(inputs, Tensor):
            inputs._keras_mask = mask
        if room.is_limited:
            room.count_call()
        outputs = inputs
        for layer in self._chain:
            outputs = layer(outputs)
        return outputs

    @property
    def layers(self) -> list[Layer]:
        """The layers without the InputLayer, as in Keras."""
        return list(self._chain)

    @layers.setter
    def layers(self, _):
        raise AttributeError(
            "`Sequential.layers` attribute is reserved and should not be used. "
            "Use `add()` and `pop()` to change the layers in this model."
        )

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic input, once the model is built."""
        return [self._input_known("inputs").output]

    @property
    def outputs(self) -> list[KerasTensor]:
        """What the last layer gave for it."""
        self._input_known("outputs")
        return tree.flatten(self._output)

    def _input_known(self, wanted: str) -> InputLayer:
        if self._input is None or self._output is None:
            raise AttributeError(
                f"Sequential model '{self.name}' has no defined {wanted} yet."
            )
        return self._input

    @property
    def input_shape(self) -> tuple:
        """The shape of the input with None for the batch axis, once it is known."""
        if self._input is not None:
            return self._input.batch_shape
        raise AttributeError(
            f"Sequential model '{self.name}' has no defined input shape yet."
        )

    @property
    def output_shape(self):
        """The shape of the output, once the input's is known."""
        if self._output_shape is not None:
            return self._output_shape
        raise AttributeError(
            f"Sequential model '{self.name}' has no defined output shape yet."
        )

    def symbolic_call(self, *args, **kwargs):
        """As for any layer; but with an Input of its own it keeps the open batch axis
        of that, whatever the batch of the model around it."""
        own = self._output_shape
        outputs = super().symbolic_call(*args, **kwargs)
        if own is not None and isinstance(outputs, KerasTensor):
            return KerasTensor(own, outputs.dtype, name=outputs.name)
        return outputs

    def compute_output_shape(self, input_shape):
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def get_config(self) -> dict:
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": super().get_config()["dtype"],
            "layers": [serialize(layer) for layer in self._layers],
        }
        if self.built and self._input is not None:
            config["build_input_shape"] = self._input.batch_shape
        return config

    def get_build_config(self) -> dict | None:
        return {"input_shape": self._input.batch_shape} if self._input else None

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A new model with the same layers (new weights)."""
        if "layers" not in config:
            raise ValueError(
                "A Sequential model configuration must be a dictionary containing the "
                f"'name' and 'layers' keys. Received: config={config}"
            )
        layers = [
            deserialize(layer, custom_objects=custom_objects)
            for layer in config["layers"]
        ]
        for _ in layers[2:]:
            auto_name("Functional")  # Keras adds them one by one, and each takes a name
        return cls(layers, name=config.get("name"))


def _is_shape(shape) -> bool:
    return isinstance(shape, (tuple, list)) and all(
        size is None or isinstance(size, (int, np.integer)) for size in shape
    )


def _adjust(inputs: Tensor, first: InputLayer) -> Tensor:
    """The input in the InputLayer's dtype and rank: a last axis of 1 comes or goes."""
    inputs = cast(inputs, first.dtype)
    expected = first.batch_shape
    if inputs.ndim == len(expected) - 1 and expected[-1] == 1:
        return expand_dims(inputs, -1)
    if inputs.ndim == len(expected) + 1 and inputs.shape[-1] == 1:
        return squeeze(inputs, -1)
    if inputs.ndim != len(expected):
        raise ValueError(
            f"Invalid input shape for input of '{first.name}'. Expected shape "
            f"{expected}, but input has incompatible shape {inputs.shape}"
        )
    return inputs
