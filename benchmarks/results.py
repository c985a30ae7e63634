"""The measured samples of a workload, their medians and ratios."""

import math
import statistics
from typing import Any

from benchmarks import workloads
from benchmarks.aims import Aim

UNITS = {
    "step, warm": "s",
    "first fit": "s",
    "import": "s",
    "import, used": "s",
    "whole process": "s",
    "cpu time": "s",
    "peak memory": "MB",
}


class Results:
    """Samples by measure and library, in the measure's unit (`UNITS`)."""

    def __init__(self, workload: str, epochs: int):
        self.workload = workload
        self.epochs = epochs  # of the first fit
        self.samples: dict[str, dict[str, list[float]]] = {m: {} for m in UNITS}
        self.counts: dict[str, list[int]] = {}  # epochs or calls of each warm run
        self.threads: dict[str, int | None] = {}
        self.histories: dict[str, dict[str, list[float]]] = {}
        self.failures: dict[str, str] = {}
        self.idle = 0.0  # the largest share of a core that waiting processes took

    def add(self, measure: str, library: str, value: float) -> None:
        self.samples[measure].setdefault(library, []).append(value)

    def values(self, measure: str, library: str) -> list[float]:
        """The samples, in the order in which they were taken; maybe none."""
        return self.samples[measure].get(library, [])

    def median(self, measure: str, library: str) -> float | None:
        values = self.values(measure, library)
        return statistics.median(values) if values else None

    def ratio(self, measure: str, slow: str, fast: str) -> float | None:
        """Median over median; None where a library was not measured."""
        above, below = self.median(measure, slow), self.median(measure, fast)
        return None if above is None or below is None else above / below

    def ratio_range(
        self, measure: str, slow: str, fast: str
    ) -> tuple[float, float] | None:
        """The least and the largest ratio that any two samples give."""
        above, below = self.values(measure, slow), self.values(measure, fast)
        if not above or not below:
            return None
        return min(above) / max(below), max(above) / min(below)

    def aims(self) -> list[tuple[Aim, float | None]]:
        """The workload's aims, each with the ratio that was measured."""
        return [
            (aim, self.ratio(aim.measure, aim.slow, aim.fast))
            for aim in workloads.load(self.workload).AIMS
        ]

    def verdict(self, aim: Aim) -> str:
        """ "met", "missed", or "not measured" where a library was left out.

        One that was tried and failed has missed.
        """
        ratio = self.ratio(aim.measure, aim.slow, aim.fast)
        if ratio is not None:
            return "met" if aim.met(ratio) else "missed"
        failed = aim.slow in self.failures or aim.fast in self.failures
        return "missed" if failed else "not measured"

    def losses(self, rival: str) -> list[tuple[str, float]]:
        """The measures in which minikeras is behind `rival`, with its multiple."""
        ratios = [(m, self.ratio(m, "minikeras", rival)) for m in UNITS]
        return [(m, ratio) for m, ratio in ratios if ratio is not None and ratio > 1]

    def reference(self) -> str | None:
        """Whose numbers the others' are held against: tf.keras's if it was run."""
        order = ("tf.keras", "minikeras", "by hand")
        return next((n for n in order if n in self.histories), None)

    def difference(self, library: str, other: str) -> float | None:
        """The largest difference of two histories, accuracies left aside.

        (A row near a tie may fall to either side.) None where one is missing;
        infinite where they differ in kind or length, or where a number is nan.
        """
        if library not in self.histories or other not in self.histories:
            return None
        one, two = (
            {n: v for n, v in self.histories[of].items() if "accuracy" not in n}
            for of in (library, other)
        )
        if {n: len(v) for n, v in one.items()} != {n: len(v) for n, v in two.items()}:
            return float("inf")
        gaps = [abs(a - b) for n in one for a, b in zip(one[n], two[n], strict=True)]
        return float("inf") if any(map(math.isnan, gaps)) else max(gaps)

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON: each sample, the medians, the aims' ratios."""
        reference = self.reference()
        return {
            "what": workloads.load(self.workload).TITLE,
            "epochs of the first fit": self.epochs,
            "threads": self.threads,
            "units": UNITS,
            "samples": self.samples,
            "epochs of each warm run": self.counts,
            "medians": {
                measure: {library: self.median(measure, library) for library in samples}
                for measure, samples in self.samples.items()
            },
            "aims": [
                {
                    "aim": str(aim),
                    "measured": ratio,
                    "verdict": self.verdict(aim),
                }
                for aim, ratio in self.aims()
            ],
            "histories": self.histories,
            f"differences from {reference}": {
                library: self.difference(library, reference)
                for library in self.histories
                if reference is not None
            },
            "failures": self.failures,
            "share of a core that waiting processes took": self.idle,
        }
