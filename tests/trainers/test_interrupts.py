"""DeferredInterrupt: Ctrl-C waits for the end of a step, and is never lost."""

import signal
import threading

import pytest

from minikeras.trainers.interrupts import DeferredInterrupt

pytestmark = pytest.mark.usefixtures("usual_ctrl_c")


def press():
    signal.raise_signal(signal.SIGINT)


def test_nothing_happens_without_ctrl_c():
    with DeferredInterrupt() as interrupt:
        interrupt.check()
        assert not interrupt.pending


def test_it_waits_for_the_check():
    steps = []
    with pytest.raises(KeyboardInterrupt):
        with DeferredInterrupt() as interrupt:
            press()
            steps.append("finished")
            interrupt.check()
            steps.append("another")
    assert steps == ["finished"]


def test_it_comes_at_the_end_if_nobody_checks():
    with pytest.raises(KeyboardInterrupt):
        with DeferredInterrupt():
            press()


def test_the_second_one_does_not_wait():
    steps = []
    with pytest.raises(KeyboardInterrupt):
        with DeferredInterrupt():
            press()
            steps.append("first")
            press()
            steps.append("second")
    assert steps == ["first"]


def test_an_error_is_not_hidden():
    with pytest.raises(RuntimeError, match="mine"):
        with DeferredInterrupt():
            press()
            raise RuntimeError("mine")


def test_a_handler_of_the_users_stays():
    seen = []
    signal.signal(signal.SIGINT, lambda *_: seen.append("mine"))
    try:
        with DeferredInterrupt() as interrupt:
            press()
            interrupt.check()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert seen == ["mine"]


def test_other_threads_are_left_alone():
    errors = []

    def work():
        try:
            with DeferredInterrupt() as interrupt:
                interrupt.check()
        except BaseException as error:  # whatever it is, the test must hear of it
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert errors == []
