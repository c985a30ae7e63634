"""One process per workload and library: imports, then does what it is told.

    python -m benchmarks.worker WORKLOAD LIBRARY STATEMENT NAMES

First of all it times STATEMENT, an import, and the look-up of NAMES on `keras`.
Then it reads commands, one JSON object a line, and answers each with another:
    {"do": "run", "sizes": {...}, "count": n}
                       makes the task of these sizes and times its first run
    {"do": "calibrate", "seconds": s}   finds the count that takes s; not a result
    {"do": "again", "count": n}         rewinds the task and times it warm
    {"do": "memory", "sizes": {...}, "epochs": [...]}
                       memory resident at the end of these epochs of one fit
Between commands it waits for its input and takes no processor time.
"""

import sys
import time


def time_imports(statement: str, names: list[str]) -> dict[str, float]:
    """Seconds of the bare import, and with all that is used of it looked up."""
    scope: dict = {}
    start = time.perf_counter()
    exec(statement, scope)
    bare = time.perf_counter()
    for name in names:
        found = scope["keras"]
        for part in name.split("."):
            found = getattr(found, part)
    used = time.perf_counter()
    return {"import": bare - start, "import, used": used - start}


class Bench:
    """The state between commands: one task of one workload and library."""

    def __init__(self, workload, library: str):
        self._workload = workload
        self._library = library
        self._task = None

    def run(self, count: int, sizes: dict) -> dict:
        self._task = make_task(self._workload, self._library, sizes)
        start = time.perf_counter()
        history = self._task(count)
        seconds = time.perf_counter() - start
        plain = {name: [float(v) for v in row] for name, row in history.items()}
        return {
            "seconds": seconds,
            "cpu time": time.process_time(),
            **own_status(),
            "history": plain,
        }

    def again(self, count: int) -> dict:
        getattr(self._task, "rewind", lambda: None)()
        start = time.perf_counter()
        self._task(count)
        return {"seconds": time.perf_counter() - start}

    def calibrate(self, seconds: float) -> dict:
        unit = self._workload.UNIT
        # What a second fit still has to compile or cache.
        if self.again(unit)["seconds"] > 2 * seconds:
            return {"count": unit}
        count = unit
        while (taken := self.again(count)["seconds"]) < seconds / 8:
            count *= 2
        return {"count": max(1, round(count * seconds / taken / unit)) * unit}

    def memory(self, epochs: list[int], sizes: dict) -> dict:
        task = make_task(self._workload, self._library, sizes)
        callback = keras_module(self._library).callbacks.LambdaCallback
        seen = []

        def note(epoch, logs):
            if epoch + 1 in epochs:
                seen.append(own_status()["memory"])

        task(max(epochs), callbacks=[callback(on_epoch_end=note)])
        return {"resident": seen}


def own_status() -> dict:
    """Memory that this process has resident, its peak, in MB, and its threads.

    From Linux's /proc where there is one: getrusage counts in what the parent
    process had before this program replaced it, and knows no threads.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
    except FileNotFoundError:
        import resource  # Unix only

        unit = 1024**2 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        return {"peak memory": peak, "memory": peak, "threads": None}
    peak, now = (int(lines[n].removesuffix("kB\n")) for n in ("VmHWM", "VmRSS"))
    return {
        "peak memory": peak / 1024,
        "memory": now / 1024,
        "threads": int(lines["Threads"]),
    }


def private_output():
    """The real standard output; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def serve(bench: Bench, answers) -> None:
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(bench, command.pop("do"))(**command)
        except Exception as error:  # whatever it is, the table has to say it
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    workload_name, library_name, import_statement, used_names = sys.argv[1:]
    try:
        imports = time_imports(import_statement, used_names.split())
    except AttributeError as error:
        imports = {"error": f"{type(error).__name__}: {error}"}

    # Only now: what these import must not be loaded before it is timed.
    import json
    import os
    import traceback

    from benchmarks import workloads
    from benchmarks.libraries import keras_module, make_task

    output = private_output()
    print(json.dumps(imports), file=output, flush=True)
    if "error" not in imports:
        serve(Bench(workloads.load(workload_name), library_name), output)
