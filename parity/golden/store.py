"""One golden file: what tf.keras gave for the cases of one topic.

A file is a .npz, to be read with `np.load(path, allow_pickle=False)`: a JSON text
and a flat array for each dtype (see `pack`). The comment at the end of a .npz, as of
any zip file, holds the SHA-256 of all that stands before it.
"""

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from parity.golden.pack import pack, unpack
from parity.sides import SideError

FORMAT = 1
HASH_SIZE = 64  # hexadecimal digits


class GoldenError(SideError):
    """A golden that cannot be written or compared; the message is for the user."""


def write(path: Path, content: dict[str, Any]) -> None:
    """Writes the file as a whole or not at all; the same content, the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(to_bytes({"format": FORMAT, **content}))
    os.replace(part, path)


def read(path: Path, remedy: str) -> dict[str, Any]:
    """What was written; `remedy` says to the user how to get a whole file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise GoldenError(f"there is no golden {path}: {remedy}") from error
    except OSError as error:
        raise GoldenError(f"{path} cannot be read ({error.strerror})") from error
    if not data.startswith(b"PK"):
        raise GoldenError(f"{path} is no .npz file: {remedy}")
    if data[-HASH_SIZE:] != digest(data[:-HASH_SIZE]):
        raise GoldenError(f"{path} is damaged, its hash does not match: {remedy}")
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        content = unpack({name: file[name] for name in file.files})
    if content["format"] != FORMAT:
        made = f"has format {content['format']}, and not {FORMAT}"
        raise GoldenError(f"{path} {made}: {remedy}")
    return content


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def to_bytes(content: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as file:
        for name, x in pack(content).items():
            with io.BytesIO() as entry:
                np.lib.format.write_array(entry, x, allow_pickle=False)
                # A ZipInfo has a fixed date, so that the bytes depend on nothing else.
                info = zipfile.ZipInfo(f"{name}.npy")
                info.compress_type = zipfile.ZIP_LZMA
                file.writestr(info, entry.getvalue())
        file.comment = bytes(HASH_SIZE)
    data = buffer.getvalue()[:-HASH_SIZE]
    return data + digest(data)
