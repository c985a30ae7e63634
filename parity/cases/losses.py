"""Every loss: values, reductions, gradients, weights, masks, extreme input, configs."""

import numpy as np

from parity.case import case, ulp

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")
NAN, INF = float("nan"), float("inf")

rng = np.random.default_rng(11)
A, B = rng.normal(size=(2, 6, 4)).astype("float32")
LABELS = np.array([0, 3, 1, 1, 2, 0])
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
P = rng.dirichlet(np.ones(4), size=6).astype("float32")
SOFT = rng.dirichlet(np.ones(4), size=6).astype("float32")
BITS = rng.integers(0, 2, size=(6, 4)).astype("float32")
UNIT = (B / np.linalg.norm(B, axis=1, keepdims=True)).astype("float32")
WEIGHTS = rng.uniform(0.2, 2, size=6).astype("float32")

# loss class -> (y_true, y_pred, arguments)
ROWS = {
    "MeanSquaredError": (A, B, {}),
    "MeanAbsoluteError": (A, B, {}),
    "MeanAbsolutePercentageError": (A, B, {}),
    "MeanSquaredLogarithmicError": (A, B, {}),
    "CosineSimilarity": (A, B, {}),
    "CosineSimilarity axis": (A, B, {"axis": 0}),
    "Huber": (A, B, {}),
    "Huber delta": (A, B, {"delta": 0.3}),
    "LogCosh": (A, B, {}),
    "Hinge": (2 * BITS - 1, B, {}),
    "Hinge binary": (BITS, B, {}),
    "SquaredHinge": (BITS, B, {}),
    "CategoricalHinge": (ONE_HOT, B, {}),
    "KLDivergence": (SOFT, P, {}),
    "Poisson": (np.abs(A), P, {}),
    "BinaryCrossentropy": (BITS, P, {}),
    "BinaryCrossentropy logits": (BITS, B, {"from_logits": True}),
    "BinaryCrossentropy smooth": (BITS, P, {"label_smoothing": 0.1, "axis": 0}),
    "BinaryFocalCrossentropy": (BITS, P, {}),
    "BinaryFocalCrossentropy balanced": (
        BITS,
        B,
        {
            "apply_class_balancing": True,
            "alpha": 0.3,
            "gamma": 1.5,
            "from_logits": True,
            "label_smoothing": 0.2,
        },
    ),
    "CategoricalCrossentropy": (ONE_HOT, P, {}),
    "CategoricalCrossentropy soft": (SOFT, P * 3, {}),
    "CategoricalCrossentropy logits": (SOFT, B, {"from_logits": True}),
    "CategoricalCrossentropy smooth": (ONE_HOT, P, {"label_smoothing": 0.1}),
    "CategoricalCrossentropy axis": (ONE_HOT, P, {"axis": 0}),
    "CategoricalFocalCrossentropy": (ONE_HOT, P, {}),
    "CategoricalFocalCrossentropy logits": (
        ONE_HOT,
        B,
        {"from_logits": True, "alpha": 0.4, "gamma": 3.0, "label_smoothing": 0.1},
    ),
    "SparseCategoricalCrossentropy": (LABELS, P, {}),
    "SparseCategoricalCrossentropy column": (LABELS[:, None], P, {}),
    "SparseCategoricalCrossentropy logits": (LABELS, B, {"from_logits": True}),
    "SparseCategoricalCrossentropy ignore": (LABELS, P, {"ignore_class": 1}),
    "SparseCategoricalCrossentropy ignore logits": (
        LABELS,
        B,
        {"ignore_class": 0, "from_logits": True},
    ),
    "CategoricalGeneralizedCrossEntropy": (LABELS, P, {"q": 0.7}),
    "Dice": (BITS, P, {}),
    "Dice axis": (BITS, P, {"axis": 1}),
    "Tversky": (BITS, P, {"alpha": 0.3, "beta": 0.6}),
    "Tversky axis": (BITS, P, {"axis": 0}),
    "Circle": (np.array([0, 0, 1, 1, 0, 2]), UNIT, {"gamma": 8.0}),
    "Circle diagonal": (
        np.array([0, 0, 1, 1, 0, 2]),
        UNIT,
        {"gamma": 8.0, "margin": 0.2, "remove_diagonal": False},
    ),
}


