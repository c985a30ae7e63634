"""keras.ops: what custom layers and losses use beside the ops of ops.py."""

import inspect

import numpy as np

from parity.case import case, ulp
from parity.cases.ops import EXTREME, LEFT, RIGHT, normal, results, weighted

NAMES = (
    "erf erfinv exp2 cbrt trunc hypot logaddexp isclose allclose array empty "
    "empty_like tri slice slice_update cond while_loop fori_loop moments normalize "
    "average median quantile bincount searchsorted digitize diff cross kron trace vdot"
).split()
UNIT = np.arange(-18, 19, dtype="float32") / 20
FINITE = np.isfinite(LEFT) & np.isfinite(RIGHT)
METHODS = "linear lower higher midpoint nearest".split()
SMALLEST = np.finfo("float32").tiny


@case()
def signatures(library):
    """Names, order and defaults of the arguments."""
    for name in NAMES:
        parameters = inspect.signature(getattr(library.keras.ops, name)).parameters
        yield (
            name,
            [(p.name, str(p.kind), repr(p.default)) for p in parameters.values()],
        )


@case()
def families(library):
    """keras.ops.nn and keras.ops.numpy hold the functions of keras.ops."""
    ops = library.keras.ops
    for family, names in (
        (ops.nn, "relu gelu softmax one_hot moments normalize"),
        (ops.numpy, "mean matmul einsum where concatenate median zeros"),
    ):
        for name in names.split():
            yield name, getattr(family, name) is getattr(ops, name)


@case(
    tolerance=ulp(
        4,
        "one library call of up to 2 ulp, then one or two roundings; "
        "TensorFlow flushes subnormal numbers to 0",
        absolute=float(SMALLEST),
    ),
    per_key={
        "erfinv": ulp(16, "TensorFlow's float32 polynomial is off by up to 12 ulp"),
        "logaddexp": ulp(
            6,
            "the gradient is a product with TensorFlow's 1/x, 3 ulp off",
            absolute=float(SMALLEST),
        ),
    },
)
def elementwise(library):
    ops = library.keras.ops
    for name in "erf exp2 cbrt trunc".split():
        yield from results(library, name, getattr(ops, name), EXTREME)
        yield from results(library, f"{name} normal", getattr(ops, name), normal(50))
    yield from results(library, "erfinv", ops.erfinv, UNIT)
    yield "erfinv edges", ops.erfinv(np.float32([1, -1, 1.5, np.nan, np.inf, 0]))
    for name in ("hypot", "logaddexp"):
        op = getattr(ops, name)
        yield f"{name} extreme", op(LEFT, RIGHT)
        yield from results(library, name, op, LEFT[FINITE], RIGHT[FINITE])
        yield from results(library, f"{name} normal", op, normal(6, 3), normal(3))
    for equal_nan in (False, True):
        options = {"rtol": 0.4, "atol": 0.1, "equal_nan": equal_nan}
        yield f"isclose {equal_nan}", ops.isclose(LEFT, RIGHT, **options)
        yield (
            f"allclose {equal_nan}",
            [
                ops.allclose(a, b, **options)
                for a, b in zip(LEFT[::5], RIGHT[::5], strict=True)
            ],
        )
    yield "isclose int", ops.isclose([1, 2], [1, 3], atol=5)


@case(tolerance=ulp(4, "sums of a few products in another order", absolute=5e-7))
def products(library):
    ops = library.keras.ops
    a, b, v = normal(4, 3), normal(4, 3, seed=1), normal(3, seed=2)
    plane, cube = normal(4, 2, seed=3), normal(4, 3, 5, seed=4)
    calls = {
        "cross": (ops.cross, a, b),
        "cross one": (ops.cross, a, v),
        "cross plane": (ops.cross, plane, plane[::-1].copy()),
        "cross mixed": (ops.cross, plane, b),
        "cross axes": (lambda x, y: ops.cross(x, y, axisa=1, axisc=0), cube, v),
        "cross axis": (lambda x, y: ops.cross(x, y, axis=0), a.T.copy(), b.T.copy()),
        "kron": (ops.kron, a, plane),
        "kron ranks": (ops.kron, v, a),
        "vdot": (ops.vdot, a, b),
        "trace": (ops.trace, a),
        "trace axes": (lambda x: ops.trace(x, 0, 1, 2), cube),
        "trace below": (lambda x: ops.trace(x, -2), a),
        "diff": (ops.diff, a),
        "diff twice": (lambda x: ops.diff(x, n=2, axis=0), a),
    }
    for name, (function, *arrays) in calls.items():
        yield from results(library, name, weighted(library, function), *arrays)


