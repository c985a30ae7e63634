"""Work by turns on a Dask cluster: what `turns.Team` is on this machine.

Each process of the cluster makes workers of its own when it needs them, one for each
of its threads at most, and keeps them to the end. It has to have the files of this
checkout: what is tried there should be what is tried here.
"""

import contextlib
import hashlib
import uuid
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic

from distributed import Client, Future

from parity.sides import ROOT
from parity.turns import Item, Result, TurnsError, Worker

ANSWER_LIMIT = 20.0  # seconds for the scheduler to answer
SOURCES = ("minikeras", "parity", "tests")


class Cluster(Generic[Worker]):
    """Has `run` and `submit` of a Team; what is submitted has to be picklable.

    TurnsError if nobody answers at the address, or without the files of this checkout.
    """

    def __init__(
        self,
        make: Callable[[], contextlib.AbstractContextManager[Worker]],
        address: str,
    ):
        self._make = make
        self._crew = uuid.uuid4().hex  # the workers of this cluster, among others
        try:
            self._client = Client(address, timeout=ANSWER_LIMIT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise TurnsError(
                f"no Dask scheduler answers at {address} ({error})"
            ) from error
        try:
            self._check()
        except BaseException:
            self._client.close()
            raise

    def _check(self) -> None:
        """TurnsError unless all have the same files as this process."""
        start = f"start it with PYTHONPATH={ROOT}, or a copy of that folder"
        try:
            found = self._client.run(fingerprint)
        except Exception as error:  # of whatever kind: it has no such function
            raise TurnsError(
                f"a Dask worker cannot import what it is to do ({error}): {start}"
            ) from error
        if not found:
            raise TurnsError("the Dask cluster has no workers")
        own = fingerprint()
        for worker, files in found.items():
            if files != own:
                raise TurnsError(
                    f"the Dask worker at {worker} does not have the files of this "
                    f"checkout: {start}"
                )

    def run(self, do: Callable[[Worker, Item], Result], item: Item) -> Result:
        """do(worker, item) by a worker of the cluster."""
        return self.submit(do, item).result()

    def submit(self, do: Callable[[Worker, Item], Result], item: Item) -> Future:
        """The same, without waiting for it."""
        return self._client.submit(turn, self._crew, self._make, do, item, pure=False)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """Leaves out what has not begun, and sends the workers home."""
        with self._client:
            self._client.run(dismiss, self._crew)


def fingerprint() -> str:
    """Of the files that a result depends on."""
    found = hashlib.sha256()
    for part in SOURCES:
        for path in sorted((ROOT / part).rglob("*")):
            if path.suffix in (".py", ".npz"):
                found.update(path.relative_to(ROOT).as_posix().encode())
                found.update(path.read_bytes())
    return found.hexdigest()


# In a process of the cluster: by crew, what ends its workers, and those that are idle.
_crews: dict[str, tuple[contextlib.ExitStack, SimpleQueue]] = {}


def turn(crew: str, make, do, item):
    """do(worker, item), by a worker of this process that is idle or a new one."""
    stack, idle = _crews.setdefault(crew, (contextlib.ExitStack(), SimpleQueue()))
    try:
        worker = idle.get_nowait()
    except Empty:
        worker = stack.enter_context(make())
    try:
        return do(worker, item)
    finally:
        idle.put(worker)


def dismiss(crew: str) -> None:
    """Ends the workers of this process."""
    stack, _ = _crews.pop(crew, (contextlib.ExitStack(), None))
    stack.close()
