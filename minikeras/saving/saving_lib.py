"""Counterpart: keras/src/saving/saving_lib.py. A model as a `.keras` file, and back.

The file is a zip archive of config.json (the classes and their arguments, what they
were built for and how the model was compiled), model.weights.h5 (saving/state.py) and
metadata.json. Loading runs no code from it: a config can name only what minikeras
exports and what the user registered or passed.
"""

import io
import os
from contextlib import ExitStack, contextmanager

from minikeras import lambdas, registry
from minikeras.caller import warn
from minikeras.layers.loading import loading
from minikeras.room import room
from minikeras.saving.archive import (
    ASSETS,
    CONFIG,
    METADATA,
    WEIGHTS,
    Members,
    inside,
    may_write,
    written_whole,
)
from minikeras.saving.assets import (
    AssetFolder,
    PassingAssets,
    assets_in_archive,
    assets_in_folder,
)
from minikeras.saving.folder import is_model, read_config, written_folder
from minikeras.saving.h5_store import open_h5
from minikeras.saving.legacy_config import upgraded
from minikeras.saving.plain_json import parse_json
from minikeras.saving.state import save_state
from minikeras.saving.weights import load_all
from minikeras.sharing import sharing

# The Keras whose files these are: Keras looks at it when it reads them.
KERAS_VERSION = "3.15.1"
_WORD_OF_KERAS_2 = b'"batch_input_shape"'  # the last of them wrote `.keras` files too
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


def save_model(model, filepath, overwrite=True, zipped=None) -> None:
    """Writes a model with its weights and the optimizer's state to a `.keras` file, or
    with zipped=False as files into a folder.

    An earlier model stays whole until the new one is complete.
    """
    path = str(filepath)
    zipped = zipped is None or bool(zipped)
    if path.endswith(".keras") is not zipped:
        raise ValueError(
            "Expected a path that ends in `.keras` (or `.h5`), or with zipped=False "
            "another one. "
            f"Received: filepath={filepath!r}, zipped={zipped}"
        )
    if not model.built:
        warn(
            f"Model '{model.name}' is saved without weights: it has not been built "
            "yet. Call it on some data first."
        )
    if may_write(path, overwrite):
        (_save_archive if zipped else _save_folder)(model, path)


def _save_archive(model, path: str) -> None:
    import zipfile  # serves only model files

    members = {METADATA: _metadata(), CONFIG: config_json(model)}
    with written_whole(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
        weights = io.BytesIO()
        with ExitStack() as stack:
            assets = PassingAssets(stack)
            with open_h5(weights, "w") as file:
                save_state(model, file, assets=assets)
            archive.writestr(WEIGHTS, weights.getbuffer())
            assets.pack(archive)


def _save_folder(model, path: str) -> None:
    with written_folder(path) as folder:
        for name, text in {METADATA: _metadata(), CONFIG: config_json(model)}.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
                stream.write(text)
        assets = AssetFolder(os.path.join(folder, ASSETS))
        assets.make("")
        with open_h5(os.path.join(folder, WEIGHTS), "w") as file:
            save_state(model, file, assets=assets)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """The model in a `.keras` file or a folder: its weights, its optimizer with its
    state.

    `custom_objects` are classes and functions of yours by name. ValueError for what
    is no such file, or is damaged, or names what is not known. `safe_mode=False` runs
    the code of lambdas in the file: only for files that you trust.
    """
    path = str(filepath)
    in_folder = is_model(path)
    if not in_folder and not path.endswith(".keras"):
        raise ValueError(
            "Expected a file that ends in `.keras` (or `.h5`), or a folder with "
            f"{CONFIG} that `model.save(…, zipped=False)` wrote. "
            f"Received: filepath={filepath!r}"
        )
    with ExitStack() as stack, loading.from_file():
        if in_folder:
            config = read_config(path)
            weights = inside(path, WEIGHTS, f"The model in {path!r}")
            size = os.path.getsize(weights)
        else:
            members = stack.enter_context(Members(path))
            config = members.read(CONFIG)
            weights, size = members.stream(WEIGHTS)
        with (
            making_model(size, f"{CONFIG} of {path!r}"),
            lambdas.allowed(safe_mode is False),
        ):
            entry = parse_json(config, CONFIG)
            if _WORD_OF_KERAS_2 in config:
                entry = upgraded(entry)
            model = model_of(entry, custom_objects, compile)
        if in_folder:
            assets = assets_in_folder(path)
        else:
            assets = assets_in_archive(members, stack)
        load_all(model, stack.enter_context(open_h5(weights, "r")), assets=assets)
    return model


def config_json(model, **kwargs) -> str:
    """The config of a model as JSON."""
    import json  # serves only files

    return json.dumps(registry.serialize_sharing(model), **kwargs)


def model_from_json(json_string, custom_objects=None):
    """A new model (new weights) from what `model.to_json()` gave."""
    return model_of(parse_json(json_string, CONFIG), custom_objects)


@contextmanager
def making_model(size: int, source: str):
    """Within the block objects are made of a config that a file of `size` bytes has:
    weights for at most some times as much, and whatever is wrong is a ValueError."""
    try:
        with room.limited(_SPARE + _MOST_EXPANSION * size):
            yield
    except _NO_MODEL as error:
        raise ValueError(
            f"{source} describes no model, or it is damaged: "
            f"{type(error).__name__}: {error}"
        ) from error


def model_of(config, custom_objects=None, compile=True):
    """The model that a config describes."""
    if not isinstance(config, dict) or "class_name" not in config:
        raise ValueError(f"Expected the config of a model. Received: {config!r:.200}")
    if not compile:
        config["compile_config"] = None
    with sharing.reading():
        model = registry.deserialize(config, custom_objects=custom_objects)
    if not hasattr(model, "load_weights"):
        raise ValueError(f"Expected the config of a model. Received: that of {model!r}")
    return model


def _metadata() -> str:
    import datetime  # both serve only files
    import json

    now = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    return json.dumps({"keras_version": KERAS_VERSION, "date_saved": now})
