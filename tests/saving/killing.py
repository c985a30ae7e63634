"""Saving in a process that kills itself before one of its steps on the disk."""

import subprocess
import sys
from pathlib import Path

ROOT = str(Path(__file__).parent.parent.parent)

_SCRIPT = """
import os, sys
sys.path[:0] = [{root!r}]
calls = 0
def counted(function):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == {count}:
            os.kill(os.getpid(), 9)
        return function(*arguments, **options)
    return call
{imports}
for name in {steps!r}:
    setattr(os, name, counted(getattr(os, name)))
{action}
"""


def killed(count: int, imports: str, steps: tuple, action: str) -> int:
    """The status of a process that does `action`, and dies before call `count` of the
    functions `steps` of os: 0 if there are not so many."""
    script = _SCRIPT.format(
        root=ROOT, count=count, imports=imports, steps=steps, action=action
    )
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode
