"""Counterpart: keras/src/utils/progbar.py. The progress bar, sign for sign."""

import os
import re
import sys
import time
from collections.abc import Iterable

import numpy as np

from minikeras.utils.io_utils import print_msg

_BOLD, _GREEN, _WHITE, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class Progbar:
    """Shows how many of `target` steps are done, the time, and some values.

    Args: `target` is the number of steps, None if unknown. `verbose` is 0 for
    silence, 1 for a bar drawn over itself (at most every `interval` seconds),
    2 for a single line at the end. Values named in `stateful_metrics` are shown
    as they come and all others averaged over the steps; `stateless_metrics`
    instead names those to average. `unit_name` is what a step is called.
    """

    def __init__(
        self,
        target,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "Expected `stateful_metrics` or `stateless_metrics`, not both. "
                f"Received: stateful_metrics={stateful_metrics!r}, "
                f"stateless_metrics={stateless_metrics!r}"
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = (
            None if stateless_metrics is None else set(stateless_metrics)
        )
        self._redraws = _stdout_can_redraw()
        self._values: dict[str, list] = {}  # name: [sum, number of steps in it]
        self._seen_so_far = 0
        self._start = time.time()
        self._after_first_step: float | None = None
        self._last_update = 0.0
        self._drawn_width = 0

    def update(self, current, values=None, finalize=None) -> None:
        """Shows that `current` steps are done, with `(name, value)` pairs.

        `finalize` says that this is the last call; None means `current >= target`.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._collect(current, values or (), finalize)
        self._seen_so_far = current
        now = time.time()
        seconds = self._estimate_step_duration(current, now)
        if self.verbose == 1:
            if now - self._last_update < self.interval and not finalize:
                return
            self._draw(current, now, seconds, finalize)
        elif self.verbose == 2 and finalize and self._target_is_known():
            self._print_line(current, now, seconds)
        self._last_update = now

    def add(self, n, values=None) -> None:
        """`update` with `n` more steps than last time."""
        self.update(self._seen_so_far + n, values)

    def _collect(self, current, values, finalize):
        # At least one: without a target the last step is shown twice.
        steps = max(current - self._seen_so_far, 1)
        for name, value in values:
            if finalize or not self._is_averaged(name):
                self._values[name] = [value, 1]
            elif name not in self._values:
                self._values[name] = [value * steps, steps]
            else:
                entry = self._values[name]
                entry[0] += value * steps
                entry[1] += steps

    def _is_averaged(self, name) -> bool:
        if self.stateless_metrics is None:
            return name not in self.stateful_metrics
        return name in self.stateless_metrics

    def _target_is_known(self) -> bool:
        return self.target is not None and self.target > 0

    def _estimate_step_duration(self, current, now) -> float:
        """Seconds a step, leaving out the first, which is rarely like the others."""
        if not current:
            return 0
        if self._after_first_step is not None and current > 1:
            seconds = (now - self._after_first_step) / (current - 1)
        else:
            seconds = (now - self._start) / current
        if current == 1:
            self._after_first_step = now
        return seconds

    def _draw(self, current, now, seconds, finalize):
        if self._target_is_known() and not finalize:
            shown_time = _countdown(seconds * (self.target - current))
        else:
            shown_time = f"{now - self._start:.0f}s"
        line = f"{self._bar(current)} {_BOLD}{shown_time}{_PLAIN}"
        line += _step_time(seconds, self.unit_name)
        for name, (total, count) in self._values.items():
            line += f" - {name}: {_value_text(total, count, signed=True)}"
        width = len(re.sub(r"\x1b\[\d+m", "", line))
        wipe = " " * (self._drawn_width - width)
        back = "\b" * self._drawn_width + "\r" if self._redraws else "\n"
        print_msg(back + line + wipe + ("\n" if finalize else ""), line_break=False)
        self._drawn_width = width

    def _bar(self, current) -> str:
        if not self._target_is_known():
            return f"{current:7d}/Unknown"
        done = int(self.width * (current / self.target))
        green = f"{_GREEN}{'━' * done}{_PLAIN}" if done > 0 else ""
        white = f"{_WHITE}{'━' * (self.width - done)}{_PLAIN}"
        return f"{_BOLD}{self._count(current)}{_PLAIN} {green}{white}"

    def _count(self, current) -> str:
        total = str(int(self.target))
        return f"{int(current):{len(total)}d}/{total}"

    def _print_line(self, current, now, seconds):
        line = f"{self._count(current)} - {now - self._start:.0f}s -"
        line += _step_time(seconds, self.unit_name)
        for name, (total, count) in self._values.items():
            line += f" - {name}: {_value_text(total, count, signed=False)}"
        print_msg(line)


def _stdout_can_redraw() -> bool:
    # "posix" is loaded on every Unix, so even a file gets a bar drawn over itself.
    return (
        (hasattr(sys.stdout, "isatty") and sys.stdout.isatty())
        or "ipykernel" in sys.modules
        or "posix" in sys.modules
        or "PYCHARM_HOSTED" in os.environ
    )


def _value_text(total, count, signed) -> str:
    """Four decimals, or scientific below a thousandth.

    Unsigned, a negative value counts as small: the single line of verbose 2 does so.
    """
    mean = (total if isinstance(total, float) else np.mean(total)) / max(1, count)
    return f"{mean:.4f}" if (abs(mean) if signed else mean) > 1e-3 else f"{mean:.4e}"


def _countdown(seconds) -> str:
    """Hours and minutes only where there are some.

    >>> _countdown(9.7), _countdown(61), _countdown(3601)
    ('9s', '1:01', '1:00:01')
    """
    minutes, rest = divmod(int(seconds), 60)
    if seconds > 3600:
        return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
    if seconds > 60:
        return f"{minutes}:{rest:02d}"
    return f"{int(seconds)}s"


def _step_time(seconds, unit_name) -> str:
    """In the unit that leaves a whole number: s, ms or us.

    >>> _step_time(0.0042, "step")
    ' 4ms/step'
    """
    if seconds >= 1 or seconds == 0:
        return f" {seconds:.0f}s/{unit_name}"
    if seconds >= 1e-3:
        return f" {seconds * 1e3:.0f}ms/{unit_name}"
    return f" {seconds * 1e6:.0f}us/{unit_name}"
