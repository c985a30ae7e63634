"""Every metric: several batches, weights, reset, extreme input, configs, names."""

import numpy as np

from parity.case import case, ulp

NAN, INF = float("nan"), float("inf")

rng = np.random.default_rng(12)
A, B = rng.normal(size=(2, 40, 4)).astype("float32")
LABELS = rng.integers(0, 4, size=40)
GUESSES = rng.integers(0, 4, size=40)
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
P = rng.dirichlet(np.ones(4), size=40).astype("float32")
SOFT = rng.dirichlet(np.ones(4), size=40).astype("float32")
BITS = rng.integers(0, 2, size=(40, 4)).astype("float32")
WEIGHTS = rng.uniform(0.2, 2, size=40).astype("float32")
SPLITS = (slice(0, 16), slice(16, 17), slice(17, 40))

# metric class -> (y_true, y_pred, arguments)
ROWS = {
    "Accuracy": (LABELS, GUESSES, {}),
    "BinaryAccuracy": (BITS, P, {"threshold": 0.3}),
    "CategoricalAccuracy": (SOFT, P, {}),
    "SparseCategoricalAccuracy": (LABELS, P, {}),
    "SparseCategoricalAccuracy column": (LABELS[:, None], P, {}),
    "TopKCategoricalAccuracy": (SOFT, P, {"k": 2}),
    "SparseTopKCategoricalAccuracy": (LABELS, P, {"k": 2}),
    "SparseTopKCategoricalAccuracy ids": (
        LABELS,
        np.argsort(-P, axis=1).astype("float32"),
        {"k": 3, "from_sorted_ids": True},
    ),
    "MeanSquaredError": (A, B, {}),
    "RootMeanSquaredError": (A, B, {}),
    "MeanAbsoluteError": (A, B, {}),
    "MeanAbsolutePercentageError": (A, B, {}),
    "MeanSquaredLogarithmicError": (A, B, {}),
    "CosineSimilarity": (A, B, {}),
    "LogCoshError": (A, B, {}),
    "R2Score": (A, A + 0.3 * B, {}),
    "R2Score each": (A, A + 0.3 * B, {"class_aggregation": None}),
    "R2Score adjusted": (
        A,
        A + 0.3 * B,
        {"class_aggregation": "variance_weighted_average", "num_regressors": 3},
    ),
    "PearsonCorrelation": (A, B, {}),
    "ConcordanceCorrelation": (A, B, {}),
    "Hinge": (BITS, B, {}),
    "SquaredHinge": (2 * BITS - 1, B, {}),
    "CategoricalHinge": (ONE_HOT, B, {}),
    "KLDivergence": (SOFT, P, {}),
    "Poisson": (SOFT, P, {}),
    "BinaryCrossentropy": (BITS, P, {"label_smoothing": 0.1}),
    "BinaryCrossentropy logits": (BITS, B, {"from_logits": True}),
    "CategoricalCrossentropy": (ONE_HOT, P, {}),
    "CategoricalCrossentropy logits": (SOFT, B, {"from_logits": True}),
    "SparseCategoricalCrossentropy": (LABELS, P, {}),
    "SparseCategoricalCrossentropy ignore": (LABELS, P, {"ignore_class": 2}),
    "TruePositives": (BITS, P, {}),
    "FalsePositives": (BITS, P, {"thresholds": [0.2, 0.7]}),
    "TrueNegatives": (BITS, P, {"thresholds": [0.0, 0.5, 1.0]}),
    "FalseNegatives": (BITS, P, {"thresholds": 0.4}),
    "Precision": (BITS, P, {}),
    "Precision top": (BITS, P, {"top_k": 2}),
    "Precision class": (BITS, P, {"class_id": 1, "thresholds": [0.1, 0.6]}),
    "Recall": (BITS, P, {}),
    "Recall top": (BITS, P, {"top_k": 1, "class_id": 2}),
    "SensitivityAtSpecificity": (BITS, P, {"specificity": 0.6}),
    "SpecificityAtSensitivity": (BITS, P, {"sensitivity": 0.6, "num_thresholds": 1}),
    "PrecisionAtRecall": (BITS, P, {"recall": 0.4, "num_thresholds": 30}),
    "RecallAtPrecision": (BITS, P, {"precision": 0.4, "class_id": 3}),
    "AUC": (BITS, P, {}),
    "AUC PR": (BITS, P, {"curve": "PR", "num_thresholds": 50}),
    "AUC PR majoring": (BITS, P, {"curve": "PR", "summation_method": "majoring"}),
    "AUC gain": (BITS, P, {"curve": "PRGAIN", "summation_method": "minoring"}),
    "AUC thresholds": (BITS, P, {"thresholds": [0.6, 0.1, 0.3]}),
    "AUC logits": (BITS, B, {"from_logits": True}),
    "AUC labels": (BITS, P, {"multi_label": True, "num_labels": 4}),
    "AUC labels weighted": (
        BITS,
        P,
        {"multi_label": True, "label_weights": [1.0, 2.0, 0.5, 0.0], "curve": "PR"},
    ),
    "FBetaScore": (ONE_HOT, P, {"beta": 2.0}),
    "FBetaScore weighted": (BITS, P, {"average": "weighted", "threshold": 0.3}),
    "F1Score": (ONE_HOT, P, {"average": "micro"}),
    "F1Score macro": (ONE_HOT, P, {"average": "macro"}),
    "IoU": (LABELS, GUESSES, {"num_classes": 4, "target_class_ids": [0, 2]}),
    "BinaryIoU": (BITS, P, {"threshold": 0.3}),
    "MeanIoU": (LABELS, GUESSES, {"num_classes": 4, "ignore_class": 1}),
    "OneHotIoU": (ONE_HOT, P, {"num_classes": 4, "target_class_ids": [1, 3]}),
    "OneHotMeanIoU": (ONE_HOT, P, {"num_classes": 4}),
}
WHOLE_WEIGHTS = ("IoU",)  # counts in integers


