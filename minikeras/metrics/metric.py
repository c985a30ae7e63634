"""Counterpart: keras/src/metrics/metric.py. Numbers that accumulate over batches.

Metrics work on ndarrays below the tape: nothing of them is ever differentiated.
Left out: `stateless_update_state` and its kin, which serve JAX.
"""

import numpy as np

from minikeras import initializers, tree
from minikeras.autodiff import Tensor, Variable, as_array
from minikeras.autodiff.structure import setting_changed
from minikeras.config import standardize_dtype
from minikeras.naming import auto_name
from minikeras.room import room
from minikeras.signature import Checked, Missing


class Metric(Checked):
    """Base class: `update_state` accumulates, `result` evaluates, calling does both.

    Subclasses make their state in `__init__` with `add_variable`. Variables and
    metrics that are set as attributes are tracked.
    """

    reset_states = Missing("Today's word is `reset_state`.")
    _direction: str | None = None  # "up" or "down": which way is better

    def __init__(self, dtype=None, name=None):
        self.name = name or auto_name(type(self).__name__)
        self._dtype = standardize_dtype(getattr(dtype, "compute_dtype", dtype))
        self._variables: list[Variable] = []
        self._metrics: list[Metric] = []

    @property
    def dtype(self) -> str:
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        nested = [v for metric in self._metrics for v in metric.variables]
        return [*self._variables, *nested]

    def add_variable(
        self, shape, initializer, dtype=None, aggregation="sum", name=None
    ) -> Variable:
        """A variable of the state. `aggregation` is for several devices: unused."""
        name = name or auto_name("variable")
        room.take(shape, f"'{name}' of metric '{self.name}'")
        variable = Variable(
            initializers.get("zeros" if initializer is None else initializer),
            shape=tuple(shape),
            dtype=standardize_dtype(dtype),
            trainable=False,
            name=name,
            path=f"{self.name.replace('/', '>')}/{name}",
        )
        self._track(variable)
        return variable

    def add_weight(self, shape=(), initializer=None, dtype=None, name=None) -> Variable:
        """The old name of `add_variable`."""
        return self.add_variable(shape, initializer, dtype=dtype, name=name)

    def update_state(self, *args, **kwargs):
        """Takes in one batch. Written by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} must define `update_state`.")

    def result(self):
        """The value so far, a scalar Tensor. Written by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} must define `result`.")

    def reset_state(self) -> None:
        """Sets all variables to zero."""
        for variable in self.variables:
            variable.value = np.zeros_like(variable.value)

    def __call__(self, *args, **kwargs):
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict:
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __setattr__(self, name, value):
        if isinstance(value, (Variable, Metric, list, tuple, dict)):
            for part in tree.flatten(value):
                self._track(part)
        if name in self.__dict__ and name[0] != "_":
            setting_changed()
        super().__setattr__(name, value)

    def _track(self, part) -> None:
        if not isinstance(part, (Variable, Metric)):
            return
        if "_metrics" not in self.__dict__:
            raise RuntimeError(
                "You forgot to call `super().__init__()` in the `__init__()` method "
                f"of {type(self).__name__}. Go add it!"
            )
        store: list = self._variables if isinstance(part, Variable) else self._metrics
        if not any(known is part for known in store):
            store.append(part)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def detached(x) -> Tensor:
    """A Tensor of `x` that no tape follows; it keeps its logits."""
    if not isinstance(x, Tensor):
        return Tensor(as_array(x))
    if not x.tracked:
        return x
    plain = Tensor(x.value)
    logits = getattr(x, "logits", None)
    if logits is not None:
        plain.logits = Tensor(logits.value)
    return plain
