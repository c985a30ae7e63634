"""The tables of a fuzz run: what was found, and what was drawn how often."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from parity.fuzz import options, training
from parity.fuzz.bodies import MERGES
from parity.fuzz.graph_kinds import KINDS, graph_kinds, ops_of
from parity.fuzz.layer_table import TABLE
from parity.fuzz.spec import Draw, calls_in, names_in
from parity.fuzz.trial import PARTS, VERDICTS, Outcome

_LAYERS = (*TABLE, *MERGES, "Concatenate", "Dot", "Embedding")


def verdicts(outcomes: Iterable[Outcome], console: Console) -> None:
    counts = Counter(outcome.verdict for outcome in outcomes)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_row("draws", str(sum(counts.values())))
    for verdict in VERDICTS:
        style = "red" if verdict == PARTS and counts[verdict] else None
        table.add_row(f"  {verdict}", str(counts[verdict]), style=style)
    console.print(table)


def coverage(draws: Iterable[Draw], console: Console) -> None:
    """How many draws had each layer, optimizer, loss, kind of graph and so on."""
    drawn: dict[str, Counter] = {family: Counter() for family in _known()}
    for draw in draws:
        for family, names in _families(draw).items():
            drawn[family].update(names)
    table = Table(box=None, pad_edge=False, title="drawn", title_justify="left")
    table.add_column("family")
    table.add_column("of draws that had it")
    for family, known in _known().items():
        said = [f"{name} {drawn[family][name]}" for name in sorted(known)]
        said += [f"{n} {c}" for n, c in sorted(drawn[family].items()) if n not in known]
        table.add_row(family, ", ".join(said))
    console.print(table)


def _known() -> dict[str, tuple]:
    return {
        "layers": _LAYERS,
        "optimizers": tuple(training.OPTIMIZERS),
        "schedules": ("PiecewiseConstantDecay", *training.SCHEDULES),
        "losses": (),
        "metrics": (),
        "activations": tuple(options.ACTIVATIONS),
        "functional": KINDS,
        "ops": (),
    }


def _families(draw: Draw) -> dict[str, set[str]]:
    """The names in a draw by family; names in snake case count as their class."""
    calls = list(calls_in(draw))
    metrics = [metric for head in draw.heads for metric in head.metrics]
    found = {
        "layers": {c.name for c in calls if c.path.startswith("layers.")},
        "optimizers": {c.name for c in calls if c.path.count(".") == 2},
        "losses": {c.name for c in calls if c.path.startswith("keras.losses.")},
        "metrics": {c.name for c in calls if c.path.startswith("keras.metrics.")},
        "schedules": {c.name for c in calls if ".schedules." in c.path},
    }
    found["optimizers"] &= set(training.OPTIMIZERS)
    by_name = {name.lower(): name for name in training.OPTIMIZERS}
    found["optimizers"] |= {by_name[n] for n in names_in(draw.optimizer)}
    found["losses"] |= {name for h in draw.heads for name in names_in(h.loss)}
    found["metrics"] |= set(names_in(metrics))
    given = [c.options.get("activation", "linear") for c in calls]
    found["activations"] = {name for name in names_in(given) if name != "linear"}
    found["functional"] = graph_kinds(draw)
    found["ops"] = ops_of(draw.graph) if draw.graph else set()
    return found
