"""Counterpart: keras/src/layers/merging/dot.py."""

import math

from minikeras.layers.merging.base_merge import Merge
from minikeras.ops import matmul, moveaxis, normalize, reshape


class Dot(Merge):
    """Σ x·y over one axis of each of two inputs, sample by sample.

    The other axes of x come first, then those of y; (batch, 1) where there are
    none. `axes` is the axis of both or (of x, of y), never 0, the batch's. With
    `normalize` both are scaled to length 1 along it: the cosine of their angle.
    """

    def __init__(self, axes, normalize=False, **kwargs):
        super().__init__(**kwargs)
        pair = (axes, axes) if _is_integer(axes) else axes
        if (
            not isinstance(pair, (list, tuple))
            or len(pair) != 2
            or not all(_is_integer(axis) for axis in pair)
        ):
            raise ValueError(
                f"`axes` must be an integer or two of them. Received: axes={axes!r}"
            )
        self.axes = axes
        self.normalize = normalize

    def call(self, inputs):
        x, y = inputs
        axis_of_x, axis_of_y = self._axes((x.shape, y.shape))
        if self.normalize:
            x, y = normalize(x, axis_of_x), normalize(y, axis_of_y)
        shape = self.compute_output_shape((x.shape, y.shape))
        x, y = moveaxis(x, axis_of_x, -1), moveaxis(y, axis_of_y, 1)
        summed = x.shape[-1]
        x = reshape(x, (x.shape[0], math.prod(x.shape[1:-1]), summed))
        y = reshape(y, (y.shape[0], summed, math.prod(y.shape[2:])))
        return reshape(matmul(x, y), shape)

    def compute_output_shape(self, input_shape):
        shapes = self.checked_shapes(input_shape, count=2)
        axis_of_x, axis_of_y = self._axes(shapes)
        x, y = (list(shape) for shape in shapes)
        lengths = (x.pop(axis_of_x), y.pop(axis_of_y))
        if None not in lengths and lengths[0] != lengths[1]:
            raise self.complaint(f"equal lengths along axes {self.axes}", shapes)
        batch, batch_of_y = x.pop(0), y.pop(0)
        if None not in (batch, batch_of_y) and batch != batch_of_y:
            raise self.complaint("inputs of one batch size", shapes)
        return (batch, *(x + y or [1]))

    def _axes(self, shapes) -> list:
        """The axes counted from the front."""
        pair = (self.axes,) * 2 if _is_integer(self.axes) else self.axes
        axes = []
        for axis, shape in zip(pair, shapes, strict=True):
            if not -len(shape) < axis < len(shape) or axis == 0:
                raise self.complaint(
                    f"inputs that have the axes {self.axes}, not the batch's", shapes
                )
            axes.append(axis % len(shape))
        return axes

    def compute_mask(self, inputs, mask=None):
        return None

    def get_config(self):
        return super().get_config() | {"axes": self.axes, "normalize": self.normalize}


def _is_integer(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def dot(inputs, axes=-1, **kwargs):
    """`Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes=axes, **kwargs)(inputs)
