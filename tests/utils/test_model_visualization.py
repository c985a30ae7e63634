"""What is told where something is missing; parity/cases/plotting.py compares the text
of the graphs with Keras's."""

import random
import sys
import types
from pathlib import Path

import pytest

from minikeras import Input, Sequential, layers, utils

pydot = pytest.importorskip("pydot")
FUNCTIONS = [utils.model_to_dot, utils.plot_model]


@pytest.fixture
def model():
    return Sequential([Input((2,)), layers.Dense(1, name="last")])


@pytest.fixture
def program(monkeypatch, tmp_path):
    """A folder with a `dot` that writes how it was called, alone on the path."""
    file = tmp_path / "dot"
    file.write_text('#!/bin/sh\necho "$1"\n')
    file.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_the_text_names_the_layers(model):
    text = utils.model_to_dot(model, show_shapes=True).to_string()
    assert "<b>last</b> (Dense)" in text
    assert "Output shape: <b>(None, 1)</b>" in text


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.pdf", "a"])
def test_the_ending_of_the_file_says_which_picture(name, model, program, tmp_path):
    assert utils.plot_model(model, tmp_path / name) is None
    kind = Path(name).suffix.removeprefix(".") or "png"
    assert (tmp_path / name).read_text() == f"-T{kind}\n"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_without_pydot(function, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(ImportError, match=f"{function.__name__}.*pip install pydot"):
        function(model)


def test_without_the_program(model, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImportError, match="`plot_model` needs Graphviz.*`dot`"):
        utils.plot_model(model, tmp_path / "model.png")
    assert not (tmp_path / "model.png").exists()


def test_in_a_notebook_what_is_missing_is_printed(model, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pydot", None)
    place = "IPython.core.magics.namespace"
    monkeypatch.setitem(sys.modules, place, types.ModuleType(place))
    assert utils.plot_model(model) is None
    assert "needs pydot" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "shown"), [("a.png", True), ("a.pdf", False)])
def test_in_a_notebook_the_picture_is_shown(
    name, shown, model, program, monkeypatch, tmp_path
):
    notebook = types.ModuleType("IPython")
    notebook.display = types.SimpleNamespace(Image=lambda filename: f"of {filename}")
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    found = utils.plot_model(model, tmp_path / name)
    assert found == (f"of {tmp_path / name}" if shown else None)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_mistakes(function, model, program):
    with pytest.raises(ValueError, match="not yet been built"):
        function(Sequential([layers.Dense(1)]))
    with pytest.raises(ValueError, match="`layer_range` is no longer supported"):
        function(model, layer_range=["a", "b"])
    with pytest.raises(ValueError, match="'show_shape'.*Did you mean 'show_shapes'"):
        function(model, show_shape=True)


def test_drawing_takes_no_random_numbers(model):
    before = random.getstate()
    utils.model_to_dot(model)
    assert random.getstate() == before