def make(library, name, **more):
    return getattr(library.keras.losses, name.split()[0])(**ROWS[name][2], **more)


VALUES = ulp(6, "log, exp and the sums over 24 numbers round up to 2 ulp each")
# Where terms cancel, the result keeps the rounding of the terms, which are near 1.
# TensorFlow's slope of log is the processor's own estimate of 1/x, refined to 3 ulp.
SLOPES = ulp(8, "as the values, and 4 ulp of the terms that cancel", absolute=4.8e-7)


# TensorFlow's 1 / |x| is the processor's own estimate, refined to within 2 ulp.
COSINE = {
    "CosineSimilarity": ulp(
        6, "products of size 1 that cancel, of two factors 2 ulp off", 4 * 1.2e-7
    )
}
# Its slope is (t - n (n·t)) / |x|, |x| is 0.25 at least, and the second term cubes
# 1 / |x|.
COSINE_SLOPES = {
    "CosineSimilarity": ulp(
        6, "terms of size 4 that cancel: 2 + 6 ulp, two roundings", 4 * 10 * 1.2e-7
    )
}


@case(tolerance=VALUES, per_key=COSINE)
def reductions(library):
    for name, (y_true, y_pred, _) in ROWS.items():
        for reduction in REDUCTIONS:
            loss = make(library, name, reduction=reduction)
            yield f"{name} {reduction}", loss(y_true, y_pred)


@case(tolerance=SLOPES, per_key=COSINE_SLOPES)
def gradients(library):
    for name, (y_true, y_pred, _) in ROWS.items():
        if y_true.dtype.kind == "f" and "Hinge" not in name:
            loss = make(library, name, reduction="sum")
            value, gradient = library.value_and_gradients(loss, y_true, y_pred)
            yield f"{name} sum", [value, gradient[1]]
            yield f"{name} y_true", gradient[0]
        loss = make(library, name)
        value, gradient = library.value_and_gradients(
            lambda p, loss=loss, y=y_true: loss(y, p), y_pred
        )
        yield name, [value, gradient[0]]


@case(
    tolerance=SLOPES,
    per_key=COSINE_SLOPES
    | {
        "Circle": ulp(
            6,
            "logits up to 12 round by 5e-7, relative after exp, of slopes up to 8",
            4e-6,
        )
    },
)
def weights(library):
    for name, (y_true, y_pred, _) in ROWS.items():
        losses = make(library, name, reduction=None)(y_true, y_pred)
        weight = WEIGHTS[: losses.shape[0]] if len(losses.shape) else WEIGHTS[0]
        for reduction in REDUCTIONS:
            loss = make(library, name, reduction=reduction)
            value, gradient = library.value_and_gradients(
                lambda p, loss=loss, y=y_true, w=weight: loss(y, p, sample_weight=w),
                y_pred,
            )
            yield f"{name} {reduction}", [value, gradient[0]]


@case(tolerance=SLOPES)
def weight_shapes(library):
    """Weights per sample, per step, in a column, for all; broadcast or squeezed."""
    y_true, y_pred = np.stack([A, B]), np.stack([B, A + 1])
    grid = np.stack([WEIGHTS, WEIGHTS[::-1]])
    for reduction in REDUCTIONS:
        mse = library.keras.losses.MeanSquaredError(reduction=reduction)
        for key, weight in {
            "grid": grid,
            "grid column": grid[..., None],
            "per sample": WEIGHTS[:2, None],
            "scalar": np.float32(0.5),
            "int": 2,
            "zero": np.zeros((2, 6)),
        }.items():
            value, gradient = library.value_and_gradients(
                lambda p, mse=mse, w=weight: mse(y_true, p, sample_weight=w), y_pred
            )
            yield f"{reduction} {key}", [value, gradient[0]]
        yield (
            f"{reduction} column",
            mse(A[:, :1], B[:, :1], sample_weight=WEIGHTS[:, None]),
        )
        yield f"{reduction} vector", mse(A[:, 0], B[:, 0], sample_weight=WEIGHTS[0])
        sparse = library.keras.losses.SparseCategoricalCrossentropy(
            reduction=reduction, ignore_class=1
        )
        yield f"{reduction} ignored", sparse(LABELS, P, sample_weight=WEIGHTS)
        yield f"{reduction} all ignored", sparse(np.ones(6), P)


