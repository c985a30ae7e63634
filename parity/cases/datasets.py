"""keras.datasets and get_file on small files that the case writes; pad_sequences.

Both libraries look into one temporary folder and take any hash as right: the hashes in
their code are those of the real files. No case needs a network.
"""

import contextlib
import io
import os
import random
import tempfile
import warnings
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np

from parity import dataset_files
from parity.case import case
from parity.cases.reshaping import kind_of_error

WORDS = {
    "plain": {},
    "few words": {"num_words": 20},
    "no top words": {"num_words": 40, "skip_top": 5},
    "short": {"maxlen": 12},
    "dropped": {"num_words": 30, "oov_char": None},
    "no start": {"start_char": None},
    "as in the file": {"start_char": None, "index_from": 0},
    "other marks": {"start_char": 7, "oov_char": 8, "index_from": 9, "seed": 3},
}


@contextlib.contextmanager
def cache(library):
    """A cache folder of the library, in which the hash of each file is right."""
    home, files = {
        "keras": ("keras.src.backend.config", "keras.src.utils.file_utils"),
        "minikeras": ("minikeras.utils.file_utils",) * 2,
    }[library.name]
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch(f"{home}.keras_home", lambda: folder),
        mock.patch(f"{files}.validate_file", lambda *args, **options: True),
    ):
        yield Path(folder) / "datasets"


def parts(data):
    """(key, value) of the four arrays; lists of words as one row of numbers."""
    for part, pair in zip(("train", "test"), data, strict=True):
        for name, array in zip("xy", pair, strict=True):
            key = f"{name}_{part}"
            yield f"{key}/form", [str(array.shape), str(array.dtype)]
            if array.dtype == object:
                yield f"{key}/kinds", sorted({type(row).__name__ for row in array})
                yield f"{key}/lengths", np.array([len(row) for row in array])
                array = np.array([word for row in array for word in row])
            yield key, array


@case()
def images(library):
    """mnist, fashion_mnist and cifar100, channels first too."""
    datasets, config = library.keras.datasets, library.keras.config
    with cache(library) as folder:
        dataset_files.write_all(folder)
        for name in ("mnist", "fashion_mnist"):
            data = getattr(datasets, name).load_data()
            yield f"{name}/writeable", data[0][0].flags.writeable
            for key, value in parts(data):
                yield f"{name}/{key}", value
        for options in ({}, {"label_mode": "coarse"}):
            for key, value in parts(datasets.cifar100.load_data(**options)):
                yield f"cifar100/{options}/{key}", value
        config.set_image_data_format("channels_first")
        try:
            for key, value in parts(datasets.cifar100.load_data()):
                yield f"cifar100/channels first/{key}", value
        finally:
            config.set_image_data_format("channels_last")


@case()
def cifar10(library):
    """Each 4999th image: the files are of full size, since Keras fixes their rows."""
    with cache(library) as folder:
        dataset_files.write_cifar10(folder)
        (x, y), (x_test, y_test) = library.keras.datasets.cifar10.load_data()
    yield "forms", [str((a.shape, a.dtype)) for a in (x, y, x_test, y_test)]
    for name, array in {"x": x, "y": y, "x_test": x_test, "y_test": y_test}.items():
        yield name, array[::4999].copy()


@case()
def words(library):
    """imdb and reuters: orders, marks, limits; and np.random stays as it was."""
    datasets = library.keras.datasets
    with cache(library) as folder:
        dataset_files.write_all(folder)
        for name in ("imdb", "reuters"):
            module = getattr(datasets, name)
            for label, options in WORDS.items():
                for key, value in parts(module.load_data(**options)):
                    yield f"{name}/{label}/{key}", value
            yield f"{name}/index", list(module.get_word_index().items())
        for key, value in parts(datasets.reuters.load_data(test_split=0.5)):
            yield f"reuters/half/{key}", value
        x, y = dataset_files.word_lists(np.random.default_rng(2), 9, 3, length=4)
        np.savez(folder / "equal.npz", x=x, y=y)
        for key, value in parts(datasets.reuters.load_data("equal.npz")):
            yield f"reuters/equal lengths/{key}", value
    yield "names", list(datasets.reuters.get_label_names())
    yield "next numbers", np.array([random.random(), np.random.random()])


