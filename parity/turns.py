"""Work by turns: who is done takes the next piece. With the long ones first all end at
about the same time."""

import contextlib
import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
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


class TurnsError(RuntimeError):
    """Nobody can do the work; the message is for the user."""


@contextlib.contextmanager
def working(
    make: Callable[[], contextlib.AbstractContextManager[Worker]],
    count: int,
    scheduler: str | None = None,
) -> Iterator[Team[Worker]]:
    """A Team of `count` workers that `make` gives; or, with the address of a Dask
    scheduler, its like on that cluster (cluster.py), which has workers of its own."""
    if scheduler is None:
        with contextlib.ExitStack() as stack:
            workers = [stack.enter_context(make()) for _ in range(count)]
            yield stack.enter_context(Team(workers))
        return
    if importlib.util.find_spec("distributed") is None:
        raise TurnsError(
            "--scheduler needs Dask, which is not installed: pip install '.[cluster]'"
        )
    # Imported here: whoever has no cluster needs no Dask.
    with importlib.import_module("parity.cluster").Cluster(make, scheduler) as team:
        yield team
