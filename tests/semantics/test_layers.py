"""docs/semantics.md, the layers: windows, gates, statistics, first weights."""

import random as python_random

import numpy as np

from minikeras import activations, initializers, layers, random, utils
from minikeras.autodiff import GradientTape, Variable
from tests.semantics.ledger import hold

LINE = np.array([3, 1, 4, 1, 5, 9], "float32")


def slope(function, x):
    """(y, dy/dx) of Σ y."""
    x = Variable(np.asarray(x, "float32"))
    with GradientTape() as tape:
        y = function(x)
    return np.asarray(y), np.asarray(tape.gradient(y, x))


def conv(kernel, x=LINE, **options):
    """A convolution of a line, one channel in, one out."""
    layer = layers.Conv1D(1, len(kernel), use_bias=False, padding="same", **options)
    x = x[None, :, None]
    layer.build(x.shape)
    layer.set_weights([np.array(kernel, "float32")[:, None, None]])
    return np.asarray(layer(x))[0, :, 0]


def slid(kernel, before, after, stride):
    padded = np.pad(LINE, (before, after))
    starts = range(0, len(padded) - len(kernel) + 1, stride)
    return np.array([padded[i : i + len(kernel)] @ kernel for i in starts])


def test_same_padding_at_stride_two():
    """Six entries, three positions: one zero is lacking, and it goes behind."""
    kernel = np.array([1, 10, 100])
    keras, textbook = slid(kernel, 0, 1, 2), slid(kernel, 1, 1, 2)
    hold(conv(kernel, strides=2), keras, textbook)


def test_same_padding_of_even_kernels():
    kernel = np.array([1, 10])
    hold(conv(kernel), slid(kernel, 0, 1, 1), slid(kernel, 1, 0, 1))


def test_convolution_does_not_flip():
    kernel = np.array([1, 10, 100])
    hold(conv(kernel), slid(kernel, 1, 1, 1), np.convolve(LINE, kernel, "same"))


def test_average_pooling_counts_no_zeros():
    pool = layers.AveragePooling1D(3, strides=1, padding="same")
    got = np.asarray(pool(LINE[None, :, None]))[0, :, 0]
    counts = np.array([2, 3, 3, 3, 3, 2])
    sums = slid(np.ones(3), 1, 1, 1)
    hold(got, sums / counts, sums / 3)


def test_max_pooling_ties():
    """The first of equal numbers gets the whole slope."""
    x = np.array([2, 2, 1, 3, 0, 3])
    _, got = slope(layers.MaxPooling1D(3), x[None, :, None])
    shared = [0.5, 0.5, 0, 0.5, 0, 0.5]
    hold(got[0, :, 0], [1, 0, 0, 1, 0, 0], shared)


def test_relu_slope_at_zero():
    _, got = slope(activations.relu, [-1, 0, 2])
    hold(got, [0, 0, 1], [0, 0.5, 1])


def test_relu_spoils_infinite_gradients():
    """The slope is a factor: inf · 0 is nan; a choice between dy and 0 gives 0."""
    x = Variable(np.array([-1, 2], "float32"))
    with GradientTape() as tape:
        y = activations.relu(x) * np.array([np.inf, 1], "float32")
    got = np.asarray(tape.gradient(y, x))
    textbook = np.where(x.numpy() > 0, [np.inf, 1], 0)
    assert np.isnan(got[0]) and textbook[0] == 0
    hold(got[1:], [1], [0])


def test_leaky_relu_has_two_defaults():
    x = np.array([-1, 2], "float32")
    hold(layers.LeakyReLU()(x), [-0.3, 2], [-0.2, 2])
    hold(activations.leaky_relu(x), [-0.2, 2], [-0.3, 2])


def test_hard_sigmoid_has_slope_a_sixth():
    x = np.array([-2.8, -1, 0, 2, 2.8], "float32")
    keras, textbook = np.clip(x / 6 + 0.5, 0, 1), np.clip(0.2 * x + 0.5, 0, 1)
    hold(activations.hard_sigmoid(x), keras, textbook)


def same_scale(got, shape, fans, other_fans):
    """`got` are GlorotUniform's numbers for `fans`, not those for `other_fans`."""
    unit = np.asarray(random.uniform(shape, -1, 1, seed=1))
    bounds = [np.sqrt(6 / sum(pair)) for pair in (fans, other_fans)]
    hold(got, unit * bounds[0], unit * bounds[1])


def first_weights(layer, channels):
    layer.build((None, 9, 9, channels))
    return [np.asarray(w) for w in layer.weights]


def test_glorot_fans_of_a_convolution():
    glorot = initializers.GlorotUniform(seed=1)
    kernel, _ = first_weights(layers.Conv2D(16, 3, kernel_initializer=glorot), 8)
    same_scale(kernel, (3, 3, 8, 16), (9 * 8, 9 * 16), (8, 16))


