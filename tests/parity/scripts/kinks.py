"""What rounding alone makes jump: thousands of ReLUs and maxima, and a bias in front of
a batch normalisation, which Adam moves in directions that rounding decides.
"""

import numpy as np
from tensorflow import keras

random = np.random.RandomState(0)
x = random.normal(size=(160, 16, 16, 3)).astype("float32")
y = random.randint(0, 10, size=(160,))

model = keras.Sequential(
    [
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(8, 3),
        keras.layers.BatchNormalization(),
        keras.layers.Activation("relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=2, validation_split=0.2, verbose=2)
model.evaluate(x, y, verbose=0)