def make(library, row, **more):
    return getattr(library.keras.metrics, row.split()[0])(**ROWS[row][2], **more)


ROUNDING = ulp(6, "log, exp and the sums over up to 160 numbers round differently")


# Products of size 1 that cancel; TensorFlow's 1 / |x| is within 2 ulp, twice.
COSINES = {"CosineSimilarity": ulp(6, "4 ulp of size 1", absolute=4 * 1.2e-7)}


@case(tolerance=ROUNDING, per_key=COSINES)
def updates(library):
    for name, (y_true, y_pred, _) in ROWS.items():
        metric = make(library, name)
        yield f"{name} names", [metric.name, metric.dtype]
        for i, rows in enumerate(SPLITS):
            metric.update_state(y_true[rows], y_pred[rows])
            yield f"{name} {i}", metric.result()
        yield f"{name} state", [v.numpy() for v in metric.variables]
        yield f"{name} paths", [[v.path, v.name, v.dtype] for v in metric.variables]
        metric.reset_state()
        yield f"{name} reset", [v.numpy() for v in metric.variables]
        yield f"{name} again", metric(y_true[:1], y_pred[:1])


COUNTS = ulp(6, "a total less a sum: 2 ulp of weights near 100", absolute=1.6e-5)
COUNTING = ("TrueNegatives", "FalseNegatives", "SensitivityAtSpecificity state")
COUNTING += ("SpecificityAtSensitivity state", "PrecisionAtRecall state")
COUNTING += ("RecallAtPrecision state", "AUC state", "AUC PR state")
COUNTING += ("AUC PR majoring state", "AUC gain state", "AUC thresholds state")
COUNTING += ("AUC logits state", "AUC labels state", "AUC labels weighted state")
GAINS = ulp(40, "one less a ratio of rounded counts, near 0.9")