def test_glorot_fans_of_depthwise_kernels():
    """(3, 3, channels, multiplier) is read as (…, inputs, outputs): fan_in 9·8, though
    an output has nine inputs."""
    glorot = initializers.GlorotUniform(seed=1)
    layer = layers.DepthwiseConv2D(3, depthwise_initializer=glorot)
    kernel, _ = first_weights(layer, 8)
    same_scale(kernel, (3, 3, 8, 1), (9 * 8, 9), (9, 9))


def test_glorot_fans_of_separable_kernels():
    """Each of the two kernels by itself, not the convolution that they make up."""
    depthwise, pointwise = (initializers.GlorotUniform(seed=1) for _ in range(2))
    layer = layers.SeparableConv2D(
        16, 3, depthwise_initializer=depthwise, pointwise_initializer=pointwise
    )
    depth, point, _ = first_weights(layer, 8)
    same_scale(depth, (3, 3, 8, 1), (9 * 8, 9), (9 * 8, 9 * 16))
    same_scale(point, (1, 1, 8, 16), (8, 16), (9 * 8, 9 * 16))


def test_truncated_normals_are_widened():
    """Cut off at 2σ, a normal keeps 0.8796 of its σ; VarianceScaling knows."""
    got = initializers.HeNormal(seed=1)((50, 40))
    unit = np.asarray(random.truncated_normal((50, 40), seed=1))
    stddev = np.sqrt(2 / 50)
    hold(got, unit * stddev / 0.87962566103423978, unit * stddev)


def test_truncated_normal_itself_is_not():
    got = initializers.TruncatedNormal(stddev=0.1, seed=1)((50, 40))
    unit = np.asarray(random.truncated_normal((50, 40), seed=1))
    hold(got, unit * 0.1, unit * 0.1 / 0.87962566103423978)


def test_dropout_scales_in_training():
    x = np.linspace(1, 2, 40, dtype="float32")[None]
    layer = layers.Dropout(0.25, seed=3)
    hold(layer(x), x, x * 0.75)  # prediction leaves x alone
    kept = np.asarray(random.uniform(x.shape, seed=3)) >= 0.25
    hold(layer(x, training=True), kept * x / 0.75, kept * x)


def test_dropout_counts_its_calls():
    """Masks come from (seed, 0), (seed, 1)…; what predicts does not count."""
    x = np.ones((1, 40), "float32")
    layer = layers.Dropout(0.25, seed=3)
    layer(x, training=True)
    layer(x)
    generator = random.SeedGenerator(3)
    first, second, third = (
        np.asarray(random.uniform(x.shape, seed=generator)) >= 0.25 for _ in range(3)
    )
    got = layer(x, training=True)
    hold(got, second / 0.75, third / 0.75)
    hold(got, second / 0.75, first / 0.75)
    assert np.asarray(layer.seed_generator.state).tolist() == [3, 2]


BATCH = np.array([[1, 2], [3, 6], [8, 1]], "float32")


def test_batch_normalization_epsilon():
    got = layers.BatchNormalization()(BATCH, training=True)
    centred, variance = BATCH - BATCH.mean(0), BATCH.var(0)
    keras = centred / np.sqrt(variance + 1e-3)
    hold(got, keras, centred / np.sqrt(variance + 1e-5))


def moved(layer=None):
    layer = layer or layers.BatchNormalization(momentum=0.9)
    layer(BATCH, training=True)
    return np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)


def test_batch_normalization_momentum():
    """The share of the old, 0.99 unless given; elsewhere it is that of the new."""
    hold(moved()[0], 0.1 * BATCH.mean(0), 0.9 * BATCH.mean(0))
    mean, _ = moved(layers.BatchNormalization())
    hold(mean, 0.01 * BATCH.mean(0), 0.1 * BATCH.mean(0), tolerance=1e-5)


def test_batch_normalization_moving_variance_is_biased():
    keras, textbook = (0.9 + 0.1 * BATCH.var(0, ddof=d) for d in (0, 1))
    hold(moved()[1], keras, textbook)


def test_frozen_batch_normalization_predicts():
    """`trainable = False` also stops the statistics, even with training=True."""
    layer = layers.BatchNormalization()
    layer.trainable = False
    got = layer(BATCH, training=True)
    batch = (BATCH - BATCH.mean(0)) / np.sqrt(BATCH.var(0) + 1e-3)
    hold(got, BATCH / np.sqrt(1 + 1e-3), batch)


