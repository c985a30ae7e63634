"""keras.activations: values, slopes, logits, names and configs; the dense product.

The two libraries' float32 functions differ in their last bits. The largest errors
against float64 over a million points of [-20, 20], in units in the last place (ulp):

               exp   expm1   tanh   sigmoid   softplus   erfc
    TensorFlow 1.3   3.6     5.4    5.7       6.9        7.6
    NumPy      2.4   2.3     1.4    3.2       2.9        0.5

What both may be apart is the sum. Where a number near 1 is subtracted from 1, as in
1 - tanh², what is left of such an error is absolute: an ulp below 1 is 6e-8.
Everything not named below is equal to the last bit.
"""

import numpy as np

from parity.case import Tolerance, case, ulp

FLUSH = 1.2e-38  # TensorFlow gives 0 for numbers below the smallest normal one
EXP = ulp(4, "exp: 1.3 + 2.4 ulp", absolute=FLUSH)
TANH = ulp(7, "tanh: 5.4 + 1.4 ulp")
SIGMOID = ulp(9, "sigmoid: 5.7 + 3.2 ulp", absolute=FLUSH)
SOFTPLUS = ulp(10, "softplus: 6.9 + 2.9 ulp", absolute=FLUSH)

ELEMENTS = {
    "value exponential": EXP,
    "slope exponential": EXP,
    "value tanh": TANH,
    "slope tanh": Tolerance("1 - tanh²: 2 · 7 · 6e-8", absolute=8.4e-7),
    "value tanh_shrink": ulp(1, "x - tanh: 7 · 6e-8, then rounded", absolute=4.2e-7),
    "slope tanh_shrink": Tolerance("tanh²: 2 · 7 · 6e-8", absolute=8.4e-7),
    "value sigmoid": SIGMOID,
    "slope sigmoid": ulp(11, "σ (1 - σ): 9 ulp, 9 · 6e-8", absolute=5.4e-7),
    "value softplus": SOFTPLUS,
    "slope softplus": SIGMOID,
    "value log_sigmoid": SOFTPLUS,
    "slope log_sigmoid": SIGMOID,
    "value elu": Tolerance("exp - 1: 4 · 6e-8", absolute=2.4e-7),
    "slope elu": Tolerance("exp - 1 + 1: 4 · 6e-8", absolute=2.4e-7),
    "value elu 2": Tolerance("twice that of elu", absolute=4.8e-7),
    "slope elu 2": Tolerance("twice that of elu", absolute=4.8e-7),
    "value selu": Tolerance("1.76 times that of elu", absolute=4.3e-7),
    "slope selu": Tolerance("1.76 times that of elu", absolute=4.3e-7),
    "value celu": ulp(7, "expm1: 3.6 + 2.3 ulp, then alpha times"),
    "slope celu": ulp(5, "exp, then alpha times over alpha", absolute=FLUSH),
    "value gelu": ulp(10, "erfc: 7.6 + 0.5 ulp, two products", absolute=25 * FLUSH),
    "slope gelu": Tolerance("Φ + x Φ′ cancel: roundings near 1", absolute=2.4e-7),
    "value gelu tanh": Tolerance("x/2 · 7 · 6e-8 for x < 5.6", absolute=1.2e-6),
    "slope gelu tanh": Tolerance(
        "x/2 · 8.4e-7 of 1 - tanh² · 0.8 (1 + 0.13 x²) at x = 5", absolute=7.3e-6
    ),
    "value sparse_plus": ulp(1, "TensorFlow squares by pow"),
    "slope squareplus": Tolerance("0.5 + x / 2√…: two roundings", absolute=1.2e-7),
}
for name in ("silu", "swish"):
    ELEMENTS[f"value {name}"] = ulp(10, "x σ", absolute=100 * FLUSH)
    ELEMENTS[f"slope {name}"] = ulp(
        12, "x (1 - σ): 1.2e-7 · 16.6, from where both σ are 1", absolute=2e-6
    )
