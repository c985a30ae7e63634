"""Faults in what weights become: optimizers, constraints, penalties, first values."""

from parity.mutants.fault import Fault

FAULTS = [
    Fault(
        "optimizers/sgd.py",
        "Nesterov looks no step ahead",
        "(m.value * self.momentum - step)",
        "m.value",
    ),
    Fault(
        "optimizers/rmsprop.py",
        "momentum forgets what it was",
        "m.value = step = self.momentum * m.value + step",
        "m.value = step",
    ),
    Fault(
        "optimizers/rmsprop.py",
        "momentum adds the share of a new step alone",
        "self.momentum * m.value + step",
        "self.momentum * m.value + (1 - self.momentum) * step",
    ),
    Fault(
        "optimizers/rmsprop.py",
        "epsilon outside the root",
        "np.sqrt(variance + self.epsilon)",
        "(np.sqrt(variance) + self.epsilon)",
    ),
    Fault(
        "optimizers/rmsprop.py",
        "centered keeps the variance as it is",
        "variance = variance - a.value * a.value",
        "variance = variance - 0 * a.value",
    ),
    Fault(
        "optimizers/adam.py",
        "the two averages are named the wrong way round",
        '["momentum", "velocity"]',
        '["velocity", "momentum"]',
    ),
    Fault(
        "optimizers/adam.py",
        "the second average keeps the gradient",
        "moved_towards(v.value, squared(gradient), 1 - self.beta_2)",
        "moved_towards(v.value, abs(gradient), 1 - self.beta_2)",
    ),
    Fault(
        "optimizers/adam.py",
        "the first average is not corrected",
        " / (1 - beta_1_power)",
        "",
    ),
    Fault(
        "optimizers/adam.py",
        "epsilon inside the root",
        "scale = np.sqrt(v.value)\n        scale += self.epsilon",
        "scale = np.sqrt(v.value + self.epsilon)",
    ),
    Fault(
        "optimizers/adam.py",
        "amsgrad forgets the largest",
        "np.maximum(v_hat.value, v.value)",
        "v.value",
    ),
    Fault(
        "optimizers/adamax.py",
        "the norm takes the average",
        "np.maximum(self.beta_2 * u.value, magnitude(gradient))",
        "self.beta_2 * u.value + (1 - self.beta_2) * magnitude(gradient)",
    ),
    Fault(
        "optimizers/nadam.py",
        "the product of the schedules stays 1",
        "self._u_product.value = product * self.beta_1 * (1 - 0.5 * decay)",
        "self._u_product.value = product * 1",
    ),
    Fault(
        "optimizers/ftrl.py",
        "l1 shrinks nothing",
        "np.clip(z.value, -l1, l1) - z.value",
        "-z.value",
    ),
    Fault(
        "optimizers/lion.py",
        "the average moves before the step",
        "np.sign(m.value * beta_1 + gradient * (1 - beta_1))",
        "np.sign(m.value * beta_2 + gradient * (1 - beta_2))",
    ),
    Fault(
        "optimizers/lamb.py",
        "a weight of norm 0 never moves",
        "both = (norm > 0) & (delta_norm > 0)",
        "both = delta_norm > 0",
    ),
    Fault(
        "optimizers/adadelta.py",
        "steps in the unit of the gradient",
        "delta = -(rms_b * gradient / rms_a)",
        "delta = -(gradient / rms_a)",
    ),
    Fault(
        "optimizers/adagrad.py",
        "starts at zero",
        "Constant(self.initial_accumulator_value)",
        "Constant(0.0)",
    ),
    Fault(
        "optimizers/optimizer.py",
        "large weights: on threads each update but the last",
        "run_all(lambda row: self.update_step(*row), rows)",
        "run_all(lambda row: self.update_step(*row), rows[:-1])",
    ),
    Fault(
        "optimizers/optimizer.py",
        "large weights: updates on threads take twice the rate",
        "rates = [rate.astype(gradient.dtype) for gradient in grads]",
        "rates = [2 * rate.astype(gradient.dtype) for gradient in grads]",
    ),
    Fault(
        "optimizers/optimizer.py",
        "weight decay without the learning rate",
        "value - value * self.weight_decay * rate",
        "value - value * self.weight_decay",
    ),
    Fault(
        "optimizers/optimizer.py",
        "accumulated gradients are summed, not averaged",
        "return [total / steps for total in sums]",
        "return list(sums)",
    ),
    Fault(
        "optimizers/optimizer.py",
        "the first moving average is not the weights",
        "momentum = np.where(done, self.ema_momentum, 0.0)",
        "momentum = np.where(True, self.ema_momentum, 0.0)",
    ),
    Fault(
        "optimizers/optimizer.py",
        "constraints are forgotten",
        "if variable.constraint is not None:",
        "if variable.constraint is not None and False:",
    ),
    Fault(
        "optimizers/gradients.py",
        "the joint norm is that of the largest gradient",
        "norm = np.sqrt(np.sum(squares))",
        "norm = np.sqrt(np.max(squares))",
    ),
    Fault(
        "optimizers/variables.py",
        "saved without the last variable",
        "for i, variable in enumerate(self._variables):\n            store[",
        "for i, variable in enumerate(self._variables[:-1]):\n            store[",
    ),
    Fault(
        "regularizers/regularizers.py",
        "L2 with half its slope",
        "dy * (2 * l2)",
        "dy * l2",
    ),
    Fault(
        "regularizers/regularizers.py",
        "large weights: L2 leaves out the last rows",
        "np.vecdot(rows, rows).sum() + rest.dot(rest)",
        "np.vecdot(rows, rows).sum()",
    ),
    Fault(
        "regularizers/regularizers.py",
        "orthogonal rows count each pair twice",
        "factor * 0.5 * np.abs(cosines).sum() / pairs",
        "factor * np.abs(cosines).sum() / pairs",
    ),
    Fault(
        "constraints/constraints.py",
        "MinMaxNorm goes all the way",
        "self.rate * inside + (1 - self.rate) * norm",
        "inside",
    ),
    Fault(
        "initializers/random_initializers.py",
        "orthogonal without the signs of the diagonal",
        "q = q * np.sign(np.diag(r))",
        "q = q * 1",
    ),
    Fault(
        "initializers/random_initializers.py",
        "He's variance from the outputs",
        '"""Truncated, of variance 2 / fan_in (He et al., 2015)."""\n\n'
        '    settings = (2.0, "fan_in",',
        '"""Truncated, of variance 2 / fan_in (He et al., 2015)."""\n\n'
        '    settings = (2.0, "fan_out",',
    ),
    Fault(
        "initializers/random_initializers.py",
        "kernels of convolutions without their field",
        "shape[-2] * field, shape[-1] * field",
        "shape[-2], shape[-1]",
    ),
    Fault(
        "initializers/random_initializers.py",
        "the deviation of a cut normal is not made up for",
        "stddev /= _TRUNCATED_STDDEV",
        "stddev /= 1.0",
    ),
    Fault(
        "random/philox.py",
        "large draws: each chunk but the first is the first again",
        "_scramble_blocks(numbers[part], self.high, self.key, out[part])",
        "first = numbers[part] - np.uint64(at)\n"
        "            _scramble_blocks(first, self.high, self.key, out[part])",
    ),
    Fault(
        "random/samplers.py",
        "cut normals: the groups lie too close",
        "_BLOCKS_PER_OUTPUT = 64",
        "_BLOCKS_PER_OUTPUT = 1",
    ),
    Fault(
        "random/samplers.py",
        "int64 words with their halves changed",
        "wide[0::2] | wide[1::2] << np.uint64(32)",
        "wide[1::2] | wide[0::2] << np.uint64(32)",
    ),
    Fault(
        "random/seed_generator.py",
        "the count does not move on",
        "state + _STEP if ordered",
        "state if ordered",
    ),
    Fault(
        "random/rng_utils.py",
        "the next epoch takes the rows in reverse",
        "known == key:\n        return order",
        "known == key:\n        return order[::-1]",
        topics=("random.", "training."),
    ),
]
