"""Repeats a model's call as a flat function of NumPy calls, where that is safe.

What `trainers/step_replay.py` does for training steps, for calls outside a tape: on
few rows, going from layer to layer takes longer than their arithmetic. It changes no
number, and a reader of the maths can skip this file too.
"""

from minikeras.autodiff import Tensor
from minikeras.autodiff.replay import Forward
from minikeras.autodiff.structure import settings_version, version
from minikeras.autodiff.tape import recording
from minikeras.autodiff.trace import trace
from minikeras.layers.fixed import is_fixed

_MOST_PROGRAMS = 64  # inputs of ever new shapes must not fill the memory
_USUAL = ((), ("training",))  # the keywords of a call that can be repeated


class CallReplay:
    """The programs of a model's calls, by the input's shape and dtype.

    They are forgotten when the parts or a public attribute of any layer change.
    """

    def __init__(self, model):
        self._model = model
        self._programs: dict = {}
        self._versions = (-1, -1)

    def __getstate__(self):
        """Copies and pickles start without programs: these hold bare functions."""
        return {**self.__dict__, "_programs": {}, "_versions": (-1, -1)}

    def run(self, args: tuple, kwargs: dict, call):
        """What `call(args, kwargs)` gives."""
        x = args[0] if len(args) == 1 else None
        training = kwargs.get("training")
        if type(x) is not Tensor or training or tuple(kwargs) not in _USUAL:
            return call(args, kwargs)
        if recording.tapes or recording.trace is not None or x._keras_mask is not None:
            return call(args, kwargs)
        versions = (version(), settings_version())
        if versions != self._versions:
            self._programs.clear()
            self._versions = versions
        value = x.value
        key = (value.shape, value.dtype.num, training)
        known = self._programs.get(key)
        if known is None:
            return self._record(key, args, kwargs, call)
        program, is_softmax = known
        if program is None:
            return call(args, kwargs)
        for layer in self._model._all_layers():
            if layer._losses:
                layer._losses.clear()
        outputs = program.run([value])
        y = Tensor(outputs[0])
        if len(outputs) > 1:
            y.logits = Tensor(outputs[1])
        if is_softmax:
            y.is_softmax = True
        return y

    def _record(self, key, args: tuple, kwargs: dict, call):
        """Does the call, and notes its program if it has one."""
        with trace() as calls:
            y = call(args, kwargs)
        if self._versions != (version(), settings_version()):
            return y  # it built the model: the next call tells
        program = None
        plain = type(y) is Tensor and y._keras_mask is None
        if plain and all(map(is_fixed, self._model._all_layers())):
            logits = getattr(y, "logits", None)
            outputs = [y] if logits is None else [y, logits]
            program = Forward.of(calls, [args[0]], outputs)
        if len(self._programs) >= _MOST_PROGRAMS:
            self._programs.clear()
        self._programs[key] = program, getattr(y, "is_softmax", False)
        return y
