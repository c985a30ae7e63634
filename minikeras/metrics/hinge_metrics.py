"""Counterpart: keras/src/metrics/hinge_metrics.py. Means of the hinge losses."""

from minikeras.losses import categorical_hinge, hinge, squared_hinge
from minikeras.metrics.reduction_metrics import FunctionMetric


class Hinge(FunctionMetric):
    """The mean of `hinge`."""

    def __init__(self, name="hinge", dtype=None):
        super().__init__(hinge, name, dtype)


class SquaredHinge(FunctionMetric):
    """The mean of `squared_hinge`."""

    def __init__(self, name="squared_hinge", dtype=None):
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(FunctionMetric):
    """The mean of `categorical_hinge`."""

    def __init__(self, name="categorical_hinge", dtype=None):
        super().__init__(categorical_hinge, name, dtype)
