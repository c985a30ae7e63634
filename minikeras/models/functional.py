"""Counterpart: keras/src/models/functional.py. A model made of a graph of layers."""

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.caller import warn
from minikeras.graph import Function, KerasTensor, cut_out, is_symbolic
from minikeras.layers import Input, InputLayer, Layer
from minikeras.layers.masks import keeping_mask
from minikeras.models.functional_config import config_of, graph_of
from minikeras.models.model import Model
from minikeras.ops import cast, expand_dims, squeeze


class Functional(Model, Function):
    """The model from `inputs` to `outputs`: KerasTensors in any structure of lists and
    dicts, joined by layers and ops. `Model(inputs, outputs)` makes one.

    Inputs may also lie inside a graph: then the model is the part behind them, with the
    same layers and weights.
    """

    _not_parts = Model._not_parts | {
        "_inputs_struct",
        "_outputs_struct",
        "_nodes_by_depth",
        "_operations",
        "_steps",
    }
    _layers_first = True  # in a file

    def __init__(self, inputs, outputs, name=None, **kwargs):
        trainable = kwargs.pop("trainable", None)
        Layer.__init__(self, name=name, **kwargs)
        if isinstance(inputs, dict):
            _warn_of_other_names(inputs)
        if is_symbolic(inputs) and is_symbolic(outputs):
            inputs, outputs = _begun_at(inputs, outputs)
        self._set_graph(inputs, outputs)
        self._layers = [op for op in self._operations if isinstance(op, Layer)]
        self._reference = self.inputs
        self.output_names = [x._keras_history.operation.name for x in self.outputs]
        self.built, self.path = True, self.name
        if trainable is not None:
            self.trainable = trainable

    @property
    def layers(self) -> list[Layer]:
        """The layers of the graph, inputs first, in the order of their depth."""
        return list(self._layers)

    @layers.setter
    def layers(self, _):
        raise AttributeError(
            "`Model.layers` attribute is reserved and should not be used. "
            "Please use another name."
        )

    @property
    def input(self):
        """The symbolic inputs, in the structure that they were given in."""
        return self._inputs_struct

    @property
    def output(self):
        return self._outputs_struct

    @property
    def input_shape(self):
        """The shape of the input; a list of several, in a row."""
        return _shapes(self.inputs)

    @property
    def output_shape(self):
        return _shapes(self.outputs)

    compute_output_shape = Function.compute_output_shape

    def add_loss(self, loss) -> None:
        """Refused, as by Keras: a graph has no call in which it could be computed."""
        raise NotImplementedError(
            "A functional model adds no losses by itself: call `self.add_loss` in the "
            "`call` of one of its layers."
        )

    def build(self, input_shape=None):
        """Nothing is left to be built: the layers were when they were called."""
        self.built = True

    def call(self, inputs, training=None, mask=None):
        values = self._standardized(inputs)
        if mask is not None:
            for x, part in zip(values, tree.flatten(mask), strict=True):
                if part is not None:
                    x._keras_mask = part
        outputs = self._run_graph(values, training)
        if isinstance(outputs, (list, tuple)) and len(outputs) == 1:
            return outputs[0]
        return outputs

    def get_config(self) -> dict:
        """The graph as plain data (models/functional_config.py); a subclass with
        arguments of its own has a config of these instead, as any layer."""
        if not takes_a_graph(type(self)):
            return Model.get_config(self)
        own = {"name": self.name, "trainable": self.trainable}
        return own | config_of(self)

    @classmethod
    def from_config(cls, config: dict, custom_objects=None):
        """A new model with the same graph (new layers, new weights)."""
        if "input_layers" not in config:
            return super().from_config(config)
        inputs, outputs = graph_of(config, custom_objects)
        graph = ("layers", "input_layers", "output_layers")
        others = {key: value for key, value in config.items() if key not in graph}
        return cls(inputs, outputs, **others)

    def _standardized(self, inputs) -> list:
        """The inputs in a row: by name if a dict is given for a list, cast to the
        dtypes of the Inputs, with a last axis of 1 come or gone."""
        wanted = self._inputs_struct
        if isinstance(wanted, list) and len(wanted) == 1 and isinstance(inputs, Tensor):
            inputs = [inputs]
        elif isinstance(inputs, dict):
            inputs = self._by_name(inputs)
        flat = tree.flatten(inputs)
        if not _alike(inputs, wanted):
            in_doubt = isinstance(wanted, dict) and list(wanted) != sorted(wanted)
            if in_doubt or len(flat) != len(self._reference):
                raise ValueError(_other_structure(wanted, inputs))
            warn(_other_structure(wanted, inputs))
        pairs = zip(flat, self._reference, strict=True)
        return [self._adjusted(x, spec) for x, spec in pairs]

    def _by_name(self, inputs: dict):
        """The inputs in the structure of the Inputs; what these do not ask for is left
        out, with a warning if they are a dict themselves."""
        wanted = self._inputs_struct
        if isinstance(wanted, dict):
            names = list(wanted)
        else:
            names = [_name(x) for x in tree.flatten(wanted)]
        missing = [name for name in names if name not in inputs]
        if missing:
            raise ValueError(
                f"Missing data for input {missing[0]!r}. You passed a dictionary with "
                f"the keys {list(inputs)}. Expected the keys: {names}"
            )
        if isinstance(wanted, dict):
            if len(inputs) > len(wanted):
                warn(_other_structure(wanted, inputs))
            return {name: inputs[name] for name in names}
        return tree.pack_sequence_as(wanted, [inputs[name] for name in names])

    def _adjusted(self, x, spec: KerasTensor):
        """One input as its Input demands it."""
        shape, rank = spec.shape, spec.ndim
        if not hasattr(x, "shape") and x is not None:
            raise ValueError(
                f"Input '{_name(spec)}' of model '{self.name}' expects a tensor of the "
                f"shape {shape}. Received: {x!r} (of type {type(x)})"
            )
        if x is None:
            layer = spec._keras_history.operation
            if isinstance(layer, InputLayer) and not layer.optional:
                raise ValueError(
                    f"The input '{_name(spec)}' is not optional, but None was passed. "
                    "Please provide a valid tensor."
                )
            return None
        if x.ndim != rank or x.value.dtype.name != spec.dtype:
            given = x
            x = cast(x, spec.dtype)
            if x.ndim == rank + 1 and x.shape[-1] == 1:
                x = squeeze(x, -1)
            elif x.ndim == rank - 1 and shape[-1] == 1:
                x = expand_dims(x, -1)
            x = keeping_mask(given, x)
        if x.ndim != rank or any(
            size not in (None, found)
            for size, found in zip(shape[1:], x.shape[1:], strict=True)
        ):
            raise ValueError(
                f"Input '{_name(spec)}' of model '{self.name}' expects the shape "
                f"{shape}. Received: {tuple(x.shape)}"
            )
        return x


