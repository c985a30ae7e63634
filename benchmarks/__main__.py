"""python -m benchmarks: minikeras beside tf.keras, plain NumPy and scikit-learn."""

import argparse
import json
import pathlib
import sys
from typing import Any

from rich.console import Console

from benchmarks import (
    busy,
    crossover,
    files,
    kernels,
    machine,
    report,
    runner,
    scaling,
    workloads,
)
from benchmarks.libraries import LIBRARIES, installed
from benchmarks.results import Results

# Each has `run(settings, progress)`, and `show` for what that found.
EXTRA: dict[str, Any] = {
    module.NAME: module for module in (crossover, scaling, kernels, busy, files)
}


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    chosen = options.what or [*workloads.NAMES, crossover.NAME]
    settings = settings_of(options)
    console = Console()
    if not console.is_terminal or console.width < report.WIDTH:
        console = Console(width=report.WIDTH)
    described = machine.describe()
    neighbours = machine.Neighbours()
    suite, extra = measure(chosen, settings)
    described["others"] = neighbours.share()

    if suite:
        report.show(suite, console)
    for name, found in extra.items():
        EXTRA[name].show(found, console)
    report.show_machine(described, suite, console)
    if options.quick:
        console.print("--quick: few and short runs; for a look, not for a claim.")
    for library in missing(options.without):
        line = f"{library} is not installed: pip install '.[bench]'"
        console.print(line, markup=False)
    if options.json:
        write_json(options.json, described, suite, extra)
    if options.png:
        from benchmarks import charts  # matplotlib, for this alone

        if not charts.save(options.png, suite, extra.get(crossover.NAME)):
            console.print("No chart: there is nothing to set beside tf.keras.")
    return 0


def measure(chosen: list[str], settings: runner.Settings):
    """(a list of Results, what the EXTRA ones found by their names)."""
    suite: list[Results] = []
    extra: dict[str, Any] = {}
    with Console(stderr=True).status("") as status:
        names = [n for n in chosen if n not in EXTRA] or ["mlp"]
        runner.warm_file_caches(names, settings, status.update)
        for name in chosen:
            if name in EXTRA:
                extra[name] = EXTRA[name].run(settings, status.update)
            else:
                suite.append(runner.run(name, settings, status.update))
    return suite, extra


def settings_of(options: argparse.Namespace) -> runner.Settings:
    runs = options.runs or (3 if options.quick else 9)
    processes = options.processes or (1 if options.quick else 3)
    return runner.Settings(
        processes=min(processes, runs),
        runs=runs,
        seconds=options.seconds or (0.3 if options.quick else 1.2),
        quick=options.quick,
        libraries=tuple(
            n for n in LIBRARIES if installed(n) and n not in options.without
        ),
    )


def missing(without: list[str]) -> list[str]:
    return [n for n in LIBRARIES if not installed(n) and n not in without]


def write_json(path: pathlib.Path, described: dict, suite, extra: dict) -> None:
    """Every sample, with the machine and the verdicts."""
    written = {
        "machine": described,
        "workloads": {results.workload: results.as_dict() for results in suite},
    }
    for name, found in extra.items():
        written[name] = found if isinstance(found, dict) else found.as_dict()
    path.write_text(json.dumps(written, indent=1), encoding="utf-8")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WORKLOAD",
        help=f"of {', '.join((*workloads.NAMES, *EXTRA))} (the workloads "
        f"and crossover)",
    )
    parser.add_argument(
        "--runs", type=positive, help="warm runs per library (9; --quick: 3)"
    )
    parser.add_argument(
        "--processes",
        type=positive,
        help="processes per library, over which the runs are spread, each with a "
        "first fit (3; --quick: 1)",
    )
    parser.add_argument(
        "--seconds", type=float, help="that a warm run takes (1.2; --quick: 0.3)"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=LIBRARIES,
        help="leave a library out (more than once for several)",
    )
    parser.add_argument(
        "--json", type=pathlib.Path, metavar="FILE", help="write every sample there"
    )
    parser.add_argument(
        "--png", type=pathlib.Path, metavar="FILE", help="draw two charts there"
    )
    parser.add_argument("--quick", action="store_true", help="a rough look")
    options = parser.parse_args(arguments)
    for name in options.what:
        if name not in (*workloads.NAMES, *EXTRA):
            parser.error(
                f"no workload {name!r}; there are "
                f"{', '.join((*workloads.NAMES, *EXTRA))}"
            )
    return options


def positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {text}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
