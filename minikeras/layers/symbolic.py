"""Counterpart: keras/src/backend/numpy/core.py's compute_output_spec, by example.

A symbolic call runs the layer on zeros at two batch sizes: axes of the output that
differ between the two are open (None). So there is no second, symbolic version of
any op, and the symbolic shape is the eager shape by construction.
"""

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor, stop_recording
from minikeras.graph import KerasTensor, example, spec_of
from minikeras.layers.call_context import fresh_context, open_batch_axis, state_kept


def compute_by_example(layer, *args, **kwargs):
    """The KerasTensors of `layer(*args, **kwargs)`; builds the layer if need be.

    Arguments that are KerasTensors stand for inputs. No state is changed: weights,
    seeds, metrics and losses are as before.
    """
    specs = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
    is_open = bool(specs and specs[0].shape and specs[0].shape[0] is None)

    def run(size):
        def fill(x):
            return Tensor(example(x, size)) if isinstance(x, KerasTensor) else x

        filled, named = tree.map_structure(fill, (args, kwargs))
        return layer(*filled, **named)

    with (
        state_kept(layer),
        fresh_context(),
        open_batch_axis(is_open),
        stop_recording(),
        np.errstate(all="ignore"),
    ):
        first, second = run(2), run(3)
    return tree.map_structure(spec_of, first, second)
