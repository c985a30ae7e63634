"""Small files in the formats of keras.datasets, under the names in the cache folder.

Both libraries read them; their hashes are not those of the real files.
"""

import gzip
import io
import json
import struct
import tarfile
from pathlib import Path

import numpy as np

ROWS = 700  # more than the 600 that california_housing's "small" keeps


def write_all(folder: Path) -> None:
    """Everything but CIFAR-10."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    images, labels = _images(rng, 7), rng.integers(0, 10, 7).astype("uint8")
    np.savez(
        folder / "mnist.npz",
        x_train=images[:4],
        y_train=labels[:4],
        x_test=images[4:],
        y_test=labels[4:],
    )
    for name, columns, dtype in (("boston", 13, "float64"), ("california", 8, "f4")):
        x, y = rng.normal(size=(ROWS, columns)), rng.normal(size=ROWS)
        np.savez(folder / f"{name}_housing.npz", x=x.astype(dtype), y=y.astype(dtype))
    data = {
        key: value
        for part in ("train", "test")
        for key, value in zip(
            (f"x_{part}", f"y_{part}"), word_lists(rng, 30, 2), strict=True
        )
    }
    np.savez(folder / "imdb.npz", **data)
    x, y = word_lists(rng, 40, 46)
    np.savez(folder / "reuters.npz", x=x, y=y)
    for name in ("imdb", "reuters"):
        index = {word: i for i, word in enumerate(["the", "café", name], 1)}
        (folder / f"{name}_word_index.json").write_text(json.dumps(index))
    write_fashion(folder / "fashion-mnist", images, labels)
    write_cifar100(folder, rng)


def _images(rng, n):
    return rng.integers(0, 256, (n, 28, 28)).astype("uint8")


def word_lists(rng, n: int, classes: int, length: int | None = None):
    """Lists of 2 to 20 numbers (or of `length`), as an array of objects; labels."""
    x = np.empty(n, dtype=object)
    for i in range(n):
        x[i] = rng.integers(1, 60, length or rng.integers(2, 21)).tolist()
    return x, rng.integers(0, classes, n)


def write_fashion(folder: Path, images, labels) -> None:
    """Four files: a header of 16 or 8 bytes, then the bytes, compressed."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, rows in (("train", slice(4)), ("t10k", slice(4, None))):
        x, y = images[rows], labels[rows]
        head = struct.pack(">iiii", 2051, len(x), 28, 28)
        path = folder / f"{part}-images-idx3-ubyte.gz"
        path.write_bytes(gzip.compress(head + x.tobytes()))
        path = folder / f"{part}-labels-idx1-ubyte.gz"
        path.write_bytes(gzip.compress(struct.pack(">ii", 2049, len(y)) + y.tobytes()))


def write_cifar100(folder: Path, rng) -> None:
    files = {}
    for name, n in (("train", 6), ("test", 3)):
        images = rng.integers(0, 256, (n, 3072)).astype("uint8")
        labels = {
            "fine_labels": rng.integers(0, 100, n).tolist(),
            "coarse_labels": rng.integers(0, 20, n).tolist(),
        }
        files[f"cifar-100-python/{name}"] = python2_pickle(images, labels)
    write_tar(folder / "cifar-100-python-target_archive", files, "w:gz")


def write_cifar10(folder: Path) -> None:
    """In full size, since Keras fixes the number of rows: 10,000 in each file."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    files = {}
    for i, name in enumerate(names):
        pixels = np.arange(3072).astype("uint8")
        images = np.add.outer(np.arange(10_000).astype("uint8"), 3 * pixels + i)
        labels = ((np.arange(10_000) + i) % 10).tolist()
        files[f"cifar-10-batches-py/{name}"] = python2_pickle(
            images, {"labels": labels}
        )
    write_tar(folder / "cifar-10-batches-py-target_archive", files, "w")


def write_tar(path: Path, files: dict[str, bytes], mode: str) -> None:
    """A tar archive with these files."""
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def python2_pickle(images: np.ndarray, labels: dict[str, list[int]]) -> bytes:
    """A dict with the array "data" and lists, as Python 2 and NumPy 1 wrote it.

    The opcodes are those of the real files; Python 3 writes others.
    """
    rows, columns = images.shape
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        + b"(K\x01"
        + struct.pack("<cici", b"J", rows, b"J", columns)
        + b"\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN"
        + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + struct.pack("<ci", b"T", images.size)
        + images.tobytes()
        + b"tb"
    )
    lists = [
        _text(name) + b"](" + b"".join(b"K" + bytes([v]) for v in values) + b"e"
        for name, values in labels.items()
    ]
    return b"\x80\x02}(" + _text("data") + array + b"".join(lists) + b"u."


def _text(text: str) -> bytes:
    return b"U" + bytes([len(text)]) + text.encode()
