"""Counterpart: keras/src/layers/rnn/lstm.py."""

from minikeras import ops
from minikeras.initializers import Ones
from minikeras.layers.rnn.recurrent_cell import RecurrentCell, options, project
from minikeras.layers.rnn.recurrent_layer import RecurrentLayer, of_cell
from minikeras.ops.lstm import lstm


class LSTMCell(RecurrentCell):
    """One step of the long short-term memory. States: output h and carry c.

    With z = x·kernel + h·recurrent_kernel + bias, split into four gates:
        i, f, o = recurrent_activation(z_i, z_f, z_o)
        c' = f·c + i·activation(z_c);  h' = o·activation(c')
    The order of the gates is i, f, c, o. `unit_forget_bias` starts f's bias at 1.
    """

    gates = 4

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias=True,
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
        self.state_size = [self.units, self.units]

    def initializer_of(self, role):
        if role == "bias" and self.unit_forget_bias:
            return self._bias_with_ones_for_f
        return super().initializer_of(role)

    def _bias_with_ones_for_f(self, shape, dtype=None):
        """The first bias with ones for f: i, and c with o, are drawn apart."""
        sizes = (self.units, 2 * self.units)
        first, last = (self.bias_initializer((n,), dtype=dtype) for n in sizes)
        ones = Ones()((self.units,), dtype=dtype)
        return ops.concatenate([first, ones, last])

    def call(self, inputs, states, training=False):
        h, c = states[0], states[1]
        of_inputs, of_h = self.masks(inputs, h, training)
        z = project(inputs, self.kernel, of_inputs)
        z = z + project(h, self.recurrent_kernel, of_h)
        if self.bias is not None:
            z = z + self.bias
        z_i, z_f, z_c, z_o = ops.split(z, 4, axis=-1)
        i, f = self.recurrent_activation(z_i), self.recurrent_activation(z_f)
        c = f * c + i * self.activation(z_c)
        h = self.recurrent_activation(z_o) * self.activation(c)
        return h, [h, c]

    def has_op(self, training):
        return (
            type(self) is LSTMCell
            and self.activation is ops.tanh
            and self.recurrent_activation is ops.sigmoid
            and super().has_op(training)
        )

    op = staticmethod(lstm)


class LSTM(RecurrentLayer):
    """The long short-term memory over the time steps of (batch, time, features).

    See LSTMCell for the formulas, RNN for the results. With the activations left as
    they are it is one op (ops/lstm.py). `implementation`, `unroll` and `use_cudnn`
    are accepted: the numbers are the same.
    """

    cell_class = LSTMCell

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias=True,
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        seed=None,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        use_cudnn="auto",
        **kwargs,
    ):
        super().__init__(options(locals()), **kwargs)

    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")
