"""The programs of whole steps: on new batches, to the last bit the steps as written."""

import warnings

import numpy as np
import pytest

import minikeras as keras
from minikeras.program.learn import Program
from tests.program.tables import ROWS, X, Y


def as_written(model):
    """Makes a model run all its steps as they are written."""
    model._programs.run = lambda name, step, data, option=None: step(*data)
    return model


def trained(row, repeated: bool) -> tuple:
    """The model after a fit, its history, evaluation and prediction."""
    make, options, *others = row
    keras.utils.set_random_seed(3)
    model = make()
    model.compile(**options())
    if not repeated:
        as_written(model)
    data = {"x": X, "y": Y} | dict(*others)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # targets of -1 and 1, say
        logs = model.fit(**data, batch_size=16, epochs=4, verbose=0).history
        x, y = data["x"], data["y"]
        weights = data.get("sample_weight")
        for _ in range(3):
            results = model.evaluate(x, y, 16, verbose=0, sample_weight=weights)
            outputs = model.predict(x, 16, verbose=0)
    variables = [*model.variables, *model.metrics_variables, *model.optimizer.variables]
    state = [v.value for v in variables]
    return model, [*logs.values(), results], [*state, *keras.tree.flatten(outputs)]


@pytest.mark.parametrize("name", ROWS)
def test_the_program_is_the_step_to_the_last_bit(name):
    model, logs, state = trained(ROWS[name], repeated=True)
    known = {key[0]: x for key, x in model._programs._known.items()}
    for kind in ("train_step", "test_step", "predict_step"):
        assert type(known[kind]) is Program, known[kind]
    _, expected_logs, expected = trained(ROWS[name], repeated=False)
    assert repr(logs) == repr(expected_logs)
    for ours, theirs in zip(state, expected, strict=True):
        assert ours.dtype == theirs.dtype and type(ours) is type(theirs)
        np.testing.assert_array_equal(ours, theirs)
