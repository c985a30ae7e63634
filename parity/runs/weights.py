"""Rows and classes of different weight, and penalties of every kind."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, regularizers

random = np.random.RandomState(6)
x = random.normal(size=(50, 5)).astype("float32")
y = random.randint(0, 3, size=50)
weights = random.uniform(0.5, 2.0, size=50).astype("float32")

model = keras.Sequential(
    [
        layers.Dense(
            6,
            "selu",
            kernel_regularizer=regularizers.L1L2(0.01, 0.02),
            bias_regularizer=regularizers.L1(0.1),
            activity_regularizer=regularizers.L2(0.01),
        ),
        layers.Dense(
            4, "relu", kernel_regularizer=regularizers.OrthogonalRegularizer(0.01)
        ),
        layers.ActivityRegularization(l1=0.01),
        layers.Dense(3, "softmax"),
    ]
)
model.compile(
    keras.optimizers.SGD(0.05, momentum=0.9),
    "sparse_categorical_crossentropy",
    metrics=["accuracy"],
    weighted_metrics=["accuracy"],
)
settings = {"batch_size": 16, "epochs": 2, "verbose": 2}
model.fit(x, y, sample_weight=weights, validation_split=0.2, **settings)
model.fit(x, y, class_weight={0: 1.0, 1: 3.0, 2: 0.5}, **settings)
model.evaluate(x, y, sample_weight=weights, verbose=2)
model.train_on_batch(x[:7], y[:7], sample_weight=weights[:7])
