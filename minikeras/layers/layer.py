"""Counterpart: keras/src/layers/layer.py. Weights, and what happens in a call.

Who owns what:
* `tracking.Tracked` finds the parts (weights, sublayers, metrics) of a layer;
  `weights.Weights` is what a user sees of them.
* `call_context` knows whether a call is the outermost one, and its `training`.
* `masks` hands the masks of time steps from layer to layer.
* `Layer` builds itself on its first call, checks and casts its input, and keeps
  the losses that its calls add.
"""

from functools import wraps

import numpy as np

from minikeras import regularizers, tree
from minikeras.autodiff import Tensor, as_array
from minikeras.graph import KerasTensor, Node, Operation, is_symbolic
from minikeras.layers.arguments import first_by_place, is_array, legacy_input_shape
from minikeras.layers.call_context import (
    context,
    current_path,
    name_scope,
)
from minikeras.layers.input_spec import check_inputs
from minikeras.layers.layer_config import LayerConfig, dtype_name
from minikeras.layers.masks import (
    any_mask,
    fill_in,
    hand_on,
    has_mask,
    keeping_mask,
    mask_of,
)
from minikeras.layers.symbolic import build_for_open_axes, compute_by_example
from minikeras.layers.weights import Weights
from minikeras.naming import auto_name, check_name
from minikeras.ops import cast
from minikeras.random import SeedGenerator
from minikeras.room import room
from minikeras.signature import (
    accepts,
    arguments_of,
    check_construction,
    default_of,
    keyword_hint,
    parameters,
)


def default(method):
    """Marks a method that a subclass may fill in, so that it shows where none does.

    A default `build` makes no weights of its own: calling the layer does.
    """
    method.is_default = True
    return method


