"""tf.nn's losses of logits on what softmax and sigmoid gave: numbers like others."""

import numpy as np

from parity.case import case, ulp
from parity.cases.tensorflow_names import names_of

SCORES = np.array([[1, 2, 3], [0.5, 0.1, -1]], "float32")
LABELS = np.array([2, 0])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


@case(ulp(8, "two exponentials, sums and divisions; slopes are products of three"))
def of_probabilities(library):
    keras, tf = library.keras, names_of(library)
    activations = {
        "keras softmax": keras.activations.softmax,
        "keras sigmoid": keras.activations.sigmoid,
        "layer": keras.layers.Softmax(),
        "tf softmax": tf.nn.softmax,
        "tf sigmoid": tf.nn.sigmoid,
        "none": lambda x: x,
    }
    losses = {
        "sparse": lambda p: tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, p),
        "dense": lambda p: tf.nn.softmax_cross_entropy_with_logits(ONE_HOT, p),
        "sigmoid": lambda p: tf.nn.sigmoid_cross_entropy_with_logits(ONE_HOT, p),
    }
    for name, activation in activations.items():
        for kind, loss in losses.items():

            def of_scores(x, activation=activation, loss=loss):
                return loss(activation(x))

            value, slopes = library.value_and_gradients(of_scores, SCORES)
            yield f"{name}/{kind}", value
            yield f"{name}/{kind}/slopes", slopes[0]
