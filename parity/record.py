"""The process that runs cases with one library: `python -m parity.record keras`.

It reads a case's name from each line of its input and answers with the pickled
outcome; VERSIONS in the place of a name asks for those of the library.
"""

import gc
import os
import pickle
import queue
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator

from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.library import Library
from parity.sides import JUDGE, VERSIONS
from parity.wide import WideLibrary


def spare_what_is_there() -> None:
    """Lets garbage collection pass over all that is loaded or kept by now:
    `clear_session`, which cases call often, collects, and looking through all of
    TensorFlow takes a tenth of a second and more."""
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


def names_wanted() -> Iterator[str]:
    """The lines of the input. Its end ends the process at once, in the middle of a
    case too: nobody is there any more to want the outcome."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line.strip())
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def main(library_name: str) -> None:
    """Until the end of the input. The library is keras, minikeras or, for minikeras
    in float64, JUDGE."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints goes to the log
    library = WideLibrary() if library_name == JUDGE else Library(library_name)
    warnings.simplefilter("ignore")
    for name in names_wanted():
        spare_what_is_there()
        versions = name == VERSIONS
        outcome = library.versions() if versions else run_case(name, library)
        pickle.dump(outcome, answers)
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
