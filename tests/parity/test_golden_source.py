"""A golden knows from which version of a case it was recorded."""

import pytest

from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.golden import source
from parity.training import RUNS

MODULE = '''"""About something."""

from parity.case import case, ulp
from parity.cases.sister import shared as borrowed

LOOSE = ulp(4, "a reason")
SIZE = 3
FIRST, SECOND = 1, 2


def helper(x):
    """Says what it does."""
    return x + SIZE


def unused():
    return FIRST


class Layer:
    size = SECOND


@case(LOOSE, slow=False)
def mine(library):
    """One case."""
    yield "a", helper(borrowed()), Layer
'''
SISTER = "DEEP = [1]\n\n\ndef shared():\n    return DEEP\n"


@pytest.fixture
def hashed(tmp_path, monkeypatch):
    """The hash of `mine` after `old` became `new` in one of the two modules."""
    monkeypatch.setattr(source, "FOLDER", tmp_path)

    def hashed(old="", new=""):
        assert old in MODULE + SISTER
        (tmp_path / "topic.py").write_text(MODULE.replace(old, new))
        (tmp_path / "sister.py").write_text(SISTER.replace(old, new))
        source._definitions.cache_clear()
        return source.hash_of("topic.mine")

    yield hashed
    source._definitions.cache_clear()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"a"', '"b"'),
        ("SIZE = 3", "SIZE = 4"),
        ("x + SIZE", "SIZE + x"),
        ("DEEP = [1]", "DEEP = [2]"),
        ("return DEEP", "return DEEP[:]"),
        ("size = SECOND", "sizes = SECOND"),
        ("FIRST, SECOND = 1, 2", "FIRST, SECOND = 1, 3"),
    ],
)
def test_what_the_case_computes_counts(hashed, old, new):
    assert hashed(old, new) != hashed()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return FIRST", "return 7"),
        ("case(LOOSE, slow=False)", "case(LOOSE, {'a': LOOSE}, slow=True)"),
        ("ulp(4,", "ulp(8,"),
        ('"""One case."""', '"""The one case."""'),
        ("Says what it does", "Says it"),
        ("    return x + SIZE", "    # why\n    return (\n        x + SIZE\n    )"),
    ],
)
def test_what_changes_no_result_does_not(hashed, old, new):
    assert hashed(old, new) == hashed()


def test_a_case_that_is_not_found_is_an_error(hashed):
    with pytest.raises(ValueError, match="topic.mine was not found"):
        hashed("def mine", "def yours")


def test_each_built_in_case_has_a_hash_of_its_own():
    names = [*CASES, *RUNS]
    assert len({source.hash_of(name) for name in names}) == len(names)
