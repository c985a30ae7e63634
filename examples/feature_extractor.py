"""What one task taught serves another. With TensorFlow: python feature_extractor.py
On minikeras: python -m minikeras run feature_extractor.py"""

from sklearn import datasets
from tensorflow import keras

keras.utils.set_random_seed(0)
images, digits = datasets.load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8, 1).astype("float32") / 16
small, large = digits < 5, digits >= 5

# 1. A network that tells the digits 0 to 4 apart
base = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(16, 2, activation="relu", name="features"),
        keras.layers.Flatten(),
        keras.layers.Dense(5, activation="softmax"),
    ]
)
base.compile(
    keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
)
base.fit(images[small], digits[small], epochs=5, verbose=0)
loss, accuracy = base.evaluate(images[small], digits[small], verbose=0)
print(f"0 to 4: loss {loss:.3f}, accuracy {accuracy:.3f}")

# 2. Its lower part, frozen
extractor = keras.Model(base.inputs, base.get_layer("features").output)
extractor.trainable = False

# 3. A new head for the digits 5 to 9
inputs = keras.Input((8, 8, 1))
outputs = keras.layers.Flatten()(extractor(inputs, training=False))
outputs = keras.layers.Dense(5, activation="softmax")(outputs)
model = keras.Model(inputs, outputs)
model.summary(show_trainable=True)
model.compile(
    keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(images[large], digits[large] - 5, epochs=5, verbose=0)
loss, accuracy = model.evaluate(images[large], digits[large] - 5, verbose=0)
print(f"5 to 9: loss {loss:.3f}, accuracy {accuracy:.3f}")
