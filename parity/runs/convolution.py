"""Pictures: convolutions, pooling, batch normalisation and dropout under Adam."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

random = np.random.RandomState(2)
x = random.uniform(size=(48, 12, 12, 2)).astype("float32")
y = random.randint(0, 4, size=48)

model = keras.Sequential(
    [
        keras.Input((12, 12, 2)),
        layers.Conv2D(6, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.SeparableConv2D(8, 3, strides=2, padding="same", activation="elu"),
        layers.SpatialDropout2D(0.2),
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.3),
        layers.Dense(4, activation="softmax", kernel_regularizer="l2"),
    ]
)
model.summary()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=12, epochs=3, validation_split=0.25, verbose=2)
model.evaluate(x, y, batch_size=20, verbose=0)
model.predict(x, batch_size=20, verbose=0)
