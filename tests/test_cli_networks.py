"""`minikeras digits` and `minikeras sequence`: options, output, figures."""

import re

import numpy as np
import pytest

from minikeras.cli import COMMANDS, digits, main, sequence

NETWORKS = {"digits": digits, "sequence": sequence}
every_network = pytest.mark.parametrize("name", NETWORKS)


def test_the_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name, module in COMMANDS.items():
        assert f"minikeras {name} " in out and module.HELP in out


@every_network
def test_help(name, capsys):
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert (
        f"usage: minikeras {name}" in out and f"default: {COMMANDS[name].EPOCHS}" in out
    )
    for option in ("--epochs", "--seed", "--plot FILE", "--verbose"):
        assert option in out


MISTAKES = {
    "unknown option": (["--epoch_count", "3"], "--epoch_count"),
    "no epochs": (["--epochs", "0"], "--epochs: expected at least 1, got 0"),
    "epochs as text": (["--epochs", "many"], "'many'"),
    "negative seed": (["--seed", "-1"], "--seed: expected 0 to 2**32 - 1"),
    "unknown suffix": (["--plot", "a.pdf"], ".png or .svg, got 'a.pdf'"),
    "no such folder": (["--plot", "no/where/a.png"], "no folder 'no/where'"),
    "unknown verbosity": (["--verbose", "3"], "--verbose"),
    "the option of another": (["--model", "sequential"], "--model"),
}


@every_network
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_and_2(name, mistake, capsys, monkeypatch):
    monkeypatch.setattr(
        NETWORKS[name], "train", lambda **options: pytest.fail("trained")
    )
    argv, expected = MISTAKES[mistake]
    assert main([name, *argv]) == 2
    out, error = capsys.readouterr()
    assert expected in error and error.startswith("minikeras")
    assert error.count("\n") == 1 and out == ""


@every_network
def test_the_same_seed_gives_the_same_numbers_and_another_others(name, capsys):
    losses = [
        NETWORKS[name].train(epochs=1, seed=seed, verbose=0).history["loss"]
        for seed in (3, 3, 4)
    ]
    capsys.readouterr()
    assert losses[0] == losses[1] != losses[2]


# Digits --------------------------------------------------------------------------


def test_digits_shows_progress_summary_and_learns(capsys):
    assert main(["digits", "--epochs", "4"]) == 0
    out = capsys.readouterr().out
    assert "Epoch 4/4" in out and "val_loss" in out
    assert "Trainable params: 9,994" in out
    accuracy = {
        part: float(re.search(rf"{part} +{rows} .* ([\d.]+)%", out)[1])
        for part, rows in (("training", 1437), ("validation", 360))
    }
    assert accuracy["training"] > 97 and accuracy["validation"] > 93
    table = re.findall(r"^(\d) {11}((?: +\d+){10})$", out, re.M)
    assert [row[0] for row in table] == list("0123456789")
    counts = np.array([row[1].split() for row in table], int)
    assert counts.sum() == 360
    wrong = 360 - counts.trace()
    assert f"of {wrong} mistakes" in out


def test_the_images_come_in_a_fixed_order():
    x, y = digits.shuffled_digits()
    again, labels = digits.shuffled_digits()
    assert x.shape == (1797, 8, 8, 1) and x.dtype == np.float32
    assert np.array_equal(x, again) and np.array_equal(y, labels)
    assert not np.array_equal(np.sort(y), y)


def test_mistakes_are_drawn_the_surest_first():
    images = np.zeros((3, 8, 8, 1))
    images[1, 0, 0], images[2, 7, 7] = 16, 8
    probabilities = np.eye(10)[[4, 5, 6]] * [[1.0], [0.6], [0.9]]
    lines = digits.mistakes(images, np.array([4, 0, 1]), probabilities)
    assert lines[0] == "The surest of 2 mistakes (the digit, the answer)"
    assert lines[1].split("   ")[0] == "1 for 6 (90%)"
    assert lines[1].endswith("0 for 5 (60%)")
    assert lines[2] == " " * 19 + "@@" and lines[9] == " " * 14 + "=="
    none = digits.mistakes(images[:1], np.array([4]), probabilities[:1])
    assert none == ["No validation image was answered wrongly."]


# Sequence ------------------------------------------------------------------------


def test_the_answers_are_the_parities_so_far():
    bits, answers = sequence.make_strings(50, 9)
    assert bits.shape == answers.shape == (50, 9, 1)
    for string, parities in zip(bits[..., 0], answers[..., 0], strict=True):
        for t in range(9):
            assert parities[t] == sum(string[: t + 1]) % 2
    assert not np.array_equal(bits, sequence.make_strings(50, 9, seed=1)[0])


@pytest.mark.parametrize("seed", [1024, 1])
def test_sequence_shows_progress_summary_and_learns_to_count(seed, capsys):
    assert main(["sequence", "--seed", str(seed)]) == 0
    out = capsys.readouterr().out
    assert "Epoch 10/10" in out and "val_binary_accuracy" in out
    assert "Trainable params: 1,169" in out
    found = re.findall(r"(\d+) bits +400 +([\d.]+)% +([\d.]+)%", out)
    assert [int(length) for length, *_ in found] == [16, 32, 160]
    assert min(float(share) for _, share, _ in found) > 99
    answers, truth = re.findall(r"^(?:answers|odd so far) +([01]{32})$", out, re.M)
    assert answers == truth


# Figures -------------------------------------------------------------------------

WORDS = {
    "digits": ("Kernels of the first", "Validation images", "Accuracy", "% sure"),
    "sequence": ("Right answers along", "LSTM's outputs", "Accuracy", "odd"),
}


@every_network
def test_plot_writes_an_svg_and_the_same_for_the_same_run(name, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    drawn = []
    for file in ("a.svg", "b.svg"):
        path = tmp_path / file
        argv = [name, "--epochs", "1", "--verbose", "0", "--plot", str(path)]
        assert main(argv) == 0
        assert f"Wrote {path}" in capsys.readouterr().out
        drawn.append(path.read_text())
    for words in WORDS[name]:
        assert re.search(rf"<!-- .*{words}", drawn[0]), words
    assert drawn[0] == drawn[1]
