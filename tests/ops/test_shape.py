"""Shapes, joining and indexing: one row per op, then the errors."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from tests.ops.rows import CHECKS, CUBE, labelled, numbers, row

X, Y = numbers(4, 3), numbers(4, 3, seed=1)
ROW = numbers(5, seed=3)
LABELS = np.array([2, 0, 1, 2])
PLACES = np.array([[2, 0], [1, 1], [0, 2], [2, 2]])


def one(op, naive, *arguments, x=CUBE, batch=True, label=""):
    """`op(x, *arguments)` beside `naive(x, *arguments)`."""
    call, plain = getattr(ops, op), naive
    return row(
        op,
        lambda x: call(x, *arguments),
        lambda x: plain(x, *arguments),
        x,
        batch=batch,
        label=label,
    )


def rolled(x):
    return np.concatenate([x[:, -1:], x[:, :-1]], 1)


def repeated(x):
    return np.stack([x[:, 0], x[:, 0], x[:, 1]], 1)


def mirrored(x):
    return np.concatenate([x[:, :, 2:0:-1], x, x[:, :, 1:2]], 2)


def doubled_edges(x):
    return np.concatenate([x[:, :, 1::-1], x, x[:, :, 2:]], 2)


def gathered(x, indices):
    pairs = zip(x, indices, strict=True)
    return np.array([[a[i] for i in p] for a, p in pairs]).reshape(len(x), 2)


ROWS = [
    row("reshape", lambda x: ops.reshape(x, (-1, 6)), lambda x: x.reshape(len(x), 6)),
    row("ravel", ops.ravel, lambda x: x.reshape(x.size)),
    one("transpose", lambda x: x.T),
    one("transpose", np.transpose, (1, 2, 0), label="axes"),
    one("transpose", np.transpose, (0, -1, 1), label="negative"),
    one("moveaxis", lambda x, *_: x.transpose(2, 0, 1), -1, 0),
    one("moveaxis", lambda x, *_: x.transpose(2, 1, 0), (0, 1), (2, 1), label="two"),
    one("swapaxes", lambda x, *_: x.transpose(0, 2, 1), 1, -1),
    one("expand_dims", lambda x, _: x[:, None], 1),
    one("expand_dims", lambda x, _: x[None, ..., None], (0, -1), label="two"),
    one("squeeze", lambda x: x[:, 0], x=numbers(4, 1, 3), batch=False),
    one("squeeze", lambda x, _: x[:, 0], 1, x=numbers(4, 1, 3), label="axis"),
    one("broadcast_to", lambda x, _: np.stack([x, x]), (2, 4, 3), x=X, batch=False),
    one(
        "broadcast_to",
        lambda x, _: x * np.ones(3),
        (4, 3),
        x=numbers(4, 1),
        batch=False,
    ),
    one("flip", lambda x: x[::-1, ::-1, ::-1]),
    one("flip", lambda x, _: x[:, ::-1], 1, label="axis"),
    one("roll", lambda x, *_: rolled(x), 1, 1),
    one("roll", lambda x, _: np.array([*x[-2:], *x[:-2]]), 2, x=ROW, batch=False),
    one("roll", np.roll, (1, -1), (1, 2), label="two"),
    one("tile", lambda x, _: np.concatenate([x] * 3, 2), 3),
    one(
        "tile", lambda x, _: np.stack([np.concatenate([x] * 2, 1)] * 2), (2, 1, 2), x=X
    ),
    one(
        "pad",
        lambda x, _: np.pad(x, ((0, 0), (1, 2), (0, 0))),
        ((0, 0), (1, 2), (0, 0)),
    ),
    row(
        "pad",
        lambda x: ops.pad(x, ((1, 0), (0, 2)), constant_values=7.0),
        lambda x: np.vstack(
            [np.full((1, 5), 7.0), np.hstack([x, np.full((len(x), 2), 7)])]
        ),
        X,
        label="constant",
    ),
    row(
        "pad",
        lambda x: ops.pad(x, ((0, 0), (0, 0), (2, 1)), mode="reflect"),
        mirrored,
        label="reflect",
    ),
    row(
        "pad",
        lambda x: ops.pad(x, ((0, 0), (0, 0), (2, 1)), mode="symmetric"),
        doubled_edges,
        label="symmetric",
    ),
    row(
        "concatenate",
        lambda a, b: ops.concatenate([a, b], axis=-1),
        lambda a, b: np.array([[*p, *q] for p, q in zip(a, b, strict=True)]).reshape(
            -1, 6
        ),
        X,
        Y,
    ),
    row(
        "stack",
        lambda a, b: ops.stack([a, b], axis=1),
        lambda a, b: np.concatenate([a[:, None], b[:, None]], 1),
        X,
        Y,
    ),
    row(
        "hstack", lambda a, b: ops.hstack([a, b]), lambda a, b: np.hstack([a, b]), X, Y
    ),
    row(
        "vstack", lambda a, b: ops.vstack([a, b]), lambda a, b: np.vstack([a, b]), X, Y
    ),
    one("split", lambda x, *_: [x[:, :, i : i + 1] for i in range(3)], 3, 2),
    one("split", lambda x, *_: [x[..., :1], x[..., 1:]], [1], -1, label="indices"),
    row("unstack", lambda x: ops.unstack(x, axis=1), lambda x: [x[:, 0], x[:, 1]]),
    one("repeat", lambda x, *_: repeated(x), [2, 1], 1),
    one(
        "repeat",
        lambda x, _: np.array([v for v in x.flat for _ in "ab"]),
        2,
        label="flat",
    ),
    row(
        "take", lambda x: ops.take(x, [1, -1, 1], axis=1), lambda x: x[:, [1, 2, 1]], X
    ),
    row(
        "take",
        lambda x: ops.take(x, [[0, 5], [5, 1]]),
        lambda x: np.array([[x.flat[0], x.flat[5]], [x.flat[5], x.flat[1]]]),
        X,
        batch=False,
        label="flat",
    ),
    row(
        "take_along_axis",
        lambda x: ops.take_along_axis(x, PLACES[: x.shape[0]], axis=1),
        lambda x: gathered(x, PLACES[: len(x)]),
        X,
    ),
    row(
        "take_along_axis",
        lambda x: ops.take_along_axis(x, [0, -1, 0]),
        lambda x: x[[0, 4, 0]],
        ROW,
        batch=False,
        label="flat",
    ),
    row("get_item", lambda x: x[:, 0, ::-2], lambda x: x[:, 0, [2, 0]]),
    row("get_item", lambda x: x[..., None, -1], lambda x: x[:, :, 2:]),
    row("get_item", lambda x: x[:, [0, 0]], lambda x: np.stack([x[:, 0]] * 2, 1), X),
    row(
        "get_item",
        lambda x: x[x > 0],
        lambda x: np.array([v for v in x.flat if v > 0]),
        X,
        label="positive",
    ),
    row("tril", ops.tril, lambda x: x * (np.arange(3) <= np.arange(2)[:, None])),
    row("triu", ops.triu, lambda x: x * (np.arange(3) >= np.arange(2)[:, None])),
    one("triu", lambda x, _: x * [[0, 1, 1], [0, 0, 1]], 1, label="k"),
    one(
        "diag",
        lambda x, k: np.array(
            [
                [x[i] if j == i + k else 0 for j in range(6)] if i < 5 else [0] * 6
                for i in range(6)
            ]
        ),
        1,
        x=ROW,
        batch=False,
    ),
    one(
        "diag", lambda x, k: x[[1, 2], [0, 1]], -1, x=X[:3], batch=False, label="matrix"
    ),
    one("diagonal", lambda x, *_: x[:, [0, 1], [1, 2]], 1, 1, 2),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", labelled(ROWS), ids=repr)
def test_row(row, check):
    check(row)


def test_one_hot():
    assert ops.one_hot(LABELS, 3).value.tolist() == np.eye(3)[LABELS].tolist()
    assert ops.one_hot(LABELS, 3, axis=0).value.tolist() == np.eye(3)[LABELS].T.tolist()
    assert ops.one_hot([3, -1], 3).value.tolist() == [[0] * 3] * 2
    assert ops.one_hot(LABELS[:0], 3).shape == (0, 3)
    assert ops.one_hot(1, 3, dtype="int32").dtype == np.int32
    assert ops.one_hot(np.array([2.0]), 3).dtype == np.float32
    with pytest.raises(ValueError, match="Sparse"):
        ops.one_hot(LABELS, 3, sparse=True)


def test_joining_promotes_and_gives_each_its_dtype_back():
    a, b = Tensor(np.ones((1, 2), "float32")), Tensor(np.ones((1, 2)))
    for join in (ops.concatenate, ops.stack):
        with GradientTape() as tape:
            tape.watch([a, b])
            y = join([a, b, np.ones((1, 2), "int32")])
        da, db = tape.gradient(y, [a, b])
        assert (y.dtype, da.dtype, db.dtype) == (np.float64, np.float32, np.float64)


def test_a_tensor_can_be_an_index():
    x = Tensor(ROW)
    assert float(x[Tensor(np.array(1))]) == ROW[1]
    assert x[Tensor(np.array(1)) : 3].value.tolist() == ROW[1:3].tolist()
    assert x[(Tensor(LABELS),)].value.tolist() == ROW[LABELS].tolist()
    assert ops.take(x, Tensor(LABELS)).value.tolist() == ROW[LABELS].tolist()


ERRORS = [
    (lambda: ops.reshape(X, (5, 5)), "reshape"),
    (lambda: ops.reshape(X, (-1, -1)), r"newshape=\(-1, -1\)"),
    (lambda: ops.reshape(X, (2.5, 2)), "newshape.*2.5"),
    (lambda: ops.transpose(X, (0, 0)), r"axes=\(0, 0\)"),
    (lambda: ops.transpose(X, (0, 2)), "axis 2"),
    (lambda: ops.moveaxis(X, (0, 1), 0), r"source=\(0, 1\)"),
    (lambda: ops.swapaxes(X, 0, 5), "axis 5"),
    (lambda: ops.expand_dims(X, 5), "axis 5"),
    (lambda: ops.squeeze(X, 1), "axis=1"),
    (lambda: ops.broadcast_to(X, (4, 4)), r"\(4, ?4\)"),
    (lambda: ops.pad(X, 1, mode="edge"), "'edge'"),
    (lambda: ops.pad(X, 1, mode="reflect", constant_values=1), "constant_values=1"),
    (lambda: ops.concatenate([]), r"\[\]"),
    (lambda: ops.concatenate([X, CUBE]), "dimensions"),
    (lambda: ops.stack([X, ROW]), "shape"),
    (lambda: ops.split(X, 3), "indices_or_sections=3"),
    (lambda: ops.split(X, 0), "indices_or_sections=0"),
    (lambda: ops.unstack(X, 3), "num=3"),
    (lambda: ops.take(X, [4], axis=0), "index 4"),
    (lambda: ops.take(X, [0], axis=2), "axis 2"),
    (lambda: ops.take_along_axis(X, PLACES), r"\(4, 2\)"),
    (lambda: Tensor(X)[7], "index 7"),
    (lambda: ops.tril(ROW), r"x.shape=\(5,\)"),
    (lambda: ops.diag(CUBE), r"\(4, 2, 3\)"),
]


@pytest.mark.parametrize("index", range(len(ERRORS)))
def test_errors_name_the_offending_value(index):
    call, message = ERRORS[index]
    with pytest.raises((ValueError, IndexError), match=message):
        call()
