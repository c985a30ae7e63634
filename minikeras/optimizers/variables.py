"""Counterpart: the variables of keras/src/optimizers/base_optimizer.py."""

import numpy as np

from minikeras import initializers
from minikeras.autodiff import Variable
from minikeras.autodiff.structure import setting_changed
from minikeras.caller import warn
from minikeras.naming import auto_name


class OptimizerVariables:
    """The variables that an optimizer keeps, in the order in which they are saved.

    A Variable is kept when `add_variable` makes it or when it becomes an attribute.
    """

    name: str
    built: bool
    _variables: list[Variable]

    def __setattr__(self, name, value):
        if name != "_variables" and "_variables" not in self.__dict__:
            raise RuntimeError(
                f"In optimizer {type(self).__name__!r}, `super().__init__()` must be "
                "the first statement of `__init__()`."
            )
        if isinstance(value, Variable):
            self._track(value)
        if name in self.__dict__ and name[0] != "_" and name != "built":
            setting_changed()
        super().__setattr__(name, value)

    def _track(self, variable) -> None:
        if not any(variable is known for known in self._variables):
            self._variables.append(variable)

    def _scalar(self, value, dtype, name):
        path = f"{self.name}/{name}"
        return Variable(value, dtype=dtype, trainable=False, name=name, path=path)

    @property
    def variables(self) -> list:
        """Counter, learning rate (if it is a number), then what `build` made."""
        return self._variables[:]

    def add_variable(
        self,
        shape,
        initializer="zeros",
        dtype=None,
        aggregation="none",
        layout=None,
        name=None,
    ):
        """A new variable of the optimizer. (`aggregation` and `layout` are for
        several devices and have no effect.)"""
        name = name or auto_name("variable")
        variable = Variable(
            initializers.get(initializer),
            shape=shape,
            dtype=dtype,
            trainable=False,
            name=name,
            path=f"{self.name}/{name}",
        )
        self._track(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable, name=None, initializer="zeros"
    ):
        """A new variable with the shape and dtype of a model variable."""
        reference = reference_variable.path.replace("/", "_")
        return self.add_variable(
            shape=reference_variable.shape,
            initializer=initializer,
            dtype=reference_variable.dtype,
            name=f"{reference}_{name or 'var'}",
        )

    def add_optimizer_variables(self, trainable_variables, name, initializer="zeros"):
        """A list with a new variable for each model variable.

        For several names it is one list per name; `initializer` may then be a
        list too. The variables of one model variable are made one after the other.
        """
        names = [name] if isinstance(name, str) else list(name)
        several = isinstance(initializer, (list, tuple))
        starts = list(initializer) if several else [initializer] * len(names)
        if len(names) != len(starts):
            raise ValueError(
                "There must be one initializer per name. "
                f"Received: {name=}, {initializer=}"
            )
        rows = [
            [
                self.add_variable_from_reference(variable, slot, start)
                for slot, start in zip(names, starts, strict=True)
            ]
            for variable in trainable_variables
        ]
        columns = tuple([row[i] for row in rows] for i in range(len(names)))
        return columns[0] if isinstance(name, str) else columns

    def set_weights(self, weights) -> None:
        """Gives all variables of the optimizer new values; all or none."""
        if not self.built:
            raise ValueError(
                "`set_weights()` needs a built optimizer. Call "
                "`optimizer.build(trainable_variables)` first."
            )
        _assign_all(self._variables, weights)

    def save_own_variables(self, store) -> None:
        """Writes the variables into `store` under "0", "1"…, in their order."""
        for i, variable in enumerate(self._variables):
            store[str(i)] = variable.value

    def load_own_variables(self, store) -> None:
        """Reads what `save_own_variables` wrote; warns if the number differs."""
        if len(store.keys()) != len(self._variables):
            warn(
                f"Skipping the variables of optimizer {self.name!r}: it has "
                f"{len(self._variables)} variables and the saved optimizer "
                f"{len(store.keys())}. An optimizer that was not built has only its "
                "counter and learning rate."
            )
            return
        read = getattr(store, "unread", store.__getitem__)  # h5_store.py
        _assign_all(self._variables, [read(str(i)) for i in range(len(store))])


def _assign_all(variables, values) -> None:
    if len(values) != len(variables):
        raise ValueError(
            f"Expected {len(variables)} arrays. Received: {len(values)} arrays"
        )
    for variable, value in zip(variables, values, strict=True):
        if np.shape(value) != variable.shape:
            raise ValueError(
                f"Optimizer variable {variable.path!r} has shape {variable.shape}. "
                f"Received: an array of shape {np.shape(value)}"
            )
    arrays = [np.array(x, v.dtype) for x, v in zip(values, variables, strict=True)]
    for variable, array in zip(variables, arrays, strict=True):
        variable.value = array
