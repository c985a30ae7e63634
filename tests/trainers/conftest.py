"""What tests of Ctrl-C start from."""

import signal

import pytest


@pytest.fixture
def usual_ctrl_c():
    """Python's own handler, also where the tests run in the background of a shell:
    there Ctrl-C is ignored from the start. It has to be there afterwards too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    after = signal.signal(signal.SIGINT, before)
    assert after is signal.default_int_handler
