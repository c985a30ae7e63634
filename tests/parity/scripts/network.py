"""What faults are planted into: an image side with conv, dropout and batch
normalisation, a sequence side with an LSTM, joined, under Adam; then single batches.
"""

import numpy as np
from tensorflow import keras

random = np.random.RandomState(0)
images = random.normal(size=(48, 8, 8, 2)).astype("float32")
words = random.randint(0, 20, size=(48, 6))
y = random.randint(0, 3, size=(48,))


class Network(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = keras.layers.Conv2D(4, 3, activation="relu")
        self.normalization = keras.layers.BatchNormalization()
        self.pool = keras.layers.MaxPooling2D()
        self.flatten = keras.layers.Flatten()
        self.embedding = keras.layers.Embedding(20, 5)
        self.lstm = keras.layers.LSTM(4)
        self.joined = keras.layers.Concatenate()
        self.dropout = keras.layers.Dropout(0.3)
        self.hidden = keras.layers.Dense(6, "tanh", kernel_regularizer="l2")
        self.last = keras.layers.Dense(3, activation="softmax")

    def call(self, inputs, training=None):
        image, sequence = inputs
        h = self.normalization(self.conv(image), training=training)
        h = self.flatten(self.pool(h))
        s = self.lstm(self.embedding(sequence))
        joined = self.dropout(self.joined([h, s]), training=training)
        return self.last(self.hidden(joined))


model = Network()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    [images, words],
    y,
    batch_size=10,
    epochs=3,
    validation_split=0.25,
    verbose=2,
)
for first in (0, 10):
    part = slice(first, first + 10)
    model.train_on_batch([images[part], words[part]], y[part])
model.predict([images, words], verbose=0)
model.summary()
