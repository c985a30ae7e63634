"""The tutorial with `Model(inputs, outputs)` beside the Sequential model of it."""

from benchmarks.aims import Aim
from benchmarks.training import Training
from benchmarks.workloads import iris
from benchmarks.workloads.iris import (  # noqa: F401 (they are this workload's, too)
    EPOCHS,
    QUICK_EPOCHS,
    STEPS,
    TOLERANCE,
    UNIT,
)

TITLE = f"{iris.TITLE}, functional"
AIMS = (
    Aim("step, warm", "minikeras", "Sequential", at_most=1.05),
    Aim("step, warm", "tf.keras", "minikeras", at_least=100),
)
USED = ("Input", "Model", *(name for name in iris.USED if name != "Sequential"))


def with_keras(keras):
    x, y = iris.data()
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,))
    outputs = keras.layers.Dense(
        3, activation="softmax", kernel_regularizer=keras.regularizers.l2(0.01)
    )(inputs)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.SGD(0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False),
        metrics=["sparse_categorical_accuracy"],
    )
    return Training(
        model, x, y, batch_size=32, validation_split=0.2, validation_freq=20
    )


def sequential():
    import minikeras

    return iris.with_keras(minikeras)


RIVALS = {"Sequential": sequential}
