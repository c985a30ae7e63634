"""What was trainable when a model was first trained after `compile`.

tf.keras finds it out while it compiles the step, which it does once: layers that are
frozen or thawed later train on as before, until `compile` is called again.
"""

from minikeras.autodiff.structure import structure_changed, version


class TracedFlags:
    """In a block of training, layers and weights are as trainable as they were in the
    first one; outside they are what the user set. (Nothing of that for a model that
    is run eagerly, which looks each time, as in tf.keras.)"""

    def __init__(self, model):
        self._model = model
        self._first: list[tuple] | None = None
        self._set_aside: list[tuple] = []
        self._agreed = -1  # the version of the structure at which nothing differed

    def __enter__(self) -> None:
        if self._first is None or self._agreed == version() or self._model.run_eagerly:
            return
        first = {id(part): flag for part, flag in self._first}
        self._set_aside = [
            (part, flag)
            for part, flag in self._flags()
            if first.get(id(part), flag) is not flag
        ]
        if self._set_aside:
            _set([(part, first[id(part)]) for part, _ in self._set_aside])
        else:
            self._agreed = version()

    def __exit__(self, failure, *_) -> None:
        if self._first is None and failure is None:
            self._first = self._flags()
        if self._set_aside:
            _set(self._set_aside)
            self._set_aside = []

    def _flags(self) -> list[tuple]:
        parts = [*self._model._all_layers(), *self._model._all_weights()]
        return [(part, part._trainable) for part in parts]


def _set(flags: list[tuple]) -> None:
    for part, flag in flags:
        part._trainable = flag
        if hasattr(part, "tracked"):
            part.tracked = flag
    structure_changed()
