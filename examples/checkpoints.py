"""Stops early, keeps the best model in a file, loads it and goes on with it.
With TensorFlow: python checkpoints.py
On minikeras: python -m minikeras run checkpoints.py"""

import os
import tempfile

import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(7)
x = np.random.normal(size=(200, 5)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("int32")

inputs = keras.Input((5,))
hidden = keras.layers.Dense(16, activation="relu")(inputs)
both = keras.layers.Concatenate()([inputs, hidden])
model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(both))
model.compile(
    keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
)

path = os.path.join(tempfile.mkdtemp(), "best.keras")
history = model.fit(
    x,
    y,
    epochs=60,
    validation_split=0.25,
    verbose=0,
    callbacks=[
        keras.callbacks.EarlyStopping(patience=5),
        keras.callbacks.ModelCheckpoint(path, save_best_only=True),
    ],
)
print("epochs", len(history.epoch), "best", round(min(history.history["val_loss"]), 4))

best = keras.models.load_model(path)
loss, accuracy = best.evaluate(x[150:], y[150:], verbose=0)
print("loaded", round(loss, 4), round(accuracy, 4))
best.fit(x, y, epochs=2, shuffle=False, verbose=0)
print("trained on", round(best.evaluate(x, y, verbose=0)[0], 4))
