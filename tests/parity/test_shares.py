"""The cases are divided among processes, each of which takes about as long."""

import pytest

from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.shares import SECONDS, seconds_of, shares
from parity.training import RUNS


@pytest.mark.parametrize("count", [1, 2, 3])
def test_each_case_is_in_one_share_and_in_order(count):
    names = list(CASES)
    found = shares(names, count)
    assert len(found) == count
    assert sorted(sum(found, [])) == sorted(names)
    for share in found:
        assert share == [name for name in names if name in share]


def test_the_shares_are_alike():
    totals = [sum(map(seconds_of, share)) for share in shares(list(CASES), 2)]
    assert max(totals) - min(totals) < 2


def test_the_costs_are_those_of_cases_and_runs():
    assert set(SECONDS) <= {*CASES, *RUNS}


def test_less_than_one_case_for_each():
    assert shares(["random.seeds"], 2) == [["random.seeds"], []]
    assert shares([], 2) == [[], []]
