"""keras.ops: every general op and its gradient, over ordinary and extreme input."""

import inspect

import numpy as np

from parity.case import case, ulp

EXTREME = np.array(
    [0, -0.0, 1e-8, -1e-8, 1, -1, 0.5, 30, -30, 1e4, -1e4, np.inf, -np.inf, np.nan],
    "float32",
)
LEFT = np.repeat(EXTREME, len(EXTREME))
RIGHT = np.tile(EXTREME, len(EXTREME))
ROWS = np.array(
    [
        [1, 3, 3, -2],
        [0, 0, 2, 1],
        [np.nan, 1, 2, 0],
        [0, -0.0, 0, 0],
        [np.inf, np.inf, 1, -1],
    ],
    "float32",
)

UNARY = (
    "abs absolute negative sign square sqrt rsqrt reciprocal exp expm1 log log1p log2 "
    "log10 sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh "
    "floor ceil round nan_to_num"
).split()
TESTS = "isnan isinf isfinite logical_not".split()
BINARY = (
    "add subtract multiply divide true_divide divide_no_nan floor_divide mod power "
    "maximum minimum arctan2 equal not_equal less less_equal greater greater_equal "
    "logical_and logical_or logical_xor"
).split()
REDUCTIONS = (
    "sum mean var std max amax min amin prod any all count_nonzero logsumexp argmax "
    "argmin norm cumsum cumprod sort argsort"
).split()
OTHERS = (
    "clip where nonzero cast convert_to_tensor convert_to_numpy is_tensor shape ndim "
    "size stop_gradient zeros ones full zeros_like ones_like full_like arange linspace "
    "eye identity meshgrid einsum get_item take take_along_axis one_hot tril triu diag "
    "diagonal concatenate stack hstack vstack split unstack repeat dot inner matmul "
    "outer tensordot broadcast_to expand_dims flip moveaxis pad ravel reshape roll "
    "squeeze swapaxes tile transpose top_k"
).split()


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def results(library, name, function, *arrays):
    """The value of `function`, and the gradients of its sum."""
    # times one, so that the gradient of a gather is dense on TensorFlow too
    once = library.keras.ops.multiply
    y, gradients = library.value_and_gradients(
        lambda *xs: function(*[once(x, 1.0) for x in xs]), *arrays
    )
    yield f"{name} value", y
    for i, dx in enumerate(gradients):
        yield f"{name} gradient {i}", dx


def weighted(library, function):
    """`function` times 1, 9/8, 10/8, … by element: not all cotangents are ones, and
    their sums are exact in any order."""
    ops = library.keras.ops

    def call(*xs):
        y = function(*xs)
        weights = 1 + np.arange(np.prod(y.shape)).reshape(y.shape) % 7 / 8
        return ops.multiply(y, weights.astype("float32"))

    return call


@case()
def signatures(library):
    """Names, order and defaults of the arguments."""
    for name in [*UNARY, *TESTS, *BINARY, *REDUCTIONS, *OTHERS]:
        parameters = inspect.signature(getattr(library.keras.ops, name)).parameters
        yield (
            name,
            [(p.name, str(p.kind), repr(p.default)) for p in parameters.values()],
        )


def masked(library, name):
    """The op where its first input is above 0.5: elsewhere the cotangent is 0."""
    ops = library.keras.ops
    return lambda x, *xs: ops.where(x > 0.5, getattr(ops, name)(x, *xs), 0.0)


SMALLEST = np.finfo("float32").tiny


