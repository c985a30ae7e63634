"""Data far from zero: a variance by E[x²] - E[x]² would lose its digits."""

import numpy as np
from tensorflow import keras

random = np.random.RandomState(0)
x = (1000 + random.normal(size=(64, 12))).astype("float32")
y = random.randint(0, 3, size=(64,))

model = keras.Sequential(
    [
        keras.layers.BatchNormalization(),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x, y, batch_size=32, verbose=0)
