"""`--html FILE`: what a comparison found, as one page that needs nothing else.

page        Findings to HTML: the verdict, the misses, the table, the training runs
plots       loss curves and their difference: scales, ticks, lines
heat        differences by tensor and step, sorted into colours
scales      axes and the numbers beside them
numbers     how numbers are written

The templates, style.css and page.js are what the page is made of: all of it ends up in
the one file.
"""

import importlib
import importlib.util
from pathlib import Path

from parity.findings import Findings


def refusal(file: Path) -> str:
    """Why no page could be written there, "" if one can: asked before the comparison,
    which takes minutes."""
    if importlib.util.find_spec("jinja2") is None:
        return "--html needs Jinja2, which is not installed: pip install '.[report]'"
    if file.is_dir():
        return f"--html needs a file, and {file} is a folder"
    if not file.absolute().parent.is_dir():
        return f"--html: there is no folder {file.absolute().parent}"
    return ""


def write(findings: Findings, file: Path) -> None:
    """Jinja2 is imported here: whoever wants no page needs none."""
    page = importlib.import_module("parity.page.page")
    file.write_text(page.render(findings), encoding="utf-8")
