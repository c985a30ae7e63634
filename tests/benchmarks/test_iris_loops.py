"""The hand-written iris loops train as tf.keras does, and as each other."""

import numpy as np
import pytest

from benchmarks.baselines import iris_plain, iris_tuned
from benchmarks.baselines.iris_start import BIAS, KERNEL, ORDER
from benchmarks.workloads import iris
from minikeras.datasets.iris import load_data
from minikeras.initializers import GlorotUniform
from minikeras.random import set_random_seed, shuffle_order

# tf.keras (TensorFlow 2.21.0, Keras 3.15.1), the same 500 epochs: {epoch: value}.
RECORDED = {
    "loss": {1: 1.3301203, 2: 1.2538584, 100: 0.4394917, 500: 0.3776293},
    "sparse_categorical_accuracy": {1: 33 / 120, 2: 67 / 120, 100: 101 / 120},
    "val_loss": {20: 1.3667864, 100: 0.6080642, 500: 0.4979116},
    "val_sparse_categorical_accuracy": {20: 18 / 30, 100: 20 / 30, 500: 24 / 30},
}
RECORDED_BIAS = [1.1120698, 1.3194638, -2.4315352]
# The measured drift over all 500 epochs: losses 6e-7, weights 1.5e-6.
LOSS_TOLERANCE = 1e-6
WEIGHT_TOLERANCE = 2e-6


LOOPS = pytest.mark.parametrize(
    "loop", [iris_plain, iris_tuned], ids=["by hand", "tuned"]
)


@pytest.fixture(scope="module")
def trained():
    """What each loop returns for the tutorial's 500 epochs."""
    x, y = iris.data()
    return {
        loop: loop.fit(x, y, KERNEL, BIAS, ORDER, epochs=500)
        for loop in (iris_plain, iris_tuned)
    }


@LOOPS
@pytest.mark.parametrize("name", RECORDED)
def test_history_is_tf_keras_s(trained, loop, name):
    history, _, _ = trained[loop]
    every = 20 if name.startswith("val") else 1
    assert len(history[name]) == 500 // every
    for epoch, value in RECORDED[name].items():
        assert abs(history[name][epoch // every - 1] - value) <= LOSS_TOLERANCE


@LOOPS
def test_weights_are_tf_keras_s_and_float32(trained, loop):
    _, kernel, bias = trained[loop]
    assert kernel.dtype == bias.dtype == np.float32
    np.testing.assert_allclose(bias, RECORDED_BIAS, rtol=0, atol=WEIGHT_TOLERANCE)


def test_loops_agree(trained):
    (plain, *plain_weights), (tuned, *tuned_weights) = trained.values()
    assert plain.keys() == tuned.keys()
    for name in plain:
        np.testing.assert_allclose(
            plain[name], tuned[name], rtol=0, atol=LOSS_TOLERANCE, err_msg=name
        )
    for one, other in zip(plain_weights, tuned_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=WEIGHT_TOLERANCE)


@LOOPS
def test_arguments_are_left_alone(loop):
    x, y = iris.data()
    given = [array.copy() for array in (x, y, KERNEL, BIAS, ORDER)]
    loop.fit(x, y, KERNEL, BIAS, ORDER, epochs=20)
    for array, before in zip((x, y, KERNEL, BIAS, ORDER), given, strict=True):
        assert np.array_equal(array, before)


@LOOPS
def test_epoch_descends_along_the_derivative_of_its_loss(loop):
    """One batch: the step is -0.1 × the central difference of evaluate's loss."""
    x, y = iris.data()
    x, y = x[:32].astype("float32"), y[:32]
    kernel, bias = KERNEL.copy(), BIAS.copy()
    loss, accuracy = loop.train_epoch(x, y, kernel, bias)
    # Measured before the update, so evaluate gives the same; sums of 32 differ.
    assert (loss, accuracy) == pytest.approx(loop.evaluate(x, y, KERNEL, BIAS))
    step = 1e-3
    for index in np.ndindex(KERNEL.shape):
        moved = np.zeros(KERNEL.shape)
        moved[index] = step
        above, _ = loop.evaluate(x, y, KERNEL + moved, BIAS)
        below, _ = loop.evaluate(x, y, KERNEL - moved, BIAS)
        slope = (above - below) / (2 * step)
        # float32 update: the kernel's last bit, 6e-8, against a step of 0.1.
        assert (KERNEL - kernel)[index] / 0.1 == pytest.approx(slope, abs=5e-6)


def test_it_starts_where_tf_keras_starts():
    set_random_seed(0)
    assert np.array_equal(GlorotUniform()((4, 3)), KERNEL)
    assert np.array_equal(shuffle_order(120, 0), ORDER)


def test_data_are_shuffled_alike():
    x, y = iris.data()
    ordered_x, ordered_y = load_data()
    np.random.seed(1024)
    order = np.random.permutation(150)
    assert np.array_equal(x, ordered_x[order])
    assert np.array_equal(y, ordered_y[order])
