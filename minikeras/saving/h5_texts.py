"""Attributes of an HDF5 file, looked at before the library is let in.

The HDF5 library believes what a file says: a length of 4 GB is allocated, a damaged
collection of texts is read for ever. So the bytes are followed here first, in the
layout that h5py writes unless it is asked for another ("HDF5 File Format
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

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LONGEST = 1 << 16  # bytes of an attribute in a header
_HEADER = struct.Struct("<BxHII4x")
_MESSAGE = struct.Struct("<HH4x")
_BLOCK = struct.Struct("<QQ")
_ATTRIBUTE = struct.Struct("<BxHHH")
_REFERENCE = struct.Struct("<IQI")
_COLLECTION = struct.Struct("<5s3xQ")
_TEXT = struct.Struct("<H6xQ")


def attribute_at(owner, name: str) -> Any:
    """An attribute of a group or file; ValueError for one that claims to be larger
    than it is."""
    told = owner.attrs.get_id(name)
    count = prod(told.shape or ())
    if count * told.dtype.itemsize > _LONGEST:
        raise _refused(owner, name)
    if told.dtype.kind == "O" and told.shape is not None:
        sizes = owner.file.id.get_create_plist().get_sizes()
        with (
            open(owner.file.filename, "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            try:
                ours = data[:8] == _SIGNATURE and sizes == (8, 8)
                if not ours or not _fits(data, _address(owner), name, count):
                    raise _refused(owner, name)
            except (struct.error, IndexError) as error:  # beyond the end of the file
                raise _refused(owner, name) from error
    return owner.attrs[name]


def _refused(owner, name: str) -> ValueError:
    return ValueError(
        f"Refused: the attribute {name!r} of {owner.name!r} is damaged, or not "
        "written as Keras writes it"
    )


def _address(owner) -> int:
    import h5py  # it is open already

    return h5py.h5o.get_info(owner.id).addr


def _fits(data, header: int, name: str, count: int) -> bool:
    """Whether the texts of an attribute are where it says, and in all no longer than
    the file."""
    total, collections = 0, {}
    place = _attribute(data, header, name.encode())
    for i in range(count if place else 0):
        length, start, number = _REFERENCE.unpack_from(data, place + 16 * i)
        if length:
            if start not in collections:
                collections[start] = dict(_texts(data, start))
            total += length
            if length > collections[start].get(number, 0) or total > len(data):
                return False
    return place > 0


def _attribute(data, header: int, name: bytes) -> int:
    """Where the value of an attribute begins; 0 if it is not found."""
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
            elif kind == 12:
                value, found = _value(data, place)
                if found == name:
                    return value
            place += size
    return 0


def _value(data, place: int) -> tuple[int, bytes]:
    """(where the value of an attribute begins, its name)"""
    version, *sizes = _ATTRIBUTE.unpack_from(data, place)
    place += _ATTRIBUTE.size + (version == 3)  # 3 has a byte for the letters' code
    name = data[place : place + sizes[0]].rstrip(b"\0")
    for size in sizes:
        place += (size + 7) // 8 * 8 if version == 1 else size
    return place, name


def _texts(data, start: int) -> Iterator[tuple]:
    """(number, size) of the texts in a collection; none if it is damaged."""
    begins, size = _COLLECTION.unpack_from(data, start)
    place, end = start + _COLLECTION.size, start + size
    if begins != b"GCOL\x01" or end > len(data):
        return
    found = []
    while place + _TEXT.size <= end:
        number, size = _TEXT.unpack_from(data, place)
        found.append((number, size))
        # What is free has the number 0 and counts its own head.
        place += _TEXT.size + (size + 7) // 8 * 8 if number else max(size, 1)
        if place > end or (not number and size < _TEXT.size):
            return
    yield from found
