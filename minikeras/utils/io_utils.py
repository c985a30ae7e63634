"""Counterpart: keras/src/utils/io_utils.py. Where progress lines and summaries go."""

import sys

_interactive = True


def enable_interactive_logging() -> None:
    """Sends messages to stdout, as at the start."""
    global _interactive
    _interactive = True


def disable_interactive_logging() -> None:
    """Sends messages to the logger "minikeras" (level INFO) instead of stdout."""
    global _interactive
    _interactive = False


def is_interactive_logging_enabled() -> bool:
    """Whether messages go to stdout."""
    return _interactive


def print_msg(message, line_break: bool = True) -> None:
    """Writes a message to stdout and flushes it, or hands it to the logger.

    A stdout that cannot encode the bar gets "=" for its pieces and loses what
    else it cannot encode.
    """
    message = str(message)
    if not _interactive:
        import logging  # costs 5 ms to import and serves only this mode

        logging.getLogger("minikeras").info(message)
        return
    if line_break:
        message += "\n"
    try:
        sys.stdout.write(message)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "utf-8"
        plain = message.replace("━", "=").encode(encoding, errors="ignore")
        sys.stdout.write(plain.decode(encoding))
    sys.stdout.flush()
