"""Counterpart: keras/src/backend/numpy/core.py's compute_output_spec, by example.

A symbolic call runs the layer on zeros at two batch sizes: axes of the output that
differ between the two are open (None). So there is no second, symbolic version of
any op, and the symbolic shape is the eager shape by construction.

Two examples cannot tell everything of axes besides the batch's that are open: where
windows of two are pooled, lengths 2 and 3 both give 1. There a layer's own
`compute_output_shape` has the word, as in keras/src/layers/layer.py.
"""

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor, stop_recording
from minikeras.graph import KerasTensor, example, spec_of
from minikeras.layers.call_context import fresh_context, open_batch_axis, state_kept
from minikeras.layers.input_spec import check_inputs, returned_none

_LONG = 64


def compute_by_example(layer, *args, **kwargs):
    """The KerasTensors of `layer(*args, **kwargs)`; builds the layer if need be.

    Arguments that are KerasTensors stand for inputs. No state is changed: weights,
    seeds, metrics and losses are as before.
    """
    specs = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
    is_open = bool(specs and specs[0].shape and specs[0].shape[0] is None)
    formula = None
    if len(args) == 1 and any(None in spec.shape[1:] for spec in specs):
        formula = _own_formula(layer)

    def run(rows, length):
        def fill(x):
            return Tensor(example(x, rows, length)) if isinstance(x, KerasTensor) else x

        filled, named = tree.map_structure(fill, (args, kwargs))
        return layer(*filled, **named)

    with (
        state_kept(layer),
        fresh_context(),
        open_batch_axis(is_open),
        stop_recording(),
        np.errstate(all="ignore"),
    ):
        try:
            first, second = run(2, 2), run(3, 3)
        except ValueError:
            if formula is None:
                raise
            first, second = run(2, _LONG), run(3, _LONG + 1)  # for large windows
    if first is None:
        raise ValueError(returned_none(layer))
    outputs = tree.map_structure(spec_of, first, second)
    if formula is not None and isinstance(outputs, KerasTensor):
        shape = formula(tree.map_structure(lambda spec: spec.shape, args[0]))
        outputs = KerasTensor(tuple(shape), outputs.dtype)
    return outputs


def build_for_open_axes(layer, args: tuple) -> None:
    """Builds a layer for an input that has open axes besides the batch's.

    Examples would give these a size, which weights must not depend on.
    """
    spec = args[0] if len(args) == 1 else None
    is_default = hasattr(type(layer).build, "is_default")
    if layer.built or is_default or not isinstance(spec, KerasTensor):
        return
    if None in spec.shape[1:]:
        if layer.input_spec is not None:
            check_inputs(layer.input_spec, spec, layer.name)
        layer.build(spec.shape)


def _own_formula(layer):
    """The layer's `compute_output_shape`, if its class has one of its own."""
    own = layer.compute_output_shape
    return None if hasattr(own, "is_default") else own
