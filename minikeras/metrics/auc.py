"""Counterpart: AUC in keras/src/metrics/confusion_metrics.py. Areas under curves."""

import numpy as np

from minikeras import ops
from minikeras.autodiff import Tensor, as_array
from minikeras.config import epsilon
from minikeras.metrics.confusion_metrics import Confusion, spaced
from minikeras.metrics.metrics_utils import (
    divide_no_nan,
    is_evenly_distributed_thresholds,
)

_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "majoring", "minoring")


class AUC(Confusion):
    """The area under the ROC, PR or PRGAIN curve, by sums over thresholds.

    Between two thresholds the curve is a line ("interpolation"; for PR the formula
    of Davis and Goadrich, 2006), or the lower or the upper of its two ends
    ("minoring", "majoring"). `multi_label`: one curve per column, then the
    average, weighted by `label_weights`.
    """

    _direction = "up"
    kinds = ("tp", "fp", "tn", "fn")

    def __init__(
        self,
        num_thresholds=200,
        curve="ROC",
        summation_method="interpolation",
        name=None,
        dtype=None,
        thresholds=None,
        multi_label=False,
        num_labels=None,
        label_weights=None,
        from_logits=False,
    ):
        super().__init__(name=name, dtype=dtype)
        self.curve = _choose("AUC curve", str(curve).upper(), _CURVES)
        self.summation_method = _choose(
            "AUC summation method", str(summation_method).lower(), _SUMMATIONS
        )
        self._init_from_thresholds = thresholds is not None
        if thresholds is not None:
            inner = sorted(thresholds)
            even = is_evenly_distributed_thresholds([0.0, *inner, 1.0])
        elif num_thresholds <= 1:
            raise ValueError(
                "Argument `num_thresholds` must be an integer > 1. "
                f"Received: num_thresholds={num_thresholds}"
            )
        else:
            inner, even = spaced(num_thresholds)[1:-1], True
        if num_labels and not multi_label:
            raise ValueError("`num_labels` is needed only when `multi_label` is True.")
        self.num_thresholds = len(inner) + 2
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self._from_logits = from_logits
        self._inner, self._evenly = inner, even
        self._built = False
        if not multi_label:
            self._build(())
        elif num_labels:
            self._build((num_labels,))

    def _build(self, shape):
        # the ends lie a little outside [0, 1], so that rounding loses nothing
        ends = [0.0 - epsilon(), *self._inner, 1.0 + epsilon()]
        self._start(ends, self._evenly, shape)
        self._built = True

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = as_array(y_pred)
        if self.multi_label and y_pred.ndim != 2:
            raise ValueError(
                "`y_pred` must have rank 2 when `multi_label=True`. "
                f"Received: y_pred.shape={y_pred.shape}"
            )
        if not self._built:
            self._build(y_pred.shape[1:])
        if self._from_logits:
            y_pred = ops.sigmoid(y_pred).value
        self._count(
            y_true,
            y_pred,
            sample_weight,
            multi_label=self.multi_label,
            label_weights=None if self.multi_label else self.label_weights,
        )

    def result(self) -> Tensor:
        terms = self._areas()
        if not self.multi_label:
            return Tensor(terms.sum())
        per_label = terms.sum(0)
        if self.label_weights is None:
            return Tensor(per_label.mean())
        weights = as_array(self.label_weights, self.dtype)
        return Tensor(divide_no_nan((per_label * weights).sum(), weights.sum()))

    def _areas(self):
        tp, fp, tn, fn = (
            getattr(self, name).value
            for name in (
                "true_positives",
                "false_positives",
                "true_negatives",
                "false_negatives",
            )
        )
        if self.curve == "PR" and self.summation_method == "interpolation":
            return _interpolated_pr(tp, fp, fn)
        x, y = _curve(self.curve, tp, fp, tn, fn)
        if self.summation_method == "interpolation":
            heights = (y[:-1] + y[1:]) / 2
        elif self.summation_method == "minoring":
            heights = np.minimum(y[:-1], y[1:])
        else:
            heights = np.maximum(y[:-1], y[1:])
        return (x[:-1] - x[1:]) * heights

    def get_config(self) -> dict:
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._init_from_thresholds:
            config["thresholds"] = list(self._inner)
        return config


def _choose(what, value, allowed):
    if value not in allowed:
        raise ValueError(
            f'Invalid {what} value: "{value}". Expected values are {list(allowed)}'
        )
    return value


def _curve(curve, tp, fp, tn, fn):
    """The points (x, y) of a curve, one per threshold."""
    recall = divide_no_nan(tp, tp + fn)
    if curve == "ROC":
        return divide_no_nan(fp, fp + tn), recall
    if curve == "PR":
        return recall, divide_no_nan(tp, tp + fp)
    ratio = divide_no_nan(tp + fn, tn + fp)
    zero, one = tp.dtype.type(0), tp.dtype.type(1)
    recall_gain = np.where(tp == 0, zero, 1 - ratio * divide_no_nan(fn, tp))
    precision_gain = np.where(tp == 0, one, 1 - ratio * divide_no_nan(fp, tp))
    return np.maximum(recall_gain, 0), precision_gain


def _interpolated_pr(tp, fp, fn):
    p = tp + fp
    dtp, dp = tp[:-1] - tp[1:], p[:-1] - p[1:]
    slope = divide_no_nan(dtp, np.maximum(dp, 0))
    intercept = tp[1:] - slope * p[1:]
    both = (p[:-1] > 0) & (p[1:] > 0)
    ratio = divide_no_nan(p[:-1], np.maximum(p[1:], 0))
    ratio = np.where(both, ratio, ratio.dtype.type(1))
    area = slope * (dtp + intercept * np.log(ratio))
    return divide_no_nan(area, np.maximum(tp[1:] + fn[1:], 0))
