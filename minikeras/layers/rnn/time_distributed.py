"""Counterpart: keras/src/layers/rnn/time_distributed.py."""

from minikeras.layers.core.wrapper import Wrapper
from minikeras.layers.fixed import is_fixed
from minikeras.ops import reshape, stack, unstack
from minikeras.signature import accepts


class TimeDistributed(Wrapper):
    """Applies one layer to each time step: (batch, time, …) to (batch, time, …).

    y[:, t] = layer.call(x[:, t], mask=mask[:, t]), one step after the other, so that
    a layer with a state or a seed (BatchNormalization, Dropout) goes through `time`
    of them. As in Keras that is `call` and not the whole call of a layer: masks that
    the layer makes, its check of the input and its activity regularizer have no part
    in it. Where no step can tell its neighbours, all of them are one large batch.
    """

    def __init__(self, layer, **kwargs):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        super().build(self._step_shape(input_shape))

    def call(self, inputs, training=None, mask=None):
        shape = inputs.shape
        self._step_shape(shape)
        if mask is not None and tuple(mask.shape[:2]) != tuple(shape[:2]):
            raise ValueError(
                f"Layer '{self.name}' expects a mask whose first two axes are batch "
                f"and time steps of the input, {shape[:2]}. "
                f"Received: mask.shape={tuple(mask.shape)}"
            )
        options = {}
        if accepts(type(self.layer).call, "training"):
            options["training"] = training
        if mask is None or not accepts(type(self.layer).call, "mask"):
            if _steps_are_alike(self.layer):
                return self._folded(inputs, options)
            mask = None
        outputs = []
        for t, x in enumerate(unstack(inputs, axis=1)):
            if mask is not None:
                options["mask"] = mask[:, t]
            outputs.append(self.layer.call(x, **options))
        return stack(outputs, axis=1)

    def _folded(self, inputs, options):
        """The steps as samples of one batch: the same numbers in one call."""
        batch, time, *rest = inputs.shape
        y = self.layer.call(reshape(inputs, (batch * time, *rest)), **options)
        return reshape(y, (batch, time, *y.shape[1:]))

    def compute_output_shape(self, input_shape):
        shape = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (shape[0], input_shape[1], *shape[1:])

    def _step_shape(self, shape):
        """The shape of one time step of an input."""
        if not isinstance(shape, (tuple, list)) or len(shape) < 3:
            raise ValueError(
                f"Layer '{self.name}' expects an input with at least 3 axes: batch, "
                f"time and those of a step. Received: shape={shape}"
            )
        return (shape[0], *shape[2:])


def _steps_are_alike(layer) -> bool:
    """Whether the layer does the same to each sample, whatever stands beside it.

    Sure are layers of this package without state, seed or loss of their own, unless
    they work along another axis than the last: that could be the batch's.
    """
    for part in layer._all_layers():
        if not is_fixed(part) or part.couples_samples or part._draws:
            return False
        if getattr(part, "axis", -1) not in (-1, [-1]):
            return False
    return True
