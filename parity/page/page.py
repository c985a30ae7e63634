"""Findings to HTML. All that comes from the data is escaped by Jinja2."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from parity.findings import EXACT, REAL, Entry, Findings, Row, Trace
from parity.page import heat, plots
from parity.page.numbers import gap, number

HERE = Path(__file__).parent
NAMES = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "minikeras": "minikeras",
    "numpy": "NumPy",
    "cpu": "CPU",
}


@dataclass(frozen=True)
class Case:
    """The rows of one case."""

    name: str
    rows: list[Row]

    @property
    def missed(self) -> int:
        """How many of its rows."""
        return sum(not row.agrees for row in self.rows)


@dataclass(frozen=True)
class Run:
    """A training run, drawn."""

    name: str
    steps: list[plots.Step]
    plots: list[plots.Plot]
    maps: list[heat.Map]


def render(findings: Findings) -> str:
    """The page, whole in itself."""
    cases = cases_of(findings.rows)
    script = Markup((HERE / "page.js").read_text(encoding="utf-8"))
    return _template().render(
        findings=findings,
        sentence=sentence(findings),
        versions=[(NAMES.get(k, k), v) for k, v in _sorted(findings.versions)],
        count=lambda name: _count(findings.rows, name),
        cases=cases,
        missed=[row for case in cases for row in case.rows if not row.agrees],
        runs=[_run(trace) for trace in findings.traces],
        legend=heat.LEGEND,
        style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
        script=script,
        script_hash=_hash(script),
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "verdict": verdict,
        "apart": _apart,
        "breakable": breakable,
    }
    return environment.get_template("template.html.j2")


def _hash(script: str) -> str:
    """What the page's own policy knows its one script by."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def sentence(findings: Findings) -> str:
    """The verdict in one sentence."""
    rows, results = findings.rows, sum(row.count for row in findings.rows)
    if not rows:
        return "Nothing was compared."
    if findings.agree:
        said = "to the last bit" if _count(rows, EXACT) == len(rows) else "to rounding"
        return (
            f"tf.keras and minikeras agree {said}: {results:,} results in "
            f"{len(rows):,} rows, no miss."
        )
    missed = [row for row in rows if not row.agrees]
    names = dict.fromkeys(row.case for row in missed)
    where = f"in {next(iter(names))}" if len(names) == 1 else f"in {len(names)} cases"
    miss = "rows misses" if len(missed) == 1 else "rows miss"
    share = f"{len(missed):,} of {len(rows):,}"
    return f"tf.keras and minikeras part: {share} {miss}, {where}."


def verdict(row: Row) -> str:
    return row.verdict if row.agrees else REAL


def _count(rows: Sequence[Row], name: str) -> int:
    return sum(verdict(row) == name for row in rows)


def cases_of(rows: Sequence[Row]) -> list[Case]:
    """Cases in their order, those that miss first, and so for the rows of a case."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.case, []).append(row)
    cases = [
        Case(name, sorted(of_case, key=lambda row: row.agrees))
        for name, of_case in found.items()
    ]
    return sorted(cases, key=lambda case: not case.missed)


def _run(trace: Trace) -> Run:
    steps = plots.steps_of(trace.loss)
    drawn = [plots.loss_plot(steps), plots.difference_plot(steps)] if steps else []
    return Run(trace.run, steps, drawn, [heat.map_of(map) for map in trace.heat])


def breakable(name: str) -> Markup:
    """The name of a tensor, which a narrow column may break after / and _."""
    return escape(name).replace("/", Markup("/<wbr>")).replace("_", Markup("_<wbr>"))


def _apart(entry: Entry) -> str:
    return number(gap(entry.keras, entry.minikeras), 3)


def _sorted(versions: dict[str, str]) -> list[tuple[str, str]]:
    """Those that have a name here first, in the order of the names."""
    places = {key: i for i, key in enumerate(NAMES)}
    return sorted(versions.items(), key=lambda item: places.get(item[0], len(places)))
