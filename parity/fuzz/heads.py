"""Targets, the last layers, losses and metrics that fit each other."""

import re

from parity.fuzz import options as o
from parity.fuzz.dice import Dice
from parity.fuzz.layer_table import layer
from parity.fuzz.shapes import Shape
from parity.fuzz.spec import Call, Head

# One number for a batch. Its weighted mean over a last batch of one row is another one
# in tf.keras's compiled step than in its eager step (docs/differences.md).
_OF_BATCHES = ("Dice", "Tversky")


def head(dice: Dice, shape: Shape, kind: str) -> Head:
    """For features of that shape: one output a row, or one for each of its places."""
    return _KINDS[kind](dice, shape[:-1])


def _size(lead: Shape, *last: int) -> str:
    inner = ", ".join(map(str, (*lead, *last)))
    return f"(rows, {inner})" if inner else "(rows,)"


def _dense(dice: Dice, units: int, activation: str | None) -> Call:
    options: dict = {"units": units}
    if activation:
        options["activation"] = activation
    options |= o.of_weights(dice, matrix=True)
    # Without any trainable weight tf.keras has no averages of them.
    options.pop("trainable", None)
    return layer("Dense", options)


def _loss(dice: Dice, choices: dict) -> object:
    """One of {class: options}; without options now and then by its name."""
    name = dice.pick(list(choices))
    options = dict(choices[name])
    reductions = ["sum", "mean_with_sample_weight"]
    if name in _OF_BATCHES:
        reductions.pop()
    options |= dice.options(0.15, reduction=lambda: dice.pick(reductions))
    return Call(f"keras.losses.{name}", options)


def _metrics(dice: Dice, names: list, calls: dict) -> tuple:
    made = [Call(f"keras.metrics.{name}", options) for name, options in calls.items()]
    return tuple(dice.sample([*names, *made], 3))


def _regression(dice: Dice, lead: Shape) -> Head:
    units = dice.integer(1, 4)
    choices: dict = {
        "MeanSquaredError": {},
        "MeanAbsoluteError": {},
        "MeanAbsolutePercentageError": {},
        "Huber": {"delta": 0.5},
        "LogCosh": {},
    }
    calls: dict = {
        "RootMeanSquaredError": {},
        "LogCoshError": {},
        "MeanAbsolutePercentageError": {},
    }
    # Of one number the cosine is 1 or -1, as the correlation is of two: their means
    # are zero in one library and rounding in the other.
    if units > 1:
        choices["CosineSimilarity"] = calls["CosineSimilarity"] = {}
    if units > 2 and not lead:
        calls |= {"ConcordanceCorrelation": {}, "PearsonCorrelation": {}}
    if not lead:
        calls["R2Score"] = {}
    loss = dice.pick(["mse", "mae", "mape", "huber", "log_cosh", None, None])
    loss = loss or _loss(dice, choices)
    metrics = _metrics(dice, ["mae", "mse"], calls)
    target = f"y = random.normal(size={_size(lead, units)})"
    return Head((target,), (_dense(dice, units, None),), loss, metrics)


def _counts(dice: Dice, lead: Shape) -> Head:
    units = dice.integer(1, 3)
    loss = _loss(dice, {"Poisson": {}, "MeanSquaredLogarithmicError": {}})
    metrics = _metrics(dice, ["msle"], {"Poisson": {}, "MeanSquaredError": {}})
    target = f"y = random.poisson(2.0, size={_size(lead, units)})"
    last = _dense(dice, units, dice.pick(["softplus", "exponential", "relu"]))
    return Head((f'{target}.astype("float32")',), (last,), loss, metrics)


def _binary(dice: Dice, lead: Shape) -> Head:
    target = f"y = random.randint(0, 2, size={_size(lead, 1)})"
    if dice.chance(0.5):
        target += '.astype("float32")'
    logits = dice.chance(0.25)
    given = {"from_logits": True} if logits else {}
    choices = {
        "BinaryCrossentropy": given | dice.options(0.3, label_smoothing=lambda: 0.1),
        "BinaryFocalCrossentropy": given
        | dice.options(0.4, apply_class_balancing=lambda: True, gamma=lambda: 1.5),
        "Hinge": {},
        "SquaredHinge": {},
    }
    if not logits:
        choices |= {"Dice": {}, "Tversky": {"alpha": 0.3}}
    calls: dict = {
        "BinaryAccuracy": {"threshold": 0.4},
        "BinaryCrossentropy": given,
        "Hinge": {},
        "BinaryIoU": {"threshold": 0.45},
    }
    if not logits:
        calls |= {
            "AUC": {"num_thresholds": 20, "curve": dice.pick(["ROC", "PR"])},
            "Precision": {},
            "Recall": {"thresholds": 0.45},
            "TruePositives": {},
            "FalseNegatives": {},
            "SensitivityAtSpecificity": {"specificity": 0.5, "num_thresholds": 10},
            "PrecisionAtRecall": {"recall": 0.5, "num_thresholds": 10},
        }
    last = _dense(dice, 1, None if logits else "sigmoid")
    return Head(
        (target,), (last,), _loss(dice, choices), _metrics(dice, ["accuracy"], calls)
    )


