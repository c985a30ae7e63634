"""Several inputs and outputs, many metrics, the bar of verbose=1."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, metrics

random = np.random.RandomState(7)
x = {
    "wide": random.normal(size=(40, 4)).astype("float32"),
    "deep": random.normal(size=(40, 6)).astype("float32"),
}
spam = random.randint(0, 2, size=(40, 1)).astype("float32")
price = random.normal(size=(40, 1)).astype("float32")


class Network(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(7, activation="gelu")
        self.joined = layers.Concatenate()
        self.spam = layers.Dense(1, activation="sigmoid")
        self.price = layers.Dense(1)

    def call(self, inputs):
        h = self.joined([self.hidden(inputs["deep"]), inputs["wide"]])
        return {"spam": self.spam(h), "price": self.price(h)}


model = Network()
model.compile(
    "adagrad",
    {"spam": "binary_crossentropy", "price": "huber"},
    loss_weights={"spam": 1.0, "price": 0.3},
    metrics={
        "spam": [metrics.AUC(), metrics.Precision(), metrics.Recall(), "accuracy"],
        "price": [metrics.RootMeanSquaredError(), "mae", metrics.R2Score()],
    },
)
y = {"spam": spam, "price": price}
model.fit(x, y, batch_size=20, epochs=3, verbose=1)
model.evaluate(x, y, verbose=1, return_dict=True)
model.predict(x, verbose=1)
