"""A model of 10 M weights as a `.keras` file."""

import pathlib
import shutil
import tempfile
import weakref

TITLE = "A .keras file of 10 M weights, 40 MB: Dense 1000-2000-2000-2000-10"
EPOCHS = 1
STEPS = 1
UNIT = 1
TOLERANCE = 0.0  # numbers come back as they were
AIMS: tuple = ()
USED = ("utils.set_random_seed", "Sequential", "layers.Dense")
RIVALS: dict = {}


class Files:
    """`files(count)` saves the model so often, or loads it, as `action` says."""

    def __init__(self, keras, action: str):
        self._keras, self._action = keras, action
        folder = tempfile.mkdtemp()
        weakref.finalize(self, shutil.rmtree, folder)
        self._path = pathlib.Path(folder) / "model.keras"
        layers = keras.layers
        keras.utils.set_random_seed(0)
        hidden = [layers.Dense(2000, "relu") for _ in range(3)]
        self._model = keras.Sequential(
            [keras.Input((1000,)), *hidden, layers.Dense(10)]
        )
        self._model.compile("sgd", "mse")
        self._model.save(self._path)

    def __call__(self, count: int) -> dict[str, list[float]]:
        model = self._model
        for _ in range(count):
            if self._action == "save":
                self._model.save(self._path)
            else:
                model = self._keras.models.load_model(self._path)
        last, _ = model.layers[-1].get_weights()  # all of them would take their time
        return {"weights": last[0].tolist()}


def with_keras(keras, action="load"):
    return Files(keras, action)
