"""What SimpleRNN, LSTM and GRU have in common: an RNN that makes its own cell."""

from operator import attrgetter

from minikeras import registry
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.rnn.recurrent_cell import RecurrentCell
from minikeras.layers.rnn.rnn import RNN
from minikeras.naming import to_snake_case
from minikeras.signature import parameters


def of_cell(name: str):
    """An attribute of the layer that is its cell's."""
    return property(attrgetter(f"cell.{name}"))


class RecurrentLayer(RNN):
    """Subclasses say `cell_class`; `given` are their constructor's own arguments.

    Those that the cell's constructor knows go to the cell, the others to RNN. The
    inputs must be (batch, time, features), always with the same number of features.
    """

    cell_class: type[RecurrentCell]

    def __init__(self, given: dict, **kwargs):
        use_cudnn = given.pop("use_cudnn", "auto")
        if use_cudnn not in ("auto", True, False):
            raise ValueError(
                f"Invalid value for `use_cudnn` of {type(self).__name__}. Expected "
                f"'auto', True or False. Received: use_cudnn={use_cudnn!r}"
            )
        known = parameters(self.cell_class.__init__)
        if self.cell_class.gates > 1:
            known += ("implementation",)
        for_cell = {
            name: options.pop(name)
            for options in (given, kwargs)
            for name in known
            if name in options
        }
        cell = self.cell_class(
            **for_cell,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name=to_snake_case(self.cell_class.__name__),
        )
        super().__init__(cell, **given, **kwargs)
        self.use_cudnn = use_cudnn
        self.input_spec = InputSpec(ndim=3)

    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")

    def build(self, sequences_shape, initial_state_shape=None):
        super().build(sequences_shape, initial_state_shape)
        self.input_spec = InputSpec(ndim=3, axes={-1: sequences_shape[-1]})

    def get_config(self):
        config = super().get_config()
        cell = config.pop("cell")["config"]
        for name in Layer.get_config(self.cell):
            del cell[name]
        penalty = registry.serialize(self.activity_regularizer)
        return config | cell | {"activity_regularizer": penalty}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return super(RNN, cls).from_config(config)
