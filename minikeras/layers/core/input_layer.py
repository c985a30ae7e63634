"""Counterpart: keras/src/layers/core/input_layer.py."""

from minikeras.caller import warn
from minikeras.config import standardize_dtype
from minikeras.graph import KerasTensor, Node, standardize_shape
from minikeras.layers.layer import Layer
from minikeras.signature import checked, keyword_hint


class InputLayer(Layer):
    """Declares the shape and dtype of a model's input.

    `shape` is without the batch axis, `batch_shape` with it; exactly one of them. Or
    `input_tensor`, a KerasTensor, is the input itself: what else is said of it must
    be true. Of `sparse` and `ragged` notes are taken; values are dense.
    """

    def __init__(
        self,
        shape=None,
        batch_size=None,
        dtype=None,
        sparse=None,
        ragged=None,
        batch_shape=None,
        input_tensor=None,
        optional=False,
        name=None,
        **kwargs,
    ):
        if "input_shape" in kwargs:
            warn("Argument `input_shape` is deprecated. Use `shape` instead.")
            shape = kwargs.pop("input_shape")
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if kwargs:
            raise TypeError(
                f"InputLayer() got an unexpected keyword argument {[*kwargs][0]!r}."
                + keyword_hint(kwargs, ["shape", "batch_shape", "batch_size", "dtype"])
            )
        super().__init__(name=name, dtype=dtype)
        if input_tensor is None:
            given = _batch_shape(shape, batch_size, batch_shape)
            input_tensor = KerasTensor(
                given, standardize_dtype(dtype), bool(sparse), bool(ragged), name=name
            )
        else:
            _check(input_tensor, shape, batch_size, batch_shape, dtype, sparse)
        self.batch_shape = input_tensor.shape
        self.dtype = input_tensor.dtype
        self.sparse, self.ragged = input_tensor.sparse, input_tensor.ragged
        self.optional = optional
        Node(self, (), {}, input_tensor)
        self._output_shape = self.batch_shape
        self.built = True

    def call(self):
        return None

    def get_config(self):
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }

    @classmethod
    def from_config(cls, config):
        known = ("batch_shape", "dtype", "sparse", "ragged", "name", "optional")
        return cls(**{key: config[key] for key in known if key in config})


@checked
def Input(
    shape=None,
    batch_size=None,
    dtype=None,
    sparse=None,
    ragged=None,
    batch_shape=None,
    name=None,
    tensor=None,
    optional=False,
):
    """A KerasTensor to start a model with: Sequential([Input((4,)), Dense(3)])."""
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        input_tensor=tensor,
        name=name,
        optional=optional,
    )
    return layer.output


def _batch_shape(shape, batch_size, batch_shape) -> tuple:
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
    if batch_shape is not None:
        return standardize_shape(batch_shape)
    return (batch_size, *standardize_shape(shape))


def _check(tensor, shape, batch_size, batch_shape, dtype, sparse) -> None:
    """ValueError for what is no KerasTensor, or is not as the other arguments say."""
    if not isinstance(tensor, KerasTensor):
        raise ValueError(
            "Expected a KerasTensor as the tensor of an Input. "
            f"Received: {tensor!r} (of type {type(tensor)})"
        )
    for name, said, true in (
        ("shape", shape and tuple(shape), tensor.shape[1:]),
        ("batch_size", batch_size, tensor.shape[0] if tensor.shape else None),
        ("batch_shape", batch_shape and tuple(batch_shape), tensor.shape),
        ("dtype", dtype and standardize_dtype(dtype), tensor.dtype),
        ("sparse", sparse, tensor.sparse),
    ):
        if said is not None and said != true:
            raise ValueError(
                f"The tensor of an Input has {name}={true}. Received: {name}={said}"
            )
