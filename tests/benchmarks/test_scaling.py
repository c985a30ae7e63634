"""Growth with size and, over many epochs, none of memory."""

import io

import pytest
from rich.console import Console

from benchmarks import scaling
from benchmarks.runner import Settings

SETTINGS = Settings(1, 1, 0.05, True, ("minikeras",))


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_exponent_is_that_of_the_power_law(power):
    sizes = [10, 20, 40, 80]
    assert scaling.exponent(sizes, [3 * n**power for n in sizes]) == pytest.approx(
        power
    )


def test_every_series_is_measured_and_shown(monkeypatch):
    monkeypatch.setattr(
        scaling,
        "SERIES",
        (
            ("mlp", "batch", (1, 2, 4), {"inputs": 4, "width": 4}),
            ("mlp", "nonsense", (1, 2), {"batch": 2}),
        ),
    )
    monkeypatch.setattr(scaling, "WATCHED", (("mlp", {"inputs": 4, "rows": 8}),))
    found = scaling.run(SETTINGS, lambda text: None)
    first, second = found["time"]
    assert first["library"] == "minikeras" and len(first["seconds per step"]) == 3
    assert "nonsense" in second["error"]
    assert len(found["memory"][0]["resident"]) == len(scaling.EPOCHS)

    page = io.StringIO()
    scaling.show(found, Console(width=120, file=page))
    text = page.getvalue()
    assert "mlp, batch, minikeras" in text and f"{first['exponent']:.2f}" in text
    assert "mlp, nonsense, minikeras: could not be run" in text


@pytest.mark.slow
@pytest.mark.parametrize("workload, sizes", scaling.WATCHED)
def test_memory_does_not_grow_over_200_epochs(workload, sizes):
    resident = scaling.resident(workload, "minikeras", sizes)
    # The heap settles for some hundred epochs (0.4 MB measured, and it ends); what
    # leaks in each epoch, if only 6 kB, or one batch's activations, is more.
    assert max(resident) - resident[0] <= 1
