"""Holds a program against what it was learned from."""

import numpy as np

from minikeras import tree
from minikeras.autodiff import GradientTape, Tensor
from minikeras.program.learn import learned
from minikeras.program.stand_in import ReadsValues


def check_program(function, *arrays, others) -> bool:
    """Whether `function` of Tensors and its gradients have a program; if so, it gives
    on the arrays `others` what they give, to the last bit."""

    def step(inputs):
        with GradientTape() as tape:
            tape.watch(inputs)
            y = tree.flatten(function(*inputs))
        return y, tape.gradient(y, inputs)

    def values(result):
        return [getattr(x, "value", x) for x in tree.flatten(result)]

    try:
        result, program = learned("step", step, ([Tensor(x) for x in arrays],), [])
    except ReadsValues:
        return False
    pairs = [
        (result, step([Tensor(x) for x in arrays])),
        (program.run_on(others), step([Tensor(x) for x in others])),
    ]
    for found, expected in pairs:
        for ours, theirs in zip(values(found), values(expected), strict=True):
            assert (ours is None) == (theirs is None)
            if ours is not None:
                assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
                np.testing.assert_array_equal(ours, theirs)
    return True
