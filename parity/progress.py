"""What is being done, said on stderr while it lasts: drawn on a terminal, else a line
for each piece of work."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)


@contextlib.contextmanager
def doing(what: str, total: int = 0) -> Iterator[Callable[[], None]]:
    """Gives a function to be called after each of `total` parts, if there are any."""
    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(f"{what} …", markup=False, highlight=False, soft_wrap=True)
        yield lambda: None
        return
    counted = [BarColumn(), MofNCompleteColumn()] if total else []
    text = TextColumn("{task.description}", markup=False)
    columns = SpinnerColumn(), text, *counted, TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=total or None)
        yield lambda: shown.advance(task)
