"""Work by turns: who is done takes the next piece. With the long ones first all end at
about the same time."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, TypeVar

Worker, Item, Result = TypeVar("Worker"), TypeVar("Item"), TypeVar("Result")

# What takes tf.keras five seconds of the processor and more, the longest first.
LONGEST = (
    "iris.sequential_500_epochs",
    "training.fit_options",
    "networks.gru_network",
    "recurrent_training.trained",
    "embedding.trained",
    "recurrent.gru",
    "recurrent_training.dropout",
    "convolution.every_layer",
    "networks.normalized_network",
    "training.dropout_and_penalties",
    "noise.training",
    "embedding.masked_loss",
    "iris.subclassed_100_epochs",
    "text.fit_lines",
    "random.batch_order",
    "networks.lstm_network",
    "recurrent.lstm",
    "time_distributed.every_layer",
    "runs.gru",
    "runs.optimizers",
    "runs.metrics",
)


def longest_first(names: Iterable[str]) -> list[str]:
    """Those of LONGEST before the others, which stay in their order."""
    rank = {name: place for place, name in enumerate(LONGEST)}
    return sorted(names, key=lambda name: rank.get(name, len(rank)))


class Team(Generic[Worker]):
    """Workers side by side; each piece of work goes to the next one that is idle."""

    def __init__(self, workers: Sequence[Worker]):
        self._threads = ThreadPoolExecutor(len(workers))
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in workers:
            self._idle.put(worker)

    def run(self, do: Callable[[Worker, Item], Result], item: Item) -> Result:
        """do(worker, item), when a worker is idle."""
        worker = self._idle.get()
        try:
            return do(worker, item)
        finally:
            self._idle.put(worker)

    def submit(
        self, do: Callable[[Worker, Item], Result], item: Item
    ) -> "Future[Result]":
        """The same, without waiting for it; in the order of submission."""
        return self._threads.submit(self.run, do, item)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """Waits for what has begun and leaves out the rest."""
        self._threads.shutdown(cancel_futures=True)
