"""Counterpart: keras/src/saving/saving_lib.py. A model as a `.keras` file, and back.

The file is a zip archive of config.json (the classes and their arguments, what they
were built for and how the model was compiled), model.weights.h5 (saving/state.py) and
metadata.json. Loading runs no code from it: a config can name only what minikeras
exports and what the user registered or passed.
"""

import io

from minikeras import lambdas, registry
from minikeras.caller import warn
from minikeras.layers.loading import loading
from minikeras.room import room
from minikeras.saving.archive import (
    CONFIG,
    METADATA,
    WEIGHTS,
    Members,
    may_write,
    written_whole,
)
from minikeras.saving.h5_store import open_h5
from minikeras.saving.state import save_state
from minikeras.saving.weights import load_all

# The Keras whose files these are: Keras looks at it when it reads them.
KERAS_VERSION = "3.15.1"
# What comes of a config that describes no model, besides ValueError.
_NO_MODEL = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
)
# The weights that a config asks for may be larger than the file: so much, or so many
# times (a layer's own method may have written them shorter).
_SPARE = 1 << 24
_MOST_EXPANSION = 8


def save_model(model, filepath, overwrite=True, zipped=True, **kwargs) -> None:
    """Writes a model with its weights and the optimizer's state to a `.keras` file.

    An earlier file stays whole until the new one is complete. (Keras's older `.h5`
    files of models and its folders, `zipped=False`, are not written.)
    """
    import zipfile  # serves only model files

    path = str(filepath)
    kwargs.pop("save_format", None)  # the file's name says it
    if kwargs:
        raise ValueError(f"The following argument(s) are not supported: {list(kwargs)}")
    if not path.endswith(".keras") or zipped is False:
        raise ValueError(
            "Expected a path that ends in `.keras`, and zipped=True. "
            f"Received: filepath={filepath!r}, zipped={zipped}"
        )
    if not model.built:
        warn(
            f"Model '{model.name}' is saved without weights: it has not been built "
            "yet. Call it on some data first."
        )
    if not may_write(path, overwrite):
        return
    members = {METADATA: _metadata(), CONFIG: config_json(model)}
    with written_whole(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
        weights = io.BytesIO()
        with open_h5(weights, "w") as file:
            save_state(model, file)
        archive.writestr(WEIGHTS, weights.getbuffer())


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """The model in a `.keras` file: its weights, its optimizer with its state.

    `custom_objects` are classes and functions of yours by name. ValueError for what
    is no such file, or is damaged, or names what is not known. `safe_mode=False` runs
    the code of lambdas in the file: only for files that you trust.
    """
    path = str(filepath)
    if not path.endswith(".keras"):
        raise ValueError(
            f"Expected a file that ends in `.keras`. Received: filepath={filepath!r}"
        )
    with Members(path) as members:
        config = members.read(CONFIG)
        weights, size = members.stream(WEIGHTS)
        with loading.from_file(), room.limited(_SPARE + _MOST_EXPANSION * size):
            try:
                with lambdas.allowed(safe_mode is False):
                    model = _model_of(config, custom_objects, compile)
            except _NO_MODEL as error:
                raise ValueError(
                    f"{CONFIG} of {path!r} describes no model: "
                    f"{type(error).__name__}: {error}"
                ) from error
            with open_h5(weights, "r") as file:
                load_all(model, file)
    return model


def config_json(model, **kwargs) -> str:
    """The config of a model as JSON."""
    import json  # serves only files

    with registry.sharing:
        config = registry.serialize(model)
        return json.dumps(config, default=registry.serialize, **kwargs)


def model_from_json(json_string, custom_objects=None):
    """A new model (new weights) from what `model.to_json()` gave."""
    return _model_of(json_string, custom_objects, True)


def _model_of(text, custom_objects, compile: bool):
    import json  # serves only files

    config = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_nan)
    if not isinstance(config, dict) or "class_name" not in config:
        raise ValueError(f"Expected the config of a model. Received: {config!r:.200}")
    if not compile:
        config["compile_config"] = None
    with registry.sharing:
        model = registry.deserialize(config, custom_objects=custom_objects)
    if not hasattr(model, "load_weights"):
        raise ValueError(f"Expected the config of a model. Received: that of {model!r}")
    return model


def _once_each(pairs: list[tuple]) -> dict:
    """A dict of pairs; ValueError for a key that is there twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"A key is there twice in {CONFIG}: {[k for k, _ in pairs]}")
    return found


def _no_nan(constant: str) -> float:
    """±Infinity; ValueError for NaN, which is no argument of anything."""
    if constant == "NaN":
        raise ValueError(f"Expected numbers. Received: NaN in {CONFIG}")
    return float(constant)


def _metadata() -> str:
    import datetime  # both serve only files
    import json

    now = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    return json.dumps({"keras_version": KERAS_VERSION, "date_saved": now})
