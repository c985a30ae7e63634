"""Arithmetic, functions of one array, comparisons: one row per op, then the edges."""

import math
from concurrent.futures import ThreadPoolExecutor
from statistics import NormalDist

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from tests.ops.rows import CHECKS, Row, numbers

X, Y = numbers(4, 3), numbers(4, 3, seed=1)
POSITIVE = numbers(4, 3, low=0.2, high=3.0)
UNIT = numbers(4, 3, low=-0.9, high=0.9)
SPECIAL = np.array([[1.0, np.nan], [np.inf, -np.inf], [-0.0, 0.0]])
BITS = np.array([[0.0, 1.0], [2.0, 0.0], [np.nan, 0.5]])


def each(function):
    """A function of Python floats, element by element."""
    return np.vectorize(function, otypes=[float])


def unary(op, function, x=X, differentiable=True):
    return Row(op, getattr(ops, op), (x,), each(function), differentiable)


def binary(op, function, a=X, b=Y, differentiable=True):
    return Row(op, getattr(ops, op), (a, b), each(function), differentiable)


def compared(op, function):
    ties = np.where(X > 0, X, Y)
    naive = np.vectorize(function, otypes=[bool])
    return Row(op, getattr(ops, op), (X, ties), naive, False)


def predicate(op, function, arrays=(BITS,)):
    naive = np.vectorize(function, otypes=[bool])
    return Row(op, getattr(ops, op), arrays, naive, False)