def takes_a_graph(cls: type) -> bool:
    """Whether a class is made of inputs and outputs, as Functional itself."""
    code = vars(_first_with_init(cls))["__init__"].__code__
    names = code.co_varnames[1 : code.co_argcount]
    both = 0x04 | 0x08  # *args and **kwargs
    return names[:2] == ("inputs", "outputs") or code.co_flags & both == both


def _first_with_init(cls: type) -> type:
    return next(base for base in cls.__mro__ if "__init__" in vars(base))


def _begun_at(inputs, outputs) -> tuple:
    """The graph from `inputs` on; those inside a graph are replaced by new Inputs."""

    def new_input(x: KerasTensor):
        return Input(batch_shape=x.shape, dtype=x.dtype, name=f"{x.name}CLONE")

    def begins(x) -> bool:
        operation, index, _ = x._keras_history
        return operation is not None and operation._inbound_nodes[index].is_input

    if all(begins(x) for x in tree.flatten(inputs) if isinstance(x, KerasTensor)):
        return inputs, outputs
    return cut_out(inputs, outputs, new_input)


def _warn_of_other_names(inputs: dict) -> None:
    for key, x in inputs.items():
        if isinstance(x, KerasTensor) and x.name != key:
            warn(
                "When providing `inputs` as a dict, all keys in the dict must match "
                f"the names of the corresponding tensors. Received key '{key}' mapping "
                f"to value {x} which has name '{x.name}'. Change the tensor name to "
                f"'{key}' (via `Input(..., name='{key}')`)"
            )


def _alike(inputs, wanted) -> bool:
    """Whether the structures agree; a tuple is as good as a list."""
    if isinstance(wanted, dict):
        return (
            isinstance(inputs, dict)
            and inputs.keys() == wanted.keys()
            and all(_alike(inputs[key], wanted[key]) for key in wanted)
        )
    if isinstance(wanted, (list, tuple)):
        return (
            isinstance(inputs, (list, tuple))
            and len(inputs) == len(wanted)
            and all(map(_alike, inputs, wanted))
        )
    return not tree.is_nested(inputs)


def _other_structure(wanted, inputs) -> str:
    def text(x):
        shape = getattr(x, "shape", None)
        return repr(x) if shape is None else f"Tensor(shape={tuple(shape)})"

    return (
        "The structure of `inputs` doesn't match the expected structure.\n"
        f"Expected: {tree.map_structure(_name, wanted)}\n"
        f"Received: inputs={tree.map_structure(text, inputs)}"
    )


def _name(x: KerasTensor) -> str:
    """The name of an input: that of its Input layer."""
    operation = x._keras_history.operation
    return x.name if operation is None else operation.name


def _shapes(tensors: list):
    shapes = [x.shape for x in tensors]
    return shapes[0] if len(shapes) == 1 else shapes


Model._functional = Functional
