"""`python -m parity fuzz`: draws, what is found in them, and how small it gets."""

import ast
import os
from dataclasses import replace
from pathlib import Path

import pytest

from parity import __main__ as parity_command
from parity import sides
from parity.fuzz import command
from parity.fuzz.bodies import MERGES
from parity.fuzz.draw import LONGEST, LONGEST_GRAPH, WIDEST, draw
from parity.fuzz.layer_table import TABLE
from parity.fuzz.shrink import shrink, simpler_draws
from parity.fuzz.spec import Call, calls_in, layer_count
from parity.fuzz.text import script
from parity.fuzz.trial import EXACT, PARTS, REFUSED, Trial
from parity.script.processes import Options, ScriptError
from parity.script.worker import Worker

HERE = Path(__file__).parent


@pytest.fixture
def faults(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE / "faults"), prepend=os.pathsep)


def with_layer(name: str, seed: int = 0, **options):
    """The first draw of the seed with such a layer."""
    for index in range(1000):
        drawn = draw(seed, index)
        for call in calls_in(drawn):
            if call.name == name and options.items() <= call.options.items():
                return index, drawn
    raise AssertionError(f"no {name} in 1000 draws")


def test_the_same_seed_gives_the_same_scripts():
    first = [script(draw(3, index)) for index in range(40)]
    assert first == [script(draw(3, index)) for index in reversed(range(40))][::-1]
    assert len(set(first)) == 40
    assert not set(first) & {script(draw(4, index)) for index in range(40)}


def test_scripts_are_short_and_are_python():
    for index in range(200):
        text = script(draw(1, index))
        ast.parse(text)
        longest = LONGEST if index % 2 else LONGEST_GRAPH
        assert len(text.splitlines()) <= longest
        assert max(map(len, text.splitlines())) <= WIDEST


def test_everything_is_drawn():
    drawn = [draw(2, index) for index in range(600)]
    names = {call.name for call in calls_in(drawn)}
    assert {*TABLE, *MERGES, "Concatenate", "Dot", "Embedding"} <= names


def test_no_batch_of_one_row_is_normalised():
    """draw 259 of seed 7: tf.keras leaves rounding errors where zeros should be."""
    drawn = [draw(7, index) for index in range(300)]
    normalised = [
        d for d in drawn if any(c.name == "BatchNormalization" for c in calls_in(d))
    ]
    assert len(normalised) > 20
    for each in normalised:
        trained = int(each.rows * (1 - each.fit.get("validation_split", 0)))
        assert trained % each.fit["batch_size"] != 1
        assert each.rows % 16 != 1
    assert drawn[259] in normalised


def test_scripts_run_on_minikeras_or_are_refused_with_a_value_error(tmp_path):
    path, ran = tmp_path / "draw.py", 0
    with Worker("minikeras") as worker:
        for index in range(60):
            path.write_text(script(draw(5, index)))
            try:
                options = Options(str(path), [], max_steps=2)
                worker.record(tmp_path / "out.events", options)
                ran += 1
            except ScriptError as error:
                assert "ValueError: " in str(error), (index, str(error))
    assert ran >= 55


def test_a_sound_library_agrees_exactly_with_itself():
    with Trial(other="minikeras") as trial:
        assert trial.run(draw(0, 0)).verdict == EXACT
        assert trial.run(draw(0, 1)).verdict == EXACT


@pytest.mark.parametrize(
    ("fault", "layer", "options", "kind"),
    [
        ("fault_flipped_kernel", "Conv2D", {"kernel_size": (2, 2)}, "activation"),
        pytest.param(
            *("fault_adam_epsilon", "Adam", {"amsgrad": True}, "update"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_fault_is_found_and_made_small(faults, fault, layer, options, kind):
    _, drawn = with_layer(layer, **options)
    with Trial(fault, other="minikeras") as trial:
        found = trial.run(drawn)
        assert (found.verdict, found.kind) == (PARTS, f"{kind}: numbers")

        def parts_alike(simpler) -> bool:
            outcome = trial.run(simpler)
            return (outcome.verdict, outcome.kind) == (found.verdict, found.kind)

        small, tried = shrink(drawn, parts_alike, 80)
        assert parts_alike(small)
    assert tried <= 80
    assert layer_count(small) <= 3
    assert layer in [call.name for call in calls_in(small)]
    assert len(script(small)) < len(script(drawn))
    with Trial(other="minikeras") as trial:
        assert trial.run(small).verdict == EXACT


def test_simpler_draws_are_others_and_come_to_an_end():
    drawn = draw(0, 3)
    for simpler in simpler_draws(drawn):
        assert simpler != drawn
    smallest, _ = shrink(drawn, lambda _: True, 1000)
    assert layer_count(smallest) <= 1
    assert smallest.fit == {} and smallest.optimizer == "sgd" and not smallest.fork


def test_status_0_where_all_agree(capsys, tmp_path):
    arguments = ["--n", "3", "--seed", "7", "--out", str(tmp_path / "scripts")]
    assert command.main(arguments, other="minikeras") == 0
    said = capsys.readouterr().out
    assert "draw 0: agree exactly" in said
    for word in ("draws", "agree exactly", "both refuse", "real difference"):
        assert word in said
    files = sorted(path.name for path in (tmp_path / "scripts").iterdir())
    assert files == ["draw0000.py", "draw0001.py", "draw0002.py"]
    assert (tmp_path / "scripts" / files[1]).read_text() == script(draw(7, 1))


def test_status_1_and_the_small_script(faults, capsys, tmp_path):
    index, _ = with_layer("Conv2D", kernel_size=(3, 3))
    arguments = ["--only", str(index), "--prelude", "fault_flipped_kernel"]
    arguments += ["--tries", "10", "--out", str(tmp_path)]
    assert command.main(arguments, other="minikeras") == 1
    said = capsys.readouterr().out
    assert "real difference activation" in said
    small = (tmp_path / f"draw{index:04}_small.py").read_text()
    assert small in said
    assert "layers.Conv2D(" in small


def test_status_2_where_nothing_can_run(monkeypatch, capsys):
    assert command.main(["--prelude", "nowhere"], other="minikeras") == 2
    assert "No module named 'nowhere'" in capsys.readouterr().err
    monkeypatch.setattr(sides, "has_tensorflow", lambda: False)
    assert parity_command.main(["fuzz", "--n", "1"]) == 2
    assert "TensorFlow is not installed" in capsys.readouterr().err


def test_refusals_are_compared_too(tmp_path):
    bad = replace(draw(0, 1), before=(Call("layers.Dense", {"units": -1}),))
    with Trial(other="minikeras") as trial:
        found = trial.run(bad)
    assert found.verdict == REFUSED
    assert found.kind == "ValueError in tf.keras, ValueError in minikeras"


def test_one_side_that_refuses_is_a_difference(faults):
    _, drawn = with_layer("LSTM")
    with Trial("fault_refuses", other="minikeras") as trial:
        found = trial.run(drawn)
    assert found.verdict == PARTS
    assert found.kind == "only minikeras refuses: RuntimeError"


@pytest.mark.slow
def test_draws_agree_with_tf_keras(capsys):
    assert (
        parity_command.main(
            ["fuzz", "--n", "4", "--seed", "11", "--time-limit", "3600"]
        )
        == 0
    )
    assert "real difference" in capsys.readouterr().out
