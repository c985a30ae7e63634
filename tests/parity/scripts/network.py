"""What faults are planted into: an image side with conv, dropout and batch
normalisation, a sequence side with an LSTM, joined, under Adam; then single batches.
"""

import numpy as np
from tensorflow import keras

random = np.random.RandomState(0)
images = random.normal(size=(48, 8, 8, 2)).astype("float32")
words = random.randint(0, 20, size=(48, 6))
y = random.randint(0, 3, size=(48,))

image = keras.Input((8, 8, 2))
h = keras.layers.Conv2D(4, 3, activation="relu")(image)
h = keras.layers.BatchNormalization()(h)
h = keras.layers.MaxPooling2D()(h)
h = keras.layers.Flatten()(h)
sequence = keras.Input((6,), dtype="int32")
s = keras.layers.Embedding(20, 5)(sequence)
s = keras.layers.LSTM(4)(s)
joined = keras.layers.Concatenate()([h, s])
joined = keras.layers.Dropout(0.3)(joined)
hidden = keras.layers.Dense(6, activation="tanh", kernel_regularizer="l2")(joined)
outputs = keras.layers.Dense(3, activation="softmax")(hidden)
model = keras.Model([image, sequence], outputs)

model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    [images, words],
    y,
    batch_size=10,
    epochs=3,
    validation_split=0.25,
    verbose=0,
)
for first in (0, 10):
    part = slice(first, first + 10)
    model.train_on_batch([images[part], words[part]], y[part])
model.predict([images, words], verbose=0)
