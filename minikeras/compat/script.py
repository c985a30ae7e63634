"""`minikeras run SCRIPT`: a script as Python would run it, on minikeras."""

import os
import sys
import types

from minikeras.compat import names, preview


def run_script(path: str, arguments: list[str], imports=None) -> int:
    """Runs the file as `__main__` with `tensorflow` and `keras` meaning minikeras,
    or whatever they mean within another context manager `imports()`. Without one,
    says first on stderr what the script will miss.

    Returns the exit status: 0, 1 after an uncaught exception (its traceback,
    without the frames of this runner, is on stderr), 130 after Ctrl-C, or 2 if
    there is no such file. A SystemExit of the script passes through.
    """
    given, path = path, os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"minikeras run: cannot read {given}: {error.strerror}", file=sys.stderr)
        return 2
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__, __cached__=None)
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    sys.argv = [given, *arguments]
    sys.path.insert(0, os.path.dirname(path))
    sys.modules["__main__"] = main
    try:
        with (imports or names.tensorflow_names)():
            if imports is None:
                _say_what_is_missing(source, given)
            exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        error.__traceback__ = trim(error.__traceback__, path)
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before
    return 0


def _say_what_is_missing(source: bytes, given: str) -> None:
    lines = preview.needs(source)
    if lines:
        print(
            f"minikeras run: {given} asks for what minikeras does not have:",
            *(f"  {line}" for line in lines),
            sep="\n",
            file=sys.stderr,
            flush=True,
        )


def trim(traceback: types.TracebackType | None, path: str):
    """The frames from the script's first to its last, and what it called.

    Left out are the runner's frames before it and, after it, those of the
    import hook, which stand where Python's own import would show none.
    """
    while traceback and traceback.tb_frame.f_code.co_filename != path:
        traceback = traceback.tb_next
    frame = traceback
    while frame and frame.tb_next:
        if _is_import_hook(frame.tb_next):
            frame.tb_next = None
        frame = frame.tb_next
    return traceback


def _is_import_hook(traceback: types.TracebackType | None) -> bool:
    """True if all frames from here on are the import system's or names.py's."""
    while traceback:
        filename = traceback.tb_frame.f_code.co_filename
        if filename != names.__file__ and "importlib" not in filename:
            return False
        traceback = traceback.tb_next
    return True
