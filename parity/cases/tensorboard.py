"""What TensorBoard's own reader finds in the folder that the callback has written."""

import io
import json
import re
import sys
import tempfile
import types
from pathlib import Path
from unittest import mock

import numpy as np

from parity.case import Tolerance, case, kind_of_error

X = np.linspace(-1, 1, 24, dtype="float32").reshape(12, 2)
Y = X[:, :1] * 2 + 1
IMAGES = np.linspace(-1, 1, 5 * 36, dtype="float32").reshape(5, 6, 6, 1)
TIMED = "_per_second"  # how fast it was is no one's result
STEPS = Tolerance("some steps of sums of a few products", absolute=1e-5)
FITS: dict[str, dict] = {
    "plain": {},
    "each batch": {"update_freq": "batch"},
    "each second": {"update_freq": 2},
    "rarely": {"update_freq": 100},
    "timed": {"write_steps_per_second": True},
    "timed batches": {"write_steps_per_second": True, "update_freq": 1},
    "weights": {"histogram_freq": 2, "write_graph": False},
    "pictures": {"histogram_freq": 1, "write_images": True},
    "few weights": {"histogram_freq": 1, "update_freq": 2},
}


def dense(keras):
    return keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(3, activation="tanh"),
            keras.layers.Dense(1),
        ],
        name="chain",
    )


def functional(keras):
    a = keras.Input((2,), name="a")
    x = keras.layers.Dense(2, name="first")(a)
    return keras.Model(a, keras.layers.Add()([x, a])[:, :1], name="graph")


def subclassed(keras):
    class Own(keras.Model):
        def __init__(self):
            super().__init__(name="own")
            self.dense = keras.layers.Dense(1)

        def call(self, inputs):
            return self.dense(inputs)

    return Own()


def convolutional(keras):
    """Weights of one to four axes, some of size one."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, name="to_four"),
            layers.Conv2D(3, 2, name="of_four"),
            layers.BatchNormalization(),
            layers.Reshape((9, 3)),
            layers.Conv1D(2, 3, name="flat"),
            layers.LSTM(1),
        ]
    )


def compiled(library, make=dense, eager=True, **options):
    keras = library.keras
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    model = make(keras)
    options = {"optimizer": "sgd", "loss": "mse", "metrics": ["mae"]} | options
    model.compile(**options, run_eagerly=library.eager_unless(not eager))
    return model


def found(library, folder):
    """(key, value) of all files of a folder, its runs as TensorBoard reads them.

    minikeras's are read as where TensorFlow is not installed.
    """
    alone = {}
    if library.name != "keras":
        alone["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
    with mock.patch.dict(sys.modules, alone):
        from tensorboard.backend.event_processing import event_accumulator
        from tensorboard.util import tensor_util

        for run in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
            names = sorted(file.name for file in run.iterdir() if file.is_file())
            yield f"{run.name}/files", [_without_numbers(name) for name in names]
            events = event_accumulator.EventAccumulator(
                str(run), size_guidance={event_accumulator.TENSORS: 0}
            ).Reload()
            tags = {kind: tags for kind, tags in events.Tags().items() if tags}
            yield f"{run.name}/tags", str(tags)
            for tag in events.Tags()["tensors"]:
                about = events.SummaryMetadata(tag)
                yield f"{run.name}/{tag}/about", str(about)
                points = events.Tensors(tag)
                yield f"{run.name}/{tag}/steps", [str(point.step) for point in points]
                if TIMED in tag:
                    continue
                for point in points:
                    value = tensor_util.make_ndarray(point.tensor_proto)
                    plugin = about.plugin_data.plugin_name
                    yield f"{run.name}/{tag}/{point.step}", _seen(value, plugin)


def _without_numbers(name: str) -> str:
    form = r"(events\.out\.tfevents)\.\d{10}\.[^.]+(?:\.[^.]+)*\.\d+\.\d+\.v2"
    return re.sub(form, r"\1.time.host.process.number.v2", name)


def _seen(value: np.ndarray, plugin: str):
    """What a part of TensorBoard shows of a value."""
    if plugin == "graph_keras_model":
        from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def

        return str(keras_model_to_graph_def(json.loads(value.item())))
    if plugin == "images":
        from PIL import Image

        width, height, *pictures = value.tolist()
        pixels = [np.asarray(Image.open(io.BytesIO(one))) for one in pictures]
        return [np.array([int(width), int(height)]), *pixels]
    return value


@case(STEPS)
def fit(library):
    """Two fits with validation, and an evaluation, with one callback."""
    keras = library.keras
    for name, options in FITS.items():
        with tempfile.TemporaryDirectory() as folder:
            model = compiled(library, eager=name != "each batch")
            callback = keras.callbacks.TensorBoard(folder, **options)
            settings = {"verbose": 0, "callbacks": [callback]}
            settings |= {"validation_data": (X[:5], Y[:5]), "shuffle": False}
            model.fit(X, Y, batch_size=4, epochs=3, **settings)
            for key, value in found(library, folder):
                yield f"{name}/{key}", value
            model.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[callback])
            model.fit(X, Y, batch_size=5, epochs=5, initial_epoch=4, **settings)
            for key, value in found(library, folder):
                if "/steps" in key or "/files" in key:
                    # One fit may be read before the other: files come by their names.
                    yield f"{name}/after/{key}", sorted(value)


@case(STEPS)
def models(library):
    """Kinds of models, weights of all ranks, schedules, several steps at once."""
    keras = library.keras
    options = {"histogram_freq": 1, "write_images": True}
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    for name, make, settings in (
        ("functional", functional, {"optimizer": keras.optimizers.Adam(decay)}),
        ("subclassed", subclassed, {"steps_per_execution": 2}),
        # Of a bias that is nearly on an edge, rounding decides in which bucket it is.
        ("convolutional", convolutional, {"optimizer": keras.optimizers.SGD(0.0)}),
    ):
        with tempfile.TemporaryDirectory() as folder:
            model = compiled(library, make, **settings)
            x, y = (IMAGES, Y[:5]) if name == "convolutional" else (X, Y)
            callback = keras.callbacks.TensorBoard(folder, update_freq=1, **options)
            model.fit(x, y, batch_size=3, epochs=2, verbose=0, callbacks=callback)
            for key, value in found(library, folder):
                yield f"{name}/{key}", value


@case()
def arguments(library):
    """What is kept of the arguments, and which are refused."""
    make = library.keras.callbacks.TensorBoard
    with tempfile.TemporaryDirectory() as folder:
        callback = make(Path(folder), update_freq="batch")
        names = ["histogram_freq", "write_graph", "write_images", "update_freq"]
        names += ["write_steps_per_second", "embeddings_freq", "embeddings_metadata"]
        yield "kept", [str(getattr(callback, name)) for name in names]
        yield "path", callback.log_dir == folder
        wrong = [-1, (2,), (3, 2), (1, 2, 3), "5", "3,1", 2.5, None, (-1, 2)]
        for profile in wrong:
            error = kind_of_error(lambda p=profile: make(folder, profile_batch=p))
            yield f"profile_batch={profile}", error
        yield "nothing is written", [path.name for path in Path(folder).iterdir()]
