"""minikeras in float64, from the same float32 numbers: the judge of what is rounding.

What a float32 run starts from stays float32 here too, then widened: the data and every
random draw (a mask must drop the same units). All that is computed from there has
29 more bits.
"""

import numpy as np

from parity.library import Library
from parity.script.texts import everywhere


class WideLibrary(Library):
    """minikeras for the cases; tensors and variables of float32 arrays are float64."""

    def __init__(self):
        super().__init__("minikeras")
        widen(self.keras)
        variable = self.keras.Variable
        variable.__init__ = _wide_values(variable.__init__)

    def prepare(self) -> None:
        super().prepare()
        self.keras.config.set_floatx("float64")

    def tensor(self, x: np.ndarray):
        return super().tensor(_wide(x))


def _wide_values(init):
    def wide(variable, initializer, *args, **kwargs):
        if isinstance(initializer, np.ndarray):
            initializer = _wide(initializer)
        init(variable, initializer, *args, **kwargs)

    return wide


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype("float64") if x.dtype == "float32" else x


def widen(keras) -> None:
    """Makes float64 the default of minikeras, but for draws and data."""
    from minikeras.autodiff import tensor
    from minikeras.random import samplers
    from minikeras.trainers.data_adapters import conversion

    keras.config.set_floatx("float64")
    tensor._PYTHON_FLOAT = "float64"
    for name in ("uniform", "normal", "truncated_normal"):
        draw = getattr(samplers, name)
        everywhere(draw, _narrow_draw(draw), "minikeras")
    convert = conversion.to_tensor_dtype
    everywhere(convert, _narrow_data(convert), "minikeras")


def _narrow_draw(draw):
    return lambda shape, dtype, seed: draw(shape, "float32", seed).astype(dtype)


def _narrow_data(convert):
    def narrow(array, *args, **kwargs):
        if array.dtype.kind == "f":
            array = array.astype("float32")
        return convert(array, *args, **kwargs)

    return narrow
