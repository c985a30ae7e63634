"""Words with padding: an embedding, an LSTM that passes the padding over, RMSprop."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

random = np.random.RandomState(3)
words = random.randint(1, 30, size=(40, 9))
for row, length in zip(words, random.randint(2, 10, size=40), strict=True):
    row[length:] = 0
likes = random.randint(0, 2, size=(40, 1)).astype("float32")

model = keras.Sequential(
    [
        keras.Input((9,), dtype="int32"),
        layers.Embedding(30, 6, mask_zero=True),
        layers.LSTM(8, return_sequences=True, dropout=0.2),
        layers.LSTM(5, recurrent_regularizer="l2"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
model.fit(words, likes, batch_size=16, epochs=2, validation_split=0.2, verbose=2)
model.summary()
model.predict(words, verbose=0)