@case(
    tolerance=ulp(
        4,
        "one library call of up to 2 ulp, then one or two roundings; "
        "TensorFlow flushes subnormal numbers to 0",
        absolute=float(SMALLEST),
    ),
    per_key={
        "rsqrt": ulp(
            12,
            "TensorFlow refines the processor's own estimate, to within 2 ulp; the "
            "gradient cubes it: 6 ulp, a rounding for each of four products, and ours",
            absolute=float(SMALLEST),
        ),
        "tan normal gradient": ulp(
            8, "the gradient squares a cosine that is off by up to 2 ulp"
        ),
        "tanh normal gradient": ulp(
            4, "the gradient 1 - y² loses digits where y² is near 1", 2.5e-7
        ),
    },
)
def elementwise(library):
    ops = library.keras.ops
    for name in UNARY:
        yield from results(library, name, getattr(ops, name), EXTREME)
        yield from results(library, f"{name} normal", getattr(ops, name), normal(50))
        yield from results(library, f"{name} masked", masked(library, name), EXTREME)
    for name in TESTS:
        yield name, getattr(ops, name)(EXTREME)
    for name in BINARY:
        yield from results(library, name, getattr(ops, name), LEFT, RIGHT)
        if name not in BINARY[-9:]:
            yield from results(
                library, f"{name} masked", masked(library, name), LEFT, RIGHT
            )
        a, b = normal(6, 3), normal(3, seed=1)
        yield from results(library, f"{name} normal", getattr(ops, name), a, b)
    yield from results(library, "clip", lambda x: ops.clip(x, -1, 2), EXTREME)
    yield from results(
        library, "clip bounds", ops.clip, EXTREME, np.float32(-1), np.float32(2)
    )
    yield from results(
        library, "where", lambda a, b: ops.where(a > 0, a, b), LEFT, RIGHT
    )
    yield from results(library, "nonzero", lambda a: ops.stack(ops.nonzero(a)), ROWS)
    yield from results(library, "cast", lambda a: ops.cast(a, "float64"), EXTREME)
    yield from results(
        library, "cast int", lambda a: ops.cast(a, "int32"), normal(9) * 9
    )


DEVIATION = ulp(4, "x - mean is a small difference of numbers near one", absolute=1e-7)


@case(
    tolerance=ulp(4, "sums of a few numbers in another order"),
    per_key={
        "logsumexp": ulp(
            6, "the gradient is a product with TensorFlow's 1/x, 3 ulp off"
        ),
        "var": DEVIATION,
        "std": DEVIATION,
        "matrix norm": ulp(4, "singular vectors by two algorithms", absolute=5e-7),
    },
)
def reductions(library):
    ops = library.keras.ops
    for name in REDUCTIONS:
        op = getattr(ops, name)
        x = normal(5, 7)
        if name not in ("argsort", "sort"):  # TensorFlow leaves nan where it stands
            function = lambda x, op=op: op(x, axis=-1)  # noqa: E731
            yield from results(library, f"{name} rows", function, ROWS)
        yield from results(library, f"{name} axis", lambda x, op=op: op(x, axis=0), x)
        if name == "argsort":  # whose int result has a gradient on TensorFlow, -0
            yield "argsort all", ops.argsort(x, axis=None)
        else:
            yield from results(
                library, f"{name} all", lambda x, op=op: op(x, axis=None), x
            )
    for name in "sum mean var std max min prod logsumexp norm".split():
        op = getattr(ops, name)
        function = weighted(library, lambda x, op=op: op(x, axis=(0, 2), keepdims=True))
        yield from results(library, f"{name} two", function, normal(4, 3, 5))
    for ord in (1, 3, 0, np.inf, -np.inf, 0.5):
        yield from results(
            library,
            f"norm {ord}",
            lambda x, ord=ord: ops.norm(x, ord=ord, axis=1),
            ROWS,
        )
    for ord in ("fro", 1, -1, np.inf, -np.inf, 2, -2, "nuc"):
        yield from results(
            library,
            f"matrix norm {ord}",
            lambda x, ord=ord: ops.norm(x, ord=ord),
            normal(4, 3),
        )
    yield from results(
        library, "max initial", lambda x: ops.max(x, initial=0.5), normal(9)
    )
    yield from results(
        library, "top_k", lambda x: ops.top_k(x, 2)[0], ROWS[[0, 1, 3, 4]]
    )
    yield "top_k indices", ops.top_k(ROWS[[0, 1, 3, 4]], 2)[1]


