"""`python -m parity SCRIPT.py`: runs, compares, and says where the two part."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from parity.findings import Findings
from parity.script.compare import Comparison, compare
from parity.script.processes import Options, ScriptError, record
from parity.script.rows import rows_of, trace_of
from parity.versions import installed


@dataclass
class Report:
    """A script's comparison; `trouble` says why there was no float64 run."""

    options: Options
    comparison: Comparison
    trouble: str | None

    def findings(self) -> Findings:
        """As for the built-in runs, under the script's name."""
        name = Path(self.options.script).name
        rows = rows_of(name, self.comparison, self.trouble)
        return Findings(installed(), rows, [trace_of(name, self.comparison)])

    def to_dict(self) -> dict:
        content = {"script": self.options.script, "seed": self.options.seed}
        content |= {"no_judge": self.trouble, **self.comparison.to_dict()}
        return content | self.findings().to_dict()


def run(options: Options, console: Console) -> Report:
    """Runs the script on the three sides and prints what was found; ScriptError if
    it cannot be compared."""
    if not Path(options.script).is_file():
        raise ScriptError(f"there is no file {options.script}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keras, minikeras = folder / "keras.events", folder / "minikeras.events"
        with console.status("running with tf.keras"):
            record("keras", keras, options)
        with console.status("running on minikeras"):
            record("minikeras", minikeras, options)
        with console.status("running on minikeras in float64"):
            judge, trouble = _judge(folder, minikeras, options)
        found = compare(keras, minikeras, judge)
    show(found, trouble, options, console)
    return Report(options, found, trouble)


def _judge(folder: Path, weights: Path, options: Options) -> tuple:
    """(the float64 recording, None), or (None, why there is none)."""
    path = folder / "judge.events"
    try:
        record("minikeras", path, options, weights)
    except ScriptError as error:
        return None, str(error)
    return path, None


def show(found: Comparison, trouble, options: Options, console: Console) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("runs", ", ".join(found.runs) or "none")
    table.add_row("steps in detail", str(found.steps))
    table.add_row("epochs", str(found.epochs))
    table.add_row("tensors", str(found.tensors))
    for kind, ratio in found.largest.items():
        table.add_row(f"  {kind}", f"at most {ratio:.2g} of what rounding explains")
    said = "[red]the two part[/]" if found.part else "[green]agree to rounding[/]"
    table.add_row("verdict", said)
    console.print(table)
    if trouble:
        console.print(f"No float64 run: {trouble}", markup=False)
    if found.part:
        console.print(str(found.part), style="red", markup=False, soft_wrap=True)
    elif found.drowned:
        console.print(
            f"Compared up to {found.drowned}: rounding alone has driven the runs so "
            "far apart by then that nothing later can be told from it.",
            markup=False,
        )
