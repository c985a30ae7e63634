"""The printed table: what was measured, the aims beside it, and every loss."""

import statistics

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import verdicts, workloads
from benchmarks.results import UNITS, Results
from benchmarks.units import number, quantity, scale

WIDTH = 122  # what the table needs, and what goes into a file or a pipe
COLUMNS = ("by hand", "scikit-learn", "minikeras", "tf.keras")
# (slow, fast): what the table compares.
RATIOS = (("tf.keras", "minikeras"), ("minikeras", "by hand"))
# All workloads together show these; one alone shows all measures.
MAIN = ("step, warm", "first fit", "whole process", "import, used", "peak memory")
QUIET = 0.05  # of the cores' time; a desktop at rest uses less

METHOD = """\
Medians, and below them least–most. Each library works in processes of its own, in
turns with the others. "by hand" is a plain NumPy loop that does the same work.
step, warm     fits of a model that has been fitted before, per training step (or
               per call), with all that fit does between steps and epochs
first fit      the first one of a process; tf.keras traces its graph in it
import, used   in a new interpreter, with every name that the workload takes
               (by hand: numpy)
whole process  from the start of python to the end of its first fit
peak memory    the most that that process had resident until then"""


def show(suite: list[Results], console: Console) -> None:
    """The table of all workloads, and the verdicts in words."""
    console.print(measures_table(suite))
    for results in suite:
        console.print(description(results), style="dim", highlight=False)
    console.print()
    for line in verdicts.lines(suite):
        console.print(line, highlight=False, soft_wrap=True)
    console.print()
    console.print(METHOD, style="dim", highlight=False)


def show_machine(machine: dict, suite: list[Results], console: Console) -> None:
    """`machine`: of machine.describe, with the `Neighbours`' share as "others"."""
    console.print(others_line(machine["others"]), highlight=False, soft_wrap=True)
    for line in machine_lines(machine, suite):
        console.print(line, style="dim", highlight=False, soft_wrap=True)


def measures_table(suite: list[Results]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for heading in COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for slow, fast in RATIOS:
        table.add_column(f"{slow}\n÷ {fast}", justify="right", no_wrap=True)
        table.add_column("aim", no_wrap=True)
    measures = tuple(UNITS) if len(suite) == 1 else MAIN
    for results in suite:
        table.add_row(f"[bold]{results.workload}[/]")
        for measure in measures:
            cells = [cell(results.values(measure, n), UNITS[measure]) for n in COLUMNS]
            for slow, fast in RATIOS:
                cells += ratio_cells(results, measure, slow, fast)
            table.add_row(f"  {measure}", *cells)
        table.add_section()
    return table


def description(results: Results) -> str:
    """What the workload is, and how often it was run."""
    firsts = max(map(len, results.samples["first fit"].values()), default=0)
    warm = max(map(len, results.counts.values()), default=0)
    title = workloads.load(results.workload).TITLE
    return f"{results.workload}: {title}; {firsts} first, {warm} warm runs"


def ratio_cells(results: Results, measure: str, slow: str, fast: str) -> list[str]:
    """The ratio, and the aim with its verdict if there is one."""
    ratio = results.ratio(measure, slow, fast)
    shown = "–" if ratio is None else f"{number(ratio)} ×"
    if slow == "tf.keras" and ratio is not None and ratio < 1:
        shown = f"[bold red]{shown}[/]"
    aims = [
        aim_cell(aim.bound, results.verdict(aim))
        for aim, _ in results.aims()
        if (aim.measure, aim.slow, aim.fast) == (measure, slow, fast)
    ]
    return [shown, "\n".join(aims)]


def others_line(share: float | None) -> str:
    """Whether the machine was quiet; `share` is from machine.Neighbours."""
    if share is None:
        return "How busy the machine was otherwise is not known."
    line = f"Other processes had {share:.0%} of the machine's cores meanwhile"
    if share <= QUIET:
        return f"{line}."
    return f"[bold red]{line}: repeat this on a quiet machine![/]"


def machine_lines(machine: dict, suite: list[Results]) -> list[str]:
    variables = [f"{k}={v}" for k, v in machine["thread variables"].items()]
    threads: dict[str, int | None] = {}
    for results in suite:
        threads |= results.threads
    running = [f"{library} {count}" for library, count in threads.items()]
    versions = [f"{k} {v or 'absent'}" for k, v in machine["versions"].items()]
    return [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"{machine['time']}",
        f"threads: {', '.join(running) or 'not counted'} "
        f"({', '.join(variables) or 'their defaults'})",
        ", ".join(versions),
    ]


def cell(values: list[float], unit: str) -> str:
    """The median, and below it the least and the most, in the same unit."""
    if not values:
        return "–"
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{quantity(middle, unit)}\n[dim]one run[/]"
    divisor, _ = scale(middle, unit)
    least, most = (number(pick(values) / divisor) for pick in (min, max))
    return f"{quantity(middle, unit)}\n[dim]{least}–{most}[/]"


def aim_cell(bound: str, verdict: str) -> str:
    colour = {"met": "green", "missed": "bold red", "not measured": "dim"}[verdict]
    return f"[{colour}]{bound} {verdict}[/]"
