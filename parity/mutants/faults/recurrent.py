"""Faults in recurrent layers: states, gates, masks of dropout, directions."""

from parity.mutants.fault import Fault

FAULTS = [
    Fault(
        "layers/rnn/rnn.py",
        "a stateful layer forgets",
        "initial_state = self.states\n",
        "initial_state = None\n",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/rnn.py",
        "a stateful layer keeps its first state in each place",
        "kept.assign(state)",
        "kept.assign(tree.flatten(states)[0])",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/rnn.py",
        "what is reset keeps its state",
        "state.assign(ops.zeros_like(state))",
        "state.assign(state)",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/rnn.py",
        "masks of dropout stay for the next batch",
        "drop_masks(self.cell)",
        "pass",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/recurrent_cell.py",
        "recurrent dropout works in inference, not in training",
        "if training and 0 < self.recurrent_dropout < 1:",
        "if not training and 0 < self.recurrent_dropout < 1:",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/dropout_rnn_cell.py",
        "recurrent dropout inverted: it keeps what it should drop",
        "self._recurrent_dropout_mask = self._draw(\n"
        "                step_input, self.recurrent_dropout\n"
        "            )",
        "self._recurrent_dropout_mask = self._draw(\n"
        "                step_input, 1 - self.recurrent_dropout\n"
        "            )",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/dropout_rnn_cell.py",
        "recurrent dropout draws another mask in each step",
        "fits = _fits(self._recurrent_dropout_mask, step_input)",
        "fits = False",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/recurrent_cell.py",
        "all gates get the mask of the first",
        "products = [ops.matmul(x * m, k) for m, k in zip(mask, parts, strict=True)]",
        "products = [ops.matmul(x * mask[0], k) for k in parts]",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/lstm.py",
        "the forget gate starts at 0",
        "ones = Ones()((self.units,), dtype=dtype)",
        "ones = self.bias_initializer((self.units,), dtype=dtype)",
        topics=("recurrent", "runs.lstm"),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/lstm.py",
        "the cell changes the gates i and f",
        "c = f * c + i * self.activation(z_c)",
        "c = i * c + f * self.activation(z_c)",
        topics=("recurrent",),
        tests=("layers/test_recurrent.py", "layers/test_recurrent_more.py"),
    ),
    Fault(
        "layers/rnn/stacked_rnn_cells.py",
        "the last cell leaves no state",
        "return inputs, new_states",
        "return inputs, [*new_states[:-1], states[-1]]",
        topics=("recurrent_composed.",),
        tests=("layers/test_recurrent_more.py", "layers/test_recurrent.py"),
    ),
    Fault(
        "layers/rnn/bidirectional.py",
        "the way back is not turned round",
        "y_back = ops.flip(y_back, axis=1)",
        "y_back = ops.flip(y_back, axis=1) if self.merge_mode is None else y_back",
        topics=("recurrent_composed.",),
        tests=("layers/test_bidirectional.py",),
    ),
    Fault(
        "layers/rnn/time_distributed.py",
        "each step gets the mask of the first",
        'options["mask"] = mask[:, t]',
        'options["mask"] = mask[:, 0]',
        topics=("time_distributed.",),
        tests=("layers/test_time_distributed.py",),
    ),
]
