"""The same network as a class. With TensorFlow: python iris_subclass.py
On minikeras: python -m minikeras run iris_subclass.py"""

import numpy as np
import tensorflow as tf
from sklearn import datasets
from tensorflow.keras import Model
from tensorflow.keras.layers import Dense


class IrisModel(Model):
    def __init__(self):
        super().__init__()
        self.d1 = Dense(
            3, activation="softmax", kernel_regularizer=tf.keras.regularizers.l2()
        )

    def call(self, x):
        return self.d1(x)


x, y = datasets.load_iris(return_X_y=True)
order = np.random.RandomState(1024).permutation(len(x))
x, y = x[order], y[order]

tf.keras.utils.set_random_seed(1024)
model = IrisModel()
model.compile(
    optimizer="sgd",
    loss="sparse_categorical_crossentropy",
    metrics=["sparse_categorical_accuracy"],
)
history = model.fit(x, y, batch_size=32, epochs=500, validation_split=0.2, verbose=0)
model.summary()
for name, values in history.history.items():
    print(f"{name}: {values[0]:.4f} after one epoch, {values[-1]:.4f} after the last")
