"""keras.regularizers: penalties, their gradients, and configs."""

import numpy as np

from parity.case import case, ulp

SUMS = "sums of squares, added up in another order"


def _inputs():
    rng = np.random.default_rng(0)
    for shape in [(3,), (4, 3), (3, 3, 8, 16), (784, 512), (0, 3), ()]:
        yield f"{shape}", rng.normal(size=shape).astype("float32")
    extreme = [0.0, -0.0, 1e-8, -1e-8, 30.0, -30.0, 1e4, -1e4]
    yield "extreme", np.array(extreme, "float32")
    yield "inf", np.array([1.0, np.inf, -np.inf], "float32")
    yield "nan", np.array([1.0, np.nan], "float32")


@case(ulp(8, SUMS), per_key={"gradient": ulp(1, "products in another order")})
def penalties(library):
    regularizers = library.keras.regularizers
    made = {
        "l1": regularizers.L1(),
        "l1 0.3": regularizers.L1(0.3),
        "l2": regularizers.L2(),
        "l2 0.3": regularizers.L2(0.3),
        "l1l2": regularizers.L1L2(0.01, 0.02),
        "l1l2 l1": regularizers.L1L2(l1=0.01),
        "l1l2 l2": regularizers.L1L2(l2=0.02),
        "l1l2 zero": regularizers.L1L2(),
    }
    for name, regularizer in made.items():
        for key, x in _inputs():
            for dtype in ("float32", "float64"):
                y, (dx,) = library.value_and_gradients(regularizer, x.astype(dtype))
                yield f"{name} {key} {dtype}", y
                yield f"gradient {name} {key} {dtype}", dx


# Of the gradient two terms of size 0.3 / |x| cancel, of which TensorFlow's 1 / |x| is
# within 2 ulp and cubed in the second.
@case(
    ulp(4, "norms and products summed in another order", absolute=2e-8),
    per_key={
        "gradient": ulp(4, "terms of size 0.4: 2 + 6 ulp", absolute=0.4 * 8 * 1.2e-7)
    },
)
def orthogonal(library):
    rng = np.random.default_rng(1)
    for mode in ("rows", "columns"):
        regularizer = library.keras.regularizers.OrthogonalRegularizer(0.3, mode)
        for shape in [(4, 3), (3, 4), (2, 2), (1, 3), (3, 1), (20, 30)]:
            x = rng.normal(size=shape)
            y, (dx,) = library.value_and_gradients(regularizer, x.astype("float32"))
            yield f"{mode} {shape}", y
            if min(shape) > 1:  # one vector: 0/0
                yield f"gradient {mode} {shape}", dx
        x = rng.normal(size=(4, 3)).astype("float32")
        yield f"{mode} tiny", regularizer(library.tensor(x * np.float32(1e-9)))
        x[1] = 0
        x[:, 1] = 0
        yield f"{mode} zero", regularizer(library.tensor(x))


@case(ulp(4, "sums of 12 squares, added up in another order"))
def of_a_shared_layer(library):
    """Two models have a layer in common: the model around them counts it once."""
    keras = library.keras
    shared = keras.layers.Dense(3, kernel_regularizer="l2")
    first = keras.Sequential([keras.Input((4,)), shared])
    second = keras.Sequential([keras.Input((4,)), shared, keras.layers.Dense(1)])

    class Both(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = first, second

        def call(self, x):
            return keras.ops.sum(self.first(x)) + self.second(x)

    model = Both()
    model(library.tensor(np.ones((2, 4), "float32")))
    yield "penalties", model.losses
    yield "weights", [weight.path for weight in model.weights]
    yield "parameters", model.count_params()


@case()
def configs(library):
    regularizers = library.keras.regularizers
    made = [
        regularizers.L1(),
        regularizers.L1(0.3),
        regularizers.L1(None),
        regularizers.L2(),
        regularizers.L2(1),
        regularizers.L1L2(0.01, 0.02),
        regularizers.L1L2(None, 1),
        regularizers.OrthogonalRegularizer(),
        regularizers.OrthogonalRegularizer(0.3, "columns"),
    ]
    made += [regularizers.get(name) for name in ("l1", "l2", "L1L2", "l1l2", "L2")]
    made += [regularizers.get("orthogonal_regularizer"), regularizers.l1_l2(0.1, 0.2)]
    made += [regularizers.get({"class_name": "L2", "config": {"l2": 0.5}})]
    for i, regularizer in enumerate(made):
        config = regularizers.serialize(regularizer)
        yield f"{i}", config
        yield f"{i} keys", list(config["config"])
        yield f"{i} again", regularizers.serialize(regularizers.deserialize(config))
