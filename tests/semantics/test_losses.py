"""docs/semantics.md, the losses: what is clipped, what is divided by what."""

import numpy as np
import pytest

from minikeras import activations, losses, metrics, ops, regularizers
from minikeras.autodiff import GradientTape, Tensor, Variable
from minikeras.trainers.compile_utils import by_shape
from tests.semantics.ledger import hold


def array(*numbers):
    return np.array(numbers, "float32")


def test_binary_crossentropy_clips():
    y, p = array([1, 1]), array([0.0, 0.3])
    keras = -np.log(np.clip([[0, 0.3]], 1e-7, 1 - 1e-7)).mean()
    got = losses.binary_crossentropy(y, p).value
    with np.errstate(divide="ignore"):
        textbook = -np.log(p.astype("float64")).mean()
    hold(got, [keras], [textbook])


def test_categorical_crossentropy_normalises():
    y, p = array([0, 1, 0]), array([0.5, 0.5, 1.0])
    got = losses.categorical_crossentropy(y, p).value
    hold(got, [-np.log(0.5 / 2)], [-np.log(0.5)])


def test_sparse_crossentropy_takes_probabilities_as_logits():
    """softmax(log clip(p)) = clip(p) / Σ clip(p): the same as p where Σp = 1."""
    p = array([0.5, 0.5, 1.0])
    got = losses.sparse_categorical_crossentropy(np.array([1]), p).value
    hold(got, [-np.log(0.5 / 2)], [-np.log(0.5)])


def test_softmax_hands_its_logits_on():
    softmax = activations.softmax(Tensor(array([0, 40, 0])))
    got = losses.sparse_categorical_crossentropy(np.array([0]), softmax).value
    log_of_sum = 40 + np.log(1 + 2 * np.exp(-40))
    hold(got, [log_of_sum - 0], [-np.log(1e-7)])  # 40 beside 16.1, the clipped one


def test_crossentropy_gradient_from_logits():
    """softmax - target whatever the targets' sum; the true derivative has it."""
    target, z = array(0.2, 0.4, 0.6), array(0.1, 0.3, -0.2)
    p = np.exp(z.astype("float64"))
    p /= p.sum()
    logits = Variable(z)
    with GradientTape() as tape:
        loss = losses.categorical_crossentropy(target, logits, from_logits=True)
    got = np.asarray(tape.gradient(loss, logits))
    hold(got, p - target, p * target.sum() - target)


LOSSES = array(1, 2, 3, 6)  # of y_pred = √losses against 0, one column each
SQUARED = (np.zeros((4, 1), "float32"), np.sqrt(LOSSES)[:, None])
WEIGHTS = array(1, 0, 2, 0.5)


def test_weighted_mean_divides_by_the_count():
    got = losses.MeanSquaredError()(*SQUARED, sample_weight=WEIGHTS).value
    total = (LOSSES * WEIGHTS).sum()
    hold(got, total / 4, total / WEIGHTS.sum())


def test_mean_with_sample_weight_divides_by_the_weights():
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    total = (LOSSES * WEIGHTS).sum()
    got = loss(*SQUARED, sample_weight=WEIGHTS).value
    hold(got, total / WEIGHTS.sum(), total / 4)


def test_masked_mean_divides_by_the_valid():
    y_pred = Tensor(SQUARED[1])
    y_pred._keras_mask = np.array([True, False, True, False])
    got = losses.MeanSquaredError()(SQUARED[0], y_pred).value
    valid = np.array([1, 0, 1, 0])
    # each valid loss weighs total / valid = 2, and the mean divides by the total
    hold(got, (LOSSES * valid * 2).sum() / 4, (LOSSES * valid).sum() / 4)


def test_mask_beside_weights():
    """The weights of what is masked out are dropped, not made up for."""
    y_pred = Tensor(SQUARED[1])
    y_pred._keras_mask = np.array([True, False, True, False])
    got = losses.MeanSquaredError()(SQUARED[0], y_pred, sample_weight=WEIGHTS).value
    valid = np.array([1, 0, 1, 0])
    total = (LOSSES * valid * WEIGHTS).sum()
    hold(got, total * (4 / 2) / 4, total / (valid * WEIGHTS).sum())


def test_l2_has_no_half():
    w = array(1, -2, 3)
    hold(regularizers.L2(0.1)(Tensor(w)).value, 0.1 * 14, 0.1 * 14 / 2)


def test_cosine_similarity_is_negative():
    a, b = array(1, 2, 2), array(2, 0, 1)
    cosine = (a @ b) / np.linalg.norm(a) / np.linalg.norm(b)
    hold(losses.cosine_similarity(a[None], b[None]).value, [-cosine], [1 - cosine])


def test_hinge_turns_zeros_into_minus_ones():
    y, p = array([0, 1, 1]), array([0.3, 0.4, -2.0])
    keras = np.maximum(1 - (2 * y - 1) * p, 0).mean()
    hold(losses.hinge(y, p).value, [keras], [np.maximum(1 - y * p, 0).mean()])


def test_percentage_error_divides_by_no_zero():
    y, p = array([0.0, 2.0]), array([1e-7, 3.0])
    keras = 100 * (np.abs(y - p) / np.maximum(np.abs(y), 1e-7)).mean()
    hold(losses.mean_absolute_percentage_error(y, p).value, [keras], [np.inf])


