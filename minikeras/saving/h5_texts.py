"""The texts among the attributes of an HDF5 file, read from its bytes.

The HDF5 library believes what a file says of them: a length of 4 GB is allocated, a
damaged collection is read for ever, another type crashes it. So they are read here, in
the layout that h5py writes unless it is asked for another ("HDF5 File Format
Specification", IV.A.1 and IV.A.2.m, III.E):

    object header    messages: kind, size, contents; kind 12 is an attribute, 16 says
                     where more messages are
    attribute        its name, type and shape, then for each text its length, the
                     address of a collection, and its number there
    collection       "GCOL", its size, then number, size and bytes of each text
"""

import mmap
import struct
from collections.abc import Iterator
from math import prod
from typing import Any

from minikeras.late import late_imports

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LONGEST = 1 << 16  # bytes of an attribute in a header
_MOST_TEXTS = (
    1 << 16
)  # in the collections of one attribute: a file can make them overlap
_HEADER = struct.Struct("<BxHII4x")
_MESSAGE = struct.Struct("<HH4x")
_BLOCK = struct.Struct("<QQ")
_ATTRIBUTE = struct.Struct("<BxHHH")
_REFERENCE = struct.Struct("<IQI")
_COLLECTION = struct.Struct("<5s3xQ")
_TEXT = struct.Struct("<H6xQ")


def attribute_at(owner, name: str) -> Any:
    """An attribute of a group or file: a text, a list of texts, or what else it is.
    ValueError for one that claims to be larger than it is."""
    told = owner.attrs.get_id(name)
    shape, dtype = told.shape, told.dtype
    if shape is None or dtype.kind != "O":
        if prod(shape or ()) * dtype.itemsize > _LONGEST:
            raise _refused(owner, name)
        return owner.attrs[name]
    sizes = owner.file.id.get_create_plist().get_sizes()
    with (
        open(owner.file.filename, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        if data[:8] != _SIGNATURE or sizes != (8, 8) or len(shape) > 1:
            raise _refused(owner, name)
        try:
            place = _attribute(data, _address(owner), name.encode())
            found = list(_texts(data, place, prod(shape)))
        except (struct.error, LookupError, OverflowError) as error:
            raise _refused(owner, name) from error
    return found if shape else found[0]


def _refused(owner, name: str) -> ValueError:
    return ValueError(
        f"Refused: the attribute {name!r} of {owner.name!r} is damaged, or not "
        "written as Keras writes it"
    )


def _address(owner) -> int:
    with late_imports():
        import h5py

    return h5py.h5o.get_info(owner.id).addr


def _texts(data, place: int, count: int) -> Iterator[str]:
    """The texts that are referred to at a place: in all no longer than the file."""
    total = 0
    collections: dict[int, dict] = {}
    for i in range(count):
        length, start, number = _REFERENCE.unpack_from(data, place + 16 * i)
        if not length:
            yield ""
            continue
        if start not in collections:
            left = _MOST_TEXTS - sum(map(len, collections.values()))
            collections[start] = _collection(data, start, left)
        begin, size = collections[start][number]
        total += length
        if length > size or total > len(data):
            raise LookupError(number)
        yield data[begin : begin + length].decode("utf8", "replace")


def _attribute(data, header: int, name: bytes) -> int:
    """Where the value of an attribute begins; LookupError if it is not found."""
    version, _, _, size = _HEADER.unpack_from(data, header)
    blocks = {header + _HEADER.size: size} if version == 1 else {}
    for start in (todo := list(blocks)):
        place, end = start, start + blocks[start]
        while place + _MESSAGE.size <= end:
            kind, size = _MESSAGE.unpack_from(data, place)
            place += _MESSAGE.size
            if kind == 16:
                further, length = _BLOCK.unpack_from(data, place)
                if further not in blocks:
                    blocks[further] = length
                    todo.append(further)
                if sum(blocks.values()) > len(data):
                    raise LookupError("blocks that overlap")
            elif kind == 12:
                value, found = _value(data, place)
                if found == name:
                    return value
            place += size
    raise LookupError(name)


def _value(data, place: int) -> tuple[int, bytes]:
    """(where the value of an attribute begins, its name)"""
    version, *sizes = _ATTRIBUTE.unpack_from(data, place)
    place += _ATTRIBUTE.size + (version == 3)  # 3 has a byte for the letters' code
    name = data[place : place + sizes[0]].rstrip(b"\0")
    for size in sizes:
        place += (size + 7) // 8 * 8 if version == 1 else size
    return place, name


def _collection(data, start: int, most: int) -> dict[int, tuple]:
    """{number: (place, size)} of the texts in a collection; {} if it is damaged."""
    begins, size = _COLLECTION.unpack_from(data, start)
    place, end = start + _COLLECTION.size, start + size
    if begins != b"GCOL\x01" or end > len(data):
        return {}
    found: dict[int, tuple] = {}
    while place + _TEXT.size <= end:
        number, size = _TEXT.unpack_from(data, place)
        if not number and size < _TEXT.size:
            return {}
        found[number] = (place + _TEXT.size, size)
        # What is free has the number 0, and its size counts its own head.
        place += _TEXT.size + (size + 7) // 8 * 8 if number else size
        if place > end or len(found) > most:
            return {}
    return found
