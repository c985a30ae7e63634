"""`python -m parity SCRIPT.py`: what it says and its exit status."""

import json
import os
from pathlib import Path

import pytest

from parity import __main__ as command
from parity import sides
from parity.script import report
from parity.script.processes import Options, ScriptError, record

HERE = Path(__file__).parent


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "script.py"
        path.write_text(text)
        return str(path)

    return write


def on_minikeras(script: str, tmp_path, arguments=(), **settings):
    settings = Options(script, list(arguments), **settings)
    record("minikeras", tmp_path / "out.events", settings)


@pytest.mark.slow
def test_the_tutorial_agrees(tmp_path, capsys):
    file = tmp_path / "found.json"
    script = str(HERE / "scripts" / "tutorial.py")
    page = tmp_path / "page.html"
    files = ["--json", str(file), "--html", str(page)]
    assert command.main([script, *files, "--max-epochs", "6"]) == 0
    assert page.read_text().count("<title>step 18: tf.keras 0.") == 2
    said = capsys.readouterr().out
    assert "1 (fit), 2 (evaluate), 3 (predict)" in said
    assert "agree to rounding" in said
    found = json.loads(file.read_text())
    assert (found["part"], found["steps"], found["epochs"]) == (None, 18, 6)


def test_what_cannot_be_compared_ends_with_status_2(monkeypatch, capsys):
    assert command.main(["nowhere.py"]) == 2
    assert "there is no file nowhere.py" in capsys.readouterr().err
    monkeypatch.setattr(sides, "has_tensorflow", lambda: False)
    assert command.main(["nowhere.py"]) == 2
    assert "TensorFlow is not installed" in capsys.readouterr().err


def test_a_failing_script_is_named_with_its_line(write, monkeypatch, capsys):
    script = write("import keras\n\nkeras.layers.Dense(-1)\n")
    monkeypatch.setattr(report, "record", lambda _, *rest: record("minikeras", *rest))
    assert command.main([script]) == 2
    said = capsys.readouterr().err
    assert "the script fails with minikeras (line 3): ValueError: " in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("print('hello')\n", "never calls fit"),
        ("import sys\nsys.exit(3)\n", "exit status 3"),
        ("def f(:\n", r"\(line 1\): SyntaxError"),
        ("import os\nos._exit(1)\n", "died: without a word"),
    ],
)
def test_scripts_with_nothing_to_compare(write, tmp_path, text, message):
    with pytest.raises(ScriptError, match=message):
        on_minikeras(write(text), tmp_path)


def test_a_script_that_runs_forever_is_stopped(write, tmp_path):
    script = write("while True:\n    pass\n")
    with pytest.raises(ScriptError, match="did not end within 3 s"):
        on_minikeras(script, tmp_path, time_limit=3.0)


def test_the_script_gets_its_arguments(write, tmp_path):
    script = write("import sys\nsys.exit(sys.argv[1:] != ['--fast', '3'])\n")
    with pytest.raises(ScriptError, match="never calls fit"):
        on_minikeras(script, tmp_path, ["--fast", "3"])
    options, arguments = command.parse([script, "--seed", "4", "--", "--fast", "3"])
    assert (options.script, options.seed) == (script, 4)
    assert arguments == ["--fast", "3"]


def test_only_positive_limits(capsys):
    with pytest.raises(SystemExit):
        command.parse(["script.py", "--max-steps", "0"])
    assert "--max-steps" in capsys.readouterr().err


def test_the_environment_is_the_users(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = f"import os\nassert os.getcwd() == {str(tmp_path)!r}, os.getcwd()\n"
    with pytest.raises(ScriptError, match="never calls fit"):
        on_minikeras(write(text), tmp_path)
    assert os.getcwd() == str(tmp_path)