ROWS = [
    binary("add", lambda a, b: a + b),
    binary("subtract", lambda a, b: a - b),
    binary("multiply", lambda a, b: a * b),
    binary("divide", lambda a, b: a / b),
    binary("true_divide", lambda a, b: a / b),
    binary("divide_no_nan", lambda a, b: a / b),
    binary("floor_divide", lambda a, b: math.floor(a / b), differentiable=False),
    binary("mod", lambda a, b: a - math.floor(a / b) * b),
    binary("power", lambda a, b: math.exp(b * math.log(a)), POSITIVE),
    binary("maximum", lambda a, b: a if a > b else b),
    binary("minimum", lambda a, b: a if a < b else b),
    binary("arctan2", math.atan2),
    binary("hypot", math.hypot),
    binary("logaddexp", lambda a, b: math.log(math.exp(a) + math.exp(b))),
    Row(
        "clip",
        lambda x: ops.clip(x, -0.5, 1.0),
        (X,),
        each(lambda v: -0.5 if v < -0.5 else 1.0 if v > 1 else v),
    ),
    Row(
        "clip",
        ops.clip,
        (X, np.array(-0.5), np.array([0.3, 1.0, 0.7])),
        lambda x, low, high: np.maximum(np.minimum(x, high), low),
        batch=False,
        label="bounds",
    ),
    Row(
        "where",
        lambda a, b: ops.where(X[: a.shape[0]] > 0, a, b),
        (X, Y),
        lambda a, b: np.where(X[: len(a)] > 0, a, b),
    ),
    Row("nonzero", ops.nonzero, (BITS,), np.nonzero, False),
    unary("abs", lambda v: v if v > 0 else -v),
    unary("absolute", lambda v: v if v > 0 else -v),
    unary("negative", lambda v: 0 - v),
    unary("sign", lambda v: 1 if v > 0 else -1),
    unary("square", lambda v: v * v),
    unary("sqrt", math.sqrt, POSITIVE),
    unary("rsqrt", lambda v: 1 / math.sqrt(v), POSITIVE),
    unary("reciprocal", lambda v: 1 / v),
    unary("exp", math.exp),
    unary("expm1", math.expm1),
    unary("exp2", lambda v: 2**v),
    unary("erf", math.erf),
    unary("erfinv", lambda v: NormalDist().inv_cdf((v + 1) / 2) / math.sqrt(2), UNIT),
    unary("cbrt", math.cbrt),
    unary("log", math.log, POSITIVE),
    unary("log1p", math.log1p, POSITIVE),
    unary("log2", math.log2, POSITIVE),
    unary("log10", math.log10, POSITIVE),
    unary("sin", math.sin),
    unary("cos", math.cos),
    unary("tan", math.tan, UNIT),
    unary("arcsin", math.asin, UNIT),
    unary("arccos", math.acos, UNIT),
    unary("arctan", math.atan),
    unary("sinh", math.sinh),
    unary("cosh", math.cosh),
    unary("tanh", math.tanh),
    unary("arcsinh", math.asinh),
    unary("arccosh", math.acosh, POSITIVE + 1),
    unary("arctanh", math.atanh, UNIT),
    unary("floor", math.floor, differentiable=False),
    unary("ceil", math.ceil, differentiable=False),
    unary("trunc", math.trunc, differentiable=False),
    unary("round", round, differentiable=False),
    unary("nan_to_num", lambda v: v),
    compared("equal", lambda a, b: a == b),
    compared("isclose", lambda a, b: a == b),
    Row(
        "allclose",
        lambda x: ops.allclose(x, X[: x.shape[0]] + 1e-6),
        (X,),
        lambda x: True,
        False,
        label="all",
    ),
    compared("not_equal", lambda a, b: a != b),
    compared("less", lambda a, b: a < b),
    compared("less_equal", lambda a, b: a <= b),
    compared("greater", lambda a, b: a > b),
    compared("greater_equal", lambda a, b: a >= b),
    predicate("logical_and", lambda a, b: bool(a) and bool(b), (BITS, BITS[:, ::-1])),
    predicate("logical_or", lambda a, b: bool(a) or bool(b), (BITS, BITS[:, ::-1])),
    predicate("logical_xor", lambda a, b: bool(a) != bool(b), (BITS, BITS[:, ::-1])),
    predicate("logical_not", lambda a: not a),
    predicate("isnan", math.isnan, (SPECIAL,)),
    predicate("isinf", math.isinf, (SPECIAL,)),
    predicate("isfinite", math.isfinite, (SPECIAL,)),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_row(row, check):
    check(row)


BINARY = [
    "add subtract multiply divide maximum minimum mod power arctan2".split(),
    [
        ((4, 3), (3,)),
        ((4, 1), (1, 3)),
        ((), (2, 3)),
        ((2, 1, 3), (5, 1)),
        ((0, 3), (3,)),
    ],
]


@pytest.mark.parametrize("op", BINARY[0])
@pytest.mark.parametrize("shapes", BINARY[1], ids=str)
def test_broadcast_gradients_have_the_inputs_shapes(op, shapes):
    a, b = (
        numbers(*s, seed=i, low=0.3).astype("float32") for i, s in enumerate(shapes)
    )
    a, b = Tensor(a), Tensor(b)
    with GradientTape() as tape:
        tape.watch([a, b])
        y = getattr(ops, op)(a, b)
    full = np.broadcast_shapes(*shapes)
    assert y.shape == full
    for x, dx in zip((a, b), tape.gradient(y, [a, b]), strict=True):
        assert (dx.shape, dx.dtype) == (x.shape, np.float32)


def test_a_broadcast_gradient_is_the_sum_over_the_copies():
    bias = Tensor(np.zeros(3))
    with GradientTape() as tape:
        tape.watch(bias)
        y = ops.add(X, bias) * Y
    np.testing.assert_allclose(tape.gradient(y, bias).value, Y.sum(0))


def gradient(function, *xs):
    inputs = [Tensor(np.asarray(x, "float32")) for x in xs]
    with GradientTape() as tape:
        tape.watch(inputs)
        y = function(*inputs)
    return [None if g is None else g.value.tolist() for g in tape.gradient(y, inputs)]


inf, nan = math.inf, math.nan
# What TensorFlow 2.21 answers to the same; nan stands for nan.
EDGES = [
    ("tie of maximum", ops.maximum, [[0.0, 1.0], [0.0, 1.0]], [[1, 1], [0, 0]]),
    ("tie of minimum", ops.minimum, [[0.0, 1.0], [0.0, 1.0]], [[1, 1], [0, 0]]),
    ("nan in maximum", ops.maximum, [[nan, 1.0], [0.0, nan]], [[0, 0], [1, 1]]),
    ("abs at 0", ops.abs, [[0.0, -0.0]], [[0, 0]]),
    (
        "clip at its bounds",
        lambda x: ops.clip(x, -1, 2),
        [[-1.5, -1.0, 2.0, 2.5, nan]],
        [[0, 1, 1, 0, 0]],
    ),
    (
        "the bounds of clip",
        ops.clip,
        [[-1.5, -1.0, 2.0, 2.5, nan], -1.0, 2.0],
        [[0, 1, 1, 0, 0], 2, 1],
    ),
    ("sqrt at 0", ops.sqrt, [[0.0, -1.0]], [[inf, nan]]),
    ("log at 0", ops.log, [[0.0]], [[inf]]),
    ("reciprocal at 0", ops.reciprocal, [[0.0, inf]], [[-inf, 0]]),
    (
        "power at base 0",
        ops.power,
        [[0.0, 0.0, 0.0, 0.0], [0.0, -1.0, 2.0, 0.5]],
        [[nan, -inf, 0, inf], [0, nan, 0, 0]],
    ),
    ("power at base < 0", ops.power, [[-2.0, -1.0], [3.0, 2.0]], [[12, -2], [0, 0]]),
    ("0 / 0", ops.divide, [[0.0], [0.0]], [[inf], [nan]]),
    ("divide_no_nan", ops.divide_no_nan, [[3.0], [0.0]], [[0], [0]]),
    (
        "nan in the branch not taken",
        lambda x: ops.where(x > 0, ops.sqrt(x), 0.0 * x),
        [[4.0]],
        [[0.25]],
    ),
    (
        "where beside nan",
        lambda a, b: ops.where(np.array([True, False]), a, b),
        [[1.0, nan], [nan, 1.0]],
        [[1, 0], [0, 1]],
    ),
    (
        "hypot, a tie included",
        ops.hypot,
        [[0.0, 3.0, 0.0, -inf], [0.0, 3.0, -2.0, nan]],
        [[0, 2 * np.float32(0.5**0.5), 0, 0], [0, 0, -1, nan]],
    ),
    (
        "logaddexp, a tie included",
        ops.logaddexp,
        [[0.0, -inf, inf, inf], [0.0, 1, -inf, inf]],
        [[1, 0, 1, nan], [0, 1, 0, nan]],
    ),
    ("cbrt at 0", ops.cbrt, [[0.0, -1.0]], [[nan, np.float32(1 / 3)]]),
    ("nan_to_num", ops.nan_to_num, [[1.0, nan, inf, -inf]], [[1, 0, 0, 0]]),
]


@pytest.mark.parametrize("name, op, xs, expected", EDGES, ids=[e[0] for e in EDGES])
def test_gradients_at_edges(name, op, xs, expected):
    for actual, e in zip(gradient(op, *xs), expected, strict=True):
        np.testing.assert_array_equal(actual, e)


EXTREME = np.array(
    [0, -0.0, 1e-8, -1e-8, 1, -1, 30, -30, 1e4, -1e4, 3e38, inf, -inf, nan], "float32"
)
UNARY = [row for row in ROWS if len(row.arrays) == 1 and row.label == ""]


@pytest.mark.parametrize("row", UNARY, ids=repr)
def test_extreme_numbers_warn_of_nothing_alone(row):
    gradient(row.call, EXTREME)


@pytest.mark.parametrize(
    "op", [row.op for row in ROWS if len(row.arrays) == 2 and row.op != "where"]
)
def test_extreme_numbers_warn_of_nothing_in_pairs(op):
    gradient(getattr(ops, op), EXTREME[:, None], EXTREME)


def test_threads_keep_quiet_side_by_side():
    """NumPy releases the interpreter in large calls: two threads are inside at once."""
    big = np.full(300_000, 1e4, "float32")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: ops.exp(big).value[0], range(40)))
    assert results == [inf] * 40


