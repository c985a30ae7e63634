"""What is in files, and what their editor prints."""

import contextlib
import os
import tempfile
import zipfile
from unittest import mock

import numpy as np

from parity.case import case, kind_of_error
from parity.cases.text import printed

GB = 1024**3
X, Y = np.ones((4, 4), "float32"), np.ones((4, 2), "float32")


@contextlib.contextmanager
def folder():
    """A folder of its own, in which the block runs."""
    with tempfile.TemporaryDirectory() as path, contextlib.chdir(path):
        yield


def network(keras, *units, optimizer=None):
    layers = [keras.layers.Dense(n) for n in units]
    dropout = keras.layers.Dropout(0.5)
    model = keras.Sequential([keras.Input((4,)), *layers, dropout], name="net")
    if optimizer:
        model.compile(optimizer, "mse", run_eagerly=True)
        model.train_on_batch(X, Y)
    return model


def contents(path):
    """[(place, attributes, array)] of an HDF5 file."""
    import h5py

    found = []

    def note(place, item):
        array = item[()].tolist() if hasattr(item, "shape") else None
        found.append((place, dict(item.attrs), array))

    with h5py.File(path) as file:
        file.visititems(note)
    return found


@case()
def sharded_weights(library):
    """Names, the index and what is where, by size of the shards."""
    keras = library.keras
    model = network(keras, 8, 6, 2, optimizer="adam")
    for variable in (*model.weights, *model.optimizer.variables):
        variable.assign(np.arange(np.prod(variable.shape)).reshape(variable.shape))
    for size in (192, 230, 400, 700, 5000):
        with folder():
            model.save_weights("a.weights.json", max_shard_size=size / GB)
            with open("a.weights.json") as file:
                yield f"index/{size}", file.read()
            for name in sorted(os.listdir(".")):
                if name.endswith(".h5"):
                    yield f"shard/{size}/{name}", repr(contents(name))
            other = network(keras, 8, 6, 2, optimizer="adam")
            other.load_weights("a.weights.json")
            pairs = zip(
                other.optimizer.variables, model.optimizer.variables, strict=True
            )
            yield f"read/{size}", [np.array_equal(a, b) for a, b in pairs]


@case()
def names_and_options(library):
    """Endings, sizes, unbuilt models, and when the user is asked."""
    keras = library.keras
    model = network(keras, 3)
    models = keras.models

    for size in (None, 1, 0, 40 / GB, "big"):
        for name in ("a.weights.h5", "a.weights.json", "a.json", "a.h5", "a.keras"):
            if name == "a.weights.h5" and size is not None:
                continue  # warns
            with folder():
                error = kind_of_error(model.save_weights, name, True, size)
                yield f"save/{size}/{name}", error
    unbuilt = keras.Sequential([keras.layers.Dense(3)])
    with folder():
        yield "unbuilt/save", kind_of_error(unbuilt.save_weights, "a.weights.h5")
        model.save_weights("a.weights.h5")
        yield "unbuilt/load", kind_of_error(unbuilt.load_weights, "a.weights.h5")
    answers = {"y": True, "n": False, " Y ": True, "No": None}
    writers = {
        "a.weights.h5": lambda o: model.save_weights("a.weights.h5", overwrite=o),
        "a.weights.json": lambda o: model.save_weights(
            "a.weights.json", overwrite=o, max_shard_size=1
        ),
        "a.keras": lambda o: model.save("a.keras", overwrite=o),
    }
    for name, write in writers.items():
        for answer in answers:
            asked = []

            def answered(question, answer=answer, asked=asked):
                asked.append(question)
                return answer if len(asked) == 1 else "n"

            with folder(), mock.patch("builtins.input", answered):
                write(False)
                before = os.stat(name).st_mtime_ns, os.stat(name).st_ino
                write(False)
                after = os.stat(name).st_mtime_ns, os.stat(name).st_ino
            yield f"asked/{name}/{answer}", [asked, before != after]
    with folder():
        yield "zipped", kind_of_error(model.save, "a.keras", True, False)
        yield "unzipped", kind_of_error(model.save, "a", True, True)
        yield "nothing there", kind_of_error(models.load_model, "a")
        os.mkdir("a")
        yield "no model there", kind_of_error(models.load_model, "a")