def _classes(dice: Dice, lead: Shape) -> Head:
    classes = dice.integer(2, 5)
    target = f"y = random.randint(0, {classes}, size={_size(lead)})"
    if dice.chance(0.3):
        target = f"y = random.randint(0, {classes}, size={_size(lead, 1)})"
    logits = dice.chance(0.25)
    loss: object = "sparse_categorical_crossentropy"
    if logits or dice.chance(0.4):
        options = {"from_logits": True} if logits else {}
        options |= dice.options(0.2, ignore_class=lambda: 1)
        choices = {"SparseCategoricalCrossentropy": options}
        if not logits and "1)" not in target:
            choices["CategoricalGeneralizedCrossEntropy"] = {"q": 0.6}
        loss = _loss(dice, choices)
    metrics = _metrics(
        dice,
        ["accuracy", "sparse_categorical_accuracy"],
        {"SparseTopKCategoricalAccuracy": {"k": 2}},
    )
    last = _dense(dice, classes, None if logits else "softmax")
    return Head((target,), (last,), loss, metrics)


def _one_hot(dice: Dice, lead: Shape) -> Head:
    classes = dice.integer(2, 5)
    dtype = dice.pick(["float32", "float64", "int32"])
    labels = f"random.randint(0, {classes}, size={_size(lead)})"
    target = f'y = np.eye({classes}, dtype="{dtype}")[{labels}]'
    logits = dice.chance(0.2)
    given = {"from_logits": True} if logits else {}
    choices = {
        "CategoricalCrossentropy": given
        | dice.options(0.3, label_smoothing=lambda: 0.1),
        "CategoricalFocalCrossentropy": given | dice.options(0.4, gamma=lambda: 1.5),
        "CategoricalHinge": {},
    }
    if not logits:
        choices |= {
            "KLDivergence": {},
            "MeanSquaredError": {},
            "Tversky": {"beta": 0.7},
        }
    calls: dict = {
        "TopKCategoricalAccuracy": {"k": 2},
        "CategoricalCrossentropy": given,
        "CategoricalHinge": {},
        "OneHotMeanIoU": {"num_classes": classes},
        "OneHotIoU": {"num_classes": classes, "target_class_ids": [0]},
    }
    if not lead:
        calls |= {"F1Score": {"average": "macro"}, "FBetaScore": {"beta": 0.5}}
    if not logits:
        calls |= {"Precision": {"class_id": 0}, "Recall": {"top_k": 1}}
        calls |= {"KLDivergence": {}}
    last = _dense(dice, classes, None if logits else "softmax")
    metrics = _metrics(dice, ["accuracy"], calls)
    return Head((target,), (last,), _loss(dice, choices), metrics)


def _circle(dice: Dice, lead: Shape) -> Head:
    """Labels of embeddings of length one; rows only."""
    target = "y = random.randint(0, 3, size=(rows,))"
    layers = (_dense(dice, dice.integer(2, 4), None), layer("UnitNormalization", {}))
    return Head((target,), layers, _loss(dice, {"Circle": {"gamma": 4.0}}))


def class_count(head: Head | None) -> int | None:
    """How many classes class_weight can name: those of a row's label."""
    if head is None or isinstance(head.loss, Call) and head.loss.name == "Circle":
        return None
    label = re.search(r"randint\(0, (\d+), size=\(rows,( 1)?\)\)", head.target[0])
    return int(label[1]) if label else None


_KINDS = {
    "regression": _regression,
    "counts": _counts,
    "binary": _binary,
    "classes": _classes,
    "one_hot": _one_hot,
    "circle": _circle,
}
OFTEN = ("regression", "binary", "classes", "one_hot")
KINDS = (*OFTEN, *OFTEN, *_KINDS)
