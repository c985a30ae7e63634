"""Runs cases with one library: `python -m parity.record keras OUT.pkl CASE …`."""

import gc
import pickle
import sys
import time
import traceback
import warnings
from pathlib import Path

from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.library import Library
from parity.sides import JUDGE
from parity.wide import WideLibrary

VERSIONS = "versions"


def spare_what_is_there() -> None:
    """Lets garbage collection pass over all that is loaded by now: `clear_session`,
    which cases call often, collects, and that takes half a second beside TensorFlow."""
    gc.collect()
    gc.freeze()


def run_case(name: str, library: Library) -> dict:
    """{"results": {key: array or text}, "error": text or None, "seconds": float}.

    The seconds are those of the processor: they vary less.
    """
    start = time.process_time()
    results: dict = {}
    error = None
    try:
        library.prepare()
        for key, value in CASES[name].function(library):
            if key in results:
                raise ValueError(f"Case {name} gives {key!r} twice")
            results[key] = library.to_numpy(value)
    except (
        Exception
    ):  # a failing case is a result: it must not end the recording of the others
        error = traceback.format_exc()
    return {"results": results, "error": error, "seconds": time.process_time() - start}


def main(library_name: str, path: str, *names: str) -> None:
    """Records the cases; each is appended when done. The library is keras, minikeras
    or, for minikeras in float64, JUDGE.

    The first entry, under VERSIONS, says with what it was recorded.
    """
    library = WideLibrary() if library_name == JUDGE else Library(library_name)
    spare_what_is_there()
    warnings.simplefilter("ignore")
    with Path(path).open("wb") as file:
        pickle.dump((VERSIONS, library.versions()), file)
        for name in names:
            pickle.dump((name, run_case(name, library)), file)
            file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