@case()
def shapes(library):
    """Nothing is computed here, so all is exact."""
    ops = library.keras.ops
    x, y, cube = normal(4, 3), normal(4, 3, seed=1), normal(4, 1, 3, seed=2)
    places = np.array([[2, 0], [1, 1], [0, 2], [-1, 2]])
    functions = {
        "reshape": (lambda x: ops.reshape(x, (2, -1)), x),
        "ravel": (ops.ravel, x),
        "transpose": (lambda x: ops.transpose(x, (2, 0, 1)), cube),
        "moveaxis": (lambda x: ops.moveaxis(x, (0, 1), (2, 0)), cube),
        "swapaxes": (lambda x: ops.swapaxes(x, 0, -1), cube),
        "expand_dims": (lambda x: ops.expand_dims(x, (0, -1)), x),
        "squeeze": (lambda x: ops.squeeze(x, 1), cube),
        "broadcast_to": (lambda x: ops.broadcast_to(x, (4, 2, 3)), cube),
        "flip": (lambda x: ops.flip(x, 1), x),
        "roll": (lambda x: ops.roll(x, 2), x),
        "roll axis": (lambda x: ops.roll(x, -1, axis=0), x),
        "tile": (lambda x: ops.tile(x, (2, 3)), x),
        "pad": (lambda x: ops.pad(x, ((1, 0), (0, 2)), constant_values=3.0), x),
        "pad reflect": (lambda x: ops.pad(x, ((1, 2), (2, 0)), "reflect"), x),
        "pad symmetric": (
            lambda x: ops.pad(x, ((1, 2), (2, 0)), "symmetric"),
            x,
        ),
        "concatenate": (lambda a, b: ops.concatenate([a, b], axis=1), x, y),
        "stack": (lambda a, b: ops.stack([a, b], axis=-1), x, y),
        "hstack": (lambda a, b: ops.hstack([a, b]), x, y),
        "vstack": (lambda a, b: ops.vstack([a, b]), x, y),
        "split": (lambda x: ops.split(x, [1], axis=1)[1], x),
        "unstack": (lambda x: ops.unstack(x, axis=1)[2], x),
        "repeat": (lambda x: ops.repeat(x, [1, 2, 0], axis=1), x),
        "take": (lambda x: ops.take(x, [[0, -1], [2, 0]], axis=1), x),
        "take flat": (lambda x: ops.take(x, [3, 3, 7]), x),
        "take_along_axis": (
            lambda x: ops.take_along_axis(x, places, axis=1),
            x,
        ),
        "get_item": (lambda x: x[1:, ::-2], x),
        "get_item mask": (lambda x: x[x > 0], x),
        "tril": (lambda x: ops.tril(x, -1), x),
        "triu": (lambda x: ops.triu(x, 1), x),
        "diag": (lambda x: ops.diag(x, k=-1), x[0]),
        "diag matrix": (lambda x: ops.diag(x, k=1), x),
        "diagonal": (lambda x: ops.diagonal(x, 1, 0, 2), cube),
        "meshgrid": (lambda a, b: ops.stack(ops.meshgrid(a, b)), x[0], y[1]),
        "full": (lambda v: ops.full((2, 3), v), x[0]),
        "convert_to_tensor": (ops.convert_to_tensor, x),
        "stop_gradient": (ops.stop_gradient, x),
    }
    for name, (function, *arrays) in functions.items():
        yield from results(library, name, weighted(library, function), *arrays)


@case(per_key={"linspace": ulp(1, "start + i·step, with or without one rounding less")})
def creation(library):
    ops = library.keras.ops
    yield "one_hot", ops.one_hot([[2, 0], [-1, 3]], 3)
    yield "one_hot axis", ops.one_hot([2, 0, 5], 3, axis=0, dtype="int32")
    yield "zeros", ops.zeros((2, 3))
    yield "ones", ops.ones((2, 3), dtype="int32")
    yield "full", ops.full((2,), 7, dtype="int32")
    yield "like", [f(normal(2, 2)) for f in (ops.zeros_like, ops.ones_like)]
    yield "full_like", ops.full_like(np.ones(2, "int32"), 2.5)
    yield "eye", [ops.eye(3), ops.eye(2, 3, k=1), ops.eye(3, 2, k=-1, dtype="bool")]
    yield "identity", ops.identity(3)
    yield (
        "arange",
        [ops.arange(5), ops.arange(1, 4), ops.arange(5, 0, -2), ops.arange(3.0)],
    )
    yield "arange float", [ops.arange(0, 1, 0.25), ops.arange(2, dtype="float64")]
    yield (
        "linspace",
        [ops.linspace(0, 1, 7), ops.linspace(-1.0, 2.5, 4, dtype="float64")],
    )
    yield "linspace open", ops.linspace(0, 1, 7, endpoint=False, retstep=True)
    yield "linspace int", ops.linspace(0, 10, 4, dtype="int32")
    yield "linspace tensors", ops.linspace(normal(3), normal(3, seed=1), 5, axis=-1)
    yield (
        "shape",
        [ops.shape(normal(2, 3)), ops.ndim(normal(2, 3)), ops.size(normal(2, 3))],
    )
    yield "is_tensor", [ops.is_tensor(ops.zeros(2)), ops.is_tensor(2.0)]
    yield "numpy", ops.convert_to_numpy(ops.ones(2))


