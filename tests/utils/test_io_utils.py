import logging

import pytest

from minikeras import utils
from minikeras.utils.io_utils import print_msg


@pytest.fixture
def not_interactive():
    utils.disable_interactive_logging()
    yield
    utils.enable_interactive_logging()


def test_messages_go_to_stdout(capsys):
    assert utils.is_interactive_logging_enabled()
    print_msg("one")
    print_msg(2, line_break=False)
    assert capsys.readouterr().out == "one\n2"


def test_messages_go_to_the_logger(not_interactive, capsys, caplog):
    assert not utils.is_interactive_logging_enabled()
    with caplog.at_level(logging.INFO, "minikeras"):
        print_msg("one")
    assert capsys.readouterr().out == ""
    assert caplog.messages == ["one"]


def test_clear_session_is_interactive_again(not_interactive):
    utils.clear_session(free_memory=False)
    assert utils.is_interactive_logging_enabled()
