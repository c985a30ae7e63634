"""Run by test_damaged_files.py: damages good files in ways drawn from a seed, and loads
them. What is said at the end is what nobody should see.

Damage to the file itself meets the checksums of the archive; damage within its members
goes in behind them.
"""

import io
import json
import random
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np

import minikeras
from minikeras.models import load_model
from tests.saving.load_each import peak
from tests.saving.networks import KINDS

BASES = ("sequential", "functional", "recurrent", "nested")
VALUES = (
    None,
    True,
    -1,
    0,
    3,
    2.5,
    10**9,
    1e308,
    "",
    "x",
    "relu",
    [],
    [1],
    {},
    {"a": 1},
)
FULL = "whole file"


def flipped(data: bytearray, draw) -> None:
    for _ in range(draw.choice((1, 1, 2, 8, 64))):
        data[draw.randrange(len(data))] ^= draw.randrange(1, 256)


def cut_off(data: bytearray, draw) -> None:
    del data[draw.randrange(len(data)) :]


def with_a_hole(data: bytearray, draw) -> None:
    start = draw.randrange(len(data))
    del data[start : start + draw.choice((1, 4, 100, 4096))]


def overwritten(data: bytearray, draw) -> None:
    start, length = draw.randrange(len(data)), draw.choice((2, 8, 64, 2048))
    value = draw.choice((b"\0", b"\xff", b"\x01"))
    data[start : start + length] = value * min(length, len(data) - start)


def longer(data: bytearray, draw) -> None:
    start = draw.randrange(len(data))
    data[start:start] = data[: draw.choice((1, 4, 100, 4096))]


def moved(data: bytearray, draw) -> None:
    a, b = draw.randrange(len(data)), draw.randrange(len(data))
    data[b : b + 64] = data[a : a + len(data[b : b + 64])]


BYTES = (flipped, flipped, cut_off, with_a_hole, overwritten, longer, moved)


def places(node) -> list:
    """(container, key) of everything in a nest."""
    if not isinstance(node, (dict, list)):
        return []
    items = list(node.items() if isinstance(node, dict) else enumerate(node))
    found = [(node, key) for key, _ in items]
    return found + [place for _, part in items for place in places(part)]


def other_config(text: bytes, draw) -> bytes:
    """The config with some values replaced, taken out or put in one another's place."""
    config = json.loads(text)
    for _ in range(draw.choice((1, 1, 2, 4))):
        found = places(config)
        owner, key = draw.choice(found)
        kind = draw.randrange(4)
        if kind == 0:
            del owner[key]
        elif kind == 1:
            other, place = draw.choice(found)
            owner[key] = json.loads(json.dumps(other[place]))
        else:
            owner[key] = draw.choice(VALUES)
    return json.dumps(config).encode()


def damaged(members: dict[str, bytes], whole: bytes, draw) -> tuple[str, bytes]:
    """(what was damaged, the damaged file)."""
    kind = draw.choice((FULL, "config", "config.json", "model.weights.h5"))
    if kind == FULL:
        data = bytearray(whole)
        draw.choice(BYTES)(data, draw)
        return kind, bytes(data)
    members = dict(members)
    if kind == "config":
        members["config.json"] = other_config(members["config.json"], draw)
    else:
        data = bytearray(members[kind])
        draw.choice(BYTES)(data, draw)
        members[kind] = bytes(data)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return kind, file.getvalue()


def good_files(folder: Path) -> list[tuple]:
    """(members, bytes, weights) of some trained models."""
    found = []
    for name in BASES:
        model, x, y = KINDS[name](minikeras)
        model.fit(x, y, verbose=0)
        path = folder / f"{name}.keras"
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            members = {info: archive.read(info) for info in archive.namelist()}
        found.append((members, path.read_bytes(), model.get_weights()))
    return found


def fault_of(path: Path, kind: str, right: list) -> str | None:
    """What is wrong about the way in which a damaged file is loaded, or None."""
    try:
        weights = load_model(path).get_weights()
    except (ValueError, OSError):
        return None
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    same = len(weights) == len(right) and all(map(np.array_equal, weights, right))
    return "other weights" if kind == FULL and not same else None


def main(folder: str, seed: str, count: str) -> None:
    warnings.simplefilter("ignore")
    minikeras.utils.set_random_seed(1)
    good = good_files(Path(folder))
    path = Path(folder) / "damaged.keras"
    for _, whole, _ in good:
        path.write_bytes(whole)
        load_model(path)
    draw, faults, before = random.Random(int(seed)), [], peak()
    for number in range(int(count)):
        members, whole, right = draw.choice(good)
        kind, data = damaged(members, whole, draw)
        path.write_bytes(data)
        fault = fault_of(path, kind, right)
        if fault is not None:
            faults.append(f"{number}, {kind}: {fault}")
    print(json.dumps({"faults": faults, "memory": peak() - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
