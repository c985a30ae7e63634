"""The first lesson: softmax with L2 under SGD, a part kept for validation."""

import numpy as np
import tensorflow as tf

random = np.random.RandomState(1024)
kind = np.repeat([0, 1, 2], 50)
sizes = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
flowers = sizes[kind] + random.normal(scale=0.4, size=(150, 4))
order = random.permutation(150)
x, y = flowers[order], kind[order]

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
model.fit(x, y, batch_size=32, epochs=6, validation_split=0.2, verbose=2)
model.summary()
model.evaluate(x, y, verbose=2)
model.predict(x, verbose=0)
