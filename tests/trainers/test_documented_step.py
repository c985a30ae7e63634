"""The text of a step that docs/training_step.md shows is the one that runs."""

from pathlib import Path

import numpy as np

import minikeras as keras

PAGE = Path(__file__).parents[2] / "docs" / "training_step.md"


def test_the_page_shows_the_step_of_the_iris_network():
    model = keras.Sequential(
        [keras.layers.Dense(3, activation="softmax", kernel_regularizer="l2")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(np.ones((2, 4), "float32"), np.array([0, 1]), epochs=2, verbose=0)
    text = model._replay.programs[0].text
    assert f"```python\n{text}```" in PAGE.read_text(encoding="utf-8")
