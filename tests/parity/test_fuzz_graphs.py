"""`python -m parity fuzz`: draws of functional models."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from parity.fuzz.draw import LONGEST_GRAPH, draw
from parity.fuzz.graph_kinds import KINDS, all_nodes, graph_kinds, ops_of
from parity.fuzz.graph_table import OF_ONE, OF_TWO
from parity.fuzz.shrink import shrink, simpler_draws
from parity.fuzz.spec import Again, Call, Code, Graph, Node, calls_in, layer_count
from parity.fuzz.text import script
from parity.fuzz.trial import EXACT, PARTS, Trial

HERE = Path(__file__).parent
X = 'x = random.normal(size=(rows, 3)).astype("float32")'


@pytest.fixture
def faults(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE / "faults"), prepend=os.pathsep)


def graphs(seed: int, count: int) -> list:
    return [draw(seed, index) for index in range(0, 2 * count, 2)]


def first_with(seed: int, *kinds: str):
    """The first graph of the seed that has all that in it."""
    drawn = (draw(seed, index) for index in range(0, 1000, 2))
    return next(d for d in drawn if {*kinds} <= graph_kinds(d))


def test_every_second_draw_is_a_graph():
    drawn = [draw(6, index) for index in range(40)]
    assert [d.graph is not None for d in drawn] == [True, False] * 20


def test_the_draws_of_layers_in_a_row_are_those_of_old():
    """Lines that depend on the dice, as they were before there were graphs."""
    assert script(draw(7, 1)).splitlines()[5:8] == [
        "random, rows = np.random.RandomState(771), 19",
        'x = random.randint(0, 256, size=(rows, 4, 4, 3)).astype("uint8")',
        'y = random.poisson(2.0, size=(rows, 1)).astype("float32")',
    ]
    assert script(draw(7, 259)).splitlines()[5:8] == [
        "random, rows = np.random.RandomState(107), 37",
        'x = random.normal(size=(rows, 8)).astype("float32")',
        "y = random.randint(0, 5, size=(rows, 1))",
    ]


def test_every_kind_of_graph_is_drawn():
    drawn = graphs(2, 300)
    assert {kind for d in drawn for kind in graph_kinds(d)} == {*KINDS}
    assert max(len(script(d).splitlines()) for d in drawn) <= LONGEST_GRAPH
    made = {n.made for d in drawn for n in all_nodes(d.graph.nodes) if _is_code(n)}
    of_pairs = {Code(f"{{0}}[{place}]") for place in (0, 1)}
    known = {Code(text) for text, _ in (*OF_ONE, *OF_TWO)}
    assert made <= known | of_pairs
    assert len(known - made) <= 3, known - made
    assert len({name for d in drawn for name in ops_of(d.graph)}) > 30


def _is_code(node: Node) -> bool:
    return isinstance(node.made, Code)


def test_losses_metrics_and_weights_are_given_as_the_outputs_are():
    named = script(first_with(3, "outputs by names"))
    assert 'loss={"out1": ' in named
    assert 'name="out2")' in named
    assert ", [out1, out2" in named
    by_dict = script(first_with(3, "outputs by dict", "inputs by dict"))
    assert ', {"out1": out1, "out2": out2' in by_dict
    assert 'x={"in1": x1, "in2": x2' in by_dict
    assert 'y={"out1": y1, "out2": y2' in by_dict
    listed = script(first_with(3, "outputs by list"))
    assert "loss=[" in listed


def test_simpler_graphs_are_others_and_come_to_an_end():
    for drawn in graphs(4, 12):
        seen = [drawn]
        for simpler in simpler_draws(drawn):
            assert simpler != drawn
            seen.append(simpler)
        smallest, _ = shrink(drawn, lambda _: True, 1000)
        assert smallest.graph.nodes == ()
        assert layer_count(smallest) == 1


def test_any_layer_alone_can_be_what_is_left():
    for drawn in graphs(5, 10):
        for name in sorted({call.name for call in calls_in(drawn.graph)}):

            def has_it(simpler, name=name) -> bool:
                return any(call.name == name for call in calls_in(simpler.graph))

            small, _ = shrink(drawn, has_it, 1000)
            assert len(small.graph.nodes) == 1, script(small)


def test_a_layer_outlives_its_first_call():
    """What is made for a node that goes is made for the next one that calls it."""
    nodes = (
        Node("h1", Call("layers.Dense", {"units": 3}), ("in1",), (3,)),
        Node("h2", Again("h1"), ("h1",), (3,)),
        Node("h3", Again("h1"), ("h2",), (3,)),
    )
    drawn = first_with(0, "shared layer")
    graph = Graph((replace(drawn.graph.sources[0], data=(X,)),), nodes, ("h3",))
    drawn = replace(drawn, graph=graph, heads=drawn.heads[:1])
    texts = [script(simpler) for simpler in simpler_draws(drawn)]
    wanted = "f2 = layers.Dense(units=3)\nh2 = f2(in1)\nh3 = f2(h2)\n"
    assert any(wanted in text for text in texts)


def test_a_fault_of_graphs_is_found_and_made_small(faults):
    """A shared layer is left, and not much more."""
    drawn = first_with(0, "shared layer", "saved")
    with Trial("fault_shared_layer", other="minikeras") as trial:
        found = trial.run(drawn)
        assert found.verdict == PARTS

        def parts_alike(simpler) -> bool:
            outcome = trial.run(simpler)
            return (outcome.verdict, outcome.kind) == (found.verdict, found.kind)

        small, tried = shrink(drawn, parts_alike, 120)
        assert parts_alike(small)
    assert tried <= 120
    assert layer_count(small) <= 3
    assert any(isinstance(node.made, Again) for node in all_nodes(small.graph.nodes))
    assert len(script(small).splitlines()) <= 20
    with Trial(other="minikeras") as trial:
        assert trial.run(small).verdict == EXACT
