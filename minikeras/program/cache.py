"""Which program repeats a step: by the shapes of its inputs, and only while all that
it was learned from stands.

A step that comes with the same shapes a second time is learned; from the third time on
its program runs. What looks at values, or changes settings, runs as it is written.
"""

from collections.abc import Callable

from minikeras import tree
from minikeras.autodiff.recording import recording
from minikeras.autodiff.structure import settings_version, version
from minikeras.autodiff.tensor import Tensor
from minikeras.config import epsilon, floatx
from minikeras.program.learn import Busy, Program, learned
from minikeras.program.stand_in import ReadsValues

_TRAINING = ("train_step", "gradients")
_SEEN = "It has come once"
_MOST = 64  # data of ever new shapes must not fill the memory
_COMPARABLE = (bool, int, float, str)
_SETTINGS = (*_COMPARABLE, tuple, type(None))


class Programs:
    """The programs of the steps of one object.

    The owner's `_named_state()` gives what a step may change, `_may_learn(name)` says
    whether anything forbids to repeat it.
    """

    def __init__(self, owner):
        self._owner = owner
        # key → _SEEN, a Program, or why there can be none. (Threads may add while
        # others look: hence `list`.)
        self._known: dict = {}
        self._versions = (-1, -1)
        self._settings: list = []

    def __getstate__(self):
        """Copies and pickles start without programs: these hold bare functions."""
        return {**self.__dict__, "_known": {}, "_settings": []}

    @property
    def programs(self) -> list[Program]:
        """Those that are known, the oldest first."""
        return [x for x in list(self._known.values()) if isinstance(x, Program)]

    def find(self, *names: str) -> Program:
        """The first program of a step with one of these names."""
        for name in names:
            for key, known in list(self._known.items()):
                if key[0] == name and type(known) is Program:
                    return known
        reasons = [x for x in list(self._known.values()) if type(x) is str]
        raise ValueError(
            f"There is no program of `{names[0]}`. A step is learned when its shapes "
            f"come a second time. {' '.join(dict.fromkeys(reasons))}".strip()
        )

    def by_rows(self, name: str) -> dict[int, Program]:
        """The programs of a step of x and y by the rows of a batch, most first."""
        found = {
            known.rows: known
            for key, known in list(self._known.items())
            if key[0] == name and type(known) is Program and len(known.dtypes) == 2
        }
        return dict(sorted(found.items(), reverse=True))

    @property
    def in_parts(self) -> bool:
        """Whether threads share a step."""
        return any(type(x) not in (str, Program) for x in list(self._known.values()))

    def clear(self) -> None:
        self._known.clear()

    def look_again(self) -> None:
        """Forgets the programs if a setting was replaced that tells nobody: one of a
        regularizer or a loss, say."""
        if not self.programs:
            return
        settings, known = self._present_settings(), self._settings
        if len(settings) != len(known) or not all(map(_is_same, settings, known)):
            self.clear()

    def _present_settings(self) -> list:
        return [
            floatx(),
            epsilon(),
        ] + [
            value
            for part in self._owner._parts_of_steps()
            for value in list(getattr(part, "__dict__", {}).values())
            if callable(value) or isinstance(value, _SETTINGS)
        ]

    def run(self, name: str, step: Callable, data: tuple, option=None):
        """What step(*data) gives; `data` are Tensors, nests of them, or None, and
        `option` is what else the step depends on."""
        if recording.trace is not None or recording.tapes:
            return step(*data)
        versions = (version(), settings_version())
        if versions != self._versions:
            self._known.clear()
            self._versions = versions
        key: tuple = (name, option)
        arrays = []
        for part in data:
            if type(part) is Tensor and part._keras_mask is None:
                value = part.value
                arrays.append(value)
                key += (value.shape, value.dtype)
            elif part is None:
                key += (None,)
            else:
                leaves = tree.flatten(part)
                if not all(type(x) is Tensor and x._keras_mask is None for x in leaves):
                    return step(*data)
                values = [x.value for x in leaves]
                arrays += values
                key += (_form(part), *[(x.shape, x.dtype) for x in values])
        known = self._known.get(key)
        if known is not None and type(known) is not str:
            return known.run_on(arrays)
        if known is _SEEN:
            return self._learn(name, step, data, key)
        if known is not None:
            return step(*data)
        try:
            in_parts = self._owner._in_parts(name, data, step)
        except Busy:
            return step(*data)
        if in_parts is not None:
            self._remember(key, in_parts)
            return in_parts.run_on(arrays)
        result = step(*data)
        self._remember(key, _SEEN)
        return result

    def _learn(self, name, step, data, key):
        """Does a step that was seen before, and from now on has its program."""
        try:
            if not self._owner._may_learn(name):
                raise ReadsValues("It may do something else each time")
            variables = self._owner._named_state()
            result, program = learned(
                name, step, data, variables, side_by_side=name in _TRAINING
            )
        except Busy:
            return step(*data)
        except ReadsValues as error:
            self._remember(key, str(error))
            return step(*data)
        self.look_again()
        self._settings = self._present_settings()
        self._remember(key, program)
        return result

    def _remember(self, key, known) -> None:
        if self._versions != (version(), settings_version()):
            return  # a step that changes settings may do so each time
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = known


def _is_same(one, other) -> bool:
    if one is other:
        return True
    return isinstance(one, _COMPARABLE) and type(one) is type(other) and one == other


def _form(nest):
    """The structure of a nest, to be compared."""
    if isinstance(nest, dict):
        return tuple((key, _form(part)) for key, part in nest.items())
    if tree.is_nested(nest):
        return (type(nest), *map(_form, nest))
    return None
