"""Products and norms: one row per op and shape, then the edges."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from tests.gradients import check_gradient
from tests.ops.rows import CHECKS, Row, numbers

A, B = numbers(4, 3), numbers(3, 2, seed=1)
STACK_A, STACK_B = numbers(2, 4, 3, seed=2), numbers(2, 3, 5, seed=3)
V = numbers(3, seed=4)


def product(a, b):
    """Rows by columns, with Python sums."""
    columns = list(zip(*b, strict=True))
    return np.array(
        [[sum(p * q for p, q in zip(r, c, strict=True)) for c in columns] for r in a]
    ).reshape(len(a), len(columns))


def products(a, b):
    return np.array([product(p, q) for p, q in zip(a, b, strict=True)]).reshape(
        a.shape[:-1] + b.shape[-1:]
    )


def contracted(a, b):
    """tensordot of (i, j, k) and (k, j, l) over j and k."""
    out = np.zeros((a.shape[0], b.shape[2]))
    for i, j, k, n in np.ndindex(*a.shape, b.shape[2]):
        out[i, n] += a[i, j, k] * b[k, j, n]
    return out


def first_with_last(a, b):
    """tensordot of (i, j, k) and (l, m, i) over i: the axes of both go round."""
    out = np.zeros((*a.shape[1:], *b.shape[:2]))
    for i, j, k, n, m in np.ndindex(*a.shape, *b.shape[:2]):
        out[j, k, n, m] += a[i, j, k] * b[n, m, i]
    return out


def norm_row(label, naive, x=A, **options):
    return Row(
        "norm", lambda x: ops.norm(x, **options), (x,), naive, label=label, batch=False
    )


def singular(x):
    return np.sqrt(np.maximum(np.linalg.eigvalsh(x.T @ x), 0))


ROWS = [
    Row("matmul", ops.matmul, (A, B), product, batch=False),
    Row(
        "matmul",
        lambda a: ops.matmul(a, B.astype(a.dtype)),
        (A,),
        lambda a: product(a, B),
        label="rows",
    ),
    Row("matmul", ops.matmul, (STACK_A, STACK_B), products, label="stacks"),
    Row(
        "matmul",
        lambda a: ops.matmul(a, B.astype(a.dtype)),
        (STACK_A,),
        lambda a: products(a, np.stack([B, B])[: len(a)]),
        label="stack-matrix",
    ),
    Row(
        "matmul",
        ops.matmul,
        (STACK_A, B),
        lambda a, b: products(a, np.stack([b] * 2)),
        batch=False,
        label="shared-matrix",
    ),
    Row(
        "matmul",
        ops.matmul,
        (A, STACK_B),
        lambda a, b: products(np.stack([a] * 2), b),
        batch=False,
        label="matrix-stack",
    ),
    Row(
        "matmul",
        ops.matmul,
        (V, B),
        lambda v, b: product([v], b)[0],
        batch=False,
        label="vm",
    ),
    Row("matmul", ops.matmul, (A, V), lambda a, v: a @ v, batch=False, label="mv"),
    Row("matmul", ops.matmul, (V, V), lambda v, w: sum(v * w), batch=False, label="vv"),
    Row(
        "matmul",
        ops.matmul,
        (STACK_A, V),
        lambda a, v: (a * v).sum(-1),
        batch=False,
        label="sv",
    ),
    Row(
        "matmul",
        ops.matmul,
        (V, STACK_B),
        lambda v, b: (v[:, None] * b).sum(-2),
        batch=False,
        label="vs",
    ),
    Row("dot", ops.dot, (A, B), product, batch=False),
    Row(
        "dot",
        ops.dot,
        (A, V),
        lambda a, v: (a * v).sum(-1),
        batch=False,
        label="vector",
    ),
    Row(
        "dot",
        ops.dot,
        (A, np.array(2.0)),
        lambda a, s: a * s,
        batch=False,
        label="scalar",
    ),
    Row("inner", ops.inner, (A, B.T), lambda a, b: product(a, b.T), batch=False),
    Row(
        "inner",
        ops.inner,
        (np.array(2.0), V),
        lambda s, v: s * v,
        batch=False,
        label="scalar",
    ),
    Row(
        "outer",
        ops.outer,
        (A, V),
        lambda a, v: np.array([[x * y for y in v] for x in a.flat]).reshape(a.size, 3),
        batch=False,
    ),
    Row(
        "tensordot",
        lambda a, b: ops.tensordot(a, b, ((1, 2), (1, 0))),
        (numbers(4, 2, 3), numbers(3, 2, 5)),
        contracted,
        batch=False,
    ),
    Row(
        "tensordot",
        lambda a, b: ops.tensordot(a, b, (0, 2)),
        (numbers(4, 2, 3), numbers(3, 2, 4)),
        first_with_last,
        batch=False,
        label="first with last",
    ),
    Row(
        "tensordot",
        lambda a: ops.tensordot(a, B.astype(a.dtype), 1),
        (A,),
        lambda a: product(a, B),
        label="1",
    ),
    Row(
        "tensordot",
        lambda a, b: ops.tensordot(a, b, 0),
        (V, B),
        lambda a, b: a[:, None, None] * b,
        batch=False,
        label="0",
    ),
    Row(
        "tensordot",
        lambda a, b: ops.tensordot(a, b, (0, 0)),
        (A, numbers(4, 2)),
        lambda a, b: product(a.T, b),
        batch=False,
        label="firsts",
    ),
    norm_row("flat", lambda x: np.sqrt(sum(v * v for v in x.flat))),
    norm_row(
        "rows", lambda x: np.sqrt((x**2).sum(1, keepdims=True)), axis=1, keepdims=True
    ),
    norm_row("1", lambda x: sum(abs(x)), axis=0, ord=1),
    norm_row("3", lambda x: sum(abs(x) ** 3) ** (1 / 3), axis=0, ord=3),
    norm_row("inf", lambda x: abs(x).max(1), axis=1, ord=np.inf),
    norm_row("-inf", lambda x: abs(x).min(1), axis=1, ord=-np.inf),
    norm_row(
        "fro", lambda x: np.sqrt((x**2).sum((0, 2))), STACK_A, axis=(0, 2), ord="fro"
    ),
    norm_row("columns", lambda x: max(sum(abs(x))), ord=1),
    norm_row("least-column", lambda x: min(sum(abs(x))), ord=-1),
    norm_row("row-sums", lambda x: max(abs(x).sum(1)), ord=np.inf),
    norm_row("least-row", lambda x: min(abs(x).sum(1)), ord=-np.inf),
    norm_row("spectral", lambda x: max(singular(x)), ord=2),
    norm_row("least-singular", lambda x: min(singular(x)), ord=-2),
    norm_row(
        "nuclear", lambda x: np.array([[sum(singular(x))]]), ord="nuc", keepdims=True
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_row(row, check):
    check(row)


def loops(subscripts, *xs):
    """einsum as nested loops over all letters, for explicit subscripts."""
    left, output = subscripts.split("->")
    inputs = left.split(",")
    lengths = {
        c: n
        for letters, x in zip(inputs, xs, strict=True)
        for c, n in zip(letters, x.shape, strict=True)
    }
    letters = list(lengths)
    y = np.zeros([lengths[c] for c in output])
    for place in np.ndindex(*lengths.values()):
        at = dict(zip(letters, place, strict=True))
        factors = [x[tuple(at[c] for c in i)] for i, x in zip(inputs, xs, strict=True)]
        y[tuple(at[c] for c in output)] += np.prod(factors)
    return y


SQUARE = numbers(3, 3, seed=5)
EINSUM = [
    ("ij,jk->ik", "ij,jk->ik", (A, B)),
    ("ij,jk", "ij,jk->ik", (A, B)),
    ("ij,jk->ki", "ij,jk->ki", (A, B)),
    ("i,j->ij", "i,j->ij", (V, V)),
    ("i,i", "i,i->", (V, V)),
    ("ij->j", "ij->j", (A,)),
    ("ij->", "ij->", (A,)),
    ("ij->ji", "ij->ji", (A,)),
    ("ii->i", "ii->i", (SQUARE,)),
    ("ii", "ii->", (SQUARE,)),
    ("iij,j->i", "iij,j->i", (numbers(2, 2, 3), V)),
    ("ij,k->ij", "ij,k->ij", (A, V)),
    ("bij,bjk->bik", "bij,bjk->bik", (STACK_A, STACK_B)),
    ("...ij,jk->...ik", "bij,jk->bik", (STACK_A, B)),
    ("...j,...j->...", "bij,ij->bi", (STACK_A, A)),
    ("ij,jk,k->i", "ij,jk,k->i", (A, B, numbers(2))),
    (" i j , j -> i ", "ij,j->i", (A, V)),
]


@pytest.mark.parametrize("given, explicit, xs", EINSUM, ids=[e[0] for e in EINSUM])
def test_einsum(given, explicit, xs):
    y = ops.einsum(given, *xs)
    np.testing.assert_allclose(y.value, loops(explicit, *xs), rtol=1e-12)
    check_gradient(lambda *xs: ops.einsum(given, *xs), *xs)
    singles = [Tensor(x.astype("float32")) for x in xs]
    with GradientTape() as tape:
        tape.watch(singles)
        y = ops.einsum(given, *singles)
    assert y.dtype == np.float32
    for x, dx in zip(singles, tape.gradient(y, singles), strict=True):
        assert (dx.dtype, dx.shape) == (np.float32, x.shape)


@pytest.mark.parametrize("rows", [0, 1])
def test_einsum_of_few_rows(rows):
    x = Tensor(A[:rows])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.einsum("ij,jk->ik", x, B)
    assert y.shape == (rows, 2)
    assert tape.gradient(y, x).shape == x.shape


def test_einsum_broadcasts_axes_of_length_one():
    check_gradient(
        lambda a, b: ops.einsum("...i,...i->...", a, b), numbers(4, 1, 3), A[:2]
    )


def test_dtypes():
    ints = np.arange(4, dtype="int32").reshape(2, 2)
    assert ops.matmul(ints, ints).dtype == np.int32
    assert ops.matmul(ints, np.ones((2, 2), "float32")).dtype == np.float32
    assert ops.einsum("ij,jk", ints, ints).dtype == np.int32
    assert ops.tensordot(ints, np.ones((2, 2), "float16"), 1).dtype == np.float16
    assert ops.norm(ints).dtype == np.float32
    assert ops.outer([1, 2], [1.0]).dtype == np.float32


def test_mixed_floats_get_gradients_of_their_own_dtype():
    a, b = Tensor(A.astype("float32")), Tensor(B)
    for op in (ops.matmul, ops.dot, lambda a, b: ops.einsum("ij,jk", a, b)):
        with GradientTape() as tape:
            tape.watch([a, b])
            y = op(a, b)
        da, db = tape.gradient(y, [a, b])
        assert (y.dtype, da.dtype, db.dtype) == (np.float64, np.float32, np.float64)


def test_norm_at_zero_has_no_gradient_as_in_tensorflow():
    x = Tensor(np.zeros(2, "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.norm(x)
    assert np.isnan(tape.gradient(y, x).value).all()
    assert float(ops.norm([3.0, 0.0, 4.0], ord=0)) == 2


EXTREME = np.array(
    [[0, 1e-8, 3e38], [np.inf, -np.inf, np.nan], [0, 1e4, -30]], "float32"
)


@pytest.mark.parametrize(
    "op",
    [
        ops.matmul,
        ops.outer,
        lambda a, b: ops.tensordot(a, b, 1),
        lambda a, b: ops.einsum("ij,jk->ik", a, b),
        lambda a, b: ops.norm(a) + ops.norm(b, axis=0, ord=3),
    ],
)
def test_extreme_numbers_warn_of_nothing(op):
    a, b = Tensor(EXTREME), Tensor(EXTREME)
    with GradientTape() as tape:
        tape.watch([a, b])
        y = op(a, b)
    tape.gradient(y, [a, b])


ERRORS = [
    (lambda: ops.matmul(A, A), "matmul"),
    (lambda: ops.tensordot(A, V, 2), "axes=2"),
    (lambda: ops.tensordot(A, A, 1), r"\(4, 3\)"),
    (lambda: ops.einsum("ij,jk", A), "2 operands"),
    (lambda: ops.einsum("ij", V), "rank 1"),
    (lambda: ops.einsum("i,i", V, V, banana=1), "banana"),
    (lambda: ops.norm(V, ord="fro"), "'fro'"),
    (lambda: ops.norm(A, ord=3), "ord=3"),
    (lambda: ops.norm(STACK_A, ord=1), "ord=1"),
    (lambda: ops.norm(V, axis=3), "axis 3"),
]


@pytest.mark.parametrize("index", range(len(ERRORS)))
def test_errors_name_the_offending_value(index):
    call, message = ERRORS[index]
    with pytest.raises(ValueError, match=message):
        call()
