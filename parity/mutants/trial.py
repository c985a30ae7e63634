"""Which goldens and which tests find a fault: each kind up to the first that does."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from parity.mutants.fault import Fault, FaultError, planted
from parity.sides import environment

LIMIT = 1800.0  # seconds: what all tests take on a slow machine; a loop may be endless
EVERYTHING = ""  # a topic: all goldens

# Of faults that do not say it: by the first part of the file's path.
TOPICS = {
    "activations": ("activations.",),
    "callbacks": ("text.", "training."),
    "constraints": ("constraints.",),
    "initializers": ("initializers.",),
    "losses": ("losses.", "training."),
    "metrics": ("metrics.", "runs.metrics"),
    "optimizers": ("optimizers.", "large.updates", "runs.optimizers"),
    "random": ("random.", "initializers."),
    "regularizers": ("regularizers.",),
}


@dataclass(frozen=True)
class Checks:
    """What should agree and pass: topics of the goldens, and files of tests."""

    topics: tuple[str, ...]
    tests: tuple[str, ...]

    @staticmethod
    def of(fault: Fault) -> "Checks":
        """Those that could find the fault."""
        mirror = fault.family if "/" in fault.file else f"test_{fault.file}"
        topics = fault.topics or TOPICS.get(fault.family, (EVERYTHING,))
        return Checks(topics, fault.tests or (mirror,))

    @staticmethod
    def of_all(faults: Iterable[Fault]) -> "Checks":
        """All of theirs, each once."""
        each = [Checks.of(fault) for fault in faults]
        topics = dict.fromkeys(topic for checks in each for topic in checks.topics)
        tests = dict.fromkeys(test for checks in each for test in checks.tests)
        return Checks((EVERYTHING,) if EVERYTHING in topics else (*topics,), (*tests,))


@dataclass(frozen=True)
class Outcome:
    """What found a fault: a result of a golden and a test, "" for none."""

    fault: str
    goldens: str
    tests: str

    @property
    def found(self) -> bool:
        return bool(self.goldens or self.tests)


def judge(fault: Fault | None, checks: Checks) -> Outcome:
    """What the checks find if the fault is planted, or without any."""
    with planted(fault) as root:
        found = _golden(root, checks.topics), _tests(root, checks.tests)
    return Outcome(fault.name if fault else "no fault", *found)


def _golden(root: Path, topics: Iterable[str]) -> str:
    return next(filter(None, (_topic(root, topic) for topic in topics)), "")


def _topic(root: Path, topic: str) -> str:
    report = root / "found.json"
    only = ["--only", topic] if topic else []
    command = ["-m", "parity", "--golden", *only, "--json", str(report)]
    status, said = _run(root, command)
    if status == 0:
        return ""
    if status is None or not report.exists():  # minikeras cannot run at all
        return said
    rows = json.loads(report.read_text(encoding="utf-8"))["rows"]
    missed = next(row for row in rows if row["misses"])
    return f"{missed['case']}: {missed['misses'][0]['tensor']}"


def _tests(root: Path, names: Iterable[str]) -> str:
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
