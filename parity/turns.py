"""Hands work out: who is done takes the next piece, the long ones first, so that all
end at about the same time."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Worker = TypeVar("Worker")

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


def hand_out(
    names: Iterable[str],
    workers: Sequence[Worker],
    do: Callable[[Worker, str], None],
) -> None:
    """Calls `do(worker, name)` for each name, each worker in a thread of its own.
    What `do` raises ends that worker's work and is raised when the others have ended.
    """
    left = deque(longest_first(names))

    def work(worker: Worker) -> None:
        while left:
            try:
                name = left.popleft()
            except IndexError:  # another worker took the last one
                return
            do(worker, name)

    with ThreadPoolExecutor(len(workers)) as pool:
        ended = [pool.submit(work, worker) for worker in workers]
    for future in ended:
        future.result()
