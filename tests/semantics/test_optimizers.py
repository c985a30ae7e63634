"""docs/semantics.md, the optimizers: where epsilon stands, and what is around it.

Gradients are as small as epsilon is large here, so that its place decides.
"""

import numpy as np

from minikeras import Sequential, layers, optimizers
from minikeras.autodiff import Variable
from tests.semantics.ledger import hold, trained

X = np.array([0.5, -1.0, 2.0])
GRADIENTS = [
    np.array([0.01, -0.02, 0.05]),
    np.array([-0.03, 0.01, 0.02]),
    np.array([0.02, 0.04, -0.01]),
]
RATE, EPSILON = 0.25, 0.0625  # both are exact in float32
root = np.sqrt


def moments(beta_1=0.9, beta_2=0.999):
    """t, g, m and v of Adam's family, for the steps t = 1, 2…"""
    m = v = 0.0
    for t, g in enumerate(GRADIENTS, 1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        yield t, g, m, v


def made(cls, **options):
    return trained(cls(RATE, epsilon=EPSILON, **options), X, GRADIENTS)


def adagrad(start, epsilon_inside):
    x, a = X, start
    for g in GRADIENTS:
        a = a + g**2
        scale = root(a + EPSILON) if epsilon_inside else root(a) + EPSILON
        x = x - RATE * g / scale
    return x


def test_adagrad_epsilon():
    hold(made(optimizers.Adagrad), adagrad(0.1, True), adagrad(0.1, False))


def test_adagrad_starts_above_zero():
    hold(made(optimizers.Adagrad), adagrad(0.1, True), adagrad(0.0, True))


def test_rmsprop_epsilon():
    keras = textbook = X
    v = 0.0
    for g in GRADIENTS:
        v = 0.9 * v + 0.1 * g**2
        keras = keras - RATE * g / root(v + EPSILON)
        textbook = textbook - RATE * g / (root(v) + EPSILON)
    hold(made(optimizers.RMSprop), keras, textbook)


def adadelta(learning_rate, epsilon, inside=True):
    def size(mean_square):
        if inside:
            return root(mean_square + epsilon)
        return root(mean_square) + epsilon

    x, a, b = X, 0.0, 0.0
    for g in GRADIENTS:
        a = 0.95 * a + 0.05 * g**2
        d = -size(b) / size(a) * g
        b = 0.95 * b + 0.05 * d**2
        x = x + learning_rate * d
    return x


def test_adadelta_epsilon():
    got = made(optimizers.Adadelta)
    hold(got, adadelta(RATE, EPSILON), adadelta(RATE, EPSILON, inside=False))


def test_adadelta_learning_rate():
    steps = trained(optimizers.Adadelta(epsilon=EPSILON), X, GRADIENTS) - X
    # The steps are differences of weights near 2, each rounded to 1.2e-7.
    keras, textbook = adadelta(0.001, EPSILON) - X, adadelta(1.0, EPSILON) - X
    hold(steps, keras, textbook, tolerance=1e-2)


def adam_step(t, m, v):
    return RATE * root(1 - 0.999**t) / (1 - 0.9**t) * m / (root(v) + EPSILON)


def adam_step_of_the_paper(t, m, v):
    return RATE * m / (1 - 0.9**t) / (root(v / (1 - 0.999**t)) + EPSILON)


def test_adam_epsilon():
    keras = textbook = X
    for t, _, m, v in moments():
        keras = keras - adam_step(t, m, v)
        textbook = textbook - adam_step_of_the_paper(t, m, v)
    hold(made(optimizers.Adam), keras, textbook)


def test_adamw_epsilon_and_decay():
    """The decay comes first and knows the rate; Adam's step is not of the decayed x."""
    keras = textbook = X
    for t, _, m, v in moments():
        keras = keras * (1 - 0.5 * RATE) - adam_step(t, m, v)
        textbook = textbook * (1 - 0.5) - adam_step_of_the_paper(t, m, v)
    hold(made(optimizers.AdamW, weight_decay=0.5), keras, textbook)


def test_adamax_epsilon():
    keras = textbook = X
    u = 0.0
    for t, g, m, _ in moments():
        u = np.maximum(0.999 * u, np.abs(g))
        keras = keras - RATE / (1 - 0.9**t) * m / (u + EPSILON)
        textbook = textbook - RATE / (1 - 0.9**t) * m / u
    hold(made(optimizers.Adamax), keras, textbook)


def test_nadam_momentum_schedule():
    keras = textbook = X
    product = 1.0
    for t, g, m, v in moments():
        now, then = (0.9 * (1 - 0.5 * 0.96**s) for s in (t, t + 1))
        product = product * now
        ahead = then * m / (1 - product * then) + (1 - now) * g / (1 - product)
        constant = 0.9 * m / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t)
        scale = root(v / (1 - 0.999**t)) + EPSILON
        keras = keras - RATE * ahead / scale
        textbook = textbook - RATE * constant / scale
    hold(made(optimizers.Nadam), keras, textbook)


