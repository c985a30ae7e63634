"""The text of a step that docs/training_step.md shows is the one that runs."""

from pathlib import Path

import numpy as np

import minikeras as keras

PAGE = Path(__file__).parents[2] / "docs" / "training_step.md"


def test_the_page_shows_the_step_of_the_iris_network():
    layer = keras.layers.Dense(3, "softmax", kernel_regularizer="l2", name="dense")
    model = keras.Sequential([layer], name="iris")
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    x, y = np.ones((32, 4), "float32"), np.arange(32) % 3
    model.fit(x, y, epochs=3, verbose=0)
    text = str(model.program)
    assert f"```python\n{text}```" in PAGE.read_text(encoding="utf-8")
