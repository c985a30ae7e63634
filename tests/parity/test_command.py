"""`python -m parity SCRIPT.py`: what it says and its exit status."""

import json
import os
import re
from pathlib import Path

import pytest

from parity import __main__ as command
from parity import sides
from parity.script import report
from parity.script.compare import Comparison
from parity.script.processes import Options, ScriptError, record
from parity.script.recording import Place

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


def test_a_failing_script_is_named_with_its_line(write, minikeras_alone, capsys):
    script = write("import keras\n\nkeras.layers.Dense(-1)\n")
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("SCRIPT --fast 3", "arguments of the script stand after --: .* -- --fast 3"),
        ("SCRIPT data.csv", "'data.csv' is no option .* SCRIPT -- data.csv"),
        ("SCRIPT --max-ep 3", "'--max-ep' is no option"),
        ("--fast", "'--fast' is no option of python -m parity$"),
        ("SCRIPT --golden", "--golden is for the built-in cases"),
        ("--golden SCRIPT", "--golden takes a folder; received SCRIPT"),
        ("SCRIPT --only lstm", "--only is for the built-in cases"),
        ("SCRIPT --all", "--all is for the built-in cases"),
        ("--max-steps 3", "--max-steps needs a script"),
        ("--seed 0 --only lstm", "--seed needs a script"),
        ("-- --fast", "'--fast' stands after --, but there is no script"),
        ("--against folder", "--against needs --golden"),
        ("SCRIPT --seed -1", "--seed: .* from 0 to 4294967295; received '-1'"),
        ("SCRIPT --seed 4294967296", "received '4294967296'"),
        ("SCRIPT --max-steps 0", "--max-steps: .* at least 1; received '0'"),
        ("SCRIPT --max-epochs 1.5", "--max-epochs: .* received '1.5'"),
        ("SCRIPT --time-limit nan", "--time-limit: .* above 0; received 'nan'"),
        ("SCRIPT --json nowhere/found.json", "there is no folder .*nowhere"),
        ("SCRIPT --json .", "--json needs a file, and . is a folder"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    write, monkeypatch, capsys, tmp_path, arguments, said
):
    monkeypatch.chdir(tmp_path)
    write("")
    assert command.main(arguments.replace("SCRIPT", "script.py").split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("python -m parity: ")
    assert re.search(said.replace("SCRIPT", "script.py"), line)


@pytest.fixture
def minikeras_alone(monkeypatch):
    """minikeras in the place of tf.keras."""
    monkeypatch.setattr(report, "record", lambda _, *rest: record("minikeras", *rest))


USAGE = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--rate", required=True)
parser.parse_args()
"""
TRAINS = """
import keras
import numpy as np
SETUP
x = (DATA).astype("float32")
model = keras.Sequential([keras.layers.Dense(2), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(x, x[:, :1], batch_size=8, verbose=0)
"""


def test_the_scripts_own_usage_message_is_passed_on(write, minikeras_alone, capsys):
    assert command.main([write(USAGE)]) == 2
    said = capsys.readouterr().err
    assert "the following arguments are required: --rate" in said
    assert "its arguments stand after --" in said


@pytest.mark.parametrize(
    ("setup", "data"),
    [
        ("", "np.random.default_rng().normal(size=(16, 3))"),
        (
            "import random; draw = random.Random().random",
            "np.array([[draw() for _ in range(3)] for _ in range(16)])",
        ),
        ("import os", "np.frombuffer(os.urandom(48), 'uint8').reshape(16, 3) / 255"),
    ],
)
def test_data_that_no_seed_fixes_cannot_be_compared(
    write, minikeras_alone, capsys, setup, data
):
    script = write(TRAINS.replace("SETUP", setup).replace("DATA", data))
    assert command.main([script]) == 2
    said = capsys.readouterr().err
    assert "your script draws data that no seed fixes" in said
    assert "run 1 (fit), epoch 1, step 1: batch of x" in said


def test_what_is_being_done_is_said_as_it_is_done(write, minikeras_alone, capsys):
    script = write(
        TRAINS.replace("SETUP", "").replace("DATA", "np.random.normal(size=(16, 3))")
    )
    assert command.main([script]) == 0
    printed = capsys.readouterr()
    assert [line[:6] for line in printed.err.splitlines()] == [
        *("1 of 3", "2 of 3", "3 of 3")
    ]
    assert "agree to rounding" in printed.out


def test_what_agrees_up_to_a_step_has_a_status_of_its_own(monkeypatch, capsys):
    place = Place(1, "fit", "step", 1, 2)
    found = Comparison(["1 (fit)"], steps=12, drowned=place, sure=1)
    found.left_out = {("loss", "loss"): (place, 11)}

    def run(options, console):
        report.show(found, None, options, console)
        return report.Report(options, found, None)

    monkeypatch.setattr(report, "run", run)
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    assert command.main(["script.py"]) == 3
    said = capsys.readouterr().out
    assert "agree up to step 1 of 12" in said
    assert "left out         11, which rounding alone decides: loss" in said
    assert "From run 1 (fit), epoch 1, step 2 on rounding alone" in said


def test_the_environment_is_the_users(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = f"import os\nassert os.getcwd() == {str(tmp_path)!r}, os.getcwd()\n"
    with pytest.raises(ScriptError, match="never calls fit"):
        on_minikeras(write(text), tmp_path)
    assert os.getcwd() == str(tmp_path)
