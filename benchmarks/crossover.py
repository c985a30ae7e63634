"""Where each side wins: an MLP of every width on batches of every size."""

import statistics

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import sized
from benchmarks.runner import Settings
from benchmarks.units import number

NAME = "crossover"
WIDTHS = (8, 16, 32, 64, 128, 256, 512, 1024)
BATCHES = (1, 2, 8, 32, 128, 512)
TURNS = 3  # so that one disturbed run does not move the median
TITLE = "MLP w-w-w-10, relu, softmax, Adam; step time of tf.keras ÷ minikeras"


class Crossover:
    """Samples of seconds per step: `samples[library][width][batch]`, by place."""

    def __init__(self, widths: tuple[int, ...], batches: tuple[int, ...]):
        self.widths = widths
        self.batches = batches
        self.samples: dict[str, list[list[list[float]]]] = {}

    def ratios(self) -> list[list[float]]:
        """tf.keras's median ÷ minikeras's; a row per width. Empty without either."""
        if not self.samples.keys() >= set(sized.BOTH):
            return []
        median = statistics.median
        ours, theirs = (self.samples[library] for library in sized.BOTH)
        return [
            [median(b) / median(a) for a, b in zip(*rows, strict=True)]
            for rows in zip(ours, theirs, strict=True)
        ]

    def as_dict(self) -> dict:
        return {
            "what": TITLE,
            "widths": self.widths,
            "batches": self.batches,
            "seconds per step": self.samples,
            "ratios": self.ratios(),
        }


def run(settings: Settings, progress) -> Crossover:
    """Every width on every batch size; --quick: every other one."""
    every = 2 if settings.quick else 1
    found = Crossover(WIDTHS[::-every][::-1], BATCHES[::-every][::-1])
    seconds = 0.05 if settings.quick else 0.12
    with sized.workers("mlp", settings) as (workers, _):
        found.samples = {library: [] for library in workers}
        for width in found.widths:
            for rows in found.samples.values():
                rows.append([])
            for batch in found.batches:
                progress(f"crossover: width {width}, batch {batch}")
                sizes = {"inputs": width, "width": width, "batch": batch}
                samples = sized.step_seconds(workers, "mlp", sizes, seconds, TURNS)
                for library, values in samples.items():
                    found.samples[library][-1].append(values)
    return found


def show(found: Crossover, console: Console) -> None:
    ratios = found.ratios()
    if not ratios:
        console.print("crossover: needs both minikeras and tf.keras.")
        return
    table = Table(title=TITLE, title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("width", justify="right")
    for batch in found.batches:
        table.add_column(f"batch {batch}", justify="right")
    for width, row in zip(found.widths, ratios, strict=True):
        cells = (number(r) if r >= 1 else f"[bold red]{number(r)}[/]" for r in row)
        table.add_row(str(width), *cells)
    console.print(table)
    flat = [ratio for row in ratios for ratio in row]
    lost = sum(ratio < 1 for ratio in flat)
    console.print(
        f"minikeras is ahead in {len(flat) - lost} of {len(flat)} sizes, tf.keras in "
        f"{lost} (red); between {number(min(flat))} × and {number(max(flat))} ×.",
        highlight=False,
    )
