"""Which goldens and which tests find a fault: each kind up to the first that does."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from parity.mutants.fault import Fault, FaultError, planted
from parity.sides import environment

LIMIT = 600.0  # seconds; a fault may make a loop endless
EVERYTHING = ""  # a topic: all goldens

# Of faults that do not say it: by the first part of the file's path.
TOPICS = {
    "activations": ("activations.",),
    "callbacks": ("text.", "training."),
    "constraints": ("constraints.",),
    "initializers": ("initializers.",),
    "losses": ("losses.", "training."),
    "metrics": ("metrics.", "runs.metrics"),
    "optimizers": ("optimizers.", "runs.optimizers"),
    "random": ("random.", "initializers."),
    "regularizers": ("regularizers.",),
}


@dataclass(frozen=True)
class Check:
    """Something that should agree or pass: a topic of the goldens, or some tests."""

    kind: str  # "goldens" or "tests"
    names: tuple[str, ...]

    def finds(self, root: Path) -> str:
        """What part of it fails in the copy at `root`, "" if all is well."""
        return (_golden if self.kind == "goldens" else _tests)(root, self.names)


@dataclass(frozen=True)
class Outcome:
    """What found a fault, "" for nothing."""

    fault: str
    goldens: str
    tests: str

    @property
    def found(self) -> bool:
        return bool(self.goldens or self.tests)


def checks_of(fault: Fault) -> list[Check]:
    """The goldens topic by topic, then the tests."""
    topics = fault.topics or TOPICS.get(fault.family, (EVERYTHING,))
    mirror = fault.family if "/" in fault.file else f"test_{fault.file}"
    return [
        *(Check("goldens", (topic,)) for topic in topics),
        Check("tests", fault.tests or (mirror,)),
    ]


def sound(check: Check) -> str:
    """What the check finds where there is no fault: nothing, or it proves nothing."""
    with planted(None) as root:
        return check.finds(root)


def judge(fault: Fault) -> Outcome:
    """Plants the fault and runs its checks; the goldens end with the first miss."""
    found = {"goldens": "", "tests": ""}
    with planted(fault) as root:
        for check in checks_of(fault):
            found[check.kind] = found[check.kind] or check.finds(root)
    return Outcome(fault.name, **found)


def _golden(root: Path, topics: tuple[str, ...]) -> str:
    report = root / "found.json"
    report.unlink(missing_ok=True)
    only = ["--only", topics[0]] if topics[0] else []
    command = ["-m", "parity", "--golden", *only, "--json", str(report)]
    status, said = _run(root, command)
    if status == 0:
        return ""
    if status is None or not report.exists():  # minikeras cannot run at all
        return said
    rows = json.loads(report.read_text(encoding="utf-8"))["rows"]
    missed = next(row for row in rows if row["misses"])
    return f"{missed['case']}: {missed['misses'][0]['tensor']}"


def _tests(root: Path, names: tuple[str, ...]) -> str:
    paths = [f"tests/{name}" for name in names]
    options = ["-q", "-x", "-p", "no:cacheprovider", "--tb=no", "--no-header"]
    status, said = _run(root, ["-m", "pytest", *options, *paths])
    if status in (4, 5):  # pytest's for a wrong path and for no tests
        raise FaultError(f"there are no tests to run in {paths}")
    return said if status else ""


def _run(root: Path, command: list[str]) -> tuple[int | None, str]:
    """The exit status, None if it did not end, and what it says of what failed."""
    # One BLAS thread: the other cores have faults of their own.
    variables = {**environment(), "PYTHONPATH": str(root), "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=root,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that what it started ends with it
    )
    try:
        said, _ = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return None, f"no end within {LIMIT:g} s"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return process.returncode, _summary(said)


def _summary(said: str) -> str:
    """The test that failed first, or the last line."""
    lines = said.strip().splitlines() or ["without a word"]
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return failed[0].partition(" ")[2].partition(" - ")[0] if failed else lines[-1]
