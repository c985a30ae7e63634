"""Values and calls as they stand in a script."""

from typing import Any

from parity.fuzz.spec import Call, Code

WIDTH = 88


def call_lines(function: str, options: dict) -> list[str]:
    """A call on one line, or one line for each argument."""
    line = f"{function}({_arguments(options)})"
    if len(line) <= WIDTH:
        return [line]
    inner = [f"    {name}={render(value)}," for name, value in options.items()]
    joined: list[str] = []
    for part in inner:  # short ones share a line
        if joined and len(joined[-1]) + len(part) - 3 <= WIDTH:
            joined[-1] += part[3:]
        else:
            joined.append(part)
    return [f"{function}(", *joined, ")"]


def _arguments(options: dict) -> str:
    return ", ".join(f"{name}={render(value)}" for name, value in options.items())


def render(value: Any) -> str:
    """The value as it stands in a script."""
    if isinstance(value, Call):
        return f"{value.path}({_arguments(value.options)})"
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(render, value))}]"
    if isinstance(value, tuple):
        inner = ", ".join(map(render, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        inner = ", ".join(
            f"{render(key)}: {render(part)}" for key, part in value.items()
        )
        return f"{{{inner}}}"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def first(value: Any, count: int) -> Any:
    """The first rows of an array, or of each in a list or dict."""
    if isinstance(value, list):
        return [first(part, count) for part in value]
    if isinstance(value, dict):
        return {key: first(part, count) for key, part in value.items()}
    return Code(f"{value}[:{count}]")
