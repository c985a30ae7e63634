"""The hand-written MLP trains as minikeras does, and its gradients are right."""

import numpy as np
import pytest

import minikeras
from benchmarks.baselines import mlp_plain
from benchmarks.workloads import mlp

# tf.keras (TensorFlow 2.21.0, Keras 3.15.1), the losses of the five epochs.
RECORDED = [2.2859879, 1.6364038, 0.7256171, 0.1326776, 0.0315056]


@pytest.fixture(scope="module")
def small():
    """x, y, kernels and biases of a network 5-7-6-3 with 8 rows, in float64."""
    random = np.random.default_rng(2)
    sizes = (5, 7, 6, 3)
    x = random.standard_normal((8, sizes[0]))
    y = random.integers(sizes[-1], size=8)
    shapes = list(zip(sizes, sizes[1:], strict=False))
    kernels = [random.standard_normal(shape) for shape in shapes]
    biases = [random.standard_normal(n) for _, n in shapes]
    return x, y, kernels, biases


def test_history_is_tf_keras_s_and_minikeras_s():
    by_hand = mlp.by_hand()(mlp.EPOCHS)
    trained = mlp.with_keras(minikeras)(mlp.EPOCHS)
    for history in (by_hand, trained):
        assert history["loss"] == pytest.approx(RECORDED, abs=mlp.TOLERANCE)
    # A row near a tie may fall to either side.
    accuracy = pytest.approx(trained["accuracy"], abs=2 / mlp.ROWS)
    assert by_hand["accuracy"] == accuracy


def test_gradients_are_the_slopes_of_the_loss(small):
    x, y, kernels, biases = small
    weights = [w for pair in zip(kernels, biases, strict=True) for w in pair]
    _, _, gradients = mlp_plain.differentiate(x, y, weights)
    random = np.random.default_rng(3)
    for position, gradient in enumerate(gradients):
        direction = random.standard_normal(gradient.shape)
        losses = []
        for step in (1e-6, -1e-6):
            moved = list(weights)
            moved[position] = weights[position] + step * direction
            losses.append(mlp_plain.differentiate(x, y, moved)[0])
        slope = (losses[0] - losses[1]) / 2e-6
        # Central differences of a float64: step² and 1e-16 over the step.
        assert (gradient * direction).sum() == pytest.approx(slope, abs=1e-8)


def test_arguments_are_left_alone_and_float32_stays(small):
    x, y, kernels, biases = small
    x, kernels, biases = (
        x.astype("float32"),
        [k.astype("float32") for k in kernels],
        [b.astype("float32") for b in biases],
    )
    before = [w.copy() for w in kernels + biases]
    mlp_plain.fit(x, y, kernels, biases, np.arange(8), 3, 2)
    for w, kept in zip(kernels + biases, before, strict=True):
        assert np.array_equal(w, kept)
    *_, gradients = mlp_plain.differentiate(x, y, [kernels[0][:, :3], biases[2]])
    assert {g.dtype for g in gradients} == {np.dtype("float32")}


def test_a_run_can_be_repeated_from_the_same_weights():
    training = mlp.with_keras(minikeras, inputs=8, width=8, batch=16, rows=32)
    training.rewind()  # nothing to go back to yet
    training(2)
    kept = training._model.get_weights()
    training(1)
    assert not np.array_equal(training._model.get_weights()[0], kept[0])
    training.rewind()
    for w, expected in zip(training._model.get_weights(), kept, strict=True):
        assert np.array_equal(w, expected)
