"""Counterpart: keras/src/layers/core/input_layer.py."""

from minikeras.config import standardize_dtype
from minikeras.graph import KerasTensor, Node
from minikeras.layers.layer import Layer
from minikeras.signature import checked


class InputLayer(Layer):
    """Declares the shape and dtype of a model's input.

    `shape` is without the batch axis, `batch_shape` with it; exactly one of them.
    Keras's `sparse`, `ragged` and `input_tensor` are left out on purpose.
    """

    def __init__(
        self,
        shape=None,
        batch_size=None,
        dtype=None,
        batch_shape=None,
        optional=False,
        name=None,
    ):
        super().__init__(name=name, dtype=dtype)
        if shape is not None and batch_shape is not None:
            raise ValueError(
                "You cannot pass both `shape` and `batch_shape` at the same time. "
                f"Received: shape={shape}, batch_shape={batch_shape}"
            )
        if batch_size is not None and batch_shape is not None:
            raise ValueError(
                "You cannot pass both `batch_size` and `batch_shape` at the same time."
            )
        if shape is None and batch_shape is None:
            raise ValueError("You must pass a `shape` argument.")
        if shape is not None:
            batch_shape = (batch_size, *_standardize(shape))
        self.batch_shape = _standardize(batch_shape)
        self.dtype = standardize_dtype(dtype)
        self.optional = optional
        Node(self, (), {}, KerasTensor(self.batch_shape, self.dtype, name=name))
        self._output_shape = self.batch_shape
        self.built = True

    def call(self):
        return None

    def get_config(self):
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }

    @classmethod
    def from_config(cls, config):
        known = ("batch_shape", "dtype", "name", "optional")
        return cls(**{key: config[key] for key in known if key in config})


@checked
def Input(
    shape=None,
    batch_size=None,
    dtype=None,
    batch_shape=None,
    name=None,
    optional=False,
):
    """A KerasTensor to start a model with: Sequential([Input((4,)), Dense(3)])."""
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        batch_shape=batch_shape,
        name=name,
        optional=optional,
    )
    return layer.output


def _standardize(shape) -> tuple:
    """A tuple of ints and None; ValueError names the entry that is neither."""
    if not isinstance(shape, (tuple, list)):
        raise ValueError(f"Expected a shape tuple. Received: shape={shape!r}")
    sizes = []
    for size in shape:
        if size is not None and (not hasattr(size, "__index__") or int(size) < 0):
            raise ValueError(
                "A shape consists of non-negative integers and None. "
                f"Received: {size!r} in shape={tuple(shape)}"
            )
        sizes.append(None if size is None else int(size))
    return tuple(sizes)
