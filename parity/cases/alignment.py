"""Labels, weights and outputs whose shapes do not match, and outputs that are NaN."""

import numpy as np

from parity.case import case, ulp

rng = np.random.default_rng(31)
COLUMN = rng.uniform(0.1, 0.9, size=(5, 1)).astype("float32")
BITS = np.array([0, 1, 1, 0, 1], dtype="float32")
LABELS = np.array([0, 2, 1, 0, 2])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
P = rng.dirichlet(np.ones(3), size=5).astype("float32")
WEIGHTS = np.array([0.2, 1, 2, 0.5, 3], dtype="float32")

# (y_true, y_pred) that Keras aligns in a Loss, but not in a function or a metric
PAIRS = {
    "(n,) beside (n, 1)": (BITS, COLUMN),
    "(n, 1) beside (n,)": (BITS[:, None], COLUMN[:, 0]),
    "integers": (LABELS, COLUMN),
    "(n, 1) beside (n, k)": (BITS[:, None], P),
    "(n, k) beside (n, 1)": (ONE_HOT, COLUMN),
    "(k,) beside (n, k)": (ONE_HOT[0], P),
}
FUNCTIONS = (
    "hinge",
    "squared_hinge",
    "categorical_hinge",
    "kl_divergence",
    "poisson",
    "dice",
    "tversky",
    "cosine_similarity",
    "mean_squared_error",
)
METRICS = (
    "Hinge",
    "SquaredHinge",
    "CategoricalHinge",
    "KLDivergence",
    "Poisson",
    "CosineSimilarity",
    "MeanSquaredError",
)
TOLERANCE = ulp(16, "logarithms and norms differ by a few ulp, before sums of 25", 1e-6)


@case(TOLERANCE)
def unaligned_losses(library):
    """Loss functions leave shapes to broadcasting, or align; with their gradients."""
    for name in FUNCTIONS:
        loss = getattr(library.keras.losses, name)
        for pair, (y_true, y_pred) in PAIRS.items():

            def of_outputs(y_pred, loss=loss, y_true=y_true):
                return loss(y_true, y_pred)

            value, slopes = library.value_and_gradients(of_outputs, y_pred)
            yield f"{name}/{pair}", value
            yield f"{name}/{pair}/slopes", slopes[0]
    loss = library.keras.losses.CategoricalGeneralizedCrossEntropy(reduction="none")
    yield "generalized/(n,)", loss(LABELS, P)
    yield "generalized/(n, 1)", loss(LABELS[:, None], P)


@case(TOLERANCE)
def unaligned_metrics(library):
    """The metrics of the same functions, with weights of two shapes."""
    for name in METRICS:
        for pair, (y_true, y_pred) in PAIRS.items():
            for kind, weights in (
                ("plain", None),
                ("(n,)", WEIGHTS),
                ("(n, 1)", WEIGHTS[:, None]),
            ):
                metric = getattr(library.keras.metrics, name)()
                for _ in range(2):
                    metric.update_state(y_true, y_pred, weights)
                yield f"{name}/{pair}/{kind}", metric.result()


@case(TOLERANCE, slow=True)
def compiled_metrics(library):
    """fit and evaluate with labels (n,) beside outputs (n, 1): losses align."""
    keras = library.keras
    losses = keras.losses
    metrics = [losses.poisson, losses.dice, losses.tversky, "hinge", "kl_divergence"]
    for name in ("hinge", "poisson", "dice"):
        model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones")])
        model.compile("sgd", name, metrics=metrics)
        yield name, np.array(model.evaluate(P, BITS, batch_size=5, verbose=0))


@case(TOLERANCE)
def weights_of_f_scores(library):
    """A micro average takes weights of two axes; the others refuse them."""
    for average in (None, "micro", "macro", "weighted"):
        for kind, weights in (
            ("(n,)", WEIGHTS),
            ("(n, 1)", WEIGHTS[:, None]),
            ("(n, k)", np.repeat(WEIGHTS[:, None], 3, 1)),
        ):
            metric = library.keras.metrics.FBetaScore(average, beta=0.5, threshold=0.3)
            try:
                metric.update_state(ONE_HOT, P, weights)
            except ValueError:
                yield f"{average}/{kind}", "refused"
                continue
            yield f"{average}/{kind}", metric.result()


@case(TOLERANCE)
def outputs_that_are_nan(library):
    """What training that diverges gives: NaN lies above no threshold."""
    metrics = library.keras.metrics
    thresholds = [0.0, 0.25, 0.5, 0.75, 1.0]
    rows = {
        "AUC": lambda: metrics.AUC(),
        "AUC 5": lambda: metrics.AUC(num_thresholds=5),
        "AUC PR": lambda: metrics.AUC(curve="PR"),
        "AUC thresholds": lambda: metrics.AUC(thresholds=[0.3, 0.5]),
        "AUC labels": lambda: metrics.AUC(multi_label=True, num_labels=2),
        "PrecisionAtRecall": lambda: metrics.PrecisionAtRecall(0.5),
        "RecallAtPrecision": lambda: metrics.RecallAtPrecision(0.6),
        "SensitivityAtSpecificity": lambda: metrics.SensitivityAtSpecificity(0.5),
        "SpecificityAtSensitivity": lambda: metrics.SpecificityAtSensitivity(0.5),
        "Precision": lambda: metrics.Precision(thresholds=thresholds),
        "Recall": lambda: metrics.Recall(thresholds=thresholds),
        "Precision of one": lambda: metrics.Precision(),
        "FalseNegatives": lambda: metrics.FalseNegatives(thresholds=thresholds),
        "BinaryAccuracy": lambda: metrics.BinaryAccuracy(),
    }
    y_true = np.array([[0, 1], [1, 0], [1, 0]], dtype="float32")
    some = np.array([[0.2, np.nan], [0.7, 0.1], [0.9, np.nan]], dtype="float32")
    for name, make in rows.items():
        for kind, y_pred in (("some", some), ("all", some * np.nan)):
            metric = make()
            metric.update_state(y_true, y_pred)
            yield f"{name}/{kind}", metric.result()
            yield f"{name}/{kind}/state", [np.asarray(v) for v in metric.variables]