INTS, B, F = np.arange(1, 4, dtype="int32"), np.array([True, False, True]), np.float32
DTYPES = [
    (lambda: ops.add(INTS, 1), "int32"),
    (lambda: ops.add(INTS, 1.5), "float32"),
    (lambda: ops.add(1, 2), "int32"),
    (lambda: ops.add(1, 2.0), "float32"),
    (lambda: ops.add(True, 1), "int32"),
    (lambda: ops.add(B, 1), "int32"),
    (lambda: ops.multiply(INTS, np.ones(3, F)), "float32"),
    (lambda: ops.multiply(INTS.astype("int64"), np.ones(3, "float16")), "float16"),
    (lambda: ops.add(INTS.astype("uint8"), INTS.astype("int8")), "int16"),
    (lambda: ops.add(INTS.astype("uint64"), INTS.astype("int64")), "float32"),
    (lambda: ops.add(np.ones(3, F), np.ones(3)), "float64"),
    (lambda: ops.divide(INTS, INTS), "float32"),
    (lambda: ops.divide(1, 2), "float32"),
    (lambda: ops.power(INTS, 2), "int32"),
    (lambda: ops.power(INTS, 0.5), "float32"),
    (lambda: ops.maximum(np.ones(3, F), 2), "float32"),
    (lambda: ops.mod(INTS, 2), "int32"),
    (lambda: ops.exp(INTS), "float32"),
    (lambda: ops.exp(1), "float32"),
    (lambda: ops.sqrt(B), "float32"),
    (lambda: ops.log(np.ones(3, "float16")), "float16"),
    (lambda: ops.floor(INTS), "float32"),
    (lambda: ops.square(B), "int32"),
    (lambda: ops.square(3), "int32"),
    (lambda: ops.square(np.float64(3)), "float64"),
    (lambda: ops.abs(INTS), "int32"),
    (lambda: ops.round(INTS), "int32"),
    (lambda: ops.clip(B, 0, 1), "int32"),
    (lambda: ops.clip(np.ones(3, F), 0, 1), "float32"),
    (lambda: ops.where(B, 1.0, np.ones(3, F)), "float32"),
    (lambda: ops.where(B, 1, 2), "int32"),
    (lambda: ops.where(B, np.ones(3, F), INTS), "float32"),
    (lambda: ops.nan_to_num(INTS), "int32"),
    (lambda: ops.trunc(INTS), "int32"),
    (lambda: ops.cbrt(INTS), "float32"),
    (lambda: ops.cbrt(INTS.astype("int64")), "float64"),
    (lambda: ops.hypot(INTS, INTS), "float32"),
    (lambda: ops.hypot(INTS, INTS.astype("int64")), "float64"),
    (lambda: ops.logaddexp(INTS, 1), "float32"),
    (lambda: ops.erfinv(np.zeros(3, "float16")), "float16"),
    (lambda: ops.isclose(INTS, 1.0), "bool"),
    (lambda: ops.isnan(INTS), "bool"),
]