@case(
    tolerance=ROUNDING,
    per_key={"AUC gain": GAINS, **{key: COUNTS for key in COUNTING}, **COSINES},
)
def weights(library):
    for name, (y_true, y_pred, _) in ROWS.items():
        metric = make(library, name)
        for i, rows in enumerate(SPLITS):
            weight = WEIGHTS[rows]
            if any(part in name for part in WHOLE_WEIGHTS):
                weight = np.ceil(WEIGHTS).astype("int32")
                weight = (
                    weight.repeat(4)[: y_true[rows].size]
                    if "Bin" in name
                    else weight[rows]
                )
            metric.update_state(y_true[rows], y_pred[rows], sample_weight=weight)
            yield f"{name} {i}", metric.result()
        yield f"{name} state", [v.numpy() for v in metric.variables]


@case(
    tolerance=ROUNDING,
    per_key={
        "Sum": ulp(6, "160 terms cancel: 2 ulp of sums near 16", absolute=4e-6),
        "Mean": ulp(6, "the same over 160", absolute=2.5e-8),
    },
)
def running(library):
    """Mean and Sum of scalars, vectors and matrices, with and without weights."""
    metrics = library.keras.metrics
    for cls in (metrics.Mean, metrics.Sum):
        for key, batches in {
            "scalars": [(1.5, None), (2.25, 3), (0.1, 0.3)],
            "vectors": [(A[0], None), (A[1], B[1]), (A[2], 2), (A[3], B[3][:, None])],
            "matrices": [(A, None), (A, WEIGHTS), (A, B), (A, WEIGHTS[:, None])],
            "cube": [(A[None], np.ones((1, 40))), (A[:, :, None], WEIGHTS)],
            "empty": [(A[:0], None), (A[:0, 0], None)],
            "nothing": [],
            "no weight": [(A[0], 0.0)],
            "extreme": [(np.float32(INF), 2), (np.float32(1), 3)],
            "nan": [(np.float32(NAN), 2), (np.float32(1), 3)],
        }.items():
            metric = cls()
            for i, (values, weight) in enumerate(batches):
                metric.update_state(values, sample_weight=weight)
                yield f"{cls.__name__} {key} {i}", metric.result()
            yield f"{cls.__name__} {key}", [v.numpy() for v in metric.variables]
    long = metrics.Mean()
    for i in range(300):
        long.update_state(np.float32(0.1 + 1e-3 * i), sample_weight=32)
    yield "long", [long.result(), long.total.numpy(), long.count.numpy()]
    wrapped = metrics.MeanMetricWrapper(library.keras.losses.huber, "h", delta=0.4)
    yield "wrapped", [wrapped(A, B), wrapped(A, B, sample_weight=WEIGHTS)]
    custom = metrics.MeanMetricWrapper(lambda y_true, y_pred: (y_true - y_pred) ** 2)
    yield "custom", [custom(A, B), custom.name]
    yield "float64", metrics.Mean(dtype="float64")(A[0])


@case(tolerance=ROUNDING)
def from_activations(library):
    """The cross-entropies see the logits behind saturated probabilities."""
    z = np.array([[30, -30, 0, 1], [1e4, -1e4, 0, 2], [-104, 0, 88, 3]], "float32")
    for activation in ("softmax", "sigmoid"):
        p = getattr(library.keras.activations, activation)(library.tensor(z))
        for name, y_true in {
            "BinaryCrossentropy": BITS[:3],
            "CategoricalCrossentropy": ONE_HOT[:3],
            "SparseCategoricalCrossentropy": LABELS[:3],
        }.items():
            yield (
                f"{activation} {name}",
                getattr(library.keras.metrics, name)()(y_true, p),
            )


