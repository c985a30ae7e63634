"""The command line. Real processes only where a process is the point."""

import re
import subprocess
import sys

import numpy as np
import pytest

import minikeras
from minikeras.cli import iris, main


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"minikeras {minikeras.__version__}\n"


@pytest.mark.parametrize("argv", [["--help"], ["iris", "--help"], ["run", "--help"]])
def test_help(argv, capsys):
    assert main(argv) == 0
    assert "usage: minikeras" in capsys.readouterr().out


def test_no_command_shows_the_help(capsys):
    assert main([]) == 2
    assert "minikeras iris" in capsys.readouterr().out


MISTAKES = {
    "unknown command": (["irsi"], "'irsi'"),
    "unknown option": (["iris", "--epoch_count", "3"], "--epoch_count"),
    "no script": (["run"], "SCRIPT"),
    "missing script": (["run", "missing.py"], "missing.py"),
    "no epochs": (["iris", "--epochs", "0"], "--epochs: expected at least 1, got 0"),
    "epochs as text": (["iris", "--epochs", "many"], "'many'"),
    "fractional epochs": (["iris", "--epochs", "1.5"], "'1.5'"),
    "negative seed": (["iris", "--seed", "-1"], "--seed: expected 0 to 2**32 - 1"),
    "huge seed": (["iris", "--seed", str(2**32)], "got 4294967296"),
    "unknown model": (["iris", "--model", "functional"], "'functional'"),
    "unknown suffix": (["iris", "--plot", "a.pdf"], ".png or .svg, got 'a.pdf'"),
    "no suffix": (["iris", "--plot", "figure"], "got 'figure'"),
    "no such folder": (["iris", "--plot", "no/where/a.png"], "no folder 'no/where'"),
    "unknown verbosity": (["iris", "--verbose", "3"], "--verbose"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_2_and_nothing_is_trained(name, capsys, monkeypatch):
    monkeypatch.setattr(iris, "train", lambda **options: pytest.fail("trained"))
    argv, expected = MISTAKES[name]
    assert main(argv) == 2
    out, error = capsys.readouterr()
    assert expected in error and error.startswith("minikeras")
    assert error.count("\n") == 1 and out == ""


def test_a_plot_without_matplotlib_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(iris, "train", lambda **options: pytest.fail("trained"))
    assert main(["iris", "--plot", str(tmp_path / "a.png")]) == 2
    assert "pip install 'minikeras[plot]'" in capsys.readouterr().err


def test_a_folder_as_plot_file_is_refused(capsys, tmp_path):
    (tmp_path / "a.png").mkdir()
    assert main(["iris", "--plot", str(tmp_path / "a.png")]) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["sequential", "subclass"])
def test_iris_shows_progress_summary_and_what_was_learned(model, capsys):
    assert main(["iris", "--epochs", "40", "--model", model]) == 0
    out = capsys.readouterr().out
    assert "Epoch 40/40" in out and "val_loss" in out
    assert "Trainable params: 15" in out
    assert re.search(r"training +120 +0\.\d{4} +\d+\.\d%", out)
    assert re.search(r"validation +30 +0\.\d{4} +\d+\.\d%", out)
    assert "setosa" in out and "petal length" in out
    table = re.findall(
        r"^(?:setosa|versicolor|virginica) +(\d+) +(\d+) +(\d+)$", out, re.M
    )
    assert sum(int(count) for row in table for count in row) == 30


def test_both_models_and_every_run_give_the_same_numbers(capsys):
    histories = [
        iris.train(model=model, epochs=20, seed=3, verbose=0).history
        for model in ("sequential", "subclass", "sequential")
    ]
    capsys.readouterr()
    assert histories[0] == histories[1] == histories[2]


def test_the_seed_matters(capsys):
    losses = [iris.train(epochs=1, seed=s, verbose=0).history["loss"] for s in (1, 2)]
    capsys.readouterr()
    assert losses[0] != losses[1]


def test_verbose_0_prints_no_progress(capsys):
    assert main(["iris", "--epochs", "2", "--verbose", "0"]) == 0
    assert "Epoch" not in capsys.readouterr().out


def test_500_epochs_separate_the_species(capsys):
    iris.train(verbose=0)
    accuracy = re.search(r"training .* ([\d.]+)%", capsys.readouterr().out)[1]
    assert float(accuracy) > 93


def test_the_rows_come_in_the_tutorial_s_order():
    from minikeras.datasets.iris import load_data

    x, y = load_data()
    state = np.random.get_state()
    np.random.seed(1024)
    np.random.shuffle(x)
    np.random.seed(1024)
    np.random.shuffle(y)
    np.random.set_state(state)
    ours = iris.shuffled_iris()
    assert np.array_equal(ours[0], x) and np.array_equal(ours[1], y)


def test_the_confusion_table_and_the_reading_of_the_weights():
    lines = iris.confusions(answers=[0, 1, 1, 2], truth=[0, 1, 2, 2])
    assert lines[-1].split() == ["virginica", "0", "1", "1"]
    kernel = np.array([[0, 0, 0], [1, 0, 0], [-2, 0, 2], [0, -3, 0]], "float32")
    reading = iris.weights(kernel, np.zeros(3, "float32"))[-3:]
    assert reading == [
        "A large petal length speaks most against setosa.",
        "A large petal width speaks most against versicolor.",
        "A large petal length speaks most for virginica.",
    ]


def plot(path, epochs):
    argv = ["iris", "--epochs", str(epochs), "--verbose", "0", "--plot", str(path)]
    assert main(argv) == 0
    return path.read_bytes()


def test_plot_writes_a_png_also_without_validation_values(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    path = tmp_path / "iris.PNG"
    assert plot(path, epochs=1).startswith(b"\x89PNG")
    assert f"Wrote {path}" in capsys.readouterr().out


def test_plot_writes_an_svg_and_the_same_for_the_same_run(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    drawn = plot(tmp_path / "a.svg", epochs=40)
    for words in (
        "petal length (cm)",
        "petal width (cm)",
        "Accuracy",
        "versicolor",
        "training, last",
        "validation, last",
    ):
        assert f"<!-- {words}".encode() in drawn, words
    assert plot(tmp_path / "b.svg", epochs=40) == drawn


def test_python_m_minikeras_runs():
    done = subprocess.run(
        [sys.executable, "-m", "minikeras", "iris", "--epochs", "2", "--verbose", "2"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Epoch 2/2" in done.stdout