@case(tolerance=ulp(4, "sums of up to eight products in another order", absolute=1e-6))
def products(library):
    ops = library.keras.ops
    a, b, v = normal(4, 3), normal(3, 5, seed=1), normal(3, seed=2)
    stack, other = normal(2, 4, 3, seed=3), normal(2, 3, 5, seed=4)
    for name, x1, x2 in (
        ("matrices", a, b),
        ("vector matrix", v, b),
        ("matrix vector", a, v),
        ("vectors", v, v),
        ("stacks", stack, other),
        ("stack matrix", stack, b),
        ("matrix stack", a, other),
    ):
        yield from results(
            library, f"matmul {name}", weighted(library, ops.matmul), x1, x2
        )
        yield from results(library, f"dot {name}", weighted(library, ops.dot), x1, x2)
    yield from results(library, "inner", weighted(library, ops.inner), a, normal(2, 3))
    yield from results(library, "outer", weighted(library, ops.outer), a, v)
    for axes in (0, 1, ((0, 1), (0, 2))):
        x1, x2 = (
            (normal(4, 3), normal(3, 2)) if axes in (0, 1) else (stack, normal(2, 5, 4))
        )
        function = weighted(library, lambda p, q, axes=axes: ops.tensordot(p, q, axes))
        yield from results(library, f"tensordot {axes}", function, x1, x2)
    for subscripts, *xs in (
        ("ij,jk->ik", a, b),
        ("...ij,jk->...ik", stack, b),
        ("bij,bjk->kb", stack, other),
        ("i,j->ij", v, v),
        ("ij->j", a),
        ("ii->i", normal(3, 3)),
        ("ij,jk,k->i", a, b, normal(5)),
    ):
        function = weighted(library, lambda *xs, s=subscripts: ops.einsum(s, *xs))
        yield from results(library, f"einsum {subscripts}", function, *xs)


def dtype_name(x):
    return getattr(x.dtype, "name", str(x.dtype))


@case()
def dtypes(library):
    """The dtype of every result for every dtype going in."""
    ops = library.keras.ops
    kinds = "bool uint8 int8 int32 int64 float16 float32 float64".split()
    ones = {kind: library.tensor(np.ones((2, 2), kind)) for kind in kinds}
    unary = "sqrt exp expm1 log log2 sin tanh arcsin square floor ceil isnan".split()
    for name in [*unary, *(n for n in REDUCTIONS if n != "logsumexp")]:
        yield name, [dtype_name(getattr(ops, name)(ones[kind])) for kind in kinds]
    for name in "divide equal logical_and less power maximum multiply add".split():
        # TensorFlow's kernels do not take two bools or two of some small ints
        given = [k for k in kinds if k not in ("bool", "uint8", "int8")]
        op = getattr(ops, name)
        weak = [(p, w) for p in kinds for w in (1, 1.5)]
        yield name, [dtype_name(op(ones[p], ones[q])) for p in kinds for q in given]
        yield f"{name} weak", [dtype_name(op(ones[p], w)) for p, w in weak]
        yield f"weak {name}", [dtype_name(op(w, ones[p])) for p, w in weak]
    for name in ("matmul", "dot", "outer"):
        op = getattr(ops, name)
        yield name, [dtype_name(op(ones[p], ones["int32"])) for p in kinds]
    for name in ("concatenate", "stack"):
        op = getattr(ops, name)
        yield name, [dtype_name(op([ones[p], ones[q]])) for p in kinds for q in kinds]


@case(tolerance=ulp(2, "a power or quotient rounds differently in its last place"))
def operators(library):
    """Tensor's own operators, beside Python numbers and float64 arrays."""
    x = library.tensor(np.array([[1.5, -2.0, 0.25]], "float32"))
    double = np.array([2.0, 0.5, -1.0])
    yield (
        "numbers",
        [x + 2, 2 - x, x * 0.1, 1 / x, x // 0.3, 5.0 % x, x**2, 2.0**x, -x, abs(x)],
    )
    yield (
        "arrays",
        [
            x + double,
            double - x,
            x * np.float64(0.1),
            x / double,
            x < double,
            x == double,
        ],
    )
    yield "matrix", [x @ double[:, None], np.ones((2, 1)) @ x]
    yield "logic", [(x > 0) & (x < 1), (x > 0) | True, ~(x > 0), (x > 0) ^ (x == x)]
    yield "odd", [x == None, x != None, x == np.ones(7), x != np.ones(7)]  # noqa: E711
    yield "items", [x[0], x[0, 1:], x[..., None], x[:, -1], x[x > 0]]