@case()
def extremes(library):
    """Ties, inf, nan, labels that are no class, more axes, no rows."""
    metrics = library.keras.metrics
    scores = np.array(
        [[1, 1, 0], [0, 1, 1], [INF, 0, 1], [0, -INF, 1], [5, 4, 3]], "float32"
    )
    labels = np.array([1, 2, 0, 2, 7])
    for k in (1, 2, 3, 5):
        yield f"top {k}", metrics.sparse_top_k_categorical_accuracy(labels, scores, k)
        nan = np.where(scores == 4, np.float32(NAN), scores)
        yield (
            f"top {k} nan",
            metrics.sparse_top_k_categorical_accuracy(labels % 3, nan, k),
        )
    yield "sparse", metrics.sparse_categorical_accuracy(labels, scores)
    yield "float labels", metrics.sparse_categorical_accuracy(labels * 1.0, scores)
    yield "half labels", metrics.sparse_categorical_accuracy(labels + 0.5, scores)
    cube, steps = P.reshape(8, 5, 4), LABELS.reshape(8, 5)
    yield "cube", metrics.sparse_categorical_accuracy(steps, cube)
    yield "cube column", metrics.sparse_categorical_accuracy(steps[..., None], cube)
    yield "cube one-hot", metrics.categorical_accuracy(SOFT.reshape(8, 5, 4), cube)
    yield "cube top", metrics.top_k_categorical_accuracy(SOFT.reshape(8, 5, 4), cube, 2)
    yield "bits", metrics.binary_accuracy(np.array([[1], [0]]), np.array([0.5, 0.7]))
    numbers = np.array([0, -0.0, 0.5, 1, INF, -INF, NAN], "float32")
    yield "numbers", metrics.binary_accuracy(np.ones(7), numbers)
    for name in (
        "SparseCategoricalAccuracy",
        "MeanSquaredError",
        "CategoricalAccuracy",
    ):
        y_true, y_pred, _ = ROWS[name]
        yield f"{name} no rows", getattr(metrics, name)()(y_true[:0], y_pred[:0])
    for name in ("AUC", "Precision", "RootMeanSquaredError"):
        yield f"{name} fresh", getattr(metrics, name)().result()
    counts = metrics.FalsePositives(thresholds=[0.0, 0.5, 1.0])
    counts.update_state(np.zeros(5), np.array([0, 0.25, 0.5, 1, 2], "float32"))
    yield "edges", counts.result()


@case()
def configs(library):
    metrics = library.keras.metrics
    for name in ROWS:
        if name in ("AUC labels weighted", "AUC thresholds"):
            continue  # Keras writes tensors and NumPy numbers there, here plain ones
        metric = make(library, name, name="m")
        again = metrics.deserialize(metrics.serialize(metric))
        yield name, [repr(metric.get_config()), repr(again.get_config()), repr(metric)]
        yield f"{name} direction", getattr(metric, "_direction", None)
        if "IoU" not in name and "At" not in name:
            yield f"{name} by name", metrics.get(name.split()[0]).name
    for name in (
        "mse",
        "MAE",
        "mape",
        "MSLE",
        "bce",
        "kl_divergence",
        "r2_score",
        "auc",
    ):
        yield name, type(metrics.get(name)).__name__
    for name in ("accuracy", "root_mean_squared_error", "f1_score", "log_cosh_error"):
        yield name, type(metrics.get(name)).__name__
    yield "auto", [metrics.Precision().name, metrics.Precision().name]


@case()
def errors(library):
    """Mistakes that Keras, too, answers with ValueError."""
    metrics = library.keras.metrics
    mistakes = {
        "name": lambda: metrics.get("acuracy"),
        "acc": lambda: metrics.get("acc"),
        "number": lambda: metrics.get(3),
        "threshold": lambda: metrics.Precision(thresholds=1.5),
        "curve": lambda: metrics.AUC(curve="ROCK"),
        "summation": lambda: metrics.AUC(summation_method="sum"),
        "thresholds": lambda: metrics.AUC(num_thresholds=1),
        "num_labels": lambda: metrics.AUC(num_labels=2),
        "specificity": lambda: metrics.SensitivityAtSpecificity(1.5),
        "average": lambda: metrics.F1Score(average="mean"),
        "beta": lambda: metrics.FBetaScore(beta=1),
        "target": lambda: metrics.IoU(2, [2]),
        "r2": lambda: metrics.R2Score(class_aggregation="sum"),
        "r2 rank": lambda: metrics.R2Score()(LABELS, LABELS),
    }
    for key, mistake in mistakes.items():
        try:
            mistake()
            yield key, "accepted"
        except Exception as error:
            yield key, type(error).__name__