@case(tolerance=SLOPES)
def from_activations(library):
    """Probabilities that remember their logits, where they are saturated and not."""
    keras = library.keras
    steep = np.array([[30, -30, 0, 1], [1e4, -1e4, 0, 2], [-104, 0, 88, 3]], "float32")
    for key, z in {"plain": B[:3], "steep": steep}.items():
        for activation in ("softmax", "sigmoid"):
            made = getattr(keras.activations, activation)
            for name, y_true in {
                "BinaryCrossentropy": BITS[:3],
                "CategoricalCrossentropy": SOFT[:3],
                "SparseCategoricalCrossentropy": LABELS[:3],
                "BinaryFocalCrossentropy": BITS[:3],
                "CategoricalFocalCrossentropy": ONE_HOT[:3],
                "MeanSquaredError": A[:3],
            }.items():
                for smoothing in (0.0, 0.1) if name[0] in "BC" else (None,):
                    more = {} if smoothing is None else {"label_smoothing": smoothing}
                    loss = getattr(keras.losses, name)(**more)
                    value, gradient = library.value_and_gradients(
                        lambda x, f=made, loss=loss, y=y_true: loss(y, f(x)), z
                    )
                    yield f"{key} {activation} {name} {smoothing}", [value, gradient[0]]
            sparse = keras.losses.SparseCategoricalCrossentropy(ignore_class=3)
            yield (
                f"{key} {activation} ignore",
                sparse(LABELS[:3], made(library.tensor(z))),
            )


EXTREMES = np.array(
    [
        0,
        -0.0,
        1e-8,
        -1e-8,
        1e-7,
        0.5,
        1 - 6e-8,
        1,
        1.5,
        30,
        -30,
        1e4,
        -1e4,
        INF,
        -INF,
        NAN,
    ],
    "float32",
)


@case(
    tolerance=SLOPES,
    per_key=COSINE_SLOPES
    | {"BinaryFocal": ulp(12, "a power of 1e4: its logarithm rounds before exp")},
)
def extremes(library):
    """Every kind of number beside an ordinary one, as prediction and as target."""
    pairs = np.stack([EXTREMES, np.full_like(EXTREMES, 0.25)], axis=1)
    for name, (_, _, options) in ROWS.items():
        if "axis" in options or "Circle" in name or "Dice" in name or "Tv" in name:
            continue
        if "Sparse" in name or "Generalized" in name:
            targets = {"0": np.zeros(16, "int32"), "1": np.ones(16, "int32")}
        else:
            targets = {
                "first": np.tile(np.float32([1, 0]), (16, 1)),
                "second": np.tile(np.float32([0, 1]), (16, 1)),
                "soft": np.tile(np.float32([0.3, 0.7]), (16, 1)),
            }
        loss = make(library, name, reduction=None)
        for key, y_true in targets.items():
            value, gradient = library.value_and_gradients(
                lambda p, loss=loss, y=y_true: loss(y, p), pairs
            )
            yield f"{name} {key}", value
            yield f"{name} {key} slope", gradient[0]
        if "Sparse" not in name and "Generalized" not in name:
            yield f"{name} target", loss(pairs, np.full_like(pairs, 0.4))


