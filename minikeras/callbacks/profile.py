"""Where the time of some batches goes, by Python's own profiler."""

from typing import Any

from minikeras.caller import warn

_ROWS = 40


def batches_to_profile(profile_batch) -> tuple[int, int]:
    """The first and the last batch, counted from 1; (0, 0) for none.

    `profile_batch` is a number, a pair, or a pair as a text: "10,20".
    """
    found = profile_batch
    if isinstance(found, str):
        found = [int(part) for part in found.split(",")]
    if isinstance(found, int):
        found = (found, found)
    is_pair = isinstance(found, (tuple, list)) and len(found) == 2
    if not is_pair or not 0 <= found[0] <= found[1]:
        raise ValueError(
            "profile_batch must be a non-negative integer or a pair of them, the first "
            f"and the last batch to profile. Received: {profile_batch!r}"
        )
    return tuple(found)


class BatchProfile:
    """Watches this thread from batch `first` to batch `last`.

    (What the shards of a large batch do on other threads counts as waiting.)
    """

    def __init__(self, first: int, last: int):
        self.first, self.last = first, last
        self._profiler: Any = None

    @property
    def is_running(self) -> bool:
        return self._profiler is not None

    def start(self) -> None:
        import cProfile  # serves only this

        profiler = cProfile.Profile()
        try:
            profiler.enable()
        except ValueError as error:  # Python allows one profiler at a time
            warn(f"The batches are not profiled: {error}")
            return
        self._profiler = profiler

    def stop(self) -> str:
        """A table in Markdown: the functions with the most time of their own first."""
        self._profiler.disable()
        import pstats  # serves only this

        stats: Any = pstats.Stats(self._profiler).stats  # type: ignore[attr-defined]
        self._profiler = None
        rows = sorted(stats.items(), key=lambda row: -row[1][2])[:_ROWS]
        lines = ["| own ms | with calls ms | calls | function |", "|---|---|---|---|"]
        for (path, line, name), (_, calls, own, total, _) in rows:
            place = name if path == "~" else f"{path}:{line} {name}"
            place = place.replace("|", "/").replace("<", "&lt;")
            lines.append(f"| {own * 1e3:.3f} | {total * 1e3:.3f} | {calls} | {place} |")
        return "\n".join(lines)
