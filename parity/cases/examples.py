"""What the scripts in examples/ print, run with either library as they stand.

(The two of iris are in cases/iris.py in detail, the functions of sigmoid_or_softmax in
cases/tensorflow_names.py.)
"""

import contextlib
import io
import os
import re
import runpy
from pathlib import Path
from unittest import mock

import numpy as np

from minikeras.compat.names import tensorflow_names
from parity.case import Tolerance, case

FOLDER = Path(__file__).parent.parent.parent / "examples"
SCRIPTS = "checkpoints custom_training_loop feature_extractor two_inputs".split()
_NUMBER = re.compile(r"-?\d+\.\d+")


def printed(library, name: str) -> str:
    """What a script prints where lines have 80 characters."""
    ours = library.name == "minikeras"
    text = io.StringIO()
    with (
        tensorflow_names() if ours else contextlib.nullcontext(),
        contextlib.redirect_stdout(text),
        mock.patch.dict(os.environ, COLUMNS="80"),
    ):
        runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    return text.getvalue()


@case(Tolerance("a digit that is rounded the other way", absolute=1.01e-3), slow=True)
def scripts(library):
    """The text that each script prints, and the numbers in it."""
    for name in SCRIPTS:
        text = printed(library, name)
        yield f"{name}/text", _NUMBER.sub("#", text).splitlines()
        yield f"{name}/numbers", np.array([float(n) for n in _NUMBER.findall(text)])
