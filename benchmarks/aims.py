"""Aims: the ratios that a workload promises to reach."""


class Aim:
    """`slow`'s median over `fast`'s median in `measure`, bounded on one side."""

    def __init__(self, measure, slow, fast, at_least=None, at_most=None):
        self.measure = measure
        self.slow = slow
        self.fast = fast
        self.at_least = at_least
        self.at_most = at_most

    def met(self, ratio: float) -> bool:
        if self.at_least is not None:
            return ratio >= self.at_least
        return ratio <= self.at_most

    @property
    def bound(self) -> str:
        return f"≥ {self.at_least}" if self.at_most is None else f"≤ {self.at_most}"

    def __str__(self) -> str:
        return f"{self.measure}: {self.slow} ÷ {self.fast} {self.bound}"


def beside_tf_keras(warm: float) -> tuple[Aim, ...]:
    """A step `warm` times as fast as tf.keras's, in a third of its memory."""
    return (
        Aim("step, warm", "tf.keras", "minikeras", at_least=warm),
        Aim("peak memory", "tf.keras", "minikeras", at_least=3),
    )
