"""docs/semantics.md and the tests beside this file name each other, one to one."""

import re
from pathlib import Path

import pytest

import parity.cases  # noqa: F401  # fills CASES
from parity.case import CASES

FOLDER = Path(__file__).parent
LEDGER = FOLDER.parents[1] / "docs" / "semantics.md"


def entries() -> dict[str, str]:
    """Title and text of each entry: what stands under a heading of three #."""
    text = re.sub(r"(?m)^##? .*$", "", LEDGER.read_text(encoding="utf-8"))
    parts = re.split(r"(?m)^### (.*)$", text)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


ENTRIES = entries()


def names_beside() -> list[str]:
    files = [path for path in FOLDER.glob("test_*.py") if path != Path(__file__)]
    sources = [path.read_text(encoding="utf-8") for path in files]
    return re.findall(r"(?m)^def (test_\w+)\(", "\n".join(sources))


def held_by(text: str) -> list[str]:
    """The tests that an entry names, cases of parity left aside."""
    return re.findall(r"`(test_\w+)`", text)


def test_there_are_entries():
    headings = re.findall(r"(?m)^### ", LEDGER.read_text(encoding="utf-8"))
    assert len(headings) == len(ENTRIES) > 40  # no title twice


@pytest.mark.parametrize("title", ENTRIES)
def test_an_entry_is_complete(title):
    """Keras's formula, the textbook's, the file that forces it, a test that holds it,
    in at most ten lines."""
    text = ENTRIES[title]
    lines = text.strip().splitlines()
    assert len(lines) <= 10
    for start in ("* Keras: ", "* Textbook: ", "* Forced by ", "* Held by "):
        assert sum(line.startswith(start) for line in lines) == 1, start
    forced = re.findall(r"`((?:keras/src|tensorflow)/[\w/]+\.(?:py|cc|h))`", text)
    assert forced
    assert held_by(text)
    assert set(held_by(text)) <= set(names_beside())
    for name in re.findall(r"parity `([^`]*)`", text):
        assert name in CASES, name


def test_every_test_has_one_entry():
    named = [name for text in ENTRIES.values() for name in held_by(text)]
    assert sorted(named) == sorted(names_beside())
