"""Counterpart: keras/src/metrics/confusion_metrics.py, but for AUC (auc.py).

State: counts per threshold. A prediction above the threshold counts as positive.
"""

import numpy as np

from minikeras.autodiff import Tensor
from minikeras.limits import positive_integer
from minikeras.metrics.metric import Metric
from minikeras.metrics.metrics_utils import (
    NEG_INF,
    confusion_counts,
    divide_no_nan,
    is_evenly_distributed_thresholds,
    parse_init_thresholds,
)
from minikeras.room import room

NAMES = {
    "tp": "true_positives",
    "fp": "false_positives",
    "tn": "true_negatives",
    "fn": "false_negatives",
}


class Confusion(Metric):
    """Base: `kinds` names the counts that are kept, as variables of that name."""

    kinds: tuple[str, ...] = ()

    def _start(self, thresholds, even, shape=()):
        self.thresholds = thresholds
        self._even = even
        for kind in self.kinds:
            variable = self.add_variable(
                (len(thresholds), *shape), "zeros", name=NAMES[kind]
            )
            setattr(self, NAMES[kind], variable)

    def _count(self, y_true, y_pred, sample_weight, **options):
        counts = confusion_counts(
            y_true,
            y_pred,
            self.thresholds,
            even=self._even,
            sample_weight=sample_weight,
            **options,
        )
        for kind in self.kinds:
            variable = getattr(self, NAMES[kind])
            variable.value = variable.value + counts[kind]

    def _one_or_all(self, values) -> Tensor:
        return Tensor(values[0] if len(self.thresholds) == 1 else values)


class _Count(Metric):
    """One kind of count. `thresholds`: a number in [0, 1] or several (default 0.5)."""

    _kind = ""

    def __init__(self, thresholds=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = parse_init_thresholds(thresholds)
        self._even = is_evenly_distributed_thresholds(self.thresholds)
        self.accumulator = self.add_variable(
            (len(self.thresholds),), "zeros", name="accumulator"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        counts = confusion_counts(
            y_true,
            y_pred,
            self.thresholds,
            even=self._even,
            sample_weight=sample_weight,
        )
        self.accumulator.value = self.accumulator.value + counts[self._kind]

    def result(self) -> Tensor:
        values = self.accumulator.value
        return Tensor(values[0] if len(self.thresholds) == 1 else values)

    def get_config(self) -> dict:
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_Count):
    """How many positives were found."""

    _kind = "tp"


class FalsePositives(_Count):
    """How many negatives were taken for positives."""

    _kind = "fp"


class TrueNegatives(_Count):
    """How many negatives were found."""

    _kind = "tn"


class FalseNegatives(_Count):
    """How many positives were missed."""

    _kind = "fn"


class _Ratio(Confusion):
    """tp / (tp + the other kind of `kinds`).

    `top_k`: only the k largest predictions of a row can be positive;
    `class_id`: only that column counts.
    """

    _direction = "up"

    def __init__(
        self, thresholds=None, top_k=None, class_id=None, name=None, dtype=None
    ):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k = None if top_k is None else positive_integer("top_k", top_k)
        self.class_id = class_id
        default = 0.5 if top_k is None else NEG_INF
        thresholds = parse_init_thresholds(thresholds, default)
        self._start(thresholds, is_evenly_distributed_thresholds(thresholds))

    def update_state(self, y_true, y_pred, sample_weight=None):
        self._count(
            y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id
        )

    def result(self) -> Tensor:
        found, other = (getattr(self, NAMES[kind]).value for kind in self.kinds)
        return self._one_or_all(divide_no_nan(found, found + other))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


class Precision(_Ratio):
    """tp / (tp + fp): how many of those called positive are."""

    kinds = ("tp", "fp")


class Recall(_Ratio):
    """tp / (tp + fn): how many of the positives are found."""

    kinds = ("tp", "fn")


class _Best(Confusion):
    """The largest of one rate over the thresholds at which another is high enough.

    `_wanted` and `_required` name the two rates, `_argument` the bound on the latter.
    """

    _direction = "up"
    kinds = ("tp", "fp", "tn", "fn")
    _wanted = _required = ("", "")
    _argument = ""

    def _init(self, value, num_thresholds, class_id, name, dtype):
        super().__init__(name=name, dtype=dtype)
        if not 0 <= value <= 1:
            raise ValueError(
                f"Argument `{self._argument}` must be in the range [0, 1]. "
                f"Received: {self._argument}={value}"
            )
        if num_thresholds <= 0:
            raise ValueError(
                "Argument `num_thresholds` must be an integer > 0. "
                f"Received: num_thresholds={num_thresholds}"
            )
        setattr(self, self._argument, value)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self._start(spaced(num_thresholds), num_thresholds > 1)

    def update_state(self, y_true, y_pred, sample_weight=None):
        self._count(y_true, y_pred, sample_weight, class_id=self.class_id)

    def result(self) -> Tensor:
        required, wanted = self._rate(*self._required), self._rate(*self._wanted)
        feasible = np.where(required >= self.value, wanted, np.float32(0))
        return Tensor(feasible.max(initial=0))

    def _rate(self, found, other):
        found = getattr(self, NAMES[found]).value
        return divide_no_nan(found, found + getattr(self, NAMES[other]).value)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self._argument: self.value,
        }


def spaced(count: int) -> list:
    """`count` thresholds from 0 to 1; one alone lies at 0.5."""
    if count == 1:
        return [0.5]
    room.take((count,), "a metric's thresholds")
    return [0.0, *((i + 1) * 1.0 / (count - 1) for i in range(count - 2)), 1.0]


class SensitivityAtSpecificity(_Best):
    """The best tp / (tp + fn) where tn / (tn + fp) is at least `specificity`."""

    _wanted, _required, _argument = ("tp", "fn"), ("tn", "fp"), "specificity"

    def __init__(
        self, specificity, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self._init(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(_Best):
    """The best tn / (tn + fp) where tp / (tp + fn) is at least `sensitivity`."""

    _wanted, _required, _argument = ("tn", "fp"), ("tp", "fn"), "sensitivity"

    def __init__(
        self, sensitivity, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self._init(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(_Best):
    """The best tp / (tp + fp) where tp / (tp + fn) is at least `recall`."""

    _wanted, _required, _argument = ("tp", "fp"), ("tp", "fn"), "recall"

    def __init__(
        self, recall, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self._init(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(_Best):
    """The best tp / (tp + fn) where tp / (tp + fp) is at least `precision`."""

    _wanted, _required, _argument = ("tp", "fn"), ("tp", "fp"), "precision"

    def __init__(
        self, precision, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self._init(precision, num_thresholds, class_id, name, dtype)
