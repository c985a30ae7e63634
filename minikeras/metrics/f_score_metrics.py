"""Counterpart: keras/src/metrics/f_score_metrics.py. Precision and recall in one."""

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.autodiff.quiet import quiet
from minikeras.config import epsilon
from minikeras.metrics.metric import Metric


class FBetaScore(Metric):
    """(1 + β²) · precision · recall / (β² · precision + recall), per class.

    Inputs (n, classes). A prediction is positive above `threshold`, or, without
    one, where it is the largest of its row. `average`: None (per class), "macro"
    (mean over classes), "weighted" (by their size) or "micro" (one count for all).
    """

    _direction = "up"

    def __init__(
        self, average=None, beta=1.0, threshold=None, name="fbeta_score", dtype=None
    ):
        super().__init__(name=name, dtype=dtype)
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(
                "Invalid `average` argument value. Expected one of: (None, 'micro', "
                f"'macro', 'weighted'). Received: average={average}"
            )
        if not isinstance(beta, float) or beta <= 0.0:
            raise ValueError(
                "Invalid `beta` argument value. It should be a Python float > 0. "
                f"Received: beta={beta} of type '{type(beta)}'"
            )
        if threshold is not None and not (
            isinstance(threshold, float) and 0.0 < threshold <= 1.0
        ):
            raise ValueError(
                "Invalid `threshold` argument value. It should be a Python float with "
                f"0 < threshold <= 1. Received: threshold={threshold} "
                f"of type '{type(threshold)}'"
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.axis = None if average == "micro" else 0
        self._built = False

    def _build(self, y_true, y_pred):
        if y_true.ndim != 2 or y_pred.ndim != 2:
            raise ValueError(
                f"{type(self).__name__} expects 2D inputs with shape (batch_size, "
                f"output_dim). Received: y_pred.shape={y_pred.shape}, "
                f"y_true.shape={y_true.shape}"
            )
        shape = () if self.average == "micro" else y_pred.shape[-1:]
        self.true_positives = self._zeros(shape, "true_positives")
        self.false_positives = self._zeros(shape, "false_positives")
        self.false_negatives = self._zeros(shape, "false_negatives")
        self.intermediate_weights = self._zeros(shape, "intermediate_weights")
        self._built = True

    def _zeros(self, shape, name):
        return self.add_variable(shape, "zeros", dtype=self.dtype, name=name)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = as_array(y_true, self.dtype), as_array(y_pred, self.dtype)
        if not self._built:
            self._build(y_true, y_pred)
        weight = y_true.dtype.type(1)
        if sample_weight is not None:
            weight = as_array(sample_weight, self.dtype)
            weight = weight[:, None] if weight.ndim else weight
        self._check_shapes(y_true, y_pred, weight)
        if self.threshold is None:
            largest = y_pred.max(-1, keepdims=True)
            positive = (y_pred >= largest) & (np.abs(y_pred) > 1e-9)
        else:
            positive = y_pred > self.threshold
        positive = positive.astype(self.dtype)
        for variable, terms in (
            (self.true_positives, positive * y_true),
            (self.false_positives, positive * (1 - y_true)),
            (self.false_negatives, (1 - positive) * y_true),
            (self.intermediate_weights, y_true),
        ):
            variable.value = variable.value + np.add.reduce(terms * weight, self.axis)

    def _check_shapes(self, y_true, y_pred, weight) -> None:
        """ValueError unless the counts have the shape of the state; a micro average
        takes weights of any shape, as in Keras."""
        try:
            shape = np.broadcast_shapes(y_true.shape, y_pred.shape, weight.shape)
            fits = self.average == "micro" or shape[1:] == self.true_positives.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"{type(self).__name__} expects `y_true` and `y_pred` of one shape "
                "(samples, classes) and a `sample_weight` of shape (samples,). "
                f"Received: y_true.shape={y_true.shape}, y_pred.shape={y_pred.shape}, "
                f"sample_weight.shape={weight.shape[:1] + weight.shape[2:]}"
            )

    def result(self) -> Tensor:
        return Tensor(quiet.run(self._score))

    def _score(self):
        tp, size = self.true_positives.value, self.intermediate_weights.value
        precision = tp / (tp + self.false_positives.value + epsilon())
        recall = tp / (tp + self.false_negatives.value + epsilon())
        square = self.beta**2
        score = precision * recall / (square * precision + recall + epsilon())
        score = score * (1 + square)
        if self.average == "weighted":
            return (score * (size / (size.sum() + epsilon()))).sum()
        return score if self.average is None else score.mean()

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


class F1Score(FBetaScore):
    """`FBetaScore` with β = 1: the harmonic mean of precision and recall."""

    def __init__(self, average=None, threshold=None, name="f1_score", dtype=None):
        super().__init__(
            average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype
        )

    def get_config(self) -> dict:
        config = super().get_config()
        del config["beta"]
        return config
