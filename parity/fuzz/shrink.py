"""A smaller draw that parts in the same way.

Greedy: of all simpler draws, those with the most taken away first, the first one
with the same kind of outcome is taken, and the search starts again from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from parity.fuzz.spec import Call, Draw, Head, Layers

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
        settings = _without(draw.compile, "loss_weights")
        for head in draw.heads:
            yield replace(draw, heads=(head,), compile=settings)
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


def _fewer_layers(draw: Draw) -> Iterator[Draw]:
    for name in ("before", "after"):
        for layers in _shorter(getattr(draw, name)):
            yield replace(draw, **{name: layers})
    if draw.fork:
        for name in ("left", "right"):
            for layers in _shorter(getattr(draw.fork, name)):
                yield replace(draw, fork=replace(draw.fork, **{name: layers}))
    for number, head in enumerate(draw.heads):
        for layers in _shorter(head.layers):
            if layers:
                yield _with_head(draw, number, replace(head, layers=layers))


def _shorter(layers: Layers) -> Iterator[Layers]:
    size = len(layers)
    while size:
        for start in range(0, len(layers) - size + 1):
            yield layers[:start] + layers[start + size :]
        size //= 2


def _plainer_training(draw: Draw) -> Iterator[Draw]:
    if draw.calls:
        yield replace(draw, calls=())
        for name in draw.calls:
            yield replace(draw, calls=(name,))
    for name in draw.compile:
        if name != "loss_weights" or len(draw.heads) == 1:
            yield replace(draw, compile=_without(draw.compile, name))
    for name in draw.fit:
        yield replace(draw, fit=_without(draw.fit, name))
    if draw.fit.get("epochs", 1) > 2:
        yield replace(draw, fit={**draw.fit, "epochs": 2})
    if draw.optimizer != "sgd":
        yield replace(draw, optimizer="sgd")
        for plainer in _plainer(draw.optimizer):
            yield replace(draw, optimizer=plainer)


def _plainer_heads(draw: Draw) -> Iterator[Draw]:
    for number, head in enumerate(draw.heads):
        plain = replace(_PLAIN, layers=head.layers)
        if head.layers and head.layers[-1].name == "Dense":
            dense = Call("layers.Dense", {"units": 1})
            yield _with_head(draw, number, replace(plain, layers=(dense,)))
        yield _with_head(draw, number, replace(head, metrics=()))
        for place in range(len(head.metrics)):
            kept = head.metrics[:place] + head.metrics[place + 1 :]
            yield _with_head(draw, number, replace(head, metrics=kept))
        for place, metric in enumerate(head.metrics):
            for plainer in _plainer(metric):
                changed = (*head.metrics[:place], plainer, *head.metrics[place + 1 :])
                yield _with_head(draw, number, replace(head, metrics=changed))
        for loss in _plainer(head.loss):
            yield _with_head(draw, number, replace(head, loss=loss))


def _plainer_layers(draw: Draw) -> Iterator[Draw]:
    for name in ("before", "after"):
        for layers in _plainer_ones(getattr(draw, name)):
            yield replace(draw, **{name: layers})
    if draw.fork:
        for merge in _plainer(draw.fork.merge):
            yield replace(draw, fork=replace(draw.fork, merge=merge))
        for name in ("left", "right"):
            for layers in _plainer_ones(getattr(draw.fork, name)):
                yield replace(draw, fork=replace(draw.fork, **{name: layers}))
    for number, head in enumerate(draw.heads):
        for layers in _plainer_ones(head.layers):
            yield _with_head(draw, number, replace(head, layers=layers))


def _plainer_ones(layers: Layers) -> Iterator[Layers]:
    for place, call in enumerate(layers):
        for plainer in _plainer(call):
            yield (*layers[:place], plainer, *layers[place + 1 :])


def _plainer(value: Any) -> Iterator[Any]:
    """A Call with an option less, a wrapped layer for its wrapper, smaller numbers."""
    if not isinstance(value, Call):
        return
    inner = value.options.get("layer")
    if isinstance(inner, Call):
        yield inner
    for name, option in value.options.items():
        yield replace(value, options=_without(value.options, name))
        for plainer in _plainer_option(option):
            yield replace(value, options={**value.options, name: plainer})


def _plainer_option(option: Any) -> Iterator[Any]:
    if isinstance(option, Call):
        yield from _plainer(option)
    elif isinstance(option, list) and len(option) > 1:
        yield from ([part] for part in option)
    elif isinstance(option, list) and option:
        yield from ([part] for part in _plainer_option(option[0]))
    elif isinstance(option, int) and not isinstance(option, bool) and option > 1:
        yield 1
        if option > 2:
            yield 2


def _smaller_numbers(draw: Draw) -> Iterator[Draw]:
    for rows in (4, 8, 16):
        if rows < draw.rows:
            yield replace(draw, rows=rows)
    if draw.seed:
        yield replace(draw, seed=0)


def _with_head(draw: Draw, number: int, head: Head) -> Draw:
    heads = (*draw.heads[:number], head, *draw.heads[number + 1 :])
    return replace(draw, heads=heads)


def _without(options: dict, name: str) -> dict:
    return {key: value for key, value in options.items() if key != name}
