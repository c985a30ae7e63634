"""What a script prints through the library: progress lines and summaries."""

import contextlib
import functools
import importlib
import inspect
import io
import re
import sys
from typing import Any

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_TIMES = re.compile(r"\b\d+(?=(ms|us|s)\b)(ms|us|s)")
TIME = "<time>"


def install(keras: Any, recorder, replace) -> None:
    """Listens to `model.summary` and to all that fit and its like print."""
    replace(keras.Model, "summary", _summary_hook(recorder))
    if keras.__name__.startswith("minikeras"):
        name = "minikeras.utils.io_utils"
    else:
        name = "keras.src.utils.io_utils"
    print_msg = importlib.import_module(name).print_msg
    everywhere(print_msg, _print_hook(recorder, print_msg), name.partition(".")[0])


def everywhere(function, replacement, package: str) -> None:
    """Replaces a function under each name that a module of the package has for it."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package:
            for attribute, value in list(vars(module).items()):
                if value is function:
                    setattr(module, attribute, replacement)


def _print_hook(recorder, original):
    def print_msg(message, line_break=True):
        original(message, line_break)
        if recorder.run is not None:
            recorder.run.printed.append(f"{message}\n" if line_break else str(message))

    return functools.wraps(original)(print_msg)


def _summary_hook(recorder):
    def wrap(original):
        signature = inspect.signature(original)

        def summary(model, *args, **kwargs):
            given = signature.bind(model, *args, **kwargs)
            texts: list[str] = []
            print_fn = given.arguments.get("print_fn")
            if print_fn is not None:
                given.arguments["print_fn"] = lambda t: (texts.append(t), print_fn(t))
            tee = _Tee(sys.stdout)
            with contextlib.redirect_stdout(tee):
                result = original(*given.args, **given.kwargs)
            recorder.summary(model, plain("".join([*texts, tee.getvalue()])))
            return result

        return summary

    return wrap


class _Tee(io.StringIO):
    """Keeps what is written, and writes it on."""

    def __init__(self, file):
        super().__init__()
        self._file = file

    @property
    def encoding(self) -> str:
        return self._file.encoding

    def write(self, text: str) -> int:
        self._file.write(text)
        return super().write(text)

    def isatty(self) -> bool:
        return self._file.isatty()

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()


def progress(printed: list[str]) -> str:
    """The lines that stay. A bar that is drawn over again depends on the clock, and so
    does the time in each line."""
    lines = plain("".join(text for text in printed if text.endswith("\n")))
    return _TIMES.sub(TIME, lines)


def plain(text: str) -> str:
    """Without colours, blank ends of lines and empty lines."""
    text = _COLOURS.sub("", text).replace("\b", "").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
