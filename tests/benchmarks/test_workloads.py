"""Every workload is the same work in both libraries: the losses agree."""

import numpy as np
import pytest

import minikeras
from benchmarks import workloads


@pytest.mark.slow
@pytest.mark.parametrize("name", workloads.NAMES)
def test_first_fit_has_the_same_losses_in_tf_keras(name):
    from tensorflow import keras

    workload = workloads.load(name)
    count = getattr(workload, "QUICK_EPOCHS", workload.EPOCHS)
    ours, theirs = (dict(workload.with_keras(k)(count)) for k in (minikeras, keras))
    assert ours.keys() == theirs.keys()
    for key in theirs:
        if "accuracy" not in key:  # a row near a tie may fall to either side
            difference = np.abs(np.subtract(ours[key], theirs[key])).max()
            assert difference <= workload.TOLERANCE, key
