"""Each activation beside a naive twin in float64; its slope by finite differences."""

import inspect
import math

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.ops import nn_axis, nn_piecewise, nn_smooth
from minikeras.ops.special import erf, erfc
from tests.gradients import check_gradient


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def relu6(x):
    return min(max(x, 0), 6)


def normal_by_tanh(x):
    return (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


# name, options, the same function of one Python float
ELEMENTWISE = [
    ("celu", {}, lambda x: x if x > 0 else math.exp(x) - 1),
    ("celu", {"alpha": 2}, lambda x: x if x > 0 else 2 * (math.exp(x / 2) - 1)),
    ("elu", {}, lambda x: x if x > 0 else math.exp(x) - 1),
    ("elu", {"alpha": 0.5}, lambda x: x if x > 0 else 0.5 * (math.exp(x) - 1)),
    ("gelu", {}, lambda x: x * normal_by_tanh(x)),
    ("gelu", {"approximate": False}, lambda x: x * (1 + math.erf(x / 2**0.5)) / 2),
    ("hard_shrink", {}, lambda x: x if abs(x) > 0.5 else 0),
    ("hard_shrink", {"threshold": 1}, lambda x: x if abs(x) > 1 else 0),
    ("hard_sigmoid", {}, lambda x: relu6(x + 3) / 6),
    ("hard_silu", {}, lambda x: x * relu6(x + 3) / 6),
    ("hard_tanh", {}, lambda x: min(max(x, -1), 1)),
    ("leaky_relu", {}, lambda x: x if x > 0 else 0.2 * x),
    ("leaky_relu", {"negative_slope": 0.5}, lambda x: x if x > 0 else 0.5 * x),
    ("log_sigmoid", {}, lambda x: math.log(sigmoid(x))),
    ("relu", {}, lambda x: max(x, 0)),
    ("relu6", {}, relu6),
    ("selu", {}, lambda x: 1.0507009873554805 * (
        x if x > 0 else 1.6732632423543772 * (math.exp(x) - 1))),
    ("sigmoid", {}, sigmoid),
    ("silu", {}, lambda x: x * sigmoid(x)),
    ("soft_shrink", {}, lambda x: math.copysign(max(abs(x) - 0.5, 0), x)),
    ("soft_shrink", {"threshold": 1}, lambda x: math.copysign(max(abs(x) - 1, 0), x)),
    ("softplus", {}, lambda x: math.log(1 + math.exp(x))),
    ("softsign", {}, lambda x: x / (1 + abs(x))),
    ("sparse_plus", {}, lambda x: 0 if x < -1 else x if x > 1 else (x + 1) ** 2 / 4),
    ("sparse_sigmoid", {}, lambda x: min(max((x + 1) / 2, 0), 1)),
    ("squareplus", {}, lambda x: (x + math.sqrt(x * x + 4)) / 2),
    ("squareplus", {"b": 1}, lambda x: (x + math.sqrt(x * x + 1)) / 2),
    ("tanh_shrink", {}, lambda x: x - math.tanh(x)),
    ("threshold", {"threshold": 1.0, "default_value": 7.0},
     lambda x: x if x > 1 else 7),
]  # fmt: skip


def softmax(row):
    exps = [math.exp(x) for x in row]
    return [e / sum(exps) for e in exps]


def log_softmax(row):
    return [math.log(p) for p in softmax(row)]


def glu(row):
    half = len(row) // 2
    return [a * sigmoid(b) for a, b in zip(row[:half], row[half:], strict=True)]


def sparsemax(row):
    """Keras's: τ from the sum of the running sums over the support, less 1."""
    ordered = sorted(row, reverse=True)
    sums = [sum(ordered[: i + 1]) for i in range(len(row))]
    support = [
        z - (s - 1) / (i + 1) > 0
        for i, (z, s) in enumerate(zip(ordered, sums, strict=True))
    ]
    kept = [s for s, used in zip(sums, support, strict=True) if used]
    return [max(x - (sum(kept) - 1) / len(kept), 0.0) for x in row]


ROWWISE = [
    ("softmax", softmax),
    ("log_softmax", log_softmax),
    ("sparsemax", sparsemax),
    ("glu", glu),
]

rng = np.random.default_rng(0)
# away from the kinks at 0, ±0.5, ±1, ±3 and 6 by far more than the step of a difference
POINTS = np.concatenate(
    [rng.uniform(low, low + 0.48, 4) for low in np.arange(-8, 8, 0.5)]
)
POINTS = (POINTS + 0.01).reshape(8, 16)
CUBE = rng.normal(size=(2, 4, 6))
WIDE = rng.normal(size=(3, 100))
EXTREME = [0.0, -0.0, 1e-8, -1e-8, 30, -30, 1e4, -1e4, np.inf, -np.inf, np.nan, 1e30]

elementwise = pytest.mark.parametrize(
    ("name", "options", "twin"),
    ELEMENTWISE,
    ids=[f"{n} {o}" for n, o, _ in ELEMENTWISE],
)
rowwise = pytest.mark.parametrize(("name", "twin"), ROWWISE)
everything = pytest.mark.parametrize(
    ("name", "options"),
    [row[:2] for row in ELEMENTWISE] + [(name, {}) for name, _ in ROWWISE],
)


def slope(function, x, **options):
    x = Tensor(np.asarray(x))
    with GradientTape() as tape:
        tape.watch(x)
        y = function(x, **options)
    return tape.gradient(y, x).value


def test_every_op_has_a_row():
    exported = {
        name
        for module in (nn_axis, nn_piecewise, nn_smooth)
        for name, op in vars(module).items()
        if inspect.isfunction(op)
        and op.__module__ == module.__name__
        and name[0] != "_"
    }
    inner = {"logistic", "log_one_plus_exp"}  # on ndarrays, below softplus and sigmoid
    aliases = {"swish", "hard_swish"}
    rows = {row[0] for row in ELEMENTWISE + ROWWISE} | {"dense"}
    assert exported - inner - aliases == rows
    assert all(hasattr(ops, name) for name in rows | aliases)


@elementwise
def test_value(name, options, twin):
    expected = np.vectorize(twin, otypes="d")(POINTS)
    np.testing.assert_allclose(
        getattr(ops, name)(POINTS, **options).value, expected, rtol=1e-14, atol=2e-15
    )


@elementwise
def test_slope(name, options, twin):
    check_gradient(lambda x: getattr(ops, name)(x, **options), POINTS)


@rowwise
def test_value_along_an_axis(name, twin):
    for axis in (-1, 0, 1, 2, -2):
        expected = np.apply_along_axis(twin, axis, CUBE)
        for y in (getattr(ops, name)(CUBE, axis), getattr(ops, name)(CUBE, axis=axis)):
            np.testing.assert_allclose(y.value, expected, rtol=1e-14, atol=2e-15)


@rowwise
def test_slope_along_an_axis(name, twin):
    for axis in (-1, 0, 1):
        check_gradient(lambda x, axis=axis: getattr(ops, name)(x, axis=axis), CUBE)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_several_axes_and_many_classes(name):
    op = getattr(ops, name)
    for axis in (None, (0, 1, 2)):
        expected = op(CUBE.ravel()).value.reshape(CUBE.shape)
        np.testing.assert_allclose(op(CUBE, axis).value, expected, rtol=1e-13)
    middle_first = op(CUBE.transpose(1, 0, 2).reshape(4, 12)).value
    expected = middle_first.reshape(4, 2, 6).transpose(1, 0, 2)
    np.testing.assert_allclose(op(CUBE, axis=(0, -1)).value, expected, rtol=1e-13)
    for axis in (None, (0, 2), (-1,)):
        check_gradient(lambda x, axis=axis: op(x, axis), CUBE)
        assert op(CUBE[:0], axis).shape == (0, 4, 6)
    before = WIDE.copy()
    check_gradient(op, WIDE)
    np.testing.assert_array_equal(WIDE, before)


@everything
def test_float32_stays(name, options):
    for dtype in ("float32", "float64", "float16"):
        x = POINTS.astype(dtype)
        y = getattr(ops, name)(x, **options)
        assert y.dtype == dtype
        assert slope(getattr(ops, name), x, **options).dtype == dtype


@everything
def test_numpy_numbers_as_options(name, options):
    options = {
        key: np.bool_(v) if isinstance(v, bool) else np.float64(v)
        for key, v in options.items()
    }
    x = POINTS.astype("float32")
    assert getattr(ops, name)(x, **options).dtype == np.float32
    assert slope(getattr(ops, name), x, **options).dtype == np.float32


@everything
def test_no_rows(name, options):
    x = np.zeros((0, 4), "float32")
    y = getattr(ops, name)(x, **options)
    assert y.shape == ((0, 2) if name == "glu" else (0, 4))
    assert slope(getattr(ops, name), x, **options).shape == x.shape


@everything
def test_extremes_give_no_warning(name, options):
    for dtype in ("float32", "float64", "float16"):
        with np.errstate(over="ignore"):
            x = np.array(EXTREME).astype(dtype)
        rows = [x, x.reshape(6, 2), x.reshape(2, 6), x[4:8].reshape(2, 2)]
        for row in rows:
            y = getattr(ops, name)(row, **options)
            assert slope(getattr(ops, name), row, **options).shape == row.shape
        assert not np.isnan(y.value).any()  # the last holds ±30 and ±1e4


@everything
def test_integers_and_python_numbers(name, options):
    if name in ("relu", "relu6"):
        assert getattr(ops, name)(np.array([[1, -2]]), **options).dtype == np.int64
    else:
        assert getattr(ops, name)(np.array([[1, -2]]), **options).dtype == np.float32
    assert getattr(ops, name)([[1.0, -2.0]], **options).dtype == np.float32
    if (name, options) in [row[:2] for row in ELEMENTWISE]:
        assert getattr(ops, name)(-1.0, **options).dtype == np.float32


@pytest.mark.parametrize("shape", [(4096,), (4097,), (40, 2000)])
def test_relu_of_large_arrays(shape):
    """They are compared with other zeros than small ones are."""
    x = np.random.default_rng(3).normal(size=shape).astype("float32")
    x[..., ::20] = 0
    dy = np.random.default_rng(4).normal(size=shape).astype("float32")
    tensor = Tensor(x)
    with GradientTape() as tape:
        tape.watch(tensor)
        y = ops.relu(tensor)
    dx = tape.gradient(y, tensor, output_gradients=dy).value
    np.testing.assert_array_equal(y.value, np.where(x > 0, x, 0))
    np.testing.assert_array_equal(dx, np.where(x > 0, dy, 0))


# The slopes that TensorFlow 2.21 gives at the kinks.
@pytest.mark.parametrize(
    ("name", "options", "x", "slopes"),
    [
        ("relu", {}, [0, -0.0, np.nan], [0, 0, 0]),
        ("relu6", {}, [0, 6, np.nan], [0, 0, 0]),
        ("leaky_relu", {}, [0, np.nan], [0.2, 0.2]),
        ("elu", {}, [0, np.nan], [1, 1]),
        ("elu", {"alpha": 2}, [0, np.nan], [2, 2]),
        ("selu", {}, [0, np.nan], [1.0507009873554805] * 2),
        ("celu", {}, [0, np.nan], [2, 0]),
        ("hard_sigmoid", {}, [-3, 3, np.nan], [0, 0, 0]),
        ("hard_silu", {}, [-3, 3], [0, 1]),
        ("hard_tanh", {}, [-1, 1, np.nan], [1, 1, 0]),
        ("sparse_sigmoid", {}, [-1, 1, np.nan], [0, 0, 0.5]),
        ("sparse_plus", {}, [-1, 1, np.inf], [0, 1, np.nan]),
        ("soft_shrink", {}, [-0.5, 0.5, np.nan], [0, 0, 0]),
        ("hard_shrink", {}, [-0.5, 0.5, np.nan], [0, 0, 0]),
        ("threshold", {"threshold": 1, "default_value": 0}, [1, np.nan], [0, 0]),
    ],
)
def test_slope_at_kinks(name, options, x, slopes):
    np.testing.assert_array_equal(slope(getattr(ops, name), x, **options), slopes)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_from_zero(dtype):
    """Results keep their digits where a naive formula has none left."""
    x = np.array([-80.0, 80.0], dtype)
    tiny = math.exp(-80)
    rtol = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(ops.sigmoid(x).value, [tiny, 1], rtol=rtol)
    np.testing.assert_allclose(ops.softplus(x).value, [tiny, 80], rtol=rtol)
    np.testing.assert_allclose(ops.log_sigmoid(x).value, [-80, -tiny], rtol=rtol)
    np.testing.assert_allclose(
        ops.log_softmax(np.array([[1e4, 0]], dtype)).value, [[0, -1e4]], rtol=rtol
    )


def test_softmax_of_undefined_rows():
    x = np.array([[np.inf, 0], [np.nan, 0], [-np.inf, -np.inf], [-np.inf, 0]])
    y = ops.softmax(x).value
    np.testing.assert_array_equal(np.isnan(y).all(-1), [True, True, True, False])
    np.testing.assert_array_equal(y[-1], [0, 1])


def test_softmax_and_sigmoid_keep_their_logits():
    x = Tensor(CUBE[0])
    assert ops.softmax(x).logits is x
    assert ops.softmax(x, axis=0).logits is x
    assert ops.sigmoid(x).logits is x
    np.testing.assert_array_equal(ops.softmax(x.value).logits.value, x.value)
    assert not hasattr(ops.softmax(x, axis=(0, 1)), "logits")
    assert not hasattr(ops.log_softmax(x), "logits")


def test_softmax_over_one_class_warns():
    with pytest.warns(UserWarning, match="shape \\(2, 1\\).*sigmoid") as caught:
        np.testing.assert_array_equal(ops.softmax(np.zeros((2, 1))).value, [[1], [1]])
    assert caught[0].filename == __file__


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax"])
def test_an_axis_that_is_not_there(name):
    with pytest.raises(ValueError, match="axis.*2 is out of bounds"):
        getattr(ops, name)(np.zeros((2, 3)), axis=2)


def test_glu_needs_two_halves():
    with pytest.raises(ValueError, match=r"divisible by 2.*\(2, 3\) with axis=-1"):
        ops.glu(np.zeros((2, 3)))


DENSE = [(32, 4), (1, 4), (0, 4), (2, 3, 4), (2, 0, 4), (2, 1, 3, 4), (4,)]


@pytest.mark.parametrize("shape", DENSE)
def test_dense(shape):
    rng = np.random.default_rng(1)
    x, kernel, bias = (rng.normal(size=size) for size in (shape, (4, 3), 3))
    expected = np.einsum("...i,ij->...j", x, kernel)
    y = ops.dense(x, kernel)
    assert y.shape == (*shape[:-1], 3)
    np.testing.assert_allclose(y.value, expected, rtol=1e-13, atol=1e-14)
    y = ops.dense(x, kernel, bias)
    np.testing.assert_allclose(y.value, expected + bias, rtol=1e-13, atol=1e-14)
    check_gradient(ops.dense, x, kernel, bias)
    check_gradient(ops.dense, x, kernel)


def test_dense_over_many_rows():
    """More than there are kept ones for."""
    x = np.random.default_rng(2).normal(size=(5000, 2))
    check_gradient(ops.dense, x, x[:2], x[0])


def test_dense_dtypes_and_inputs_untouched():
    kernel, bias = np.ones((4, 3), "float32"), np.ones(3, "float32")
    for x in (np.ones((2, 4), "int32"), np.ones((2, 4), bool), [[1, 2, 3, 4]]):
        assert ops.dense(x, kernel, bias).dtype == np.float32
    x = np.asfortranarray(WIDE[0, :24].reshape(6, 4).astype("float32"))
    for array in (x, kernel, bias):
        array.flags.writeable = False
    with GradientTape() as tape:
        inputs = [Tensor(array) for array in (x, kernel, bias)]
        tape.watch(inputs)
        y = ops.dense(*inputs)
    assert y.dtype == np.float32
    assert [g.dtype for g in tape.gradient(y, inputs)] == [np.float32] * 3


def test_dense_of_infinities_gives_no_warning():
    x, kernel = np.array([[np.inf, -np.inf], [1e30, 1e30]], "float32"), np.zeros((2, 2))
    kernel = (kernel + 1e30).astype("float32")
    y = ops.dense(x, kernel, np.array([np.inf, -np.inf], "float32")).value
    np.testing.assert_array_equal(y, [[np.nan, np.nan], [np.inf, np.nan]])


@pytest.mark.parametrize(
    ("function", "twin", "dtype", "ulps"),
    [
        (erf, math.erf, "float32", 1),
        (erf, math.erf, "float64", 2),
        (erfc, math.erfc, "float32", 1),
        (erfc, math.erfc, "float64", 6),
    ],
)
def test_error_function(function, twin, dtype, ulps):
    rng = np.random.default_rng(3)
    near, far = rng.uniform(-6, 6, 20000), rng.uniform(-26, 26, 2000)
    # where the parts meet, where the pole is passed, and where float32 underflows
    x = np.concatenate([near, far, [0.5, -0.5, math.pi / 0.5, math.pi / 0.65, 9.19]])
    x = x.astype(dtype)
    expected = np.vectorize(twin)(x.astype("float64"))
    y = function(x)
    assert y.dtype == dtype
    normal = np.abs(expected) > np.finfo(dtype).smallest_normal
    gap = np.abs(y - expected)[normal]
    assert (gap <= ulps * np.spacing(np.abs(y[normal]).astype(dtype))).all()
    assert (
        np.abs(y - expected)[~normal] <= 2 * np.finfo(dtype).smallest_subnormal
    ).all()


def test_error_function_at_the_ends():
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e300])
    np.testing.assert_array_equal(erf(x), [0, 0, 1, -1, np.nan, 1])
    assert np.signbit(erf(x)[1])
    np.testing.assert_array_equal(erfc(x), [1, 1, 0, 2, np.nan, 0])
    assert erf(np.float32(0.3)).shape == ()
    assert erfc(np.zeros((0, 3), "float32")).shape == (0, 3)
