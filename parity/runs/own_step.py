"""A model of its own class with a training step of its own, regularized."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

random = np.random.RandomState(1)
x = random.normal(size=(48, 6)).astype("float32")
y = (x @ random.normal(size=(6, 2)) > 0).astype("float32")


class Network(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(
            8, "tanh", kernel_regularizer="l1", activity_regularizer="l2"
        )
        self.dropout = keras.layers.Dropout(0.25)
        self.last = keras.layers.Dense(2, bias_regularizer="l2")

    def call(self, inputs, training=None):
        return self.last(self.dropout(self.hidden(inputs), training=training))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred)
        weights = self.trainable_variables
        gradients = tape.gradient(loss, weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


model = Network()
model.compile(
    keras.optimizers.AdamW(0.02, weight_decay=0.01),
    keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=["mae"],
)
model.fit(x, y, batch_size=16, epochs=3, verbose=2)
model.summary()
model.predict(x[:10], verbose=0)
