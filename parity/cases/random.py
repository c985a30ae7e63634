"""keras.random and fit's batch order."""

import numpy as np

from minikeras.random import shuffle_order
from parity.case import case, ulp

SHAPES = [(), (0,), (1,), (5,), (3, 4), (784, 512), (10**6,)]
SEEDS = [0, 1, 7, -5, 2**31 - 1, 2**31, 2**40 + 3, 2**63 - 1, -(2**63)]

ROUNDED = "log, sin and cos of the C library, which may differ in the last bit"


@case()
def uniform_draws(library):
    uniform = library.keras.random.uniform
    for shape in SHAPES:
        yield f"shape {shape}", uniform(shape, seed=3)
        yield f"range {shape}", uniform(shape, -0.3, 1.7, seed=3)
        yield f"float64 {shape}", uniform(shape, -0.3, 1.7, dtype="float64", seed=3)
        yield f"float16 {shape}", uniform(shape, -0.3, 1.7, dtype="float16", seed=3)
    for seed in SEEDS:
        yield f"seed {seed}", uniform((7,), seed=seed)
    yield "a range per column", uniform((2, 3), np.zeros(3), np.arange(3.0), seed=1)


@case()
def integer_draws(library):
    randint = library.keras.random.randint
    for shape in SHAPES:
        yield f"shape {shape}", randint(shape, -10, 1000, seed=3)
        yield f"int64 {shape}", randint(shape, -10, 10**15, dtype="int64", seed=3)
    yield "widest", randint((9,), -(2**31), 2**31 - 1, seed=1)
    yield "widest int64", randint((9,), -(2**63), 2**63 - 1, dtype="int64", seed=1)
    for dtype in ("int8", "int16", "uint8", "uint16", "uint32", "uint64"):
        yield dtype, randint((9,), 0, 3000, dtype=dtype, seed=1)


@case(
    ulp(4, ROUNDED),
    per_key={
        "normal moved": ulp(4, "the same, then a sum", absolute=5e-7),
        "truncated_normal moved": ulp(4, "the same, then a sum", absolute=5e-7),
        "float64": ulp(4, ROUNDED),
        "float64 normal moved": ulp(4, "the same, then a sum", absolute=1e-15),
        "float64 truncated_normal moved": ulp(4, "the same, then a sum", 1e-15),
        "float16": ulp(1, "rounded from float32 normals that differ"),
    },
)
def normal_draws(library):
    random = library.keras.random
    for name in ("normal", "truncated_normal"):
        draw = getattr(random, name)
        for shape in SHAPES:
            yield f"{name} {shape}", draw(shape, seed=3)
            for dtype in ("float64", "float16"):
                yield f"{dtype} {name} {shape}", draw(shape, dtype=dtype, seed=3)
        yield f"{name} moved", draw((50,), 0.3, 2.5, seed=4)
        yield f"float64 {name} moved", draw((50,), 0.3, 2.5, dtype="float64", seed=4)
        for seed in SEEDS:
            yield f"{name} seed {seed}", draw((7,), seed=seed)


@case()
def seeds(library):
    random = library.keras.random
    generator = random.SeedGenerator(2**40 + 3)
    for i, ordered in enumerate([True, True, False, True]):
        yield f"next {i}", generator.next(ordered=ordered)
        yield f"state {i}", generator.state
        yield f"draw {i}", random.uniform((3,), seed=generator)
    yield "config", generator.get_config()
    yield "name", random.SeedGenerator(1).name
    yield "path", random.SeedGenerator(1, name="mine").state.path
    yield "unseeded", random.SeedGenerator().state
    for i in range(4):
        yield f"global {i}", random.uniform((3,))
    library.keras.utils.set_random_seed(0)
    yield "global again", random.uniform((3,))