ELEMENTS["value mish"] = ulp(18, "x tanh(softplus): 10 + 7", absolute=100 * FLUSH)
ELEMENTS["slope mish"] = ulp(
    20, "x (1 - tanh²): 9 · 8.4e-7, from where both tanh are 1", absolute=7.6e-6
)


def _elementwise(a):
    """Every activation of single elements, with each option: name -> function."""
    plain = (
        "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_swish "
        "hard_tanh leaky_relu linear log_sigmoid mish relu relu6 selu sigmoid silu "
        "soft_shrink softplus softsign sparse_plus sparse_sigmoid squareplus swish "
        "tanh tanh_shrink"
    )
    return {name: getattr(a, name) for name in plain.split()} | {
        "celu 0.5": lambda x: a.celu(x, alpha=0.5),
        "celu 2": lambda x: a.celu(x, 2),
        "elu 0.5": lambda x: a.elu(x, alpha=0.5),
        "elu 2": lambda x: a.elu(x, 2),
        "gelu tanh": lambda x: a.gelu(x, approximate=True),
        "hard_shrink 1": lambda x: a.hard_shrink(x, threshold=1),
        "leaky_relu 0": lambda x: a.leaky_relu(x, negative_slope=0.0),
        "leaky_relu 0.5": lambda x: a.leaky_relu(x, 0.5),
        "relu slope": lambda x: a.relu(x, negative_slope=0.1),
        "relu max": lambda x: a.relu(x, max_value=2),
        "relu max 6": lambda x: a.relu(x, max_value=6.0),
        "relu threshold": lambda x: a.relu(x, threshold=1.0),
        "relu threshold -1": lambda x: a.relu(x, max_value=2.5, threshold=-1.0),
        "relu threshold max 6": lambda x: a.relu(x, max_value=6, threshold=1.0),
        "relu slope max": lambda x: a.relu(x, 0.5, 2.5),
        "relu slope max 6": lambda x: a.relu(x, 0.5, 6),
        "relu slope threshold": lambda x: a.relu(x, 0.5, threshold=1.0),
        "relu all": lambda x: a.relu(x, 0.5, 2.5, 1.0),
        "soft_shrink 1": lambda x: a.soft_shrink(x, threshold=1),
        "squareplus 1": lambda x: a.squareplus(x, b=1),
        "threshold": lambda x: a.threshold(x, 1.0, 7.0),
        "threshold default": lambda x: a.threshold(x, threshold=-1, default_value=2),
    }


def _elements():
    rng = np.random.default_rng(0)
    yield "ordinary", rng.normal(size=2000) * 2
    yield "wide", rng.uniform(-25, 25, size=2000)
    kinks = [-6, -3, -2.5, -1, -0.5, 0.5, 1, 2, 2.5, 3, 6]
    yield "kinks", np.array(kinks)
    extreme = [0.0, -0.0, 1e-8, -1e-8, 30, -30, 100, -100, 1e4, -1e4, np.inf, -np.inf]
    yield "extreme", np.array([*extreme, np.nan])
    yield "rank 0", np.array(0.7)
    yield "rank 4", rng.normal(size=(2, 1, 3, 2))
    yield "no rows", np.zeros((0, 3))


@case(per_key=ELEMENTS)
def elements(library):
    for name, activation in _elementwise(library.keras.activations).items():
        for key, x in _elements():
            y, (dx,) = library.value_and_gradients(activation, x.astype("float32"))
            yield f"value {name} {key}", y
            yield f"slope {name} {key}", dx


