"""Counterpart: keras/src/metrics/iou_metrics.py. Intersection over union of classes."""

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.caller import warn
from minikeras.config import epsilon
from minikeras.limits import positive_integer
from minikeras.metrics.metric import Metric


class IoU(Metric):
    """tp / (tp + fp + fn) per class, averaged over the `target_class_ids` that occur.

    y_true and y_pred hold class numbers, or, where not "sparse", scores along
    `axis`. Pairs with a number that is no class, or `ignore_class`, do not count.
    State: the confusion matrix, true classes down, in integers by default.
    """

    _direction = "up"
    # the config's keys, in Keras's order, which differs from class to class
    saved: tuple[str, ...] = (
        "name",
        "dtype",
        "num_classes",
        "target_class_ids",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis",
    )

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(name=name, dtype=dtype or "int64")
        num_classes = positive_integer("num_classes", num_classes)
        if max(target_class_ids) >= num_classes:
            raise ValueError(
                f"Target class id {max(target_class_ids)} is out of range, which is "
                f"[0, {num_classes})."
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable(
            (num_classes, num_classes),
            "zeros",
            dtype=self.dtype,
            name="total_confusion_matrix",
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = as_array(y_true), as_array(y_pred)
        if not self.sparse_y_true:
            y_true = y_true.argmax(self.axis)
        if not self.sparse_y_pred:
            y_pred = y_pred.argmax(self.axis)
        y_true = y_true.astype(self.dtype).ravel()
        y_pred = y_pred.astype(self.dtype).ravel()
        if len(y_true) != len(y_pred):
            raise ValueError(
                "`y_true` and `y_pred` must hold equally many classes. "
                f"Received: {len(y_true)} and {len(y_pred)}"
            )
        weight = self._weights(sample_weight, len(y_true))
        counted = (y_true >= 0) & (y_true < self.num_classes)
        counted &= (y_pred >= 0) & (y_pred < self.num_classes)
        if self.ignore_class is not None:
            counted &= y_true != self.ignore_class
        cells = (y_true[counted].astype(np.int64), y_pred[counted].astype(np.int64))
        matrix = np.zeros(self.total_cm.shape, self.dtype)
        np.add.at(matrix, cells, weight[counted])
        self.total_cm.value = self.total_cm.value + matrix

    def _weights(self, sample_weight, count):
        weight = as_array(1 if sample_weight is None else sample_weight)
        if weight.dtype.kind == "f" and "int" in self.dtype:
            warn(
                "You are passing weight as `float`, but dtype is `int`. This may "
                "result in an incorrect weight due to type casting. Consider using "
                "integer weights."
            )
        weight = weight.astype(self.dtype)
        if weight.size not in (1, count):
            raise ValueError(
                f"Expected one `sample_weight`, or one for each of the {count} labels. "
                f"Received: sample_weight.shape={weight.shape}"
            )
        return np.broadcast_to(weight.ravel() if weight.ndim else weight, (count,))

    def result(self) -> Tensor:
        matrix = self.total_cm.value
        hits = matrix.diagonal()
        union = matrix.sum(0, dtype=matrix.dtype) + matrix.sum(1, dtype=matrix.dtype)
        chosen = self.target_class_ids
        hits = hits[chosen].astype("float32")
        union = (union - matrix.diagonal())[chosen].astype("float32")
        occurs = union > 1e-9
        ratios = np.where(occurs, hits / (union + epsilon()), np.float32(0))
        return Tensor(ratios.sum() / np.float32(occurs.sum() + epsilon()))

    def get_config(self) -> dict:
        return {key: getattr(self, key) for key in self.saved}


class BinaryIoU(IoU):
    """`IoU` of two classes, from scores: class 1 from `threshold` up."""

    saved = ("target_class_ids", "threshold", "name", "dtype")

    def __init__(self, target_class_ids=(0, 1), threshold=0.5, name=None, dtype=None):
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = as_array(y_pred, "float32") >= self.threshold
        super().update_state(y_true, y_pred, sample_weight)


class MeanIoU(IoU):
    """`IoU` averaged over all classes."""

    saved: tuple[str, ...] = (
        "num_classes",
        "name",
        "dtype",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis",
    )

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            range(positive_integer("num_classes", num_classes)),
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )


class OneHotIoU(IoU):
    """`IoU` where y_true is one-hot."""

    saved = (
        "num_classes",
        "target_class_ids",
        "name",
        "dtype",
        "ignore_class",
        "sparse_y_pred",
        "axis",
    )

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            target_class_ids,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )


class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` where y_true is one-hot."""

    saved = ("num_classes", "name", "dtype", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )
