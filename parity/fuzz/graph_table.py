"""Expressions between layers: operators, indexing and functions of `ops`.

An entry is a text with "{0}" (and "{1}") for the names of its inputs and a function
that gives the shape which it makes of theirs, or None where it cannot take that one.
Those of two inputs take equal shapes.
"""

from collections.abc import Callable

from parity.fuzz.shapes import Shape, product

Made = Callable[[Shape], Shape | None]

_SAME = """
2.0 * {0}
1.0 - {0}
{0} / 3.0
{0} ** 2
-{0}
abs({0})
1.0 / (1.0 + {0} * {0})
2.0 ** -abs({0})
{0} % 5.0
ops.tanh({0})
ops.relu({0})
ops.sigmoid({0})
ops.softplus({0})
ops.gelu({0})
ops.silu({0})
ops.erf({0})
ops.sin({0})
ops.cos({0})
ops.arctan({0})
ops.sqrt(ops.abs({0}) + 0.1)
ops.rsqrt(1.0 + ops.square({0}))
ops.exp(-ops.abs({0}))
ops.log1p(ops.square({0}))
ops.clip({0}, -1.0, 1.0)
ops.maximum({0}, 0.1)
ops.where({0} > 0.0, {0}, 0.1 * {0})
0.5 * {0} + ops.stop_gradient({0})
ops.cumsum({0}, axis=1)
ops.flip({0}, axis=1)
ops.roll({0}, 1, axis=1)
ops.sort({0}, axis=-1)
{0}[:, ::-1]
""".strip().splitlines()


def _wide(shape: Shape) -> Shape | None:
    """A softmax of one number is a constant, in tf.keras but for rounding."""
    return shape if shape[-1] > 1 else None


def _folded(shape: Shape) -> Shape | None:
    return shape[1:] if len(shape) > 1 and shape[0] > 1 else None


def _opened(shape: Shape) -> Shape | None:
    return (1, *shape) if len(shape) < 4 else None


def _halved(shape: Shape) -> Shape | None:
    return (*shape[:-1], shape[-1] // 2) if shape[-1] % 2 == 0 else None


def _matrix(shape: Shape) -> Shape | None:
    return (shape[0], shape[0]) if len(shape) == 2 else None


def _doubled(shape: Shape) -> Shape:
    return (*shape[:-1], 2 * shape[-1])


def _paired(shape: Shape) -> Shape | None:
    return (2, *shape) if len(shape) < 4 else None


OF_ONE: list[tuple[str, Made]] = [(text, lambda shape: shape) for text in _SAME] + [
    ("ops.softmax({0}, axis=-1)", _wide),
    ("ops.mean({0}, axis=-1, keepdims=True)", lambda s: (*s[:-1], 1)),
    ("ops.sum({0}, axis=1)", _folded),
    ("ops.max({0}, axis=1)", _folded),
    ("ops.var({0}, axis=1)", _folded),
    ("ops.logsumexp({0}, axis=1)", _folded),
    ("{0}[:, 0]", _folded),
    ("{0}[:, -1]", _folded),
    ("{0}[..., :1]", lambda s: (*s[:-1], 1)),
    ("{0}[:, :2]", lambda s: (2, *s[1:]) if s[0] > 1 else None),
    ("{0}[:, 1:]", lambda s: (s[0] - 1, *s[1:]) if s[0] > 1 else None),
    ("{0}[:, None]", _opened),
    ("ops.expand_dims({0}, axis=1)", _opened),
    ("ops.squeeze({0}, axis=1)", lambda s: s[1:] if s[0] == 1 and s[1:] else None),
    ("ops.swapaxes({0}, 1, 2)", lambda s: (s[1], s[0], *s[2:]) if s[1:] else None),
    ("ops.repeat({0}, 2, axis=1)", lambda s: (2 * s[0], *s[1:])),
    ("ops.split({0}, 2, axis=-1)[1]", _halved),
    ("ops.take({0}, [0, -1], axis=-1)", lambda s: (*s[:-1], 2)),
    ("ops.stack([{0}, 2.0 * {0}], axis=1)", _paired),
    ("ops.pad({0}, [[0, 0], [1, 0]])", lambda s: None if s[1:] else (s[0] + 1,)),
]
OF_TWO: list[tuple[str, Made]] = [
    *(
        (text, lambda shape: shape)
        for text in (
            "{0} + {1}",
            "{0} - {1}",
            "{0} * {1}",
            "{0} / (1.0 + abs({1}))",
            "(0.1 + abs({0})) ** ops.tanh({1})",
            "ops.add({0}, {1})",
            "ops.minimum({0}, {1})",
            "ops.maximum({0}, {1})",
            "ops.logaddexp({0}, {1})",
            "ops.where({0} > {1}, {0}, {1})",
        )
    ),
    ("{0} @ ops.transpose({1}, (0, 2, 1))", _matrix),
    ('ops.einsum("bij,bkj->bik", {0}, {1})', _matrix),
    ("ops.concatenate([{0}, {1}], axis=-1)", _doubled),
    ("ops.stack([{0}, {1}], axis=1)", _paired),
    ("ops.sum({0} * {1}, axis=-1, keepdims=True)", lambda s: (*s[:-1], 1)),
]


def flat(shape: Shape) -> tuple[str, Shape]:
    """The expression that leaves one axis."""
    size = product(shape)
    return f"ops.reshape({{0}}, (-1, {size}))", (size,)
