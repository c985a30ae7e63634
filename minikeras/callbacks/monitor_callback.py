"""Counterpart: keras/src/callbacks/monitor_callback.py. Is a logged number better?"""

import numpy as np

from minikeras.callbacks.callback import Callback
from minikeras.caller import warn


class MonitorCallback(Callback):
    """Base class of callbacks that compare one entry of the logs from epoch to epoch.

    Better is lower (mode "min") or higher ("max") by more than `min_delta`; "auto" asks
    the loss, or the metric of `compile` that has the name. Numbers are compared in
    float32, as in Keras.
    """

    def __init__(self, monitor="val_loss", mode="auto", baseline=None, min_delta=0):
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warn(
                f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto "
                "mode."
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self._sign: int | None = None  # 1 where higher is better

    def _is_improvement(self, value, reference) -> bool:
        if reference is None:
            return True
        sign = self._know_direction()
        threshold = value - sign * self.min_delta
        return bool(np.float32(sign * threshold) > np.float32(sign * reference))

    def _know_direction(self) -> int:
        """`_direction`, asked once: the model's metrics are not there before."""
        if self._sign is None:
            self._sign = self._direction()
        return self._sign

    def _direction(self) -> int:
        """1 where higher is better, -1 where lower is; ValueError if nobody knows."""
        if self.mode != "auto":
            return 1 if self.mode == "max" else -1
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return -1
        for metric in getattr(self.model, "metrics", ()):
            # Only those of `compile`: the mean that a model keeps for itself may be one
            # of errors or of scores.
            for part in getattr(metric, "metrics", ()):
                if part.name == name and hasattr(part, "_direction"):
                    return 1 if part._direction == "up" else -1
        raise ValueError(
            f"{type(self).__name__} cannot tell whether monitor={self.monitor!r} is to "
            "rise or to fall. Pass mode='max' where the highest value is the best, "
            "mode='min' where the lowest is."
        )

    def _monitored(self, logs, purpose: str, stop: str = ""):
        """The entry of the logs; a warning, and None, if there is none."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warn(
                f"{purpose} conditioned on metric `{self.monitor}` which is not "
                f"available. Available metrics are: {','.join(logs or {})}{stop}"
            )
        return value
