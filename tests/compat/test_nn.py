"""tf.nn: losses of logits take what they are given for logits."""

import numpy as np
import pytest

from minikeras import activations
from minikeras.autodiff import GradientTape, Variable
from minikeras.compat import tensorflow as tf

SCORES = np.array([[1, 2, 3], [0.5, 0.1, -1]], "float32")
LABELS = np.array([2, 0])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


def softmax(z):
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


@pytest.mark.parametrize("activation", [activations.softmax, tf.nn.softmax])
def test_softmax_of_a_softmax(activation):
    expected = -np.log(softmax(softmax(SCORES)))[[0, 1], LABELS]
    scores = Variable(SCORES)
    for loss, labels in (
        (tf.nn.sparse_softmax_cross_entropy_with_logits, LABELS),
        (tf.nn.softmax_cross_entropy_with_logits, ONE_HOT),
    ):
        with GradientTape() as tape:
            value = loss(labels, activation(scores))
        np.testing.assert_allclose(value, expected, rtol=1e-6)
        p = softmax(SCORES)
        slope = softmax(p) - ONE_HOT
        slope = p * (slope - (slope * p).sum(-1, keepdims=True))
        found = tape.gradient(value, scores)
        np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("activation", [activations.sigmoid, tf.nn.sigmoid])
def test_sigmoid_of_a_sigmoid(activation):
    p = 1 / (1 + np.exp(-SCORES))
    expected = np.log1p(np.exp(-p)) + (1 - ONE_HOT) * p
    value = tf.nn.sigmoid_cross_entropy_with_logits(ONE_HOT, activation(SCORES))
    np.testing.assert_allclose(value, expected, rtol=1e-6)
