"""The tutorial's two forms, Sequential and a subclass of Model, compute the same bits.

Sequential repeats a step that it has written down, the subclass runs its `call` each
time; parity with tf.keras over all 500 epochs is shown for the first (parity/cases).
"""

import numpy as np

import minikeras as keras
from parity.cases import iris


def test_both_forms_of_the_tutorial_train_to_the_same_bits():
    found = [dict(iris.run(keras, form)) for form in (iris.sequential, iris.subclassed)]
    for key in ("loss", "val_loss", "weights/0", "weights/1", "predict", "evaluate"):
        ours, theirs = (results[key] for results in found)
        assert np.array_equal(ours, theirs), key
    assert len(found[0]["loss"]) == 500
