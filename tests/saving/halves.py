"""Training that is broken off, saved, and goes on, in the library that is passed."""

import warnings

import numpy as np

from tests.saving.layer_networks import FORGETTING, MODELS, OPTIMIZERS, twice
from tests.saving.networks import KINDS, X, classes, several_inputs

ALL = KINDS | MODELS
# The kinds of files, and the models that are tried in each: what an `.h5` file of a
# subclassed model was built for it does not say.
_SUBCLASSED = ("subclassed", "list_of_inputs", "dict_of_inputs")
ENDINGS = {
    "keras": tuple(ALL),
    "h5": tuple(n for n in (*KINDS, *OPTIMIZERS) if n not in _SUBCLASSED),
}
SAVED = [(name, ending) for ending, names in ENDINGS.items() for name in names]


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
        # In this order: Keras forgets the optimizer's config when it writes an `.h5`.
        for ending, names in ENDINGS.items():
            if name in names:
                with warnings.catch_warnings(action="ignore", category=UserWarning):
                    model.save(f"{folder}/{name}.{ending}")
        if name in FORGETTING:
            model = loaded(keras, f"{folder}/{name}.keras")
        after |= {f"{name}/{key}": array for key, array in train(model, x, y).items()}
    return after


def second_halves(keras, folder, load_h5=None) -> dict:
    """Loads what `two_halves` saved (`.h5` files by `load_h5`), and trains on."""
    for registering in (classes, several_inputs, twice):
        registering(keras)
    after = {}
    for name, ending in SAVED:
        _, x, y = ALL[name](keras)
        place = f"{name}.{ending}"
        if ending == "h5" and load_h5 is not None:
            model = load_h5(f"{folder}/{place}")
        else:
            model = loaded(keras, f"{folder}/{place}")
        after |= {f"{place}/{key}": array for key, array in train(model, x, y).items()}
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
