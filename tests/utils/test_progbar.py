import re
import subprocess
import sys

import pytest

from minikeras.utils import Progbar


@pytest.fixture
def clock(monkeypatch):
    """A time that moves only when told to."""

    class Clock:
        now = 0.0

    monkeypatch.setattr("time.time", lambda: Clock.now)
    return Clock


def plain(text):
    return re.sub(r"\x1b\[\d+m|[\b\r]", "", text)


def test_a_bar_moves_and_ends_with_a_new_line(clock, capsys):
    bar = Progbar(4, width=4)
    lines = []
    for step in range(1, 5):
        clock.now += 2.0
        bar.update(step, [("loss", 1.0 / step)])
        lines.append(plain(capsys.readouterr().out))
    assert lines == [
        "1/4 ━━━━ 6s 2s/step - loss: 1.0000",
        "2/4 ━━━━ 4s 2s/step - loss: 0.7500",
        "3/4 ━━━━ 2s 2s/step - loss: 0.6111",
        "4/4 ━━━━ 8s 2s/step - loss: 0.2500\n",
    ]


def test_a_shorter_line_wipes_the_longer_one_before(clock, capsys):
    bar = Progbar(2, width=4)
    clock.now = 100.0
    bar.update(1, [("loss", 12345.0)])
    long = capsys.readouterr().out
    clock.now += 1
    bar.update(2, [("loss", 1.0)])
    short = capsys.readouterr().out
    assert short.count("\b") == len(plain(long))
    assert short.endswith("    \n")
    assert len(plain(short)) == len(plain(long)) + 1


def test_updates_between_intervals_are_not_drawn(clock, capsys):
    clock.now = 100.0
    bar = Progbar(100, interval=1.0)
    for step in range(1, 12):
        clock.now += 0.125
        bar.update(step)
    drawn = [line.strip() for line in plain(capsys.readouterr().out).split("━ ")]
    assert len(drawn) - 1 == 2  # the first, and one a second later


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, "a: 2.0000 - b: 2.0000"),
        ({"stateful_metrics": ["a"]}, "a: 4.0000 - b: 2.0000"),
        ({"stateless_metrics": ["a"]}, "a: 2.0000 - b: 4.0000"),
    ],
)
def test_which_values_are_averaged(options, shown, clock, capsys):
    bar = Progbar(4, interval=0, **options)
    bar.update(3, [("a", 4 / 3), ("b", 4 / 3)])  # three steps with this mean
    bar.update(4, [("a", 4.0), ("b", 4.0)], finalize=False)
    assert capsys.readouterr().out.endswith(shown)


def test_both_kinds_of_metrics_at_once_are_refused():
    with pytest.raises(ValueError, match=r"not both.*\['a'\]"):
        Progbar(4, stateful_metrics=["a"], stateless_metrics=[])


def test_the_single_line_of_verbose_2(clock, capsys):
    bar = Progbar(10, verbose=2)
    clock.now = 3.0
    bar.update(5, [("loss", 1.0)])
    assert capsys.readouterr().out == ""
    bar.update(10, [("loss", 0.5), ("auc", 0.0001)])
    expected = "10/10 - 3s - 300ms/step - loss: 0.5000 - auc: 1.0000e-04\n"
    assert capsys.readouterr().out == expected


def test_a_file_gets_a_line_per_update_where_it_cannot_be_redrawn(
    clock, capsys, monkeypatch
):
    monkeypatch.delitem(sys.modules, "posix", raising=False)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.delenv("PYCHARM_HOSTED", raising=False)
    bar = Progbar(2)
    clock.now += 1
    bar.update(1)
    text = capsys.readouterr().out
    assert text.startswith("\n")
    assert "\b" not in text and "\r" not in text


def test_output_is_flushed_at_once():
    code = (
        "import os; from minikeras.utils import Progbar; "
        "Progbar(1).update(1); os._exit(0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert b"1/1" in run.stdout
