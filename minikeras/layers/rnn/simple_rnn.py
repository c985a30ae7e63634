"""Counterpart: keras/src/layers/rnn/simple_rnn.py."""

from minikeras import ops
from minikeras.layers.rnn.recurrent_cell import RecurrentCell, options, project
from minikeras.layers.rnn.recurrent_layer import RecurrentLayer
from minikeras.ops.simple_rnn import simple_rnn


class SimpleRNNCell(RecurrentCell):
    """One step: h' = activation(x·kernel + bias + h·recurrent_kernel). State: h."""

    generator_first = True

    def __init__(
        self,
        units,
        activation="tanh",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(options(locals()), **kwargs)

    def masks(self, inputs, state, training):
        """Unlike cells with gates it draws in inference too, and a rate of 1 counts."""
        of_inputs = self.get_dropout_mask(inputs)
        of_state = None if state is None else self.get_recurrent_dropout_mask(state)
        return (of_inputs, of_state) if training else (None, None)

    def call(self, sequence, states, training=False):
        several = isinstance(states, (list, tuple))
        h = states[0] if several else states
        of_inputs, of_h = self.masks(sequence, h, training)
        z = project(sequence, self.kernel, of_inputs)
        if self.bias is not None:
            z = z + self.bias
        h = self.activation(z + project(h, self.recurrent_kernel, of_h))
        return h, [h] if several else h

    def has_op(self, training):
        return (
            type(self) is SimpleRNNCell
            and self.activation is ops.tanh
            and super().has_op(training)
        )

    op = staticmethod(simple_rnn)


class SimpleRNN(RecurrentLayer):
    """The plain recurrent layer over the time steps of (batch, time, features).

    See SimpleRNNCell for the formula, RNN for the results. With the activation left
    as it is it is one op (ops/simple_rnn.py). `unroll` is accepted: the numbers are
    the same. As in Keras `activity_regularizer` does nothing, and the config has no
    `seed` (keras/src/layers/rnn/simple_rnn.py does not hand them on).
    """

    cell_class = SimpleRNNCell

    def __init__(
        self,
        units,
        activation="tanh",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        seed=None,
        **kwargs,
    ):
        given = options(locals()) | {"activity_regularizer": None}
        super().__init__(given, **kwargs)

    def get_config(self):
        config = super().get_config()
        del config["seed"]
        return config
