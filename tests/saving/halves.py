"""Training that is broken off, saved, and goes on, in the library that is passed."""

import numpy as np

from tests.saving.layer_networks import FORGETTING, MODELS, twice
from tests.saving.networks import KINDS, X, classes, several_inputs

ALL = KINDS | MODELS


def train(model, x, y) -> dict:
    """Three more epochs: {"losses", "0", "1"…: the weights after them}."""
    # Compiling takes TensorFlow seconds for each model, and changes no number.
    model.run_eagerly = True
    history = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    weights = {str(i): w for i, w in enumerate(model.get_weights())}
    return {"losses": np.array(history.history["loss"]), **weights}


def two_halves(keras, folder) -> dict:
    """Trains each model, saves it half-way into `folder`, and trains on."""
    after = {}
    for name, build in ALL.items():
        keras.utils.set_random_seed(5)
        model, x, y = build(keras)
        train(model, x, y)
        path = f"{folder}/{name}.keras"
        model.save(path)
        if name in FORGETTING:
            model = loaded(keras, path)
        after |= {f"{name}/{key}": array for key, array in train(model, x, y).items()}
    return after


def second_halves(keras, folder) -> dict:
    """Loads what `two_halves` saved, and trains on."""
    for registering in (classes, several_inputs, twice):
        registering(keras)
    after = {}
    for name, build in ALL.items():
        _, x, y = build(keras)
        model = loaded(keras, f"{folder}/{name}.keras")
        after |= {f"{name}/{key}": array for key, array in train(model, x, y).items()}
    return after


def loaded(keras, path):
    keras.utils.set_random_seed(6)
    return keras.saving.load_model(path, safe_mode=False)


def made_afterwards(keras, folder) -> dict:
    """What layers draw that are made after a model was loaded, of each kind."""
    found = {}
    for name in KINDS:
        loaded(keras, f"{folder}/{name}.keras")
        drawn = keras.layers.Dense(3)(X), keras.random.uniform((3,))
        found[name] = np.concatenate([np.ravel(x) for x in drawn])
    return found
