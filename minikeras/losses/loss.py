"""Counterpart: keras/src/losses/loss.py, and the wrapper of losses.py."""

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.config import standardize_dtype
from minikeras.losses.reduction import (
    MEANS,
    as_tensor,
    reduce_weighted_values,
    squeeze_or_expand_to_same_rank,
    standardize_reduction,
)
from minikeras.naming import auto_name
from minikeras.registry import deserialize, serialize
from minikeras.signature import Checked


class Loss(Checked):
    """Base class: `call(y_true, y_pred)` gives losses, calling reduces them.

    Subclasses write `call`. `reduction`: "sum_over_batch_size" or "mean",
    "mean_with_sample_weight", "sum", "none" or None. Both inputs are cast to
    `dtype` (default: `floatx()`).
    """

    couples_samples = False  # does a sample's loss depend on others of its batch?

    def __init__(self, name=None, reduction="sum_over_batch_size", dtype=None):
        self.name = name or auto_name(type(self).__name__)
        self.reduction = standardize_reduction(reduction)
        self._dtype = standardize_dtype(getattr(dtype, "compute_dtype", dtype))
        self._array_dtype = np.dtype(self._dtype)
        self._is_mean = reduction in MEANS

    @property
    def dtype(self) -> str:
        return self._dtype

    @property
    def splits(self) -> bool:
        """Whether a batch's loss is the mean of those of its parts, by their sizes."""
        return self._is_mean and not self.couples_samples

    def __call__(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        if sample_weight is None and mask is None and self._is_mean:
            total = self._mean(y_true, y_pred)
            if total is not None:
                return total
        y_true = _tensors(y_true, self._array_dtype)
        y_pred = _tensors(y_pred, self._array_dtype)
        losses = self.call(y_true, y_pred)
        valid = self._valid(y_true, losses)
        if valid is not None:
            mask = valid if mask is None else np.logical_and(mask, valid)
        return reduce_weighted_values(
            losses, sample_weight, mask, self.reduction, self._array_dtype
        )

    def call(self, y_true, y_pred):
        """The losses, one per sample. Written by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} must define `call`.")

    def _mean(self, y_true, y_pred):
        """The mean of the losses by one fused op, or None where there is none."""
        return None

    def _valid(self, y_true, losses):
        """Which losses count, as booleans; None for all. (Keras hangs this on
        the tensor of losses.)"""
        return None

    def get_config(self) -> dict:
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _tensors(x, dtype):
    """`x` as a Tensor; a nest that holds arrays stays a nest, of Tensors."""
    if tree.is_nested(x) and any(hasattr(part, "shape") for part in tree.flatten(x)):
        return tree.map_structure(lambda part: _tensors(part, dtype), x)
    return as_tensor(x, dtype)


class LossFunctionWrapper(Loss):
    """A loss from a function `fn(y_true, y_pred, **kwargs)` that gives losses."""

    def __init__(
        self, fn, reduction="sum_over_batch_size", name=None, dtype=None, **kwargs
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true, y_pred):
        if isinstance(y_true, Tensor) and isinstance(y_pred, Tensor):
            y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def _valid(self, y_true, losses):
        find = getattr(self.fn, "valid", None)
        return find and find(y_true, losses, **self._fn_kwargs)

    def get_config(self) -> dict:
        config = {**super().get_config(), "fn": serialize(self.fn)}
        return {**config, **serialize(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config):
        if isinstance(config.get("fn"), dict):
            # Keras writes "builtins"; several families have a mean_squared_error
            described = {**config["fn"], "module": "keras.losses"}
            config = {**config, "fn": deserialize(described)}
        return cls(**config)

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


class FunctionLoss(LossFunctionWrapper):
    """A loss class of this package. `saved` names the arguments of its function
    that are attributes and go into the config, in Keras's order."""

    saved: tuple[str, ...] = ()

    def __init__(self, fn, reduction, name, dtype, **kwargs):
        super().__init__(fn, reduction, name, dtype, **kwargs)
        for key in self.saved:
            setattr(self, key, kwargs[key])

    def get_config(self) -> dict:
        saved = {key: getattr(self, key) for key in self.saved}
        return {**Loss.get_config(self), **saved}
