"""Which program repeats a step: by the shapes of its inputs, and only while all that
it was learned from stands.

A step that comes with the same shapes a second time is learned; from the third time on
its program runs. What looks at values, or changes settings, runs as it is written.
"""

from collections.abc import Callable

from minikeras import tree
from minikeras.autodiff.recording import recording
from minikeras.autodiff.silence import Quiet
from minikeras.autodiff.structure import settings_version, version
from minikeras.autodiff.tensor import Tensor
from minikeras.program.learn import Program, learned

_MOST = 64  # data of ever new shapes must not fill the memory
_quiet = Quiet()


class Programs:
    """The programs of the steps of one object.

    The owner's `_named_state()` gives what a step may change, `_may_learn(name)` says
    whether anything forbids to repeat it.
    """

    def __init__(self, owner):
        self._owner = owner
        self._known: dict = {}  # key → 1 for seen once, a Program, or None for never
        self._versions = (-1, -1)

    def __getstate__(self):
        """Copies and pickles start without programs: these hold bare functions."""
        return {**self.__dict__, "_known": {}, "_versions": (-1, -1)}

    @property
    def programs(self) -> list[Program]:
        """Those that are known, the oldest first."""
        return [x for x in self._known.values() if isinstance(x, Program)]

    def clear(self) -> None:
        self._known.clear()

    def run(self, name: str, step: Callable, data: tuple):
        """What step(*data) gives; `data` are Tensors, nests of them, or None."""
        if recording.trace is not None or recording.tapes:
            return step(*data)
        versions = (version(), settings_version())
        if versions != self._versions:
            self._known.clear()
            self._versions = versions
        key: tuple = (name,)
        arrays = []
        for part in data:
            if type(part) is Tensor:
                value = part.value
                arrays.append(value)
                key += (value.shape, value.dtype)
                if part._keras_mask is not None:
                    return step(*data)
            elif part is None:
                key += (None,)
            else:
                return step(*data)
        known = self._known.get(key, 0)
        if type(known) is Program:
            return known.again(_quiet.run(known.run, *arrays))
        if known is None:
            return step(*data)
        return self._first(name, step, data, key, known)

    def _first(self, name, step, data, key, known):
        """A step that has no program yet: learns it if it was seen before."""
        if known:
            names = [n for n, x in zip(_NAMES, data, strict=False) if x is not None]
            arrays = [x.value for x in data if x is not None]
            program = None
            if self._owner._may_learn(name):
                result, program = learned(
                    name,
                    _with_gaps(step, data),
                    dict(zip(names, arrays, strict=True)),
                    self._owner._named_state(),
                )
            if self._versions == (version(), settings_version()):
                self._known[key] = program
            if program is not None:
                return result
            return step(*data)
        result = step(*data)
        if self._versions == (version(), settings_version()):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = 1
        return result


_NAMES = ("x", "y", "sample_weight")


def _with_gaps(step: Callable, data: tuple) -> Callable:
    """The step as a function of what is there."""
    there = [x is not None for x in data]

    def call(*given):
        left = iter(given)
        return step(*[next(left) if known else None for known in there])

    return call