def test_nadam_epsilon():
    """Beside v̂, as in the papers, and so not where Keras's Adam has it."""
    keras = like_adam = X
    product = 1.0
    for t, g, m, v in moments():
        now, then = (0.9 * (1 - 0.5 * 0.96**s) for s in (t, t + 1))
        product = product * now
        ahead = then * m / (1 - product * then) + (1 - now) * g / (1 - product)
        keras = keras - RATE * ahead / (root(v / (1 - 0.999**t)) + EPSILON)
        alpha = RATE * root(1 - 0.999**t)
        like_adam = like_adam - alpha * ahead / (root(v) + EPSILON)
    hold(made(optimizers.Nadam), keras, like_adam)


def lamb(step, decay=0.0):
    x = X
    for t, _, m, v in moments():
        d = step(t, m, v) / RATE + decay * x
        x = x - np.linalg.norm(x) / np.linalg.norm(d) * RATE * d
    return x


def test_lamb_epsilon():
    hold(made(optimizers.Lamb), lamb(adam_step_of_the_paper), lamb(adam_step))


def test_lamb_decay():
    x = X
    for t, _, m, v in moments():
        x = x * (1 - 0.5 * RATE)
        d = adam_step_of_the_paper(t, m, v) / RATE
        x = x - np.linalg.norm(x) / np.linalg.norm(d) * RATE * d
    got = made(optimizers.Lamb, weight_decay=0.5)
    hold(got, x, lamb(adam_step_of_the_paper, decay=0.5))


def test_ftrl_has_beta_and_no_epsilon():
    """beta / (2·lr) is added to l2, which enters doubled: beta / lr, as in the paper.
    l2 by itself therefore enters doubled too; the paper has it once."""
    beta, l2 = 0.5, 0.25

    def ftrl(l2_factor):
        x, n, z = X, 0.1, 0.0
        for g in GRADIENTS:
            sigma = (root(n + g**2) - root(n)) / RATE
            z, n = z + g - sigma * x, n + g**2
            x = -z / ((beta + root(n)) / RATE + l2_factor * l2)
        return x

    optimizer = optimizers.Ftrl(RATE, l2_regularization_strength=l2, beta=beta)
    hold(trained(optimizer, X, GRADIENTS), ftrl(2), ftrl(1))


def test_sgd_momentum_holds_the_rate():
    """m holds steps, not gradients: a new rate leaves the old steps as they were."""
    optimizer = optimizers.SGD(RATE, momentum=0.5)
    variable = Variable(X.astype("float32"))
    keras = textbook = X
    m = velocity = 0.0
    for rate, g in zip((0.25, 0.5, 0.125), GRADIENTS, strict=True):
        optimizer.learning_rate = rate
        optimizer.apply([g.astype("float32")], [variable])
        m = 0.5 * m - rate * g
        velocity = 0.5 * velocity + g
        keras = keras + m
        textbook = textbook - rate * velocity
    hold(variable.numpy(), keras, textbook)


def test_lion_takes_only_the_sign():
    keras = textbook = X
    m = 0.0
    for g in GRADIENTS:
        c = 0.9 * m + 0.1 * g
        keras = keras - RATE * np.sign(c)
        textbook = textbook - RATE * c / (np.abs(c) + EPSILON)
        m = 0.99 * m + 0.01 * g
    hold(trained(optimizers.Lion(RATE), X, GRADIENTS), keras, textbook)


def clipped(**options):
    """The steps of two variables by SGD, lr = 1, from gradients [3, 4] and [0, 12]."""
    pair = [Variable(np.zeros(2, "float32")) for _ in range(2)]
    gradients = [np.array(g, "float32") for g in ([3, 4], [0, 12])]
    optimizers.SGD(1.0, **options).apply(gradients, pair)
    return [-variable.numpy() for variable in pair]


def test_clipnorm_is_per_variable():
    hold(clipped(clipnorm=6.5), [[3, 4], [0, 6.5]], [[1.5, 2], [0, 6]])


def test_global_clipnorm_is_of_all():
    hold(clipped(global_clipnorm=6.5), [[1.5, 2], [0, 6]], [[3, 4], [0, 6.5]])


def test_ema_starts_at_the_first_weights():
    optimizer = optimizers.SGD(RATE, use_ema=True, ema_momentum=0.75)
    variable = Variable(X.astype("float32"))
    x, from_zero, average = X, 0.0, None
    for g in GRADIENTS:
        optimizer.apply([g.astype("float32")], [variable])
        x = x - RATE * g
        average = x if average is None else 0.75 * average + 0.25 * x
        from_zero = 0.75 * from_zero + 0.25 * x
    hold(variable.numpy(), x, average)  # the averages lie beside the weights…
    optimizer.finalize_variable_values([variable])
    hold(variable.numpy(), average, from_zero)  # …until they replace them


def test_decay_is_beside_the_gradient():
    """`weight_decay` is no L2 penalty: epsilon and v never see it."""
    x = l2 = X
    v = v_l2 = 0.0
    for g in GRADIENTS:
        x = x * (1 - 0.5 * RATE)
        v = 0.9 * v + 0.1 * g**2
        x = x - RATE * g / root(v + EPSILON)
        g_l2 = g + 0.5 * l2
        v_l2 = 0.9 * v_l2 + 0.1 * g_l2**2
        l2 = l2 - RATE * g_l2 / root(v_l2 + EPSILON)
    hold(made(optimizers.RMSprop, weight_decay=0.5), x, l2)