@case(
    tolerance=ulp(4, "sums of a few numbers in another order", absolute=1e-7),
    per_key={
        "normalize tiny gradient": ulp(8, "slopes of 1e7: roundings of ε count"),
        "normalize 3": ulp(8, "the gradient is a difference of numbers near one", 1e-6),
    },
)
def statistics(library):
    ops = library.keras.ops
    x, cube, w = normal(4, 3), normal(4, 3, 5), np.abs(normal(3, seed=5)) + 0.1
    tiny = np.float32([[0, 0, 0], [1e-9, 0, 0], [1, 2, -2]])
    calls = {
        "average": (lambda x: ops.average(x, axis=(0, 2)), cube),
        "average weights": (lambda x, w: ops.average(x, 1, w), x, w),
        "average same": (lambda x, w: ops.average(x, 0, w), x, np.abs(x) + 0.1),
        "average all": (lambda x, w: ops.average(x, weights=w), x, w),
        "mean": (lambda x: ops.moments(x, axes=[0, 2])[0], cube),
        "variance": (lambda x: ops.moments(x, [1], keepdims=True)[1], cube),
        "normalize": (ops.normalize, x),
        "normalize axes": (lambda x: ops.normalize(x, axis=(0, 1)), cube),
        "normalize 1": (lambda x: ops.normalize(x, axis=0, order=1), x),
        "normalize 3": (lambda x: ops.normalize(x, order=3), x),
        "normalize tiny": (ops.normalize, tiny),
        "normalize epsilon": (lambda x: ops.normalize(x, epsilon=3.0), x),
        "median": (lambda x: ops.median(x, axis=0), x),
        "median all": (ops.median, x),
        "median two": (lambda x: ops.median(x, axis=(2, 0), keepdims=True), cube),
    }
    for name, (function, *arrays) in calls.items():
        yield from results(library, name, weighted(library, function), *arrays)
    for method in METHODS:
        function = lambda x, m=method: ops.quantile(x, [0.1, 0.5, 1], 1, m)  # noqa: E731
        yield from results(
            library, f"quantile {method}", weighted(library, function), cube
        )
    odd = np.float32([[np.nan, 1, 2], [np.inf, 1, 2], [-np.inf, 1, 2]])
    yield "quantile odd", ops.quantile(odd, [0, 0.25, 0.5, 1], axis=1)


@case()
def counts(library):
    ops = library.keras.ops
    yield "bincount", [ops.bincount([1, 2, 2, 5]), ops.bincount([3], minlength=6)]
    yield "bincount rows", ops.bincount([[0, 1], [2, 2]])
    for kind in ("int8", "float16", "float32", "float64"):
        yield f"bincount {kind}", ops.bincount([1, 2, 2], np.ones(3, kind), 6)
    ordered, values = np.float32([1, 2, 2, 3]), np.float32([0, 1, 2, 2.5, 9])
    for side in ("left", "right"):
        yield side, ops.searchsorted(ordered, values, side=side)
    yield "digitize", ops.digitize(np.append(values, np.nan), [1.0, 2.0, 2.5])
    yield "digitize float64", ops.digitize(np.array([0.1, 0.2]), [0.1, 0.2])


@case()
def boxes_and_loops(library):
    """Nothing is computed here but whole numbers, so all is exact."""
    ops = library.keras.ops
    x, u = normal(4, 3), normal(2, 2, seed=1)
    calls = {
        "slice": (lambda x: ops.slice(x, [1, 0], [2, -1]), x),
        "cond": (lambda x: ops.cond(x[0, 0] > 0, lambda: x * 2, lambda: x), x),
        "fori_loop": (lambda x: ops.fori_loop(0, 3, lambda i, y: y * 2, x), x),
        "while_loop": (
            lambda x: ops.while_loop(
                lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (0, x)
            )[1],
            x,
        ),
    }
    for name, (function, *arrays) in calls.items():
        yield from results(library, name, weighted(library, function), *arrays)
    yield "slice_update", ops.slice_update(x, [2, 1], u)  # no gradient there
    yield "fori sum", ops.fori_loop(2, 5, lambda i, y: y + i, 10)
    yield "limited", ops.while_loop(lambda i: i < 5, lambda i: i + 1, 0, 2)
    yield "tri", [ops.tri(3, 4, k=k) for k in (-5, -1, 0, 2, 7)]
    yield "tri dtypes", [ops.tri(2, dtype="int32"), ops.tri(2, dtype="bool")]
    yield "empty", [ops.empty((2,)), ops.empty((1,), "int32"), ops.empty_like(u)]
    yield "array", [ops.array([1, 2]), ops.array(3.7, "int32"), ops.array(x)]


@case()
def dtypes(library):
    """The dtype of every result for every dtype going in."""
    ops = library.keras.ops
    kinds = "bool uint8 int8 int32 int64 float16 float32 float64".split()
    ones = {kind: library.tensor(np.ones((2, 2), kind)) for kind in kinds}
    for name in "average median exp2 cbrt trunc trace diff".split():
        yield name, [dtype_name(getattr(ops, name)(ones[kind])) for kind in kinds]
    for name in "hypot logaddexp isclose vdot kron".split():
        # TensorFlow's kernels do not take two bools
        given = [(p, q) for p in kinds for q in kinds[3:]]
        op = getattr(ops, name)
        yield name, [dtype_name(op(ones[p], ones[q])) for p, q in given]
    for name in ("erf", "erfinv", "normalize"):
        yield name, [dtype_name(getattr(ops, name)(ones[kind])) for kind in kinds[5:]]


def dtype_name(x):
    return getattr(x.dtype, "name", str(x.dtype))
