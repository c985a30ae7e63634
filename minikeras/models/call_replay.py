"""Repeats a model's call as a flat function of NumPy calls, where that is safe.

What `trainers/step_replay.py` does for training steps, for calls outside a tape: on
few rows, going from layer to layer takes longer than their arithmetic. It changes no
number, and a reader of the maths can skip this file too.
"""

from minikeras import tree
from minikeras.autodiff.replay import Forward
from minikeras.autodiff.structure import settings_version, version
from minikeras.autodiff.tape import recording
from minikeras.autodiff.trace import trace
from minikeras.layers.fixed import is_fixed
from minikeras.trainers.nests import Answer, key_of

_MOST_PROGRAMS = 64  # inputs of ever new shapes must not fill the memory
_USUAL = ((), ("training",))  # the keywords of a call that can be repeated


class CallReplay:
    """The programs of a model's calls, by the shapes and dtypes of the inputs.

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
        training = kwargs.get("training")
        if len(args) != 1 or training or tuple(kwargs) not in _USUAL:
            return call(args, kwargs)
        if recording.tapes or recording.trace is not None:
            return call(args, kwargs)
        values: list = []
        key = key_of(args[0], values)
        if key is None:
            return call(args, kwargs)
        versions = (version(), settings_version())
        if versions != self._versions:
            self._programs.clear()
            self._versions = versions
        key = (key, training)
        known = self._programs.get(key)
        if known is None:
            return self._record(key, args, kwargs, call)
        program, answer = known
        if program is None:
            return call(args, kwargs)
        for layer in self._model._all_layers():
            if layer._losses:
                layer._losses.clear()
        return answer.made(program.run(values))

    def _record(self, key, args: tuple, kwargs: dict, call):
        """Does the call, and notes its program if it has one."""
        with trace() as calls:
            y = call(args, kwargs)
        if self._versions != (version(), settings_version()):
            return y  # it built the model: the next call tells
        program = None
        answer = Answer.of(y)
        if answer is not None and all(map(is_fixed, self._model._all_layers())):
            program = Forward.of(calls, tree.flatten(args[0]), answer.tensors)
            answer.tensors = []  # their values may be large
        if len(self._programs) >= _MOST_PROGRAMS:
            self._programs.clear()
        self._programs[key] = program, answer
        return y
