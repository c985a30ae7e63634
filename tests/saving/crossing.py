"""Sharded weights, folders and assets, in the library that is passed: what one writes
the other reads."""

import os

import numpy as np

from tests.saving.networks import X, Y, functional, recurrent, sequential

GB = 1024**3
FILES = "a.txt", "more/b.txt"
KINDS = {
    "sequential": (sequential, 230),
    "functional": (functional, 100),
    "recurrent": (recurrent, 150),
}


def with_words(keras):
    """A model with a layer in a layer, each of which keeps words in files."""
    layers = keras.layers

    @keras.saving.register_keras_serializable("crossing")
    class Words(layers.Layer):
        def __init__(self, words=None, **kwargs):
            super().__init__(**kwargs)
            self.words = words

        def save_assets(self, folder):
            if not self.words:
                return
            os.makedirs(os.path.join(folder, "more"))
            for name, words in zip(
                FILES, (self.words[:1], self.words[1:]), strict=True
            ):
                with open(os.path.join(folder, name), "w") as file:
                    file.write(" ".join(words))

        def load_assets(self, folder):
            self.words = []
            if folder is None:
                return
            for name in FILES:
                path = os.path.join(folder, name)
                if os.path.exists(path):
                    with open(path) as file:
                        self.words += file.read().split()

        def call(self, x):
            return x

    @keras.saving.register_keras_serializable("crossing")
    class Both(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = [Words(), Words()]
            self.dense = layers.Dense(2)

        def build(self, shape):
            self.dense.build(shape)

        def call(self, x):
            return self.dense(self.inner[1](self.inner[0](x)))

    first, both = Words(), Both()
    model = keras.Sequential([keras.Input((4,)), first, both])
    model.compile("adam", "mse")
    model.run_eagerly = True
    model.fit(X, Y, epochs=1, verbose=0)
    return model, first, both


def write(keras, folder) -> dict:
    """Writes all kinds of files, and returns what is in the models."""
    there = {}
    keras.utils.set_random_seed(5)
    for name, (build, size) in KINDS.items():
        model, x, y = build(keras)
        model.run_eagerly = True
        model.fit(x, y, epochs=1, verbose=0)
        model.save_weights(f"{folder}/{name}.weights.json", max_shard_size=size / GB)
        there |= numbers_of(model, name)
        model.save(f"{folder}/{name}", zipped=False)
    model, first, both = with_words(keras)
    first.words, both.inner[1].words = ["one", "two"], ["three"]
    model.save(f"{folder}/vocabulary.keras")
    model.save(f"{folder}/vocabulary", zipped=False)
    there |= words_of(model, "vocabulary.keras") | words_of(model, "vocabulary")
    return there


def read(keras, folder) -> dict:
    """The same of models that read the files."""
    there = {}
    keras.utils.set_random_seed(6)
    for name, (build, _) in KINDS.items():
        model, x, y = build(keras)
        model.run_eagerly = True
        model.fit(x, y, epochs=1, verbose=0)
        model.load_weights(f"{folder}/{name}.weights.json")
        there |= numbers_of(model, name)
        loaded = keras.saving.load_model(f"{folder}/{name}")
        for array, other in zip(loaded.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(array, other)
    with_words(keras)
    for name in ("vocabulary.keras", "vocabulary"):
        there |= words_of(keras.saving.load_model(f"{folder}/{name}"), name)
    return there


def numbers_of(model, name) -> dict:
    numbers = [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]
    return {f"{name}/{i}": np.array(array) for i, array in enumerate(numbers)}


def words_of(model, name) -> dict:
    first, both = model.layers
    words = [" ".join(layer.words or []) for layer in (first, *both.inner)]
    return numbers_of(model, name) | {f"{name}/words": np.array(words)}
