"""`minikeras run SCRIPT`: the script runs as under Python itself."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minikeras.compat import run_script
from minikeras.random import set_random_seed

HERE = Path(__file__).parent
TUTORIAL = HERE / "tutorial"
EXAMPLES = HERE.parent.parent / "examples"


@pytest.fixture
def script(tmp_path):
    """Writes a script and gives its path."""

    def write(text, name="script.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_script_is_main_with_its_own_arguments_and_folder(script, capsys):
    script("VALUE = 7", "helper.py")
    path = script(
        "import sys, helper\n"
        "print(__name__, __file__, sys.argv, helper.VALUE)\n"
        "print(sys.modules['__main__'].helper is helper)\n"
        "def f():\n    return sys\n"
        "print(f() is sys)"
    )
    before = list(sys.argv), list(sys.path), sys.modules["__main__"]
    assert run_script(path, ["--epochs", "3", "-v"]) == 0
    out = capsys.readouterr().out
    assert out == f"__main__ {path} {[path, '--epochs', '3', '-v']} 7\nTrue\nTrue\n"
    assert (list(sys.argv), list(sys.path), sys.modules["__main__"]) == before
    del sys.modules["helper"]


def test_an_error_shows_the_script_s_own_traceback(script, capsys):
    path = script("def f():\n    return 1 / 0\n\nf()\n")
    assert run_script(path, []) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{path}", line 4, in <module>'
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert [line for line in lines if "File" in line and path not in line] == []


@pytest.mark.parametrize(
    "statement", ["from tensorflow.keras.layers import Dnse", "tf.nn.sigmod"]
)
def test_a_missing_name_shows_no_frame_but_the_script_s(script, capsys, statement):
    path = script(f"import tensorflow as tf\n{statement}\n")
    assert run_script(path, []) == 1
    error = capsys.readouterr().err
    assert re.findall('File "(.*)", line (.*), in', error) == [(path, "2")]
    assert "Did you mean" in error


def test_an_error_inside_minikeras_shows_where(script, capsys):
    path = script("import keras\nkeras.layers.Dense(-1)\n")
    assert run_script(path, []) == 1
    files = re.findall('File "(.*?)"', capsys.readouterr().err)
    assert files[0] == path and "minikeras/layers" in files[1]


def test_a_syntax_error_shows_the_line(script, capsys):
    path = script("x = 1\ny = = 2\n")
    assert run_script(path, []) == 1
    error = capsys.readouterr().err
    assert f'File "{path}", line 2' in error and "y = = 2" in error
    assert "script.py" in error and "run_script" not in error


@pytest.mark.parametrize("code", [0, 3, "'stopped'", "None"])
def test_system_exit_passes(script, code):
    with pytest.raises(SystemExit) as stop:
        run_script(script(f"raise SystemExit({code})"), [])
    assert stop.value.code == eval(str(code))


def test_ctrl_c_is_130(script, capsys):
    assert run_script(script("raise KeyboardInterrupt"), []) == 130
    assert "KeyboardInterrupt" in capsys.readouterr().err


def test_a_missing_file_is_a_clear_message_and_2(tmp_path, capsys):
    assert run_script(str(tmp_path / "no.py"), []) == 2
    error = capsys.readouterr().err
    assert "no.py: No such file" in error and error.count("\n") == 1
    assert run_script(str(tmp_path), []) == 2


def test_an_encoding_declaration_and_future_imports_are_the_script_s(script, capsys):
    path = script("")
    Path(path).write_bytes("# -*- coding: gbk -*-\nprint('鸢尾花')\n".encode("gbk"))
    assert run_script(path, []) == 0
    assert capsys.readouterr().out == "鸢尾花\n"


# ---- the tutorial, letter for letter


def run_tutorial(name, capsys):
    assert run_script(str(TUTORIAL / name), []) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "epochs"), [("iris_sequential.py", 100), ("iris_subclass.py", 500)]
)
def test_the_tutorial_trains_unedited(name, epochs, capsys):
    pytest.importorskip("sklearn")
    set_random_seed(0)  # the first listing sets no seed of its own
    with pytest.warns(DeprecationWarning, match="learning_rate"):
        out = run_tutorial(name, capsys)
    assert f"Epoch {epochs}/{epochs}" in out
    assert out.count("val_loss") == epochs // 20
    assert "Trainable params: 15" in out
    losses = [float(loss) for loss in re.findall(r" loss: ([\d.]+)", out)]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        (
            "sigmoid_softmax_exclusive.py",
            [[0.28051132, 0.8747961], [0.05285128, 0.9471487]],
        ),
        (
            "sigmoid_softmax_multilabel.py",
            [
                [0.2890505, 0.8698916, 0.5744425, 0.81757444],
                [0.03145847, 0.51732343, 0.10444581, 0.34677225],
            ],
        ),
    ],
)
def test_the_tutorial_s_activations_print_what_it_prints(name, printed, capsys):
    out = run_tutorial(name, capsys)
    lines = re.findall(r"tf\.Tensor\(\[(.*)\], shape=\((\d),\), dtype=float32\)\n", out)
    assert len(lines) == 2 and out.count("\n") == 2
    for (numbers, size), expected in zip(lines, printed, strict=True):
        assert int(size) == len(expected)
        # 6 digits: TensorFlow's own last digit changed between its releases
        np.testing.assert_allclose(
            [float(x) for x in numbers.split()], expected, rtol=1e-6
        )


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda p: p.name)
def test_the_examples_run(path, capsys):
    pytest.importorskip("sklearn")
    assert run_script(str(path), []) == 0
    assert capsys.readouterr().out


def test_the_command_runs_without_tensorflow_being_touched(script):
    path = script(
        "import sys, keras, tensorflow as tf\n"
        "print(tf.constant([1.5]), keras.layers.Dense(2).units, sys.argv[1:])\n"
        "assert not [n for n in sys.modules if n.startswith('tensorflow.python')]\n"
        "sys.exit(5)"
    )
    done = subprocess.run(
        [sys.executable, "-m", "minikeras", "run", path, "--help"],
        capture_output=True,
        text=True,
    )
    assert done.stdout == ("tf.Tensor([1.5], shape=(1,), dtype=float32) 2 ['--help']\n")
    assert (done.returncode, done.stderr) == (5, "")