AXES = {
    "value softmax": ulp(8, "exp / Σ exp: 4 + 4 ulp", absolute=FLUSH),
    "slope softmax": ulp(8, "y (dy - Σ dy y): 2 ulp of dy < 4", absolute=4.8e-7),
    "value log_softmax": ulp(6, "log: 3.1 + 3.0 ulp, of Σ exp", absolute=7.2e-7),
    "slope log_softmax": Tolerance("exp(y) Σ dy: 4 · 6e-8 · 5", absolute=1.2e-6),
    "value sparsemax": Tolerance("sums below 16: 4 roundings of 5e-7", absolute=2e-6),
    "slope sparsemax": Tolerance("sums of dy below 8: 4 of 2.4e-7", absolute=1e-6),
    "value glu": ulp(10, "a σ", absolute=FLUSH),
    "slope glu": ulp(12, "a σ (1 - σ): 9 · 6e-8 · a σ < 2", absolute=1e-6),
}


def _along_axes():
    """What to compute: (key, name of the activation, its options, x)."""
    rng = np.random.default_rng(1)
    shapes = [((5,), [-1, 0]), ((7, 3), [-1, 1, 0]), ((2, 50), [-1]), ((0, 3), [-1])]
    shapes += [((2, 3, 4), [-1, 1, -3]), ((2, 3, 4, 5), [-1, 1, 2, 0])]
    for shape, axes in shapes:
        x = rng.normal(size=shape).astype("float32") * 3
        for axis in axes:
            for name in ("softmax", "log_softmax", "sparsemax"):
                yield f"{name} {shape} {axis}", name, {"axis": axis}, x
    x = rng.normal(size=(3, 4, 2)).astype("float32")
    for name in ("softmax", "log_softmax"):
        yield f"{name} default", name, {}, x
        yield f"{name} all", name, {"axis": None}, x
        yield f"{name} several", name, {"axis": (0, 2)}, x
        yield f"{name} none", name, {}, np.zeros((2, 0), "float32")
    for shape, axis in [((4,), 0), ((3, 6), -1), ((4, 3), 0), ((2, 4, 3, 2), 1)]:
        x = rng.normal(size=shape).astype("float32") * 3
        yield f"glu {shape} {axis}", "glu", {"axis": axis}, x
    ties = np.array([[2, 2, 0], [0.1, 0.1, 0.1], [1, 0.5, 0.2], [3, 1, 0]], "float32")
    for name in ("softmax", "log_softmax", "sparsemax"):
        yield f"{name} ties", name, {}, ties
        yield f"{name} wild", name, {}, WILD
    for name in ("log_softmax", "sparsemax"):
        yield f"{name} undefined", name, {}, UNDEFINED
    yield "glu wild", "glu", {}, np.concatenate([WILD, UNDEFINED])[:, [0, 2]]


WILD = np.array(
    [[1e4, 0, -1e4], [-np.inf, 0, 1], [30, -30, 0], [1e-8, -1e-8, -0.0]], "float32"
)
UNDEFINED = np.array(
    [[np.inf, 0, 1], [np.nan, 0, 1], [-np.inf] * 3, [np.inf, np.inf, 0]], "float32"
)


@case(per_key=AXES)
def along_axes(library):
    rng = np.random.default_rng(2)
    for key, name, options, x in _along_axes():
        activation = getattr(library.keras.activations, name)
        shape = np.asarray(activation(library.tensor(x), **options)).shape
        weights = rng.normal(size=shape).astype("float32")

        def weighted(x, weights, activation=activation, options=options):
            return activation(x, **options) * weights

        y, (dx, _) = library.value_and_gradients(weighted, x, weights)
        yield f"value {key}", y
        yield f"slope {key}", dx


@case()
def undefined_softmax(library):
    """A row that is undefined has nan in both; TensorFlow also leaves zeros in it."""
    softmax = library.keras.activations.softmax
    yield (
        "bad rows",
        np.isnan(library.to_numpy(softmax(library.tensor(UNDEFINED)))).any(-1),
    )
    good = np.concatenate([UNDEFINED, WILD])
    yield "good rows", np.isnan(library.to_numpy(softmax(library.tensor(good)))).any(-1)