@pytest.mark.parametrize("index", range(len(DTYPES)))
def test_dtypes_are_keras_own(index):
    make, dtype = DTYPES[index]
    assert make().dtype == dtype


def test_gradients_have_the_dtype_of_their_input():
    a, b = Tensor(np.ones(3, F)), Tensor(np.ones(3))
    for op in ("add", "multiply", "divide", "maximum", "power", "arctan2"):
        with GradientTape() as tape:
            tape.watch([a, b])
            y = getattr(ops, op)(a, b)
        da, db = tape.gradient(y, [a, b])
        assert (y.dtype, da.dtype, db.dtype) == (np.float64, np.float32, np.float64)


def test_round_halves_to_even_and_to_decimals():
    assert ops.round([0.5, 1.5, 2.5]).value.tolist() == [0, 2, 2]
    assert ops.round(np.array([1.26, -0.14]), 1).value.tolist() == [1.3, -0.1]
    assert ops.round(np.array([14, 16]), -1).value.tolist() == [10, 20]


def test_where_with_one_branch_is_refused():
    with pytest.raises(ValueError, match="both x1 and x2"):
        ops.where(B, 1.0)


def test_erfinv_undoes_erf_to_the_last_places():
    y = np.concatenate([np.geomspace(1e-300, 0.4, 50), np.linspace(0.4, 5.5, 100)])
    x = np.array([math.erf(v) for v in y])
    # half a unit in the last place of x, times the slope of erfinv there
    blur = 1.2e-16 * np.exp(y * y)
    error = np.abs(ops.erfinv(x).value - y)
    assert (error <= blur + 4e-16 * y).all()
    np.testing.assert_array_equal(ops.erfinv(-x).value, -ops.erfinv(x).value)
    assert ops.erfinv([1.0, -1.0, 0.0]).value.tolist() == [inf, -inf, 0]


def test_close_as_keras_means_it():
    assert ops.isclose([1.0, 1.0], [1 + 5e-6, 1 + 5e-5]).value.tolist() == [True, False]
    assert ops.isclose([0.0], [0.5], atol=1).value.tolist() == [True]
    assert ops.isclose([2.0], [3.0], rtol=0.5).value.tolist() == [True]
    assert ops.isclose(INTS, INTS + 1, atol=5).value.tolist() == [False] * 3
    odd = np.array([nan, inf, -inf])
    assert ops.isclose(odd, odd).value.tolist() == [False] * 3
    assert ops.isclose(odd, odd, equal_nan=True).value.tolist() == [True, False, False]
    assert not ops.allclose(odd, odd) and ops.allclose(odd, odd, equal_nan=True)
    assert not ops.allclose([1.0], [inf]) and ops.isclose([1.0], [inf])
    assert not ops.allclose(INTS, INTS + 1, atol=5) and ops.allclose(INTS, INTS)


@pytest.mark.parametrize("op", ["floor_divide", "mod"])
def test_integers_divided_by_zero_raise(op):
    with pytest.raises(ZeroDivisionError, match=op):
        getattr(ops, op)(INTS, 0)


@pytest.mark.parametrize("x", [None, "text", np.array(["a"]), np.array([object()])])
def test_what_is_no_number_is_refused(x):
    for op in (ops.exp, ops.square, lambda v: ops.add(v, 1.0), ops.isnan):
        with pytest.raises(ValueError, match="Expected numbers"):
            op(x)
