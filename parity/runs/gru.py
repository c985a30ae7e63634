"""Series to series: GRUs in both forms and in both directions, Nadam, clipping."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

random = np.random.RandomState(4)
x = random.normal(size=(30, 7, 3)).astype("float32")
y = np.cumsum(x, axis=1)[..., :2]

model = keras.Sequential(
    [
        keras.Input((7, 3)),
        layers.Bidirectional(layers.GRU(4, return_sequences=True)),
        layers.GRU(5, return_sequences=True, reset_after=False),
        layers.LayerNormalization(),
        layers.TimeDistributed(layers.Dense(2)),
    ]
)
model.compile(
    keras.optimizers.Nadam(0.01, clipnorm=0.5), "mse", metrics=["mae", "mape"]
)
model.fit(x, y, batch_size=10, epochs=2, validation_data=(x[:8], y[:8]), verbose=2)
model.summary(line_length=90, show_trainable=True)
model.predict(x, verbose=0)
