"""model.predict, with all that it does around the call."""

from benchmarks import rows
from benchmarks.aims import beside_tf_keras

TITLE = "model.predict(x) on one row, Dense 4-16-3"
EPOCHS = 20
STEPS = 1
UNIT = 5
TOLERANCE = 1e-6  # float32 numbers up to 1, after two sums
AIMS = beside_tf_keras(100)
USED = ("Sequential", "layers.Dense")
RIVALS = {"by hand": rows.by_hand, "scikit-learn": rows.with_sklearn}


def with_keras(keras):
    model = rows.model(keras)
    x = rows.row()
    return rows.repeated(lambda: model.predict(x, verbose=0))
