"""Steps of both libraries side by side, a row each, and the aim of their ratio."""

import statistics
from collections.abc import Callable

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import report, sized
from benchmarks.aims import Aim
from benchmarks.process import WorkerError
from benchmarks.units import number


class Pairs:
    """`samples[row][library]`: seconds per step.

    `aims[row]` bounds minikeras's median ÷ tf.keras's; a row may have none.
    `failures` says by row, or by library for all rows, why there are no samples.
    """

    def __init__(self, title: str, failures: dict[str, str]):
        self.title = title
        self.failures = failures
        self.samples: dict[str, dict[str, list[float]]] = {}
        self.aims: dict[str, Aim] = {}

    def add(
        self, row: str, measure: Callable[[], dict], at_most: float | None = None
    ) -> None:
        """A row with what `measure()` gives, or with the WorkerError that it raises."""
        self.samples[row] = {}
        if at_most is not None:
            self.aims[row] = Aim("step, warm", *sized.BOTH, at_most=at_most)
        try:
            self.samples[row] = measure()
        except WorkerError as error:
            self.failures[row] = str(error)

    def ratio(self, row: str) -> float | None:
        """None where a library was not measured."""
        ours, theirs = (self.samples[row].get(library) for library in sized.BOTH)
        if not ours or not theirs:
            return None
        return statistics.median(ours) / statistics.median(theirs)

    def verdict(self, row: str) -> str:
        """Of `Results.verdict`; "" without an aim."""
        if row not in self.aims:
            return ""
        ratio = self.ratio(row)
        if ratio is None:
            failed = not self.failures.keys().isdisjoint((row, *sized.BOTH))
            return "missed" if failed else "not measured"
        return "met" if self.aims[row].met(ratio) else "missed"

    def missed(self) -> list[str]:
        return [row for row in self.samples if self.verdict(row) == "missed"]

    def as_dict(self) -> dict:
        return {
            "what": self.title,
            "seconds per step": self.samples,
            "ratios": {row: self.ratio(row) for row in self.samples},
            "verdicts": {row: self.verdict(row) for row in self.samples},
            "failures": self.failures,
        }


def show(found: Pairs, console: Console) -> None:
    """The table, and the missed aims by name."""
    table = Table(title=found.title, title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for heading in (*sized.BOTH, "minikeras\n÷ tf.keras"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("aim", no_wrap=True)
    for row, samples in found.samples.items():
        ratio, verdict = found.ratio(row), found.verdict(row)
        table.add_row(
            row,
            *(report.cell(samples.get(library, []), "s") for library in sized.BOTH),
            "–" if ratio is None else f"{number(ratio)} ×",
            verdict and report.aim_cell(found.aims[row].bound, verdict),
        )
    console.print(table)
    for name, why in found.failures.items():
        console.print(f"{name} could not be run: {why}", markup=False)
    missed = found.missed()
    named = f" Missed: {', '.join(missed)}." if missed else ""
    met = sum(found.verdict(row) == "met" for row in found.aims)
    console.print(f"{met} of {len(found.aims)} aims are met.{named}", highlight=False)
