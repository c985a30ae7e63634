"""A fault: a text that stands once in minikeras, and what it becomes in a copy."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parity.sides import ROOT

# What no test needs of a checkout; and what Python is just compiling.
LEFT_OUT = (".git", ".*_cache", "*.pyc.*")


class FaultError(RuntimeError):
    """Faults cannot be planted or judged; the message is for the user."""


@dataclass(frozen=True)
class Fault:
    """`what` is wrong in a `file` of minikeras where `before` has become `after`.

    `topics` are the goldens that could find it and `tests` its family's: folders and
    files in tests/. Without them those of the file's family are taken (trial.py).
    """

    file: str
    what: str
    before: str
    after: str
    topics: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.file.removesuffix('.py')}: {self.what}"

    @property
    def family(self) -> str:
        """The first part of the file's path."""
        return self.file.removesuffix(".py").partition("/")[0]

    def applied(self, root: Path = ROOT) -> str:
        """The file below `root` with the fault; FaultError unless `before` is there
        once: then minikeras has changed, and the fault has to change with it."""
        path = root / "minikeras" / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        count = text.count(self.before)
        if count != 1:
            raise FaultError(
                f"{self.name}: minikeras/{self.file} should hold this once, and holds "
                f"it {count} times: {self.before!r}"
            )
        return text.replace(self.before, self.after)


@contextlib.contextmanager
def planted(fault: Fault | None) -> Iterator[Path]:
    """The root of a copy of this checkout that has the fault, or none."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        root = Path(name) / ROOT.name
        # With times: what Python has compiled of the sound files stays valid.
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_OUT))
        if fault:
            path = root / "minikeras" / fault.file
            path.write_text(fault.applied(root), encoding="utf-8")
        yield root