def accuracy(y_true, y_pred):
    y_true, y_pred = np.array(y_true), Tensor(array(*y_pred))
    metric = by_shape("accuracy", y_true, y_pred)()
    metric.update_state(y_true, y_pred)
    return metric, metric.result().value


def test_accuracy_of_one_column():
    """Rounded at 0.5; the arg max of one column would always be 0."""
    metric, got = accuracy([[1], [1], [0]], [[0.7], [0.4], [0.2]])
    assert type(metric) is metrics.BinaryAccuracy
    hold(got, 2 / 3, 1 / 3)


def test_accuracy_of_class_numbers():
    metric, got = accuracy([2, 0], [[0.1, 0.2, 0.7], [0.2, 0.5, 0.3]])
    assert type(metric) is metrics.SparseCategoricalAccuracy
    hold(got, 1 / 2, 0)  # no number is equal to its label


def test_accuracy_of_one_hot_rows():
    rows = [[0, 1, 0], [0, 0, 1]]
    predictions = [[0.4, 0.6, 0.1], [0.7, 0.2, 0.6]]
    metric, got = accuracy(rows, predictions)
    assert type(metric) is metrics.CategoricalAccuracy
    entries = np.mean((np.array(predictions) > 0.5) == np.array(rows))
    hold(got, 1 / 2, entries)


def test_half_is_no_hit():
    """The threshold itself counts as class 0: y_pred > 0.5, not ≥."""
    _, got = accuracy([[1], [0]], [[0.5], [0.1]])
    hold(got, 1 / 2, 1)


def test_the_upper_clip_is_rounded():
    """1 - 1e-7 is 1 - 2⁻²³ in float32: a wrong 1.0 costs 15.94, not 16.12."""
    got = losses.binary_crossentropy(array([0.0]), array([1.0])).value
    hold(got, [23 * np.log(2)], [-np.log(1e-7)])


Z = array([0.5, -1.0, 2.0], [0.1, 0.2, -0.3])
ONE_HOT = array([0, 0, 1], [0, 1, 0])
SIGMOID = 1 / (1 + np.exp(-Z.astype("float64")))
SOFTMAX = np.exp(Z.astype("float64"))
SOFTMAX /= SOFTMAX.sum(-1, keepdims=True)


def binary(p):
    return -np.where(ONE_HOT == 1, np.log(p), np.log(1 - p)).mean(-1)


def categorical(p):
    return -np.log(p[ONE_HOT == 1])


def test_binary_crossentropy_of_a_softmax():
    """The logits behind the softmax, each by itself: as if it were a sigmoid."""
    softmax = activations.softmax(Tensor(Z))
    got = losses.binary_crossentropy(ONE_HOT, softmax).value
    hold(got, binary(SIGMOID), binary(SOFTMAX))


def test_categorical_crossentropy_of_a_sigmoid():
    """As if it were a softmax, not -log (p / Σp) of the sigmoids."""
    sigmoid = activations.sigmoid(Tensor(Z))
    got = losses.categorical_crossentropy(ONE_HOT, sigmoid).value
    textbook = categorical(SIGMOID / SIGMOID.sum(-1, keepdims=True))
    hold(got, categorical(SOFTMAX), textbook)


def test_from_logits_behind_a_softmax():
    softmax = activations.softmax(Tensor(Z))
    with pytest.warns(UserWarning, match="from_logits"):
        got = losses.categorical_crossentropy(ONE_HOT, softmax, from_logits=True).value
    twice = np.exp(SOFTMAX) / np.exp(SOFTMAX).sum(-1, keepdims=True)
    hold(got, categorical(SOFTMAX), categorical(twice))


def test_an_operation_hides_the_logits():
    """Nothing but the shape changes, and the loss is that of probabilities again."""
    hidden = ops.reshape(activations.softmax(Tensor(Z)), Z.shape)
    got = losses.binary_crossentropy(ONE_HOT, hidden).value
    hold(got, binary(SOFTMAX), binary(SIGMOID))


def test_tversky_swaps_alpha_and_beta():
    """alpha weighs what was missed: y·(1 - ŷ), the false negatives."""
    y, p = array([1, 1, 0, 1]), array([0.75, 0.5, 0.25, 0.125])
    hit, missed, false = (y * p).sum(), (y * (1 - p)).sum(), ((1 - y) * p).sum()
    got = losses.tversky(y, p, alpha=0.9, beta=0.2).value
    keras = 1 - hit / (hit + 0.9 * missed + 0.2 * false)
    hold(got, keras, 1 - hit / (hit + 0.9 * false + 0.2 * missed))


def test_label_smoothing_counts_the_last_axis():
    """Classes down the columns, three of them; smoothed over two, the columns."""
    y = array([0, 1], [1, 0], [0, 0])
    p = array([0.2, 0.6], [0.5, 0.3], [0.3, 0.1])
    got = losses.categorical_crossentropy(y, p, label_smoothing=0.3, axis=0).value
    keras, textbook = (-((0.7 * y + 0.3 / n) * np.log(p)).sum(0) for n in (2, 3))
    hold(got, keras, textbook)
