"""`minikeras export SCRIPT`: the training of a script, in NumPy alone."""

import sys
from pathlib import Path

import numpy as np

from minikeras import tree
from minikeras.autodiff import Variable
from minikeras.compat import run_script
from minikeras.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
from minikeras.trainers.loops import TrainingLoops


def export_script(script: str, arguments: list[str], output: str) -> int:
    """Runs the script; writes the step of its first fit to `output`, and what that fit
    saw to a file of arrays beside it. Returns the exit status."""
    training = _FirstFit()
    with training:
        status = run_script(script, arguments)
    if status:
        return status
    try:
        data = training.write(output)
    except ValueError as error:
        print(f"minikeras export: {error}", file=sys.stderr)
        return 1
    print(f"python {output} {data}  # prints the losses of the first fit of {script}")
    return 0


class _FirstFit:
    """A block that notes of the first `fit` in it what a loop of one's own needs."""

    model = adapter = None
    epochs = 0

    def __init__(self):
        self._begin: dict[int, np.ndarray] = {}  # what variables began with
        self._made: list[Variable] = []  # so that no other takes its id
        self._orders: list = []

    def __enter__(self):
        self._methods = TrainingLoops.fit, Variable.__init__, ArrayDataAdapter._order
        fit, make, order = self._methods

        def noted_fit(model, *args, **kwargs):
            if self.model is not None:
                return fit(model, *args, **kwargs)
            self.model = model
            self._begin = {id(v): v.value for _, v in model._named_state()}
            history = fit(model, *args, **kwargs)
            self.epochs = len(history.epoch)
            return history

        def noted_variable(variable, *args, **kwargs):
            make(variable, *args, **kwargs)
            if self.model is not None and not self.epochs:  # the fit makes it
                self._begin[id(variable)] = variable.value
                self._made.append(variable)

        def noted_order(adapter):
            found = order(adapter)
            if self.model is not None and not self.epochs:
                self.adapter = self.adapter or adapter
                if adapter is self.adapter:
                    self._orders.append(found)
            return found

        TrainingLoops.fit = noted_fit
        Variable.__init__ = noted_variable
        ArrayDataAdapter._order = noted_order
        return self

    def __exit__(self, *exception):
        fit, make, order = self._methods
        TrainingLoops.fit = fit
        Variable.__init__ = make
        ArrayDataAdapter._order = order

    def write(self, output: str) -> Path:
        """Writes both files; returns the name of the second."""
        if self.model is None or self.adapter is None:
            raise ValueError("The script trains no model on arrays.")
        x, y, sample_weight = self.adapter.structure
        if sample_weight is not None or tree.is_nested(x) or tree.is_nested(y):
            raise ValueError(
                "The fit has sample weights, or several inputs or outputs."
            )
        self.model.export_numpy(output, self._begin)
        arrays = {"x": x, "y": y, "epochs": self.epochs}
        if self._orders[0] is not None:
            arrays["orders"] = np.stack(self._orders)
        data = Path(output).with_suffix(".npz")
        np.savez(data, **arrays)
        return data