@case()
def dropout(library):
    random = library.keras.random
    x = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    x[0] = [np.inf, -np.inf, np.nan, 0.0, -0.0]
    for rate in (0.1, 0.5, 0.9, 1.0, 1):
        for seed in (0, 1, 2**40):
            yield f"{rate} {seed}", random.dropout(x, rate, seed=seed)
    yield "float64", random.dropout(x.astype("float64"), 0.3, seed=2)
    yield "float16", random.dropout(x.astype("float16"), 0.3, seed=2)
    yield "rows", random.dropout(x, 0.5, noise_shape=(None, 1), seed=2)
    yield "columns", random.dropout(x, 0.5, noise_shape=(5,), seed=2)
    yield "list", random.dropout([1.0, 2.0, 3.0], 0.5, seed=2)
    generator = random.SeedGenerator(9)
    for i in range(3):
        function = lambda t: random.dropout(t, 0.5, seed=generator)  # noqa: B023, E731
        value, (gradient,) = library.value_and_gradients(function, x)
        yield f"value {i}", value
        yield f"gradient {i}", gradient


@case()
def reorderings(library):
    random = library.keras.random
    x = np.arange(60, dtype="float32").reshape(3, 4, 5)
    for axis in (0, 1, 2, -1, -3):
        yield f"axis {axis}", random.shuffle(x, axis=axis, seed=5)
    # 10⁵ numbers of 23 bits: several hundred are equal, and keep their order.
    yield "equal numbers", random.shuffle(np.arange(10**5), seed=5)
    weights = np.random.default_rng(0).normal(size=(4, 4)).astype("float32")

    def function(t):
        return random.shuffle(t * 1.0, seed=5) * library.tensor(weights)

    value, (gradient,) = library.value_and_gradients(function, weights)
    yield "gradient", gradient


@case()
def categories(library):
    categorical = library.keras.random.categorical
    logits = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
    yield "plain", categorical(logits, 20, seed=1)
    yield "float64", categorical(logits.astype("float64"), 20, seed=1)
    yield "int64", categorical(logits, 3, dtype="int64", seed=2)
    logits[1, 2:] = -np.inf
    logits[2, 0] = np.nan
    logits[3] *= 1e4
    yield "extreme", categorical(logits, 20, seed=1)
    yield "no samples", categorical(logits, 0, seed=1)


@case(
    ulp(4, "log and powers in float64, rounded; a quotient"),
    per_key={"float64": ulp(64, "powers up to 1/alpha magnify the last bit of log")},
)
def gamma_draws(library):
    random = library.keras.random
    for alpha in (0.1, 0.5, 1.0, 1.5, 1000.0):
        for shape in [(), (0,), (2, 3), (20_000,)]:
            yield f"{alpha} {shape}", random.gamma(shape, alpha, seed=3)
            yield f"beta {alpha} {shape}", random.beta(shape, alpha, 2.0, seed=3)
        wide = random.gamma((5000,), alpha, dtype="float64", seed=3)
        yield f"float64 {alpha}", wide
        yield f"float16 {alpha}", random.gamma((50,), alpha, dtype="float16", seed=3)
    yield "row", random.gamma((2, 3), np.float32([0.5, 1, 3]), seed=1)
    columns = np.float32([[0.5], [2.0]])
    yield "beta columns", random.beta((2, 3), columns, np.float32([1, 2, 3]), seed=1)
    yield "generator", random.beta((3,), 0.3, 2.0, seed=random.SeedGenerator(8))


def _orders_in_fit(keras, count, compiled):
    """The rows in the order in which two fits of two epochs each saw them."""
    import tensorflow as tf

    orders = []

    class Recorder(keras.Model):
        def train_step(self, data):
            x, _ = data
            tf.py_function(lambda t: orders.extend(t.numpy().ravel()), [x], [])
            return {"loss": tf.reduce_sum(x)}

    model = Recorder()
    model.compile(run_eagerly=not compiled)
    x = np.arange(count, dtype="int64")[:, None]
    for _ in range(2):
        model.fit(x, x, batch_size=32, epochs=2, verbose=0)
        keras.random.normal((3,))
        tf.random.uniform((3,))
    return np.array(orders).reshape(4, count)


@case()
def batch_order(library):
    """Real fits against `shuffle_order`, which the trainer uses."""
    for seed in (0, 116, 2**32 - 1):
        for count in (1, 2, 33, 120, 1001):
            library.keras.utils.set_random_seed(seed)
            if library.name == "keras":
                compiled = seed == 0 and count in (2, 120)
                orders = _orders_in_fit(library.keras, count, compiled)
            else:
                orders = np.stack([shuffle_order(count, seed)] * 4)
            yield f"{count} rows, seed {seed}", orders
