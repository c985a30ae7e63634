"""Counterpart: keras/src/layers/input_spec.py. What a layer demands of its input."""

from minikeras import tree


class InputSpec:
    """Rank, shape, dtype and axis sizes that an input must have; None means any.

    `axes` maps an axis to its size: InputSpec(min_ndim=2, axes={-1: 4}).
    `allow_last_axis_squeeze` lets a last axis of size 1 be there or not.
    """

    def __init__(
        self,
        dtype=None,
        shape=None,
        ndim=None,
        max_ndim=None,
        min_ndim=None,
        axes=None,
        allow_last_axis_squeeze=False,
        name=None,
        optional=False,
    ):
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional

    def complaint(self, shape: tuple, dtype: str) -> str | None:
        """What is wrong with an input of this shape and dtype, or None."""
        ndim = len(shape)
        squeezes = self.allow_last_axis_squeeze
        if self.ndim is not None and ndim != self.ndim and not squeezes:
            return f"expected ndim={self.ndim}, found ndim={ndim}"
        if self.max_ndim is not None and ndim > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={ndim}"
        if self.min_ndim is not None and ndim < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={ndim}"
        if self.dtype is not None and dtype != self.dtype:
            return f"expected dtype={self.dtype}, found dtype={dtype}"
        for axis, size in self.axes.items():
            found = shape[axis] if -ndim <= axis < ndim else 0
            if size is not None and found not in (size, None):
                return f"expected axis {axis} of input shape to have value {size}"
        wanted = self.shape or ()
        if squeezes:
            wanted, shape = (s[:-1] if s[-1:] == (1,) else s for s in (wanted, shape))
        for expected, found in zip(wanted, shape, strict=False):
            if None not in (expected, found) and expected != found:
                return f"expected shape={self.shape}"
        return None


def returned_none(layer) -> str:
    """The message about a layer whose `call` has no `return`."""
    return (
        f"call() of {type(layer).__name__} '{layer.name}' returned None. "
        "Expected a Tensor or a nest of Tensors."
    )


def check_inputs(input_spec, inputs, layer_name: str) -> None:
    """Raises ValueError, naming the layer, unless `inputs` satisfy the spec(s)."""
    specs = tree.flatten(input_spec)
    tensors = tree.flatten(inputs)
    if isinstance(inputs, (list, tuple)) and not hasattr(tensors[0], "shape"):
        raise ValueError(
            "Inputs to a layer should be tensors or arrays; make one of a list by "
            f"`np.array`. Got {inputs!r} as input for layer '{layer_name}'."
        )
    if len(specs) != len(tensors):
        raise ValueError(
            f'Layer "{layer_name}" expects {len(specs)} input(s), '
            f"but it received {len(tensors)} input tensors."
        )
    for index, (spec, x) in enumerate(zip(specs, tensors, strict=True)):
        if spec is None or (x is None and spec.optional):
            continue
        if not hasattr(x, "shape"):
            raise ValueError(
                f"Inputs to a layer should be tensors. Got {x!r} (of type {type(x)}) "
                f"as input for layer '{layer_name}'."
                + (" Does the layer before it `return` its output?" * (x is None))
            )
        complaint = spec.complaint(tuple(x.shape), str(x.dtype))
        if complaint:
            raise ValueError(
                f"Input {index} of layer '{layer_name}' is incompatible with the "
                f"layer: {complaint}. Full shape received: {tuple(x.shape)}"
            )
