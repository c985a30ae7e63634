"""The two libraries behind one interface, so that a case can take either."""

import contextlib
import importlib
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from parity.script.texts import everywhere


class Library:
    """What cases use: `keras` (the module), `to_numpy`, `gradients`, `tape`.

    `name` is "keras" for real tf.keras or "minikeras". A case asks for the name
    only where the two differ on purpose.
    """

    def __init__(self, name: str):
        self.name = name
        self._tf: Any = None
        if name == "keras":
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
            os.environ["KERAS_BACKEND"] = "tensorflow"
            self._tf = importlib.import_module("tensorflow")
        self.keras: Any = importlib.import_module(name)

    def versions(self) -> dict[str, str]:
        """What its numbers depend on, besides the processor."""
        found = {self.name: self.keras.__version__, "numpy": np.__version__}
        return found | ({"tensorflow": self._tf.__version__} if self._tf else {})

    def prepare(self) -> None:
        """The same start for each case: names, seeds."""
        self.keras.utils.clear_session()
        self.keras.utils.set_random_seed(0)

    def eager_unless(self, compiled: bool) -> bool:
        """`run_eagerly` for one of many models that are alike.

        Compiling takes TensorFlow a second or two for each and changes no number, so
        only some of them are `compiled` there. minikeras compiles all of them.
        """
        return self.name == "keras" and not compiled

    @contextlib.contextmanager
    def threads(self, count: int) -> Iterator[None]:
        """A block in which minikeras shares its work among so many threads, whatever
        cores there are. (TensorFlow has threads of its own.)"""
        if self.name == "keras":
            yield
            return
        own = importlib.import_module("minikeras.parallel").thread_count

        def given() -> int:
            return count

        everywhere(own, given, "minikeras")
        try:
            yield
        finally:
            everywhere(given, own, "minikeras")

    def tensor(self, x: np.ndarray) -> Any:
        """A tensor of the library with the dtype of `x`."""
        if self.name == "keras":
            return self._tf.constant(x)
        return self.keras.ops.convert_to_tensor(x)

    def tape(self, **options) -> Any:
        """An open-able gradient tape."""
        return (
            self._tf.GradientTape(**options)
            if self.name == "keras"
            else self.keras.GradientTape(**options)
        )

    def value_and_gradients(
        self, function, *arrays: np.ndarray
    ) -> tuple[np.ndarray, list]:
        """`function(*tensors)` and the gradients of its sum by each float array."""
        tensors = [self.tensor(np.asarray(x)) for x in arrays]
        watched = [
            t
            for t, x in zip(tensors, arrays, strict=True)
            if np.asarray(x).dtype.kind == "f"
        ]
        with self.tape() as tape:
            tape.watch(watched)
            y = function(*tensors)
        gradients = [
            g if g is None else self.to_numpy(g) for g in tape.gradient(y, watched)
        ]
        return self.to_numpy(y), gradients

    @staticmethod
    def to_numpy(x: Any) -> Any:
        """Arrays of tensors and variables; other values as they are."""
        if hasattr(x, "numpy"):
            return np.asarray(x.numpy())
        if isinstance(x, (list, tuple)):
            return [Library.to_numpy(part) for part in x]
        if isinstance(x, dict):
            return {key: Library.to_numpy(part) for key, part in x.items()}
        return x
