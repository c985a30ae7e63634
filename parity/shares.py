"""Divides the cases among processes, so that they take about the same time."""

# Seconds of the processor for the cases that take tf.keras more than two.
SECONDS: dict[str, float] = {}
USUAL = 0.3


def shares(names: list[str], count: int) -> list[list[str]]:
    """`count` lists of names, each in the order given: the longest case first goes
    to whoever has the least so far."""
    totals = [0.0] * count
    owner: dict[str, int] = {}
    for name in sorted(names, key=seconds_of, reverse=True):
        owner[name] = totals.index(min(totals))
        totals[owner[name]] += seconds_of(name)
    return [[n for n in names if owner[n] == index] for index in range(count)]


def seconds_of(name: str) -> float:
    return SECONDS.get(name, USUAL)
