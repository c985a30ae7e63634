"""Files that Keras 2.15, 3.10 and 3.15 wrote (recorded/record.py): what is in them, to
the number, or why they are refused."""

import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from minikeras.models import load_model

FOLDER = Path(__file__).parent / "recorded"
VERSIONS = ("2.15", "3.10", "3.15")


def archive(version):
    return zipfile.ZipFile(FOLDER / f"keras-{version}.zip")


def listed():
    """(version, name of the model, ending) of all files."""
    found = []
    for version in VERSIONS:
        with archive(version) as files:
            for name in files.namelist():
                model, _, ending = name.partition(".")
                found.append((version, model, ending))
    return [row for row in found if row[2] != "npz"]


FILES = listed()
MODELS = [row for row in FILES if not row[2].endswith("weights.h5")]
WEIGHTS = [r for r in FILES if r[2].endswith("weights.h5") and r[1] != "anonymous"]

CODE = "Lambda layer 'lambda.*' is code of a Python lambda.*never run"
REFUSED = {
    ("2.15", "anonymous"): CODE,
    ("2.15", "function"): CODE,  # Keras 2 wrote the code of functions with a name too
    ("2.15", "arithmetic"): "Unknown .*: 'TFOpLambda'",
    ("3.10", "anonymous"): CODE,
    ("3.15", "anonymous"): CODE,
}
ALPHA = "`alpha`"  # LeakyReLU's old word
DECAY = "`decay` is no longer supported"
FRESH = "freshly initialized optimizer"
SKIPPED = "Skipping the variables of optimizer"
WARNED = {
    ("2.15", "chain", "h5"): {ALPHA},
    ("2.15", "chain", "keras"): {ALPHA, SKIPPED},
    ("2.15", "decaying", "h5"): {DECAY, FRESH},
    ("2.15", "decaying", "keras"): {DECAY, SKIPPED},
    # Keras 2 did not keep Nadam's product of momenta.
    ("2.15", "Nadam", "h5"): {FRESH},
    # Nor the rate as a variable, which a `.keras` file of today counts.
    ("2.15", "images", "keras"): {SKIPPED},
    ("2.15", "words", "keras"): {SKIPPED},
}
# Files whose optimizer starts afresh: the recorded step is another.
WITHOUT_STATE = {row for row, said in WARNED.items() if said & {FRESH, SKIPPED}}


def doubled(x):
    return x * 2.0


@pytest.fixture
def unpacked(tmp_path):
    """The path of one of the files, and the numbers recorded with it."""

    def unpack(version, name, ending):
        with archive(version) as files:
            path = files.extract(f"{name}.{ending}", tmp_path)
            with files.open(f"{name}.npz") as numbers:
                return path, dict(np.load(numbers))

    return unpack


def parts(numbers, key):
    """What is recorded as key0, key1…: alone, or in a list."""
    found = [numbers[f"{key}{i}"] for i in range(2) if f"{key}{i}" in numbers]
    return found[0] if len(found) == 1 else found


def check(model, numbers, key, atol):
    found = model.predict(parts(numbers, "x"), verbose=0)
    expected = parts(numbers, key)
    for a, b in zip(
        *(x if isinstance(x, list) else [x] for x in (found, expected)), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=atol, err_msg=key)


def check_a_step(model, numbers):
    x, y = parts(numbers, "x"), parts(numbers, "y")
    history = model.fit(x, y, batch_size=6, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history["loss"], [numbers["loss"]], rtol=2e-6)
    # In its first steps Adam divides by √v where v is little above 0: rounding in the
    # gradients of `chain`, which has few rows for its BatchNormalization, grows.
    check(model, numbers, "after", 1e-5)


@pytest.mark.parametrize(("version", "name", "ending"), MODELS)
def test_a_model_goes_on(unpacked, version, name, ending):
    path, numbers = unpacked(version, name, ending)
    if (version, name) in REFUSED:
        with pytest.raises(ValueError, match=REFUSED[version, name]):
            load_model(path, {"doubled": doubled})
        return
    expected = WARNED.get((version, name, ending), set())
    if ending == "h5" and "y0" not in numbers:
        expected = {"compiled"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = load_model(path, {"doubled": doubled})
    said = [str(warning.message) for warning in caught]
    for part in expected:
        assert any(part in message for message in said), (part, said)
    assert len(said) == len(expected), said
    assert model.name == model.get_config()["name"]
    check(model, numbers, "before", 1e-6)
    if "y0" in numbers and (version, name, ending) not in WITHOUT_STATE:
        check_a_step(model, numbers)


@pytest.mark.parametrize(("version", "name", "ending"), WEIGHTS)
def test_weights_alone(unpacked, version, name, ending):
    """Into the model of Keras 3.15, emptied before."""
    newest = version if name == "decaying" else VERSIONS[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = load_model(unpacked(newest, name, "keras")[0], {"doubled": doubled})
    path, numbers = unpacked(version, name, ending)
    model.set_weights([0 * weight for weight in model.get_weights()])
    for variable in model.optimizer.variables if model.optimizer else ():
        variable.assign(0 * variable.value)
    is_old = version == "2.15"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if is_old else "error")
        model.load_weights(path)
    check(model, numbers, "before", 1e-6)
    if "y0" in numbers and not is_old:
        check_a_step(model, numbers)


def test_weights_of_a_whole_model(unpacked):
    """The optimizer of the model stays as it is."""
    with warnings.catch_warnings(action="ignore"):
        model = load_model(unpacked("2.15", "chain", "h5")[0])
    state = [variable.numpy() for variable in model.optimizer.variables]
    path, numbers = unpacked("3.10", "chain", "h5")
    model.load_weights(path)
    check(model, numbers, "before", 1e-6)
    for variable, array in zip(model.optimizer.variables, state, strict=True):
        np.testing.assert_array_equal(variable.numpy(), array)