@case(tolerance=VALUES)
def shapes(library):
    """What squeezes, expands and broadcasts; no rows, one row, more axes."""
    losses = library.keras.losses
    mse, mae = losses.MeanSquaredError(reduction=None), losses.MeanAbsoluteError()
    column = A[:, :1]
    for key, (y_true, y_pred) in {
        "vector column": (A[:, 0], column),
        "column vector": (column, A[:, 1]),
        "column matrix": (column, B),
        "cube": (A[None, :, :, None], B[None]),
        "no rows": (A[:0], B[:0]),
        "one row": (A[:1], B[:1]),
        "float64": (A.astype("float64"), B.astype("float64")),
        "ints": (LABELS, LABELS[::-1]),
        "lists": ([[0.0, 1.0]], [[1.0, 1.0]]),
    }.items():
        yield f"mse {key}", mse(y_true, y_pred)
        yield f"mae {key}", mae(y_true, y_pred)
    for reduction in REDUCTIONS:
        for name in (
            "MeanSquaredError",
            "BinaryCrossentropy",
            "CategoricalCrossentropy",
        ):
            loss = getattr(losses, name)(reduction=reduction)
            yield f"{name} {reduction} no rows", loss(P[:0], P[:0])
            yield f"{name} {reduction} no rows, steps", loss(P[None, :0], P[None, :0])
        sparse = losses.SparseCategoricalCrossentropy(reduction=reduction)
        yield f"sparse {reduction} no rows", sparse(LABELS[:0], P[:0])
        steps = P.reshape(2, 3, 4), LABELS.reshape(2, 3)
        yield f"sparse {reduction} steps", sparse(steps[1], steps[0])
        yield f"sparse {reduction} steps column", sparse(steps[1][..., None], steps[0])
    yield "sparse float labels", losses.SparseCategoricalCrossentropy()(LABELS * 1.0, P)
    yield "one sample", losses.SparseCategoricalCrossentropy()(np.array(1), P[0])
    yield "dtype", losses.MeanSquaredError(dtype="float64")(A, B)
    yield (
        "functions",
        [
            losses.mean_squared_error(A.astype("float64"), B.astype("float64")),
            losses.huber(A.astype("float64"), B.astype("float64"), 0.3),
            losses.sparse_categorical_crossentropy(LABELS, P.astype("float64")),
            losses.categorical_crossentropy(
                ONE_HOT.astype("float64"), P.astype("float64"), label_smoothing=0.1
            ),
        ],
    )


@case()
def configs(library):
    """Names, configs in Keras's order, and what `get` answers to."""
    losses = library.keras.losses
    for name in ROWS:
        if "Generalized" in name:
            continue  # Keras's `get` does not know it, though it is exported
        config = make(library, name).get_config()
        yield (
            name,
            [
                repr(config),
                type(losses.get(losses.serialize(make(library, name)))).__name__,
            ],
        )
    for name in (
        "mse",
        "MAE",
        "mape",
        "MSLE",
        "kld",
        "bce",
        "huber",
        "cosine_similarity",
    ):
        yield name, losses.get(name).__name__
    yield "none", losses.get(None)


@case()
def errors(library):
    """Mistakes that Keras, too, answers with ValueError."""
    losses = library.keras.losses
    mistakes = {
        "reduction": lambda: losses.MeanSquaredError(reduction="average"),
        "name": lambda: losses.get("mean_square_error"),
        "number": lambda: losses.get(3),
        "q": lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.5),
        "axis": lambda: losses.categorical_crossentropy(ONE_HOT, P, axis=True),
        "classes": lambda: losses.CategoricalCrossentropy()(ONE_HOT[:, :3], P),
        "rank": lambda: losses.BinaryCrossentropy()(LABELS, P),
        "labels": lambda: losses.SparseCategoricalCrossentropy()(LABELS[:2], P),
        "one-hot": lambda: losses.SparseCategoricalCrossentropy()(ONE_HOT, P),
        "class axis": lambda: losses.SparseCategoricalCrossentropy(axis=0)(LABELS, P),
    }
    for key, mistake in mistakes.items():
        try:
            mistake()
            yield key, "accepted"
        except Exception as error:
            yield key, type(error).__name__
