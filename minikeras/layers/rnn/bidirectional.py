"""Counterpart: keras/src/layers/rnn/bidirectional.py."""

from minikeras import ops, registry
from minikeras.layers.layer import Layer

_MERGES = {
    "sum": lambda y, y_back: y + y_back,
    "mul": lambda y, y_back: y * y_back,
    "ave": lambda y, y_back: (y + y_back) / 2,
    "concat": lambda y, y_back: ops.concatenate([y, y_back], axis=-1),
}
_COMMON = ("stateful", "return_sequences", "return_state")


class Bidirectional(Layer):
    """Runs a recurrent layer forward and a copy of it backwards; merges the outputs.

    `merge_mode` is "sum", "mul", "ave", "concat", or None for both outputs. The
    layers are made anew from the configs of `layer` and `backward_layer` (that one
    is used as it is). They must go in different directions and agree in `stateful`,
    `return_sequences` and `return_state`, or ValueError. States come, and
    `initial_state` is given, as those of the forward layer and then the other's.
    `weights` is accepted and does nothing, in Keras neither.
    """

    def __init__(
        self, layer, merge_mode="concat", weights=None, backward_layer=None, **kwargs
    ):
        for name, value in (("layer", layer), ("backward_layer", backward_layer)):
            if not isinstance(value, Layer) and (value is not None or name == "layer"):
                raise ValueError(
                    f"`{name}` of Bidirectional must be a Layer. "
                    f"Received: {name}={value!r}"
                )
        if merge_mode is not None and merge_mode not in _MERGES:
            raise ValueError(
                f"`merge_mode` must be one of {[*_MERGES, None]}. "
                f"Received: merge_mode={merge_mode!r}"
            )
        super().__init__(**kwargs)
        self.forward_layer = _copy(layer, "forward")
        if backward_layer is None:
            backward_layer = _copy(layer, "backward", go_backwards=True)
        self.backward_layer = backward_layer
        _check_pair(self.forward_layer, self.backward_layer)
        for part in (self.forward_layer, self.backward_layer):
            if hasattr(layer, "use_cudnn"):
                part.use_cudnn = layer.use_cudnn
            # Merged outputs must not repeat what is masked.
            if getattr(part, "zero_output_for_mask", None) is not None:
                part.zero_output_for_mask = part.return_sequences
        self.merge_mode = merge_mode
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def build(self, sequences_shape, initial_state_shape=None):
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)

    def call(self, sequences, initial_state=None, mask=None, training=None):
        options = {"training": training, "mask": mask}
        options = {k: v for k, v in options.items() if v is not None}
        of_forward = of_backward = None
        if initial_state is not None:
            if len(initial_state) % 2:
                raise ValueError(
                    f"Layer '{self.name}' expects as many initial states for one "
                    f"direction as for the other. Received: {len(initial_state)}"
                )
            half = len(initial_state) // 2
            of_forward, of_backward = initial_state[:half], initial_state[half:]
        y = self.forward_layer(sequences, initial_state=of_forward, **options)
        y_back = self.backward_layer(sequences, initial_state=of_backward, **options)
        states = ()
        if self.return_state:
            states = y[1:] + y_back[1:]
            y, y_back = y[0], y_back[0]
        if self.return_sequences:
            y_back = ops.flip(y_back, axis=1)
        if self.merge_mode is None:
            return (y, y_back, *states)
        output = _MERGES[self.merge_mode](y, y_back)
        return (output, *states) if self.return_state else output

    def reset_state(self) -> None:
        """Sets the states that go on from batch to batch back to zeros."""
        if not self.stateful:
            raise AttributeError(
                f"Layer '{self.name}' must be stateful to have its state reset."
            )
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    @property
    def states(self):
        """The states of both layers, None unless they are stateful and built."""
        of_forward, of_backward = self.forward_layer.states, self.backward_layer.states
        return (*of_forward, *of_backward) if of_forward and of_backward else None

    def compute_mask(self, inputs, previous_mask):
        mask = previous_mask
        if isinstance(mask, list):
            mask = mask[0]
        if not self.return_sequences:
            mask = None
        return (mask, mask) if self.merge_mode is None else mask

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        shape = self.forward_layer.compute_output_shape(sequences_shape)
        states = ()
        if self.return_state:
            shape, states = shape[0], shape[1:]
        if self.merge_mode is None:
            return (shape, shape, *states, *states)
        if self.merge_mode == "concat":
            shape = (*shape[:-1], 2 * shape[-1])
        return (shape, *states, *states) if self.return_state else shape

    def get_config(self):
        return super().get_config() | {
            "merge_mode": self.merge_mode,
            "layer": registry.serialize(self.forward_layer),
            "backward_layer": registry.serialize(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        parts = {
            name: registry.deserialize(config[name], custom_objects=custom_objects)
            for name in ("layer", "backward_layer")
            if config.get(name) is not None
        }
        return super().from_config(config | parts)


def _copy(layer, direction: str, **changes):
    """A new layer from the config of `layer`, named after its direction."""
    config = registry.serialize(layer)
    name = f"{direction}_{layer.name.removeprefix(f'{direction}_')}"
    config["config"] = config["config"] | {"name": name} | changes
    return registry.deserialize(config)


def _check_pair(forward, backward) -> None:
    if forward.go_backwards == backward.go_backwards:
        raise ValueError(
            "The layers of Bidirectional must go in different directions. Received: "
            f"go_backwards={forward.go_backwards} for both"
        )
    for name in _COMMON:
        values = getattr(forward, name), getattr(backward, name)
        if values[0] != values[1]:
            raise ValueError(
                f"The layers of Bidirectional must have the same `{name}`. "
                f"Received: {values[0]} forward and {values[1]} backward"
            )
