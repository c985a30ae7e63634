"""python -m benchmarks iris: minikeras beside tf.keras and plain NumPy."""

import argparse
import pathlib
import sys

from rich.console import Console

from benchmarks import machine, report, runner, workloads

WIDTH = 108  # what the table needs, and what goes into a file or a pipe


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    workload = workloads.load(options.workload)
    runs = options.runs or (5 if options.quick else 15)
    epochs = options.epochs or (100 if options.quick else workload.EPOCHS)
    tf_runs = options.tf_runs
    if tf_runs is None:
        tf_runs = 1 if options.quick else 3
    tf_runs = min(tf_runs, runs) if runner.has_tensorflow() else 0

    console = Console()
    if not console.is_terminal or console.width < WIDTH:
        console = Console(width=WIDTH)
    described = machine.describe()
    neighbours = machine.Neighbours()
    with Console(stderr=True).status("") as status:
        try:
            results = runner.run(options.workload, epochs, runs, tf_runs, status.update)
        except runner.WorkerError as error:
            status.stop()
            print(error, file=sys.stderr)
            return 1
    described["others"] = neighbours.share()
    report.show(results, described, console)
    if options.quick:
        console.print("--quick: few runs, few epochs; for a look, not for a claim.")
    if not runner.has_tensorflow():
        line = "TensorFlow is not installed: pip install '.[bench]'"
        console.print(line, markup=False)
    if options.json:
        options.json.write_text(results.to_json(described), encoding="utf-8")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workload", choices=workloads.names())
    parser.add_argument(
        "--runs", type=positive, help="processes per measurement (15; --quick: 5)"
    )
    parser.add_argument(
        "--tf-runs",
        type=not_negative,
        help="the same for tf.keras, which takes long (3; --quick: 1; 0: leave it out)",
    )
    parser.add_argument(
        "--epochs", type=positive, help="(the workload's own; --quick: 100)"
    )
    parser.add_argument(
        "--json", type=pathlib.Path, metavar="FILE", help="write every sample there"
    )
    parser.add_argument("--quick", action="store_true", help="a rough look")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {text}")
    return int(text)


def not_negative(text: str) -> int:
    if int(text) < 0:
        raise argparse.ArgumentTypeError(f"expected 0 or more, got {text}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
