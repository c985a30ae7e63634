"""The first lesson's network: softmax with L2 under SGD, a part kept for validation."""

import numpy as np
import tensorflow as tf

random = np.random.RandomState(1024)
x = random.normal(size=(60, 4))
y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)

model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Dense(
            3, activation="softmax", kernel_regularizer=tf.keras.regularizers.l2()
        )
    ]
)
model.compile(
    optimizer=tf.keras.optimizers.SGD(learning_rate=0.1),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False),
    metrics=["sparse_categorical_accuracy"],
)
model.fit(x, y, batch_size=16, epochs=20, validation_split=0.2, verbose=0)
model.evaluate(x, y, verbose=0)
model.predict(x, verbose=0)
