"""A smaller draw that parts in the same way.

Greedy: of all simpler draws, those with the most taken away first, the first one
with the same kind of outcome is taken, and the search starts again from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from parity.fuzz.graph_shrink import only_head, simpler_graphs
from parity.fuzz.plainer import plainer, plainer_ones, shorter, without
from parity.fuzz.spec import Call, Draw, Head

_PLAIN = Head(("y = random.normal(size=(rows, 1))",), (), "mse")


def shrink(
    draw: Draw, parts_alike: Callable[[Draw], bool], most: int
) -> tuple[Draw, int]:
    """The smallest draw found and how many were tried, at most `most`."""
    tried, seen = 0, [draw]
    while True:
        for simpler in simpler_draws(draw):
            if simpler in seen:
                continue
            if tried == most:
                return draw, tried
            seen.append(simpler)
            tried += 1
            if parts_alike(simpler):
                draw = simpler
                break
        else:
            return draw, tried


def simpler_draws(draw: Draw) -> Iterator[Draw]:
    if len(draw.heads) > 1:
        for number in range(len(draw.heads)):
            yield _only_head(draw, number)
    if draw.graph:
        yield from simpler_graphs(draw)
    if draw.fork:
        for branch in (draw.fork.left, draw.fork.right, ()):
            yield replace(draw, fork=None, before=draw.before + branch)
    if draw.built:
        yield replace(draw, built=None)
    if draw.network:
        yield replace(draw, network=False)
    yield from _fewer_layers(draw)
    yield from _plainer_training(draw)
    yield from _plainer_heads(draw)
    yield from _plainer_layers(draw)
    yield from _smaller_numbers(draw)


def _only_head(draw: Draw, number: int) -> Draw:
    fit = draw.fit
    if isinstance(fit.get("sample_weight"), tuple):  # one for each head
        fit = {**fit, "sample_weight": fit["sample_weight"][number : number + 1]}
    return replace(
        draw,
        heads=draw.heads[number : number + 1],
        compile=without(draw.compile, "loss_weights"),
        fit=fit,
        graph=draw.graph and only_head(draw.graph, number),
    )


def _fewer_layers(draw: Draw) -> Iterator[Draw]:
    for name in ("before", "after"):
        for layers in shorter(getattr(draw, name)):
            yield replace(draw, **{name: layers})
    if draw.fork:
        for name in ("left", "right"):
            for layers in shorter(getattr(draw.fork, name)):
                yield replace(draw, fork=replace(draw.fork, **{name: layers}))
    for number, head in enumerate(draw.heads):
        for layers in shorter(head.layers):
            if layers:
                yield _with_head(draw, number, replace(head, layers=layers))


def _plainer_training(draw: Draw) -> Iterator[Draw]:
    if draw.calls:
        yield replace(draw, calls=())
    if len(draw.calls) > 1:
        for name in draw.calls:
            yield replace(draw, calls=(name,))
    for name in draw.compile:
        if name != "loss_weights" or len(draw.heads) == 1:
            yield replace(draw, compile=without(draw.compile, name))
    for name in draw.fit:
        yield replace(draw, fit=without(draw.fit, name))
    if draw.fit.get("epochs", 1) > 2:
        yield replace(draw, fit={**draw.fit, "epochs": 2})
    if draw.optimizer != "sgd":
        yield replace(draw, optimizer="sgd")
        for found in plainer(draw.optimizer):
            yield replace(draw, optimizer=found)


def _plainer_heads(draw: Draw) -> Iterator[Draw]:
    for number, head in enumerate(draw.heads):
        plain = replace(_PLAIN, layers=head.layers)
        if head.layers and head.layers[-1].name == "Dense":
            dense = Call("layers.Dense", {"units": 1})
            yield _with_head(draw, number, replace(plain, layers=(dense,)))
        if len(head.metrics) > 1:
            yield _with_head(draw, number, replace(head, metrics=()))
        for place in range(len(head.metrics)):
            kept = head.metrics[:place] + head.metrics[place + 1 :]
            yield _with_head(draw, number, replace(head, metrics=kept))
        for place, metric in enumerate(head.metrics):
            for found in plainer(metric):
                changed = (*head.metrics[:place], found, *head.metrics[place + 1 :])
                yield _with_head(draw, number, replace(head, metrics=changed))
        for loss in plainer(head.loss):
            yield _with_head(draw, number, replace(head, loss=loss))


def _plainer_layers(draw: Draw) -> Iterator[Draw]:
    for name in ("before", "after"):
        for layers in plainer_ones(getattr(draw, name)):
            yield replace(draw, **{name: layers})
    if draw.fork:
        for merge in plainer(draw.fork.merge):
            yield replace(draw, fork=replace(draw.fork, merge=merge))
        for name in ("left", "right"):
            for layers in plainer_ones(getattr(draw.fork, name)):
                yield replace(draw, fork=replace(draw.fork, **{name: layers}))
    for number, head in enumerate(draw.heads):
        for layers in plainer_ones(head.layers):
            yield _with_head(draw, number, replace(head, layers=layers))


def _smaller_numbers(draw: Draw) -> Iterator[Draw]:
    for rows in (4, 8, 16):
        if rows < draw.rows:
            yield replace(draw, rows=rows)
    if draw.seed:
        yield replace(draw, seed=0)


def _with_head(draw: Draw, number: int, head: Head) -> Draw:
    heads = (*draw.heads[:number], head, *draw.heads[number + 1 :])
    return replace(draw, heads=heads)
