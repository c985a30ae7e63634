"""Run by tests: loads the models in a folder, and says what each comes to."""

import json
import resource
import sys
import warnings
from pathlib import Path

from minikeras.models import load_model


def peak() -> float:
    """The most memory that this process had so far, in MB."""
    with open("/proc/self/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def outcome(path: Path) -> dict:
    before = peak()
    try:
        load_model(path)
        error = None
    except (ValueError, OSError):
        error = "refused"
    except BaseException as raised:
        error = type(raised).__name__
    return {"error": error, "memory": peak() - before}


def main(folder: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
    warnings.simplefilter("ignore")
    paths = sorted(Path(folder).glob("*.keras"), key=lambda path: int(path.stem))
    print(json.dumps({path.name: outcome(path) for path in paths}))


if __name__ == "__main__":
    main(sys.argv[1])
