"""How time grows with the size of a batch or a sequence, and memory with epochs."""

import statistics

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import sized
from benchmarks.process import Worker, WorkerError
from benchmarks.runner import Settings
from benchmarks.units import quantity

NAME = "scaling"
TURNS = 3
# Which workload, the size that grows, its values, and the sizes that stay.
SERIES = (
    ("mlp", "batch", (32, 64, 128, 256, 512, 1024), {}),
    ("convnet", "batch", (8, 16, 32, 64, 128, 256), {}),
    ("lstm", "batch", (8, 16, 32, 64, 128, 256), {}),
    ("lstm", "steps", (10, 20, 40, 80, 160), {"batch": 64}),
)
EPOCHS = tuple(range(20, 201, 20))
# The workloads whose memory is watched, small enough for 200 epochs.
WATCHED = (
    ("mlp", {"inputs": 64, "width": 64, "batch": 32, "rows": 512}),
    ("convnet", {"batch": 16, "rows": 64}),
    ("lstm", {"batch": 16, "steps": 10, "rows": 128}),
)


def exponent(sizes, seconds) -> float:
    """e of seconds ≈ c · sizeᵉ, by least squares of the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def run(settings: Settings, progress) -> dict:
    """{"time": [a dict per series and library], "memory": [one per workload…]}."""
    return {"time": grow(settings, progress), "memory": watch(settings, progress)}


def grow(settings: Settings, progress) -> list[dict]:
    """An entry per series and library: its samples and exponents, or its error."""
    found = []
    for workload, size, values, kept in SERIES:
        samples: dict[str, list[list[float]]] = {}
        with sized.workers(workload, settings) as (workers, errors):
            try:
                for value in values:
                    progress(f"scaling: {workload}, {size} {value}")
                    taken = step_seconds(
                        workers, workload, kept | {size: value}, settings
                    )
                    for library, times in taken.items():
                        samples.setdefault(library, []).append(times)
            except WorkerError as error:
                errors |= dict.fromkeys(workers, str(error))
        for library in sized.BOTH:
            entry = {"workload": workload, "size": size, "library": library}
            if library in errors:
                found.append(entry | {"error": errors[library]})
            elif library in samples:
                found.append(entry | exponents(values, samples[library]))
    return found


def step_seconds(workers, workload: str, sizes: dict, settings: Settings):
    seconds = 0.1 if settings.quick else 0.3
    return sized.step_seconds(workers, workload, sizes, seconds, TURNS)


def exponents(values: tuple[int, ...], times: list[list[float]]) -> dict:
    """The samples with what they say about growth."""
    medians = [statistics.median(t) for t in times]
    half = len(values) // 2
    return {
        "values": values,
        "seconds per step": times,
        "exponent": exponent(values, medians),
        "exponent of the upper half": exponent(values[half:], medians[half:]),
    }


def watch(settings: Settings, progress) -> list[dict]:
    """Resident memory in MB at the end of each of EPOCHS, within one fit."""
    found = []
    for workload, sizes in WATCHED:
        for library in sized.BOTH:
            if library not in settings.libraries:
                continue
            progress(f"scaling: memory of {workload}, {library}")
            entry: dict = {"workload": workload, "library": library}
            try:
                entry["resident"] = resident(workload, library, sizes)
            except WorkerError as error:
                entry["error"] = str(error)
            found.append(entry)
    return found


def resident(workload: str, library: str, sizes: dict) -> list[float]:
    with Worker(workload, library) as worker:
        return worker.ask("memory", epochs=EPOCHS, sizes=sizes)["resident"]


def show(found: dict, console: Console) -> None:
    table = Table(
        title="Time of a step against size", title_style="bold", box=box.SIMPLE_HEAD
    )
    for heading in ("", "least", "most", "exponent", "of the upper half"):
        table.add_column(heading, justify="right" if heading else "left")
    for entry in found["time"]:
        name = f"{entry['workload']}, {entry['size']}, {entry['library']}"
        if "error" in entry:
            table.add_row(f"{name}: could not be run")
            continue
        values, times = entry["values"], entry["seconds per step"]
        ends = (
            f"{values[i]}: {quantity(statistics.median(times[i]), 's')}"
            for i in (0, -1)
        )
        table.add_row(
            name,
            *ends,
            f"{entry['exponent']:.2f}",
            f"{entry['exponent of the upper half']:.2f}",
        )
    console.print(table)
    console.print("An exponent of 1 is linear; below it, fixed costs are shared.")
    table = Table(
        title="Memory resident after epochs of one fit, MB",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("")
    for epoch in EPOCHS:
        table.add_column(str(epoch), justify="right")
    for entry in found["memory"]:
        name = f"{entry['workload']}, {entry['library']}"
        if "error" in entry:
            table.add_row(f"{name}: could not be run")
        else:
            table.add_row(name, *(f"{mb:.1f}" for mb in entry["resident"]))
    console.print(table)
