"""Counterpart: compute_output_spec in keras/src/layers/layer.py, by example.

A symbolic call runs the layer on zeros at two batch sizes (graph/by_example.py). Two
examples cannot tell everything of axes besides the batch's that are open: where
windows of two are pooled, lengths 2 and 3 both give 1. There, and always in layers of
the user, `compute_output_shape` has the word, as in keras/src/layers/layer.py.
"""

from minikeras import tree
from minikeras.graph import KerasTensor, specs_by_example
from minikeras.layers.call_context import fresh_context, open_batch_axis, state_kept
from minikeras.layers.input_spec import check_inputs, returned_none


def compute_by_example(layer, *args, **kwargs):
    """The KerasTensors of `layer(*args, **kwargs)`; builds the layer if need be.

    Arguments that are KerasTensors stand for inputs. No state is changed: weights,
    seeds, metrics and losses are as before.
    """
    specs = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
    is_open = bool(specs and specs[0].shape and specs[0].shape[0] is None)

    def call(*args, **kwargs):
        outputs = layer(*args, **kwargs)
        if outputs is None:
            raise ValueError(returned_none(layer))
        return outputs

    with state_kept(layer), fresh_context(), open_batch_axis(is_open):
        outputs = specs_by_example(call, args, kwargs)
    own = layer.compute_output_shape
    is_users = not own.__module__.startswith("minikeras.")
    if len(args) == 1 and (is_users or any(None in spec.shape[1:] for spec in specs)):
        if not hasattr(own, "is_default") and isinstance(outputs, KerasTensor):
            shape = own(tree.map_structure(lambda spec: spec.shape, args[0]))
            return KerasTensor(shape, outputs.dtype, name=outputs.name)
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