def test_layer_normalization_epsilon():
    centred = BATCH - BATCH.mean(1, keepdims=True)
    keras, textbook = (
        centred / np.sqrt(BATCH.var(1, keepdims=True) + e) for e in (1e-3, 1e-5)
    )
    hold(layers.LayerNormalization()(BATCH), keras, textbook)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def recurrent(cls, bias_rows, gates, **options):
    """(layer's output, x·kernel, recurrent kernel, bias, h) of one unit, one step, from
    the state h = 0.5."""
    layer = cls(1, **options)
    layer.build((None, 1, 1))
    kernel = np.array([0.3, -0.7, 1.1, 0.6][:gates])
    recurrent_kernel = np.array([-0.4, 0.9, 0.5, -1.2][:gates])
    bias = np.linspace(-0.5, 0.8, bias_rows * gates)
    weights = [kernel[None], recurrent_kernel[None], bias]
    shapes = [w.shape for w in layer.get_weights()]
    layer.set_weights([w.reshape(s) for w, s in zip(weights, shapes, strict=True)])
    h = np.full((1, 1), 0.5, "float32")
    states = [h, h * 0.4] if gates == 4 else [h]
    got = np.asarray(layer(np.full((1, 1, 1), 2, "float32"), initial_state=states))
    return got.ravel(), 2 * kernel, recurrent_kernel, bias.reshape(bias_rows, gates)


def test_lstm_gate_order():
    """i, f, c, o in the kernel's columns; PyTorch has the same, papers i, f, o, c."""
    got, x, k, (b,) = recurrent(layers.LSTM, 1, 4)
    z = x + 0.5 * k + b

    def lstm(i, f, c, o):
        carry = sigmoid(z[f]) * 0.2 + sigmoid(z[i]) * np.tanh(z[c])
        return [sigmoid(z[o]) * np.tanh(carry)]

    hold(got, lstm(0, 1, 2, 3), lstm(0, 1, 3, 2))


def test_lstm_forget_bias_starts_at_one():
    layer = layers.LSTM(2)
    layer.build((None, 1, 1))
    hold(layer.cell.bias.numpy(), [0, 0, 1, 1, 0, 0, 0, 0], np.zeros(8))


def gru(x, h, reset_after_product, update_keeps):
    """One step from (z, r, g) of the inputs and (kernel, bias) of the state 0.5."""
    k, b = h
    z, r = sigmoid(x[:2] + 0.5 * k[:2] + b[:2])
    if reset_after_product:
        g = np.tanh(x[2] + r * (0.5 * k[2] + b[2]))
    else:
        g = np.tanh(x[2] + (r * 0.5) * k[2] + b[2])
    return [z * 0.5 + (1 - z) * g if update_keeps else (1 - z) * 0.5 + z * g]


def test_gru_has_two_biases():
    """b_h is inside r·(…), so the two are not one bias by another name."""
    got, x, k, (b_x, b_h) = recurrent(layers.GRU, 2, 3)
    keras = gru(x + b_x, (k, b_h), True, True)
    hold(got, keras, gru(x + b_x + b_h, (k, 0 * b_h), True, True))


def test_gru_resets_after_the_product():
    got, x, k, (b_x, b_h) = recurrent(layers.GRU, 2, 3)
    keras = gru(x + b_x, (k, b_h), True, True)
    hold(got, keras, gru(x + b_x, (k, b_h), False, True))


def test_gru_update_gate_keeps_the_old():
    """h' = z·h + (1 - z)·g; with Cho et al. too, with Chung et al. the reverse."""
    got, x, k, (b_x, b_h) = recurrent(layers.GRU, 2, 3)
    keras = gru(x + b_x, (k, b_h), True, True)
    hold(got, keras, gru(x + b_x, (k, b_h), True, False))


def test_one_initializer_draws_the_same_twice():
    """An object has one seed, given or drawn; a name makes an object for each layer."""
    random.set_random_seed(5)
    shared = initializers.GlorotUniform()
    first, second = (
        first_weights(layers.Conv2D(2, 3, kernel_initializer=shared), 4)[0]
        for _ in range(2)
    )
    hold(second, first, initializers.GlorotUniform()((3, 3, 4, 2)))


def test_weights_hang_on_pythons_random():
    """A seed is the next number of `random`; NumPy's generator has no part in it."""
    random.set_random_seed(5)
    np.random.random()
    python_random.random()
    kernel, _ = first_weights(layers.Conv2D(2, 3), 4)
    again = python_random.Random(5)
    undisturbed = again.randint(1, 10**9)
    again.seed(5)
    again.random()
    keras, textbook = (
        np.asarray(initializers.GlorotUniform(seed=seed)((3, 3, 4, 2)))
        for seed in (again.randint(1, 10**9), undisturbed)
    )
    hold(kernel, keras, textbook)


def test_normalize_along_axis_0():
    """Row i is divided by the norm of column i."""
    x = np.array([[3.0, 1.0], [4.0, 0.0]])
    norms = np.linalg.norm(x, axis=0)
    hold(utils.normalize(x, axis=0), x / norms[:, None], x / norms)
