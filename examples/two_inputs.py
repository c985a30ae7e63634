"""Wide and deep: two inputs, an auxiliary output. With TensorFlow: python two_inputs.py
On minikeras: python -m minikeras run two_inputs.py"""

import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(42)
features = np.random.normal(size=(400, 8)).astype("float32")
x = {"wide": features[:, :5], "deep": features[:, 2:]}
price = features[:, :1] + np.maximum(features[:, 5:6], features[:, 6:7])
y = {"price": price, "cheap": (price < 0).astype("float32")}

wide = keras.Input((5,), name="wide")
deep = keras.Input((6,), name="deep")
hidden = keras.layers.Dense(30, activation="relu")(deep)
hidden = keras.layers.Dense(30, activation="relu")(hidden)
both = keras.layers.Concatenate()([wide, hidden])
outputs = {
    "price": keras.layers.Dense(1, name="price")(both),
    "cheap": keras.layers.Dense(1, activation="sigmoid", name="cheap")(hidden),
}
model = keras.Model({"wide": wide, "deep": deep}, outputs)
model.summary()

model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss={"price": "mse", "cheap": "binary_crossentropy"},
    loss_weights={"price": 0.9, "cheap": 0.1},
    metrics={"price": ["mae"], "cheap": ["accuracy"]},
)
history = model.fit(x, y, epochs=10, validation_split=0.2, verbose=0)
for name, values in history.history.items():
    print(f"{name}: {values[0]:.3f} after one epoch, {values[-1]:.3f} after the last")

first = model.predict({name: part[:3] for name, part in x.items()}, verbose=0)
for name, values in first.items():
    print(name, np.round(values[:, 0], 2))
