"""Each name goes to one worker, the long ones first; an idle worker takes the next."""

import threading

import pytest

from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.training import RUNS
from parity.turns import LONGEST, Team, longest_first


def test_the_long_ones_are_cases_and_runs():
    assert set(LONGEST) <= {*CASES, *RUNS}
    assert len(set(LONGEST)) == len(LONGEST)


def test_long_ones_come_first_and_the_others_stay_in_order():
    names = ["b", LONGEST[1], "a", LONGEST[0]]
    assert longest_first(names) == [LONGEST[0], LONGEST[1], "b", "a"]


def hand_out(names, workers, do):
    with Team(workers) as team:
        ended = [team.submit(do, name) for name in names]
        for future in ended:
            future.exception()  # waits
    for future in ended:
        future.result()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_each_name_is_handed_out_once(count):
    names = [str(i) for i in range(50)]
    taken = []
    hand_out(names, range(count), lambda worker, name: taken.append(name))
    assert sorted(taken) == sorted(names)


def test_who_is_done_takes_the_next():
    """One worker is held up by its first name until the other has done the rest."""
    names, rest = ["slow", "a", "b", "c"], threading.Event()
    by: dict[str, object] = {}

    def do(worker, name):
        by[name] = worker
        if name == "slow":
            assert rest.wait(10)
        if name == "c":
            rest.set()

    hand_out(names, ["one", "two"], do)
    assert by["a"] == by["b"] == by["c"] != by["slow"]


def test_an_error_is_raised_when_the_others_have_ended():
    done = []

    def do(worker, name):
        if name == "a":
            raise ValueError(name)
        done.append(name)

    with pytest.raises(ValueError, match="a"):
        hand_out(["a", "b", "c"], ["one", "two"], do)
    assert done == ["b", "c"]


def test_no_names():
    hand_out([], ["one"], lambda worker, name: pytest.fail(name))