class Layer(LayerConfig, Weights, Operation):
    """A function with weights: `build` makes the weights, `call` is the function.

    Subclasses define `build(input_shape)` (weights by `add_weight`),
    `call(inputs)` and, to be saved, `get_config()`. `dtype` is that of weights
    and computation; float inputs are cast to it. (One dtype per layer: Keras's
    mixed-precision policies are left out on purpose.)
    """

    couples_samples = False  # does training mix the samples of a batch in its call?
    _draws = False  # does each training call draw random numbers?

    def __new__(cls, *args, **kwargs):
        check_construction(cls, args, kwargs)
        layer = super().__new__(cls, *args, **kwargs)
        layer.__dict__["_lists"] = {}
        layer.__dict__["_trainable_own"] = []
        layer.__dict__["_non_trainable_own"] = []
        return layer

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        build = cls.__dict__.get("build")
        if build is not None and not hasattr(build, "is_default"):
            cls.build = _finishing(build)

    def __init__(
        self,
        *,
        activity_regularizer=None,
        trainable=True,
        dtype=None,
        autocast=True,
        name=None,
        **kwargs,
    ):
        if not isinstance(trainable, bool):
            raise ValueError(
                "Expected `trainable` to be a boolean. "
                f"Received: trainable={trainable!r} (of type {type(trainable)})"
            )
        check_name(name)
        self._input_shape_arg = legacy_input_shape(kwargs)
        if kwargs:
            raise ValueError(
                "Unrecognized keyword arguments passed to "
                f"{type(self).__name__}: {kwargs}."
                + keyword_hint(kwargs, arguments_of(type(self)))
            )
        self.name = name or auto_name(type(self).__name__)
        self.dtype = dtype_name(dtype)
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.built = False
        self.input_spec = None
        self._output_shape: tuple | None = None
        self.path = None
        self._trainable = trainable
        self._losses: list[Tensor] = []
        self._called = self._plain = False
        self._build_shapes: dict | None = None
        self._accepted_shape: tuple | None = None
        self._dtype = np.dtype(self.dtype)
        self._takes_training = accepts(type(self).call, "training")
        self._default_training = default_of(type(self).call, "training")
        self._mask_names = [
            n for n in parameters(type(self).call) if n.endswith("mask")
        ]
        self._makes_masks = type(self).compute_mask is not Layer.compute_mask
        self.supports_masking = self._makes_masks

    # Calling ----------------------------------------------------------------

    def __call__(self, *args, **kwargs):
        """Runs the layer; the first call builds it.

        `training` is, in this order: the argument given here, that of the
        enclosing layer's call, the default in `call`'s signature.
        """
        x = args[0] if args else None
        if type(x) is np.ndarray and len(args) == 1 and not kwargs:
            if x.dtype is self.__dict__.get("_dtype"):  # nothing to convert
                x = Tensor(x)
                args = (x,)
        if type(x) is Tensor and len(args) == 1:
            value = x.value
            if value.dtype is self._dtype:
                # The hot path: an inner layer that was called like this before.
                if self._plain and not kwargs and context.entered:
                    if value.shape[1:] == self._accepted_shape:
                        if x._keras_mask is None:
                            return self.call(x)
                return self._call_in_context(args, kwargs)
        if "_called" not in self.__dict__:
            raise RuntimeError(
                f"In layer {type(self).__name__!r}, you forgot to call "
                "`super().__init__()` as the first statement in the `__init__()` "
                "method. Go add it!"
            )
        if not args and kwargs:
            args, kwargs = first_by_place(type(self).call, kwargs)
        args, kwargs = tree.map_structure(self._convert_input, (args, kwargs))
        if is_symbolic(args, kwargs):
            return self._call_symbolically(args, kwargs)
        return self._call_in_context(args, kwargs)

    def _call_in_context(self, args, kwargs):
        """The call, which is the outermost one unless the context is entered."""
        if context.entered:
            return (
                self._run(args, kwargs) if self._called else self._first(args, kwargs)
            )
        for layer in self._all_layers():
            if layer._losses:
                layer._losses.clear()
        context.entered = True
        try:
            return (
                self._run(args, kwargs) if self._called else self._first(args, kwargs)
            )
        finally:
            context.entered = False
            context.training = None

    def _first(self, args, kwargs):
        """The first call: builds the layer, and knows the names for the weights."""
        with name_scope(self.name, traced=self._is_built_by_calls):
            self._build_for(args, kwargs)
            outputs = self._run(args, kwargs)
        self._called = self.built = True
        self._plain = not (
            self._takes_training or self._makes_masks or self.activity_regularizer
        )
        return outputs

    def _run(self, args, kwargs):
        self._check_inputs(args)
        if self._takes_training:
            if "training" in kwargs:
                # Later layers of the same outermost call see it too, as in Keras.
                context.training = kwargs["training"]
            else:
                if context.training is None:
                    context.training = self._default_training
                kwargs["training"] = context.training
        elif kwargs and "training" in kwargs:
            context.training = kwargs.pop("training")
        masks = self._masks_of(args, kwargs)
        outputs = self.call(*args, **kwargs)
        if self._makes_masks or has_mask(masks):
            hand_on(self, args[0] if args else None, outputs, masks)
        if self.activity_regularizer is not None:
            for output in tree.flatten(outputs):
                penalty = self.activity_regularizer(output)
                # Per sample, so that the strength does not depend on the batch size.
                self.add_loss(penalty / max(output.shape[0], 1))
        return outputs

    def _masks_of(self, args, kwargs):
        """The mask(s) of the first argument; fills in those that `call` asks for."""
        masks = mask_of(args[0]) if args else None
        alone = len(args) == 1 and len(kwargs) == ("training" in kwargs)
        if self._mask_names and not (alone and masks is None):
            if any_mask((*args, *kwargs.values())):
                fill_in(parameters(type(self).call)[1:], args, kwargs)
        return kwargs["mask"] if kwargs.get("mask") is not None else masks

    def _call_symbolically(self, args, kwargs):
        """The KerasTensor(s) of a call on KerasTensors, which is a node of their graph.
        Masks are KerasTensors too, and computed in the graph."""
        masks = self._masks_of(args, kwargs)
        # What the call did not say enters the node too, as in Keras, and so its config.
        if self._takes_training and self._default_training is not None:
            kwargs.setdefault("training", self._default_training)
        if "mask" in self._mask_names and len(args) == 1 and not is_symbolic(kwargs):
            kwargs.setdefault("mask", masks)
        outputs = self.symbolic_call(*args, **kwargs)
        if self._makes_masks or has_mask(masks):
            hand_on(self, args[0] if args else None, outputs, masks)
        Node(self, args, kwargs, outputs)
        self._output_shape = tree.map_structure(lambda spec: spec.shape, outputs)
        return outputs

    def call(self, *args, **kwargs):
        raise NotImplementedError(
            f"Layer {type(self).__name__} does not have a `call()` method implemented."
        )

    def compute_mask(self, inputs, previous_mask):
        """The mask of the output: that of the input, unless a subclass differs."""
        return previous_mask

    def symbolic_call(self, *args, **kwargs):
        """The KerasTensor(s) that a call on KerasTensors gives; builds the layer."""
        build_for_open_axes(self, args)
        outputs = compute_by_example(self, *args, **kwargs)
        is_users = type(self).compute_output_spec is not Layer.compute_output_spec
        return self.compute_output_spec(*args, **kwargs) if is_users else outputs

    @property
    def output_shape(self):
        """The shape of the output, None for open axes; None if it is not known.

        It is known after a symbolic call; and after `build`, for layers that
        define `compute_output_shape` (keras/src/utils/summary_utils.py).
        """
        if self._output_shape is None and self._build_shapes:
            if type(self).compute_output_shape is not Layer.compute_output_shape:
                return self.compute_output_shape(*self._build_shapes.values())
        return self._output_shape

    def compute_output_spec(self, *args, **kwargs):
        return compute_by_example(self, *args, **kwargs)

    @default
    def compute_output_shape(self, input_shape):
        """The output's shape for an input of `input_shape`, None for open axes."""
        outputs = compute_by_example(self, KerasTensor(input_shape, self.dtype))
        return tree.map_structure(lambda spec: spec.shape, outputs)

    def _convert_input(self, x):
        """Arrays become Tensors; floats are cast to the layer's dtype."""
        if is_array(x):
            x = Tensor(as_array(x))
        if isinstance(x, Tensor) and self.autocast:
            value = x.value
            if value.dtype.kind == "f" and value.dtype != self._dtype:
                if x.tracked:
                    return keeping_mask(x, cast(x, self.dtype))
                return keeping_mask(x, Tensor(value.astype(self._dtype)))
            if not value.dtype.isnative:
                return keeping_mask(
                    x, Tensor(value.astype(value.dtype.newbyteorder("=")))
                )
        return x

    def _check_inputs(self, args) -> None:
        """Holds the first input against the spec, unless its shape passed before."""
        x = args[0] if args else None
        shape = x.value.shape[1:] if isinstance(x, Tensor) else None
        if shape is None or shape != self._accepted_shape:
            if self.input_spec is not None and args:
                check_inputs(self.input_spec, x, self.name)
            if room.is_limited and args:
                self._check_room(x)
            self._accepted_shape = shape

    # Building ---------------------------------------------------------------

    @default
    def build(self, input_shape):
        """Makes the weights for an input shape. Subclasses fill it in."""
        self.built = True

    def _build_for(self, args, kwargs) -> None:
        """Builds before the first call, from the shapes of the tensors passed."""
        self._check_inputs(args)
        if self.built:
            return
        shapes = [tree.map_structure(_shape_of, x) for x in args]
        if hasattr(type(self).build, "is_default"):
            self._build_shapes = {"input_shape": shapes[0]} if shapes else None
            return
        named = {
            k: _shape_of(v)
            for k, v in kwargs.items()
            if isinstance(v, Tensor) and k != "mask"
        }
        if len(shapes) == 1 and not named:
            self.build(shapes[0])
        elif shapes:
            names = parameters(type(self).call)[1:]
            given = {
                f"{n}_shape": s
                for n, s in [*zip(names, shapes, strict=False), *named.items()]
            }
            wanted = {n: s for n, s in given.items() if accepts(type(self).build, n)}
            self.build(**wanted) if wanted else self.build(shapes[0])
        self._check_inputs(args)

    # Losses -----------------------------------------------------------------

    def add_loss(self, loss) -> None:
        """Adds a scalar (or several) to the loss of the current call of the model."""
        for value in tree.flatten(loss):
            self._losses.append(
                value if isinstance(value, Tensor) else Tensor(as_array(value))
            )

    def add_metric(self, *args, **kwargs):
        raise NotImplementedError(
            "Update a metric of the layer in `call`, or give it to `compile(metrics=)`"
        )

    @property
    def losses(self) -> list:
        """What `add_loss` and the regularizers of this layer and its parts add."""
        found = []
        for layer in self._all_layers():
            found += layer._losses
        for regularizer, variable in self._penalties():
            found.append(regularizer(variable))
        return found

    @property
    def _repeats(self) -> bool:
        """Whether each training call does the same: it keeps no state from call to
        call and draws no random numbers, but for layers that `_draws` says it of."""
        return not (self._parts(SeedGenerator) or self._non_trainable_own)

    def _states_between_calls(self) -> list:
        """Variables that calls change and that are no weights."""
        return []

    @property
    def compute_dtype(self) -> str:
        return self.dtype

    @property
    def variable_dtype(self) -> str:
        return self.dtype

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _shape_of(x):
    shape = getattr(x, "shape", None)
    return (None, *shape[1:]) if shape and context.open_batch else shape


def _finishing(build):
    """Wraps a class's `build`: knows its path before it, is built after it."""

    @wraps(build)
    def finished(self, *args, **kwargs):
        with name_scope(self.name):
            self.path = current_path()
            build(self, *args, **kwargs)
        names = build.__code__.co_varnames[1:]
        self._build_shapes = dict(zip(names, args, strict=False)) | kwargs
        self.built = True

    return finished