@case()
def assets(library):
    """Which folders layers get, when, and which members there are."""
    keras = library.keras
    calls = []

    @keras.saving.register_keras_serializable("parity")
    class Kept(keras.layers.Layer):
        def __init__(self, text="", **kwargs):
            super().__init__(**kwargs)
            self.text = text

        def call(self, x):
            return x

        def save_assets(self, path):
            calls.append(["save", path.partition("layers")[2], os.path.isdir(path)])
            if self.text:
                with open(os.path.join(path, "a.txt"), "w") as file:
                    file.write(self.text)

        def load_assets(self, path):
            files = sorted(os.listdir(path)) if path else None
            calls.append(["load", str(path).partition("layers")[2], files])

        def get_config(self):
            return {**super().get_config(), "text": self.text}

    for texts in (("", ""), ("one", ""), ("one", "two")):
        model = keras.Sequential([keras.Input((4,)), *map(Kept, texts)])
        for name, options in {"a.keras": {}, "a": {"zipped": False}}.items():
            calls.clear()
            with folder():
                path = os.path.abspath(name)
                model.save(path, **options)
                if name == "a":
                    members = sorted(os.listdir(path))
                else:
                    with zipfile.ZipFile(path) as archive:
                        members = archive.namelist()[:3] + sorted(
                            archive.namelist()[3:]
                        )
                keras.saving.load_model(path)
            yield f"{texts}/{name}", [members, calls]
    del keras.saving.get_custom_objects()["parity>Kept"]


@case()
def editor(library):
    """What the editor of a file prints, and what it writes."""
    keras = library.keras
    small, large = network(keras, 3), network(keras, 12, 2, optimizer="sgd")
    with contextlib.ExitStack() as stack:
        stack.enter_context(folder())
        small.save_weights("a.weights.h5")
        large.save("b.keras")
        out, _ = stack.enter_context(printed(columns=70))
        for name in ("a.weights.h5", "b.keras"):
            found = keras.saving.KerasFileEditor(name)
            out.seek(0), out.truncate(0)  # when it was saved
            found.summary()
            yield f"summary/{name}", out.getvalue()
            out.seek(0), out.truncate(0)
            status = found.compare({"a.weights.h5": small, "b.keras": large}[name])
            text = out.getvalue().partition("    Found")[0]  # Keras counts twice
            yield f"fits/{name}", [text, status["status"]]
            out.seek(0), out.truncate(0)
            found.compare({"a.weights.h5": large, "b.keras": small}[name])
            yield f"differs/{name}", out.getvalue().partition("Found ")[0]
        found = keras.saving.KerasFileEditor("b.keras")
        found.rename_object("layers/dense", "dense_7")
        found.add_object("layers/new", {"0": np.ones(2)})
        found.add_weights("layers/dense_1", {"9": np.zeros((1, 1), "int32")})
        found.delete_weight("layers/dense_1", "1")
        found.delete_object("optimizer")
        found.save("c.weights.h5")
        yield (
            "written",
            repr([(p, a, np.shape(x)) for p, a, x in contents("c.weights.h5")]),
        )
        out.seek(0), out.truncate(0)
        keras.saving.KerasFileEditor("c.weights.h5").summary()
        yield "edited", out.getvalue()
        for name, call in {
            "rename to a path": lambda: found.rename_object("dense_7", "a/b"),
            "an unknown name": lambda: found.delete_object("dense_8"),
            "an unknown path": lambda: found.delete_object("layers/dense_8"),
            "an unknown owner": lambda: found.add_object("x/y", {}),
            "no dict": lambda: found.add_object("x", [1]),
            "no weight": lambda: found.delete_weight("layers/dense_7", "5"),
            "an ending": lambda: found.save("a.h5"),
            "another file": lambda: keras.saving.KerasFileEditor("a.json"),
        }.items():
            yield f"error/{name}", kind_of_error(call)
