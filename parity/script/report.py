"""`python -m parity SCRIPT.py`: runs, compares, and says where the two part."""

import json
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from parity.script.compare import Comparison, compare
from parity.script.processes import Options, ScriptError, record

AGREES, PARTS = 0, 1


def run(options: Options, json_file: Path | None, console: Console) -> int:
    """0 if the two agree within rounding, 1 if they part; ScriptError otherwise."""
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
    if json_file:
        content = {"script": options.script, "seed": options.seed}
        content |= {"no_judge": trouble, **found.to_dict()}
        json_file.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return PARTS if found.part else AGREES


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
