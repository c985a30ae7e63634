"""Counterpart: keras/src/initializers/constant_initializers.py. Fixed values."""

import math

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.config import standardize_dtype
from minikeras.initializers.initializer import Initializer
from minikeras.initializers.windows import check_window, window_values
from minikeras.registry import deserialize, serialize


class Constant(Initializer):
    """`value` everywhere."""

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype=None):
        dtype = standardize_dtype(dtype)
        return Tensor(np.full(tuple(shape), as_array(self.value).astype(dtype)))

    def get_config(self):
        return {"value": serialize(self.value)}

    @classmethod
    def from_config(cls, config):
        return cls(deserialize(config["value"]))


class Zeros(Initializer):
    """0 everywhere."""

    def __call__(self, shape, dtype=None):
        return Tensor(np.zeros(tuple(shape), standardize_dtype(dtype)))


class Ones(Initializer):
    """1 everywhere."""

    def __call__(self, shape, dtype=None):
        return Tensor(np.ones(tuple(shape), standardize_dtype(dtype)))


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere.

    Its config has no `gain`, as in Keras, so that a restored one has gain 1.
    """

    def __init__(self, gain=1.0):
        self.gain = gain

    def __call__(self, shape, dtype=None):
        if len(shape) != 2:
            raise ValueError(
                "Identity matrix initializer can only be used for 2D matrices. "
                f"Received: shape={shape} of rank {len(shape)}."
            )
        dtype = standardize_dtype(dtype)
        return Tensor((self.gain * np.eye(*shape, dtype=dtype)).astype(dtype))


class STFT(Initializer):
    """Kernels of the short-time Fourier transform: shape (frame, 1, frequencies).

    At time t and frequency k of F: window(t)·cos(-2πtk / (2F - 2)), or sin for
    `side="imag"`. `window` is a name (see windows.py), an array or None;
    `scaling` divides by the window's L2 norm ("density"), by its L1 norm
    ("spectrum") or not at all (None).
    """

    def __init__(self, side="real", window="hann", scaling="density", periodic=False):
        if side not in ("real", "imag"):
            raise ValueError(f"`side` should be 'real' or 'imag'. Received: {side!r}")
        if isinstance(window, str):
            check_window(window)
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(
                "`scaling` should be None, 'density' or 'spectrum'. "
                f"Received: scaling={scaling!r}"
            )
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def __call__(self, shape, dtype=None):
        dtype = standardize_dtype(dtype)
        frame_length, _, frequencies = shape
        # In `dtype` from the start, as Keras does: large angles lose digits there.
        frequency = np.arange(frequencies, dtype=dtype) / ((frequencies - 1) * 2)
        time = np.arange(frame_length, dtype=dtype).reshape(-1, 1, 1)
        angle = -2 * time * frequency * frequency.dtype.type(math.pi)
        kernel = np.cos(angle) if self.side == "real" else np.sin(angle)
        if self.window is not None:
            kernel = kernel * self._window(frame_length, dtype)
        return Tensor(kernel)

    def _window(self, length: int, dtype: str) -> np.ndarray:
        """The scaled window along the first of three axes."""
        window = self.window
        if isinstance(window, str):
            window = window_values(window, length, self.periodic)
        window = as_array(window).astype(dtype)
        if window.shape != (length,):
            raise ValueError(
                "The shape of `window` must be equal to [frame_length]. "
                f"Expected: ({length},). Received: window.shape={window.shape}"
            )
        if self.scaling == "density":
            window = window / np.sqrt(np.sum(np.square(window)))
        elif self.scaling == "spectrum":
            window = window / np.sum(np.abs(window))
        return window.reshape(-1, 1, 1)

    def get_config(self):
        return {
            "side": self.side,
            "window": self.window,
            "periodic": self.periodic,
            "scaling": self.scaling,
        }