@case()
def houses(library):
    datasets = library.keras.datasets
    with cache(library) as folder:
        dataset_files.write_all(folder)
        for label, options in {
            "plain": {},
            "split": {"test_split": 0.33, "seed": 5},
            "no test": {"test_split": 0.0},
        }.items():
            for key, value in parts(datasets.boston_housing.load_data(**options)):
                yield f"boston/{label}/{key}", value
            for version in ("small", "large"):
                data = datasets.california_housing.load_data(version, **options)
                for key, value in parts(data):
                    yield f"california/{version}/{label}/{key}", value


@case()
def get_file(library):
    """Where files go, what is unpacked, and the kinds of mistakes."""
    get = library.keras.utils.get_file
    with cache(library) as folder, tempfile.TemporaryDirectory() as elsewhere:
        source = Path(elsewhere) / "some.data.tar.gz"
        dataset_files.write_tar(source, {"in/a.txt": b"a", "b.txt": b"bb"}, "w:gz")
        origin = source.as_uri()
        for label, options in {
            "plain": {},
            "named": {"fname": "other.bin"},
            "unpacked": {"extract": True},
            "unpacked, named": {"fname": "things", "extract": True},
            "unpacked, named with a dot": {"fname": "x.y.tgz", "extract": True},
            "untar": {"fname": "old", "untar": True},
            "subfolder": {"cache_subdir": "deeper/still"},
            "no archive": {"fname": "kept", "extract": True, "archive_format": "zip"},
        }.items():
            with (
                warnings.catch_warnings(record=True) as caught,
                contextlib.redirect_stdout(io.StringIO()) as out,
            ):
                warnings.simplefilter("always")
                path = get(origin=origin, **{"cache_subdir": label, **options})
            yield f"{label}/path", os.path.relpath(path, folder.parent)
            yield f"{label}/warned", len(caught)
            yield f"{label}/says", out.getvalue().split("\n")[0].replace(origin, "")
            yield f"{label}/files", listed(path)
        for label, options in {
            "no origin": {},
            "folder in the name": {"origin": origin, "fname": "a/b"},
            "no name": {"origin": "https://localhost/"},
        }.items():
            yield f"mistake/{label}", kind_of_error(partial(get, **options))
    yield "left", sorted(p.name for p in Path(folder).parent.glob("**/*.part"))


@case()
def pad_sequences(library):
    """Both ends, each dtype, steps of several numbers, and mistakes."""
    pad = library.keras.utils.pad_sequences
    numbers = [[1], [], [2, 3], [4, 5, 6, 7]]
    for padding in ("pre", "post"):
        for truncating in ("pre", "post"):
            for maxlen in (None, 1, 3, 6):
                yield (
                    f"{padding}/{truncating}/{maxlen}",
                    pad(numbers, maxlen, padding=padding, truncating=truncating),
                )
    yield "value", pad(numbers, value=-1.5)
    yield "floats", pad([[1.7], [2.2, 3.9]], dtype="float32", value=0.5)
    yield "cut to ints", pad([[1.7], [2.2, 3.9]])
    yield "steps", pad([[[1, 2]], [[3, 4], [5, 6]], []], maxlen=3)
    yield "arrays", pad((np.arange(3), np.arange(5)), padding="post")
    yield "text", pad([["a"], ["b", "cde"]], dtype=object, value="-").tolist()
    yield "no words", pad([[], []])
    yield "older address", library.keras.preprocessing.sequence.pad_sequences(numbers)
    for label, arguments in {
        "no list": (5,),
        "numbers": ([1, 2],),
        "end": (numbers, 3, "int32", "front"),
        "cut": (numbers, 3, "int32", "pre", "front"),
        "steps": ([[[1, 2]], [[3]]],),
        "text": ([["a"]], None, "int32", "pre", "pre", "-"),
        "nothing": ([],),
        "no room": (numbers, 0),
    }.items():
        yield f"mistake/{label}", kind_of_error(partial(pad, *arguments))


def listed(path) -> list[str]:
    root = Path(path)
    if not root.is_dir():
        return [str(root.exists())]
    return sorted(str(p.relative_to(root)) for p in root.rglob("*"))
