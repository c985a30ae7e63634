"""Trials side by side: tf.keras is what takes the time of a draw, on one core."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue

from parity.fuzz.spec import Draw
from parity.fuzz.trial import Outcome, Trial
from parity.sides import PROCESSES


class Trials:
    """Trials that run side by side, each with processes of its own."""

    def __init__(self, draws: int, *settings):
        """As many as are of use for so many draws; `settings` are those of a Trial."""
        count = min(PROCESSES, max(draws, 1))
        self._open = ExitStack()
        self._pool = ThreadPoolExecutor(count)
        self._idle: SimpleQueue[Trial] = SimpleQueue()
        for _ in range(count):
            self._idle.put(self._open.enter_context(Trial(*settings)))

    def run(self, drawn: Draw) -> Outcome:
        """By the next trial that is idle."""
        trial = self._idle.get()
        try:
            return trial.run(drawn)
        finally:
            self._idle.put(trial)

    def outcomes(self, draws: list[Draw]) -> Iterator[Outcome]:
        """In the order of the draws."""
        return self._pool.map(self.run, draws)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._pool.shutdown(cancel_futures=True)
        self._open.close()
