"""minikeras in float64 starts from what minikeras in float32 starts from."""

import numpy as np
import pytest

from parity import cases, sides  # noqa: F401  # fill CASES

CASES = ["noise.every_layer", "layers.every_layer", "optimizers.formulas"]


@pytest.fixture(scope="module")
def both():
    return sides.run(CASES, ["minikeras", sides.JUDGE])


def arrays(outcome):
    """The arrays of a case, by key and place in a list."""
    found = {}
    for key, value in outcome["results"].items():
        for i, part in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(part, np.ndarray):
                found[key, i] = part
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_judge_does_the_same_with_more_digits(both, name):
    narrow, wide = (arrays(side[name]) for side in both)
    assert both[1][name]["error"] is None
    assert narrow.keys() == wide.keys()
    narrow = {key: x for key, x in narrow.items() if x.dtype == "float32"}
    assert len(narrow) > 20
    widened = 0
    for key, x in narrow.items():
        widened += wide[key].dtype == "float64"
        size = np.abs(x[np.isfinite(x)]).max(initial=1e-3)
        np.testing.assert_allclose(wide[key], x, rtol=1e-3, atol=1e-4 * size)
    assert widened > 0.9 * len(narrow)
