"""Counterpart: keras/src/layers/reshaping/up_sampling2d.py."""

from minikeras.config import standardize_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops.arguments import integer_tuple
from minikeras.ops.image import KERNELS, enlarge, repeat_each

# At whole factors the mean over an output's area is the input it lies in.
_REPEATS = ("nearest", "area")


class UpSampling2D(Layer):
    """Larger images: (batch, height, width, channels), `size` = (rows, columns) times.

    `interpolation`: "nearest" (each pixel repeated), "bilinear", "bicubic",
    "lanczos3", "lanczos5" or "area"; anything else raises ValueError.
    """

    def __init__(
        self, size=(2, 2), data_format=None, interpolation="nearest", **kwargs
    ):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = integer_tuple("size", size, 2)
        self.interpolation = str(interpolation).lower()
        if self.interpolation not in (*_REPEATS, *KERNELS):
            raise ValueError(
                f"`interpolation` must be one of {(*_REPEATS, *KERNELS)}. "
                f"Received: interpolation={interpolation!r}"
            )
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs):
        y = inputs
        for axis, factor in zip(self._axes, self.size, strict=True):
            if self.interpolation in _REPEATS:
                y = repeat_each(y, factor, axis)
            else:
                y = enlarge(y, factor, axis, self.interpolation)
        return y

    @property
    def _axes(self):
        return (1, 2) if self.data_format == "channels_last" else (2, 3)

    def compute_output_shape(self, input_shape):
        shape = list(input_shape)
        for axis, factor in zip(self._axes, self.size, strict=True):
            shape[axis] = None if shape[axis] is None else shape[axis] * factor
        return tuple(shape)

    def _shapes_needed(self, input_shape):
        lines = [(input_shape[axis], self.size[i]) for i, axis in enumerate(self._axes)]
        # Interpolation takes a float64 matrix of weights, and some copies of it.
        matrices = [(8, n, n, factor) for n, factor in lines if n is not None]
        needed = [] if self.interpolation in _REPEATS else matrices
        return [*super()._shapes_needed(input_shape), *needed]

    def get_config(self):
        return super().get_config() | {
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }
