"""`python -m parity SCRIPT.py`: runs, compares, and says where the two part."""

import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from parity.findings import Findings
from parity.progress import doing
from parity.script.compare import Comparison, compare, named
from parity.script.processes import Options, ScriptError, record
from parity.script.rows import rows_of, trace_of
from parity.script.spread import SHAKEN, shaken
from parity.versions import installed

LISTED = 8  # runs
NAMED = 3  # of the tensors that are left out


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
        runs = _Runs(Path(name), options)
        keras, minikeras, judge = runs.sides()
        found = compare(keras, minikeras, judge, runs.shaken)
        if found.part:
            runs.repeat()
    show(found, runs.trouble, options, console)
    return Report(options, found, runs.trouble)


class _Runs:
    """The runs of a script: three, and more where these part. `trouble` says why
    there is no float64 run."""

    def __init__(self, folder: Path, options: Options):
        self._folder, self._options = folder, options
        self.trouble: str | None = None
        self._repeats = False

    def sides(self) -> tuple[Path, Path, Path | None]:
        """The recordings of tf.keras, minikeras and the judge, if there is one."""
        keras = self._record("keras", "1 of 3: running with tf.keras")
        minikeras = self._record("minikeras", "2 of 3: running on minikeras")
        said = "3 of 3: running on minikeras in float64"
        judge = None
        try:
            judge = self._record("minikeras", said, "judge", wide=True)
        except ScriptError as error:
            self.trouble = str(error)
        return keras, minikeras, judge

    def shaken(self, wide: bool) -> list[Path]:
        """For Spread: runs that start a few roundings off."""
        self.repeat()

        def record_one(path: Path, seed: int) -> None:
            said = f"the two part; how far does rounding go? {seed + 1} of {SHAKEN}"
            self._record("minikeras", said, path.stem, wide, shake=seed)

        return shaken(self._folder / ("wide" if wide else "narrow"), record_one)

    def repeat(self) -> None:
        """ScriptError if the script does not repeat itself: nothing can be said then.
        Runs it once more, the first time this is asked."""
        if self._repeats:
            return
        said = "the two part; does the script repeat itself on minikeras?"
        again = self._record("minikeras", said, "again")
        part = compare(self._path("minikeras"), again, None).part
        if part:
            raise ScriptError(
                "your script draws data that no seed fixes, or goes on from a file "
                f"of the run before: two runs on minikeras differ at {part.where}. "
                "Give each generator a seed: np.random.default_rng(0), "
                "random.Random(0)"
            )
        self._repeats = True

    def _record(
        self,
        library: str,
        said: str,
        name: str = "",
        wide: bool = False,
        shake: int | None = None,
    ) -> Path:
        path = self._path(name or library)
        weights = self._path("minikeras") if wide else None
        with doing(said):
            record(library, path, replace(self._options, shake=shake), weights)
        return path

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.events"


def show(found: Comparison, trouble, options: Options, console: Console) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("runs", _runs(found.runs))
    table.add_row("steps in detail", str(found.steps))
    table.add_row("epochs", str(found.epochs))
    table.add_row("tensors", str(found.tensors))
    for kind, ratio in found.largest.items():
        table.add_row(f"  {kind}", f"at most {ratio:.2g} of what rounding explains")
    if found.left_out:
        table.add_row("left out", escape(_left_out(found)))
    table.add_row("verdict", _verdict(found))
    console.print(table)
    if trouble:
        console.print(f"No float64 run: {trouble}", markup=False, soft_wrap=True)
    if found.part:
        console.print(str(found.part), style="red", markup=False, soft_wrap=True)
    elif found.drowned:
        console.print(
            f"From {found.drowned} on rounding alone moves what the model gives by "
            "more than a thousandth, and the two part by no more than it moves: a "
            "difference that is smaller would not be seen there.",
            markup=False,
            soft_wrap=True,
        )


def _runs(runs: list[str]) -> str:
    """ "1 (fit), 2 (evaluate)"; how many of each method where there are many."""
    if len(runs) <= LISTED:
        return ", ".join(runs) or "none"
    counts = Counter(run.partition("(")[2].rstrip(")") for run in runs)
    methods = ", ".join(f"{count} {method}" for method, count in counts.items())
    return f"{len(runs)}: {methods}"


def _verdict(found: Comparison) -> str:
    if found.part:
        return "[red]the two part[/]"
    if not found.drowned:
        return "[green]agree to rounding[/]"
    said = f"agree up to step {found.sure} of {found.steps}"
    if found.sure == found.steps:
        said = f"agree in all steps noted, and up to {found.drowned}"
    return f"[yellow]{said}[/]"


def _left_out(found: Comparison) -> str:
    """Where rounding alone decides: how many tensors, and which."""
    total = sum(count for _, count in found.left_out.values())
    names = [named(*key) for key in found.left_out]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{total}, which rounding alone decides: {', '.join(names[:NAMED])}{more}"
