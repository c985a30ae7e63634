"""What the numbers say, in words: missed aims, losses, and work that differs."""

from benchmarks import workloads
from benchmarks.results import Results
from benchmarks.units import number, quantity

# A waiting process that takes more than this of a core disturbs the one measured.
IDLE = 0.02
RED = "[bold red]{}[/]"


def lines(suite: list[Results]) -> list[str]:
    return [
        *failures(suite),
        *missed(suite),
        *behind(suite),
        *agreement(suite),
        *tuned(suite),
        *disturbed(suite),
    ]


def failures(suite: list[Results]) -> list[str]:
    return [
        RED.format(f"{r.workload}: {library} could not run it") + f": {_plain(why)}"
        for r in suite
        for library, why in r.failures.items()
    ]


def missed(suite: list[Results]) -> list[str]:
    """A line for each aim that was missed, and the aims that were not looked at."""
    found, unknown, count = [], [], 0
    for results in suite:
        for aim, ratio in results.aims():
            count += 1
            verdict = results.verdict(aim)
            if verdict == "missed":
                reached = "it failed" if ratio is None else f"is {ratio:.4g}"
                found.append(f"  missed: {results.workload}, {aim}: {reached}.")
            elif verdict == "not measured":
                unknown.append(f"  not measured: {results.workload}, {aim}.")
    head = f"{count - len(found) - len(unknown)} of {count} aims are met"
    if found:
        head = RED.format(f"{head}, {len(found)} are missed")
    return [f"{head}:" if found or unknown else f"{head}.", *found, *unknown]


def behind(suite: list[Results]) -> list[str]:
    """Every measure in which minikeras needs more than another."""
    said = []
    for rival in ("tf.keras", "scikit-learn", "by hand"):
        if not any(rival in r.histories for r in suite):
            said.append(f"{rival} was not measured.")
            continue
        found = []
        for results in suite:
            losses = [f"{m} {number(ratio)} ×" for m, ratio in results.losses(rival)]
            if losses:
                found.append(f"{results.workload} ({'; '.join(losses)})")
        listed = ", ".join(found) or "nothing"
        said.append(f"minikeras is behind {rival} in: {listed}.")
    return said


def agreement(suite: list[Results]) -> list[str]:
    """Whether all did the same work: the losses of the first fit."""
    said = []
    for results in suite:
        reference = results.reference()
        allowed = workloads.load(results.workload).TOLERANCE
        found = []
        for library in results.histories:
            if library == reference:
                continue
            if library == "scikit-learn" and "loss" in results.histories[library]:
                said.append(_own_start(results, library, reference))
                continue
            difference = results.difference(library, reference)
            assert difference is not None
            text = f"{library} {difference:.1e}"
            if difference > allowed:
                text = RED.format(f"{text}, not the same work!")
            found.append(text)
        if found:
            said.append(
                f"{results.workload}: largest difference from {reference}'s losses "
                f"in the first fit: {', '.join(found)} (allowed: {allowed:.0e})."
            )
    return said


def tuned(suite: list[Results]) -> list[str]:
    said = []
    for results in suite:
        ratio = results.ratio("step, warm", "minikeras", "tuned")
        step = results.median("step, warm", "tuned")
        if ratio is not None and step is not None:
            said.append(
                f"{results.workload}: the hand-written loop tuned call by call takes "
                f"{quantity(step, 's')} a step, minikeras {number(ratio)} × as long."
            )
    return said


def disturbed(suite: list[Results]) -> list[str]:
    return [
        RED.format(
            f"{r.workload}: the processes that waited took up to {r.idle:.0%} of a "
            "core while another was measured."
        )
        for r in suite
        if r.idle > IDLE
    ]


def _own_start(results: Results, library: str, reference: str | None) -> str:
    own = results.histories[library]["loss"][-1]
    line = (
        f"{results.workload}: {library} draws other weights and orders of rows, and "
        f"counts no accuracy; its last loss is {own:.3g}"
    )
    if reference is None:
        return f"{line}."
    return f"{line}, {reference}'s {results.histories[reference]['loss'][-1]:.3g}."


def _plain(message: str) -> str:
    """The last line, without what rich would take for its markup."""
    lines = message.strip().splitlines() or ["no message"]
    return lines[-1].replace("[", r"\[")