def test_decay_is_of_every_variable():
    """Biases, gamma and beta too; a gradient of 0 leaves the decay alone."""
    variables = [
        Variable(np.ones(1, "float32"), name=name)
        for name in ("kernel", "bias", "gamma", "beta")
    ]
    zeros = [np.zeros(1, "float32") for _ in variables]
    optimizers.SGD(RATE, weight_decay=0.5).apply(zeros, variables)
    decayed = 1 - 0.5 * RATE
    got = np.concatenate([variable.numpy() for variable in variables])
    hold(got, [decayed] * 4, [decayed, 1, 1, 1])


def test_ftrl_forgets_the_first_weights():
    """They enter with the change of √n alone, and not at all where g is 0."""
    hold(trained(optimizers.Ftrl(RATE), X, [0 * X]), 0 * X, X)
    decayed = trained(optimizers.Ftrl(RATE, weight_decay=0.5), X, [0 * X])
    hold(decayed, 0 * X, X * (1 - 0.5 * RATE))
    g = GRADIENTS[0]
    rise = root(0.1 + g**2) - root(0.1)
    keras = (rise * X - RATE * g) / root(0.1 + g**2)
    textbook = X - RATE * g / root(0.1 + g**2)
    # The roots' difference is 5e-4 of them, so it keeps 24 - 11 bits.
    got = trained(optimizers.Ftrl(RATE), X, [g])
    hold(got, keras, textbook, tolerance=1e-3)


def test_an_int_rate_makes_ints_of_all():
    """decay_rate 0.5 becomes 0, and 0 to any power above 0 is 0."""
    decay = optimizers.schedules.ExponentialDecay
    hold([decay(1, 10, 0.5)(step) for step in (0, 5)], [1, 0], [1, 0.5**0.5])
    hold([decay(1.0, 10, 0.5)(step) for step in (0, 5)], [1, 0.5**0.5], [1, 0])


def accumulated(optimizer):
    gradients = [g.astype("float32") for g in (*GRADIENTS, GRADIENTS[0])]
    return trained(optimizer, X, gradients)


MEANS = [(GRADIENTS[0] + GRADIENTS[1]) / 2, (GRADIENTS[2] + GRADIENTS[0]) / 2]


def test_schedules_count_batches():
    """Two updates of two batches each: they come with batch 1 and batch 3."""
    rates = [0.5, 0.25, 0.125, 0.0625]
    schedule = optimizers.schedules.PiecewiseConstantDecay([0, 1, 2], rates)
    got = accumulated(optimizers.SGD(schedule, gradient_accumulation_steps=2))
    keras, textbook = (
        X - sum(rates[i] * g for i, g in zip(steps, MEANS, strict=True))
        for steps in ((1, 3), (0, 1))
    )
    hold(got, keras, textbook)


def test_adam_counts_updates():
    def adam(times):
        x, m, v = X, 0.0, 0.0
        for t, g in zip(times, MEANS, strict=True):
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - adam_step(t, m, v)
        return x

    optimizer = optimizers.Adam(RATE, epsilon=EPSILON, gradient_accumulation_steps=2)
    hold(accumulated(optimizer), adam((1, 2)), adam((2, 4)))


def embedded(optimizer, *batches):
    """A table of three rows from 1, trained with targets 0, 1, 3 for each batch."""
    table = layers.Embedding(3, 1, embeddings_initializer="ones")
    model = Sequential([table])
    model.compile(optimizer, "mse")
    target = np.array([[0, 1, 3]], "float32")[:, :, None]
    for ids in batches:
        model.train_on_batch(np.array([ids]), target)
    return table.get_weights()[0].ravel()


def test_repeated_rows_square_each_gradient():
    """Row 1 comes twice, with the gradients 2/3 and -4/3: their squares are added, and
    not the sum squared. So in Adagrad, RMSprop and Adam."""
    twice = np.array([2 / 3, -4 / 3])
    gradients = np.array([0, twice.sum(), 0])
    keras, textbook = (
        1 - RATE * gradients / root(0.1 + squares)
        for squares in ((twice**2).sum(), twice.sum() ** 2)
    )
    hold(embedded(optimizers.Adagrad(RATE), [1, 2, 1]), keras, textbook)


def test_adam_moves_rows_outside_the_batch():
    """m and v of row 0 shrink where it has no part, and it moves by them."""
    lazy = embedded(optimizers.Adam(RATE, epsilon=EPSILON), [0, 1, 1])[0]
    got = embedded(optimizers.Adam(RATE, epsilon=EPSILON), [0, 1, 1], [1, 1, 2])[0]
    g = 2 / 3
    m, v = 0.9 * 0.1 * g, 0.999 * 0.001 * g**2
    first = 1 - adam_step(1, 0.1 * g, 0.001 * g**2)
    hold(lazy, first, 1)
    hold(got, first - adam_step(2, m, v), first)
