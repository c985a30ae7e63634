"""Every parity case: what minikeras computes beside what real tf.keras computed."""

import pytest

from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.compare import compare_case
from parity.library import Library
from parity.record import run_case


def pytest_generate_tests(metafunc):
    pattern = metafunc.config.getoption("--case")
    rows = [
        pytest.param(n, marks=[pytest.mark.slow] if c.slow else [])
        for n, c in CASES.items()
        if pattern in n
    ]
    metafunc.parametrize("name", rows)


@pytest.mark.filterwarnings("default")
def test_case(name, keras_recording):
    ours = run_case(name, Library("minikeras"))
    assert ours["error"] is None, f"minikeras failed:\n{ours['error']}"
    theirs = keras_recording.result(name)
    assert theirs["error"] is None, f"tf.keras failed:\n{theirs['error']}"
    assert theirs["results"], "the case compares nothing"
    differences = compare_case(CASES[name], theirs["results"], ours["results"])
    misses = [
        f"{d.key}: {d.absolute:.3g} = {d.ulps:.3g} ulp "
        f"({d.excess:.3g} x allowed) {d.note}"
        for d in differences
        if not d.agrees
    ]
    assert not misses, (
        f"{len(misses)} of {len(differences)} results differ:\n"
        + "\n".join(misses[:40])
    )
