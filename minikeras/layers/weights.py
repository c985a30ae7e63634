"""Counterpart: the weights half of keras/src/layers/layer.py. What a layer owns."""

from collections.abc import Callable

import numpy as np

from minikeras import constraints, initializers, regularizers
from minikeras.autodiff import Variable, as_array
from minikeras.autodiff.structure import structure_changed
from minikeras.config import FLOAT_DTYPES, standardize_dtype
from minikeras.layers.call_context import context
from minikeras.layers.loading import loading
from minikeras.layers.tracking import Tracked
from minikeras.naming import auto_name
from minikeras.room import room


class Weights(Tracked):
    """The weights, variables and metrics of a layer and of all layers below it."""

    name: str
    dtype: str
    path: str | None
    built: bool
    build: Callable
    _trainable: bool

    def add_weight(
        self,
        shape=None,
        initializer=None,
        dtype=None,
        trainable=True,
        autocast=True,
        regularizer=None,
        constraint=None,
        aggregation="none",
        overwrite_with_gradient=False,
        name=None,
    ) -> Variable:
        """A new weight of this layer.

        The initializer defaults to "glorot_uniform" for floats, "zeros" for
        others. `autocast` and `aggregation` are accepted for Keras's sake: there is
        one dtype and one replica.
        """
        if isinstance(shape, str):
            raise ValueError(
                "`name` must be passed as a keyword argument. "
                f"Received: add_weight({shape!r}, ...). "
                f"Use: add_weight(shape=..., name={shape!r})."
            )
        dtype = standardize_dtype(dtype or self.dtype)
        if initializer is None:
            initializer = "glorot_uniform" if dtype in FLOAT_DTYPES else "zeros"
        shape = (shape,) if isinstance(shape, int) else tuple(shape or ())
        name = name or auto_name("variable")
        if None in shape:
            raise ValueError(
                f"Layer '{self.path or self.name}': the axes of the input that its "
                "weights are made for must be fully-defined, as in `Input((28, 3))`. "
                f"Received: shape={shape} for the weight '{name}'"
            )
        path = f"{self.path or self.name}/{name}"
        room.take(shape, f"'{path}'", np.dtype(dtype).itemsize)
        variable = loading.variable(
            self,
            initializers.get(initializer),
            shape=shape,
            dtype=dtype,
            trainable=trainable,
            name=name,
            path=path,
        )
        variable.tf_name = f"{context.traced or self.path or self.name}/{name}:0"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._track(variable)
        return variable

    add_variable = add_weight

    @property
    def _is_built_by_calls(self) -> bool:
        """Whether only a call can tell what weights the layers below need."""
        no_build = hasattr(type(self).build, "is_default")
        return no_build and not all(layer.built for layer in self._sublayers())

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value) -> None:
        if value is self._trainable:
            return  # as in Keras: what already is so changes nothing below
        self._trainable = bool(value)
        for variable in self._trainable_own:
            variable.trainable = self._trainable
        for layer in self._sublayers():
            layer.trainable = self._trainable
        structure_changed()

    @property
    def weights(self) -> list[Variable]:
        """All weights, each layer's trainable ones first."""
        return list(self._all_weights())

    @property
    def trainable_weights(self) -> list[Variable]:
        return list(self._trainable_weights())

    @property
    def non_trainable_weights(self) -> list[Variable]:
        trainable = {id(v) for v in self._trainable_weights()}
        return [v for v in self._all_weights() if id(v) not in trainable]

    @property
    def variables(self) -> list[Variable]:
        """The weights and the states of the seed generators."""
        return list(self._all_variables())

    @property
    def trainable_variables(self) -> list[Variable]:
        return list(self._trainable_weights())

    @property
    def non_trainable_variables(self) -> list[Variable]:
        trainable = {id(v) for v in self._trainable_weights()}
        return [v for v in self._all_variables() if id(v) not in trainable]

    @property
    def metrics(self) -> list:
        """The metrics of this layer and the layers below it."""
        from_below = [m for layer in self._sublayers() for m in layer.metrics]
        return self._own_metrics() + from_below

    @property
    def metrics_variables(self) -> list[Variable]:
        return [v for metric in self.metrics for v in metric.variables]

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights as arrays."""
        return [v.numpy() for v in self._all_weights()]

    def set_weights(self, weights) -> None:
        """Sets the weights from arrays; nothing is changed unless all of them fit."""
        variables = self._all_weights()
        if len(variables) != len(weights):
            raise ValueError(
                f"You called `set_weights(weights)` on layer '{self.name}' with a "
                f"weight list of length {len(weights)}, but the layer was expecting "
                f"{len(variables)} weights."
            )
        arrays = [as_array(weight, v.dtype) for weight, v in zip(weights, variables)]  # noqa: B905
        for variable, array in zip(variables, arrays, strict=True):
            if variable.shape != array.shape:
                raise ValueError(
                    f"Layer {self.name} weight shape {variable.shape} is not "
                    f"compatible with provided weight shape {array.shape}."
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def save_own_variables(self, store) -> None:
        """Writes the layer's own variables, without those of its sublayers, into
        `store` under "0", "1"…; override it to keep other things."""
        for i, variable in enumerate(self._own_weights()):
            store[str(i)] = variable.value

    def load_own_variables(self, store) -> None:
        """Reads what `save_own_variables` wrote; nothing changes unless all fits."""
        variables = self._own_weights()
        if len(store) != len(variables):
            built = "" if self.built else " It has not been built yet."
            raise ValueError(
                f"Layer '{self.name}' expected {len(variables)} variables "
                f"({', '.join(v.name for v in variables)}). Received: {len(store)} "
                f"variables from the file.{built}"
            )
        read = getattr(store, "unread", store.__getitem__)  # h5_store.py
        stored = [read(str(i)) for i in range(len(variables))]
        for variable, array in zip(variables, stored, strict=True):
            if variable.shape != np.shape(array):
                raise ValueError(
                    f"Variable '{variable.name}' of layer '{self.name}' has the shape "
                    f"{variable.shape}. Received: an array of shape {np.shape(array)} "
                    "from the file"
                )
        arrays = [np.array(x, v.dtype) for x, v in zip(stored, variables, strict=True)]
        for variable, array in zip(variables, arrays, strict=True):
            variable.value = array

    def count_params(self) -> int:
        """The number of scalars in the weights."""
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on layer '{self.name}', but the "
                "layer isn't built. You can build it manually via: "
                f"`layer.build(input_shape)`."
            )
        return sum(v.size for v in self._all_weights())