@case()
def logits(library):
    """Which results carry their logits for the cross-entropies."""
    name = "_keras_logits" if library.name == "keras" else "logits"
    x = library.tensor(np.arange(24, dtype="float32").reshape(2, 3, 4))
    for family in (library.keras.activations, library.keras.ops):
        of = family.__name__.rpartition(".")[2]
        for axis in (-1, 2, 1, 0, None):
            y = family.softmax(x, axis=axis)
            yield f"{of} softmax {axis}", getattr(y, name, None) is x
        yield f"{of} sigmoid", getattr(family.sigmoid(x), name, None) is x
    yield "ops softmax several", hasattr(library.keras.ops.softmax(x, (0, 1)), name)
    for other in ("log_softmax", "log_sigmoid", "tanh", "silu", "sparsemax"):
        yield other, hasattr(getattr(library.keras.activations, other)(x), name)


@case()
def names_and_configs(library):
    a = library.keras.activations
    lacking = [name for name in EXPORTS if not hasattr(a, name)]
    yield "lacking", lacking
    for name in EXPORTS:
        function = getattr(a, name)
        yield f"name {name}", function.__name__
        yield f"get {name}", a.get(name) is function and a.get(function) is function
        yield f"serialize {name}", a.serialize(function)
        yield f"deserialize {name}", a.deserialize(a.serialize(function)) is function
        config = {"module": "builtins", "class_name": "function"}
        config |= {"config": function.__name__, "registered_name": "function"}
        yield f"from config {name}", a.get(config) is function
    yield "none", a.get(None) is a.linear
    yield "op", a.serialize(library.keras.ops.relu)
    for key, wrong in [("unknown", "softmox"), ("empty", ""), ("number", 3)]:
        try:
            a.get(wrong)
        except Exception as error:
            yield key, type(error).__name__


EXPORTS = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish "
    "hard_tanh leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid "
    "silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax "
    "squareplus swish tanh tanh_shrink threshold"
).split()


@case()
def dtypes(library):
    """Python numbers and lists become float32; relu keeps ints; float64 stays."""
    a = library.keras.activations
    for key, x in [("number", -1.0), ("list", [1.0, -2.0]), ("ints", [1, -2])]:
        for name in ("relu", "relu6", "tanh", "exponential", "leaky_relu"):
            yield f"{name} {key}", str(np.asarray(getattr(a, name)(x)).dtype)
    x = np.linspace(-2, 2, 6).reshape(1, 6)
    for name in ("softmax", "sigmoid", "gelu", "elu", "glu", "hard_silu", "sparsemax"):
        yield f"{name} float64", str(np.asarray(getattr(a, name)(x)).dtype)


# Which order is added in depends on the processor: sqrt(32) roundings on either side.
@case(ulp(12, "32 products of numbers below 4, added in another order", absolute=1e-6))
def dense(library):
    rng = np.random.default_rng(3)
    ops = library.keras.ops

    def by_parts(x, kernel, bias=None):
        y = ops.matmul(x, kernel)
        return y if bias is None else ops.add(y, bias)

    function = by_parts if library.name == "keras" else ops.dense
    kernel, bias = rng.normal(size=(4, 3)), rng.normal(size=3)
    for shape in [(32, 4), (1, 4), (0, 4), (2, 3, 4), (2, 1, 3, 4)]:
        x = rng.normal(size=shape)
        for key, given in [("bias", (x, kernel, bias)), ("no bias", (x, kernel))]:
            weights = library.tensor(rng.normal(size=3).astype("float32"))
            y, gradients = library.value_and_gradients(
                lambda *tensors, weights=weights: function(*tensors) * weights,
                *[array.astype("float32") for array in given],
            )
            yield f"value {shape} {key}", y
            for name, gradient in zip(["x", "kernel", "bias"], gradients, strict=False):
                yield f"d{name} {shape} {key}", gradient
