"""Counterpart: keras/src/layers/rnn/gru.py."""

from minikeras import ops
from minikeras.layers.rnn.recurrent_cell import RecurrentCell, options, project
from minikeras.layers.rnn.recurrent_layer import RecurrentLayer, of_cell
from minikeras.ops.gru import gru
from minikeras.ops.gru_reset_before import gru_reset_before


class GRUCell(RecurrentCell):
    """One step of the gated recurrent unit. State: the output h.

    With x·kernel + bias and h·recurrent_kernel + bias split into gates z, r, g:
        z, r = recurrent_activation(x_z + h_z, x_r + h_r)
        g = activation(x_g + r·h_g);  h' = z·h + (1 - z)·g
    With `reset_after=False` r acts before the product, g = activation(x_g +
    (r·h)·recurrent_kernel_g), and there is one bias (3·units,) instead of two.
    """

    gates = 3

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
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
        reset_after=True,
        seed=None,
        **kwargs,
    ):
        super().__init__(options(locals()), **kwargs)

    def bias_shape(self):
        width = self.gates * self.units
        return (2, width) if self.reset_after else (width,)

    def call(self, inputs, states, training=False):
        several = isinstance(states, (list, tuple))
        h = states[0] if several else states
        of_inputs, of_h = self.masks(inputs, h, training)
        x = project(inputs, self.kernel, of_inputs)
        if self.bias is not None:
            x = x + (self.bias[0] if self.reset_after else self.bias)
        x_z, x_r, x_g = ops.split(x, 3, axis=-1)
        resets = self._reset_after if self.reset_after else self._reset_before
        z, from_h = resets(x_z, x_r, h, of_h)
        h = z * h + (1 - z) * self.activation(x_g + from_h)
        return h, [h] if several else h

    def _reset_after(self, x_z, x_r, h, mask):
        """(z, r·h_g)"""
        product = project(h, self.recurrent_kernel, mask)
        if self.bias is not None:
            product = product + self.bias[1]
        h_z, h_r, h_g = ops.split(product, 3, axis=-1)
        r = self.recurrent_activation(x_r + h_r)
        return self.recurrent_activation(x_z + h_z), r * h_g

    def _reset_before(self, x_z, x_r, h, mask):
        """(z, (r·h)·recurrent_kernel_g)"""
        of_z, of_r, of_g = mask or (None, None, None)
        k_z, k_r, k_g = ops.split(self.recurrent_kernel, 3, axis=-1)
        z = self.recurrent_activation(x_z + project(h, k_z, of_z))
        r = self.recurrent_activation(x_r + project(h, k_r, of_r))
        return z, project(r * h, k_g, of_g)

    def has_op(self, training):
        return (
            type(self) is GRUCell
            and self.activation is ops.tanh
            and self.recurrent_activation is ops.sigmoid
            and super().has_op(training)
        )

    @property
    def op(self):
        return gru if self.reset_after else gru_reset_before


class GRU(RecurrentLayer):
    """The gated recurrent unit over the time steps of (batch, time, features).

    See GRUCell for the formulas, RNN for the results. With the activations left as
    they are it is one op (ops/gru.py, ops/gru_reset_before.py). `implementation` and
    `use_cudnn` are accepted: the numbers are the same.
    """

    cell_class = GRUCell

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
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
        seed=None,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        reset_after=True,
        use_cudnn="auto",
        **kwargs,
    ):
        super().__init__(options(locals()), **kwargs)

    recurrent_activation = of_cell("recurrent_activation")
    reset_after = of_cell("reset_after")
