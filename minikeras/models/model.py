"""Counterpart: keras/src/models/model.py."""

from typing import Any

from minikeras import tree
from minikeras.graph import KerasTensor
from minikeras.layers.call_context import context
from minikeras.layers.layer import Layer, default
from minikeras.layers.symbolic import compute_by_example
from minikeras.models.absent import AbsentFromModels
from minikeras.program.cache import Programs
from minikeras.registry import did_you_mean
from minikeras.saving.saving_api import load_weights, save_model
from minikeras.saving.saving_lib import config_json
from minikeras.saving.weights import save_weights
from minikeras.trainers.trainer import Trainer
from minikeras.utils.summary_utils import print_summary


class Model(Trainer, Layer, AbsentFromModels):
    """A Layer that can be trained: subclass it, make layers in `__init__`, use them
    in `call` with any Python you like.

    `Model(inputs, outputs)` makes a Functional of two nests of KerasTensors.
    """

    _not_parts = Layer._not_parts | {
        "_loss_tracker",
        "_compile_loss",
        "_compile_metrics",
        "_compile_arguments",
        "optimizer",
        "loss",
        "history",
        "_programs",
        "_traced_flags",
        "_is_lost",
        "stop_training",
        "stop_evaluating",
        "stop_predicting",
    }

    _functional: Any  # models/functional.py enters itself

    def __new__(cls, *args, **kwargs):
        if cls is Model and _is_graph(args, kwargs):
            model = super().__new__(cls._functional)
        else:
            model = super().__new__(cls, *args, **kwargs)
        model.__dict__["_programs"] = Programs(model)
        return model

    def __init__(self, *args, **kwargs):
        if _is_graph(args, kwargs):
            # A subclass whose `super().__init__(inputs, outputs)` makes it a graph.
            _make_functional(type(self))
            self._functional.__init__(self, *args, **kwargs)
            return
        super().__init__(*args, **kwargs)

    def __setattr__(self, name, value):
        if name in ("optimizer", "loss"):  # they are in the programs of the steps
            self._programs.clear()
        super().__setattr__(name, value)

    def _call_in_context(self, args, kwargs):
        call = super()._call_in_context
        if context.entered or len(args) > 1 or tuple(kwargs) not in _USUAL:
            return call(args, kwargs)
        if kwargs.get("training"):
            return call(args, kwargs)

        def step(x):
            return call((x,), kwargs)

        for layer in self._all_layers():
            if layer._losses:
                layer._losses.clear()
        option = kwargs.get("training")
        return self._programs.run("call", step, args, option)

    def call(self, *args, **kwargs):
        raise NotImplementedError(
            f"Model {type(self).__name__} does not have a `call()` method implemented."
        )

    @property
    def layers(self) -> list[Layer]:
        """The layers of the model, in the order in which they became attributes."""
        return list(self._sublayers())

    @layers.setter
    def layers(self, _):
        raise AttributeError(
            "`Model.layers` attribute is reserved and should not be used. "
            "Please use another name."
        )

    def get_layer(self, name=None, index=None) -> Layer:
        """The layer of that name or index; ValueError if there is none."""
        if (name is None) == (index is None):
            raise ValueError(
                "Provide either a layer name or layer index at `get_layer`. "
                f"Received: index={index}, name={name}."
            )
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has "
                    f"{len(layers)} layers."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in layers]
        raise ValueError(
            f"No such layer: {name}.{did_you_mean(str(name), names)} "
            f"Existing layers are: {names}."
        )

    @classmethod
    def from_config(cls, config: dict, custom_objects=None):
        """A new model from `get_config()`'s result: Model's own is that of a graph."""
        if cls is Model and "input_layers" in config:
            return cls._functional.from_config(config, custom_objects)
        return super().from_config(config)

    @default
    def build(self, input_shape):
        """Makes the weights for an input shape, or a nest of shapes, by example."""
        if self.built:
            return
        if not hasattr(type(self).build, "is_default"):
            # A subclass's own `build` comes here for the rest: there is none, as in
            # Keras, and the call that would find it out would build again.
            self.built = True
            return

        def spec(shape):
            return KerasTensor(shape, self.dtype)

        inputs: Any
        if isinstance(input_shape, dict):
            inputs = {key: spec(shape) for key, shape in input_shape.items()}
        elif isinstance(input_shape, (list, tuple)) and any(
            isinstance(part, (list, tuple)) for part in input_shape
        ):
            inputs = [spec(shape) for shape in input_shape]
        else:
            inputs = spec(input_shape)
        outputs = compute_by_example(self, inputs)
        self._output_shape = tree.map_structure(lambda s: s.shape, outputs)

    def save(self, filepath, overwrite=True, zipped=None, **kwargs) -> None:
        """Writes the whole model, as it is, to a `.keras` or `.h5` file, or with
        zipped=False into a folder: `load_model` gives it back, and so does that of
        Keras (saving/saving_api.py)."""
        save_model(self, filepath, overwrite, zipped, **kwargs)

    def save_weights(self, filepath, overwrite=True, max_shard_size=None) -> None:
        """Writes the weights and the optimizer's state to a `.weights.h5` file, or
        with `max_shard_size` in GB to several, and a `.weights.json` file."""
        save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(self, filepath, skip_mismatch=False, **kwargs) -> None:
        """Reads the weights and the optimizer's state of a `.weights.h5`,
        `.weights.json` or `.keras` file, or the weights of an `.h5` file. All or none;
        with `skip_mismatch` what fits, and a warning. `by_name=True`, for `.h5`: by
        the names of the layers."""
        load_weights(self, filepath, skip_mismatch, **kwargs)

    def to_json(self, **kwargs) -> str:
        """The config of the model as JSON, for `keras.models.model_from_json`;
        `kwargs` go to `json.dumps`."""
        return config_json(self, **kwargs)

    def summary(
        self,
        line_length=None,
        positions=None,
        print_fn=None,
        expand_nested=False,
        show_trainable=False,
        layer_range=None,
    ) -> None:
        """Prints a table of the layers with their output shapes and weights."""
        print_summary(
            self,
            line_length=line_length,
            positions=positions,
            print_fn=print_fn,
            expand_nested=expand_nested,
            show_trainable=show_trainable,
            layer_range=layer_range,
        )


_USUAL = ((), ("training",))  # the keywords of a call that can be repeated


def _is_graph(args: tuple, kwargs: dict) -> bool:
    """Whether these are the arguments of a Functional."""
    named = {"inputs", "outputs"} & kwargs.keys()
    return len(args) + len(named) == 2 and (not args or "inputs" not in named)


def _make_functional(cls: type) -> None:
    """Puts Functional in the place of Model among the bases of a class."""
    for base in cls.__bases__:
        if base is Model:
            others = [Model._functional if b is Model else b for b in cls.__bases__]
            cls.__bases__ = tuple(others)
        elif issubclass(base, Model) and not issubclass(base, Model._functional):
            _make_functional(base)
