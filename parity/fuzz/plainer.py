"""Simpler layers, losses, metrics and optimizers for those of a draw."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from parity.fuzz.spec import Call, Layers


def shorter(layers: Layers) -> Iterator[Layers]:
    size = len(layers)
    while size:
        for start in range(0, len(layers) - size + 1):
            yield layers[:start] + layers[start + size :]
        size //= 2


def plainer_ones(layers: Layers) -> Iterator[Layers]:
    for place, call in enumerate(layers):
        for found in plainer(call):
            yield (*layers[:place], found, *layers[place + 1 :])


def plainer(value: Any) -> Iterator[Any]:
    """A Call with an option less, a wrapped layer for its wrapper, smaller numbers."""
    if not isinstance(value, Call):
        return
    inner = value.options.get("layer")
    if isinstance(inner, Call):
        yield inner
    for name, option in value.options.items():
        yield replace(value, options=without(value.options, name))
        for found in _plainer_option(option):
            yield replace(value, options={**value.options, name: found})


def _plainer_option(option: Any) -> Iterator[Any]:
    if isinstance(option, Call):
        yield from plainer(option)
    elif isinstance(option, list) and len(option) > 1:
        yield from ([part] for part in option)
    elif isinstance(option, list) and option:
        yield from ([part] for part in _plainer_option(option[0]))
    elif isinstance(option, int) and not isinstance(option, bool) and option > 1:
        yield 1
        if option > 2:
            yield 2


def without(options: dict, name: str) -> dict:
    return {key: value for key, value in options.items() if key != name}
