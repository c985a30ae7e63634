"""Iris in six steps. With TensorFlow: python iris_sequential.py
On minikeras: python -m minikeras run iris_sequential.py"""

# 1. Import
import numpy as np
import tensorflow as tf
from sklearn import datasets

# 2. The data, shuffled: the last 20 % become the validation rows
x, y = datasets.load_iris(return_X_y=True)
order = np.random.RandomState(1024).permutation(len(x))
x, y = x[order], y[order]

# 3. The network
tf.keras.utils.set_random_seed(1024)
model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Dense(
            3, activation="softmax", kernel_regularizer=tf.keras.regularizers.l2()
        )
    ]
)

# 4. How it is trained
model.compile(
    optimizer=tf.keras.optimizers.SGD(learning_rate=0.1),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False),
    metrics=["sparse_categorical_accuracy"],
)

# 5. Train it
model.fit(
    x,
    y,
    batch_size=32,
    epochs=500,
    validation_split=0.2,
    validation_freq=20,
    verbose=2,
)

# 6. What it looks like
model.summary()
