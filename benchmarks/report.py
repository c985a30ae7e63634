"""The printed table: what was measured, the aims beside it, and every loss."""

import statistics

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import workloads
from benchmarks.results import LIBRARIES, RATIOS, UNITS, Results

# A loss near 1 has a float32 unit of 1.2e-7, and weights drift by a few units.
SAME_NUMBERS = 1e-6

QUIET = 0.05  # of the cores' time; a desktop at rest uses less

METHOD = """\
Each measurement is a process of its own, the libraries taking turns. Shown are
the median and, below it, least–most. "by hand" is a plain NumPy loop, "tuned" the
same with each call chosen for its speed.
import         the bare import statement in a new interpreter (by hand, tuned:
               numpy); minikeras loads next to nothing by it, not even NumPy, so
               what its import costs is the next row; tf.keras puts much off, too
import, used   the same, with every name that the workload takes from there
fit, first     the first model.fit of a process; tf.keras traces its graph in it
fit, warm      a second fit of the same model, after {warm_up} epochs that are not
               timed, so that no tracing is counted
whole process  from the start of python to its end: import, data, first fit
cpu time       user and system time of that process, over all its threads
peak memory    the most that that process had resident"""


def show(results: Results, machine: dict, console: Console) -> None:
    """Prints everything.

    `machine` is from benchmarks.machine.describe, with the share of its
    `Neighbours` as "others".
    """
    workload = workloads.load(results.workload)
    console.print(measures_table(results, workload))
    console.print(aims_table(results))
    for line in (*verdict_lines(results), others_line(machine["others"])):
        console.print(line, highlight=False, soft_wrap=True)
    console.print(METHOD.format(warm_up=workload.WARM_UP), style="dim", highlight=False)
    for line in machine_lines(machine, results.threads):
        console.print(line, style="dim", highlight=False, soft_wrap=True)


def measures_table(results: Results, workload) -> Table:
    steps = results.epochs * workload.STEPS
    table = Table(
        title=f"{workload.TITLE}\n{results.epochs} epochs, {steps} steps",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("", no_wrap=True)
    ratios = (f"{slow}\n/ {fast}" for slow, fast in RATIOS)
    for heading in (*LIBRARIES, *ratios):
        table.add_column(heading, justify="right", no_wrap=True)
    for measure in UNITS:
        cells = [_cell(results.values(measure, n), UNITS[measure]) for n in LIBRARIES]
        table.add_row(measure, *cells, *_ratio_cells(results, measure))
        if measure == "fit, warm":
            medians = [results.median(measure, n) for n in LIBRARIES]
            cells = ["–" if t is None else _median(t / steps, "s") for t in medians]
            table.add_row("– one step", *cells)
    table.add_section()
    for kind, measure in (("runs", "fit, warm"), ("– import", "import")):
        counts = [len(results.values(measure, n)) for n in LIBRARIES]
        table.add_row(kind, *(str(n) for n in counts))
    return table


def aims_table(results: Results) -> Table:
    table = Table(title="Aims", title_style="bold", box=box.SIMPLE_HEAD)
    for heading in ("aim", "measured", ""):
        table.add_column(heading)
    for aim, ratio in results.aims():
        if ratio is None:
            table.add_row(str(aim), "–", "not measured")
        else:
            verdict = "[green]met" if aim.met(ratio) else "[bold red]not met"
            table.add_row(str(aim), _number(ratio), verdict)
    return table


def verdict_lines(results: Results) -> list[str]:
    """Where minikeras is behind, and whether all trained the same."""
    lines = []
    for rival in ("tf.keras", "by hand", "tuned"):
        if rival not in results.histories:
            lines.append(f"{rival} was not measured.")
            continue
        behind = [f"{m} ({_number(r)} ×)" for m, r in results.losses(rival)]
        lines.append(
            f"minikeras is behind {rival} in: {', '.join(behind) or 'nothing'}."
        )
    reference = "tf.keras" if "tf.keras" in results.histories else "by hand"
    for library in LIBRARIES:
        difference = results.difference(library, reference)
        if library == reference or difference is None:
            continue
        line = f"{library} against {reference}: losses and accuracies of every epoch "
        if difference <= SAME_NUMBERS:
            line += f"equal to {difference:.1e}."
        else:
            line += f"[bold red]differ, by {difference:.1e}: not the same work![/]"
        lines.append(line)
    return lines


def others_line(share: float | None) -> str:
    """Whether the machine was quiet; `share` is from machine.Neighbours."""
    if share is None:
        return "How busy the machine was otherwise is not known."
    line = f"Other processes had {share:.0%} of the machine's cores meanwhile"
    if share <= QUIET:
        return f"{line}."
    return f"[bold red]{line}: repeat this on a quiet machine![/]"


def machine_lines(machine: dict, threads: dict) -> list[str]:
    variables = [f"{k}={v}" for k, v in machine["thread variables"].items()]
    running = [f"{library} {count}" for library, count in threads.items()]
    versions = [f"{k} {v or 'absent'}" for k, v in machine["versions"].items()]
    return [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"{machine['time']}",
        f"threads: {', '.join(running)} ({', '.join(variables) or 'their defaults'})",
        ", ".join(versions),
    ]


def _ratio_cells(results: Results, measure: str) -> list[str]:
    cells = []
    for slow, fast in RATIOS:
        ratio = results.ratio(measure, slow, fast)
        cell = "–" if ratio is None else f"{_number(ratio)} ×"
        loss = slow == "tf.keras" and ratio is not None and ratio < 1
        cells.append(f"[bold red]{cell}" if loss else cell)
    return cells


def _cell(values: list[float], unit: str) -> str:
    """The median, and below it the least and the most, in the same unit."""
    if not values:
        return "–"
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{_median(middle, unit)}\n[dim]one run"
    scale, _ = _scale(middle, unit)
    least, most = (_number(pick(values) / scale) for pick in (min, max))
    return f"{_median(middle, unit)}\n[dim]{least}–{most}"


def _median(value: float, unit: str) -> str:
    scale, unit_shown = _scale(value, unit)
    return f"{_number(value / scale)} {unit_shown}"


def _scale(value: float, unit: str) -> tuple[float, str]:
    """The unit to show a value in: seconds also as ms and µs."""
    if unit != "s" or value >= 1:
        return 1, unit
    return (1e-3, "ms") if value >= 1e-3 else (1e-6, "µs")


def _number(value: float) -> str:
    """Three digits, and all those before the point."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}"
