"""A small convolutional network on handwritten digits: what `minikeras digits` runs.

Two convolutions with a pooling between them, batch normalisation and dropout, on
images of 8 by 8 pixels; Adam, batches of 32, a fifth of the images for validation.
"""

import numpy as np

from minikeras import layers, losses, models
from minikeras.cli import plotting
from minikeras.cli import report as tables
from minikeras.cli.digits_figure import draw_answers
from minikeras.datasets import digits
from minikeras.random import set_random_seed

HELP = "train a small convolutional network on handwritten digits"
DESCRIPTION = (
    "Trains two convolutions and a dense layer with Adam on 1437 images of 8 by 8 "
    "pixels, 360 more for validation, and shows what it mistakes."
)
EPOCHS = 15
PLOT = "the curves, its kernels and the images it knows least"

SHUFFLE_SEED = 1024
VALIDATION_SPLIT = 0.2
TRAINING_ROWS = 1437  # what fit keeps of the 1797 after VALIDATION_SPLIT
SHADES = " .:-=+*#%@"  # from white to black


def shuffled_digits():
    """The images (1797, 8, 8, 1) and digits in an order of NumPy's, always the same."""
    x, y = digits.load_data()
    order = np.random.RandomState(SHUFFLE_SEED).permutation(len(x))
    return x[order].astype("float32")[..., None], y[order]


def build():
    """The compiled network."""
    network = models.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Rescaling(1 / digits.BLACK),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.BatchNormalization(momentum=0.9),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    network.compile(
        optimizer="adam",
        loss=losses.SparseCategoricalCrossentropy(),
        metrics=["sparse_categorical_accuracy"],
    )
    return network


def train(
    epochs: int = EPOCHS, seed: int = 1024, verbose: int = 1, plot: str | None = None
):
    """Trains, prints the summary and what was mistaken; returns fit's History."""
    x, y = shuffled_digits()
    set_random_seed(seed)
    network = build()
    history = network.fit(
        x,
        y,
        batch_size=32,
        epochs=epochs,
        validation_split=VALIDATION_SPLIT,
        verbose=verbose,
    )
    network.summary()
    images, truth = x[TRAINING_ROWS:], y[TRAINING_ROWS:]
    probabilities = network.predict(images, verbose=0)
    print("\n".join(report(network, probabilities, x, y)))
    if plot is not None:
        plotting.save_training_figure(
            plot,
            history,
            "sparse_categorical_accuracy",
            ("cross-entropy", "images answered correctly"),
            lambda figure, place: draw_answers(
                figure, place, kernels(network), images, truth, probabilities
            ),
        )
        print(f"\nWrote {plot}")
    return history


def kernels(network) -> np.ndarray:
    """The kernels of the first convolution, (3, 3, 16)."""
    return np.asarray(network.layers[1].get_weights()[0])[:, :, 0]


def report(network, probabilities, x, y) -> list[str]:
    """What the network learned, in lines: its scores, and its mistakes as pictures."""
    train, validation = slice(TRAINING_ROWS), slice(TRAINING_ROWS, None)
    parts = {
        "training": (x[train], y[train]),
        "validation": (x[validation], y[validation]),
    }
    answers, truth = probabilities.argmax(axis=1), y[validation]
    title = "The validation images (down: the digit, across: the answer)"
    return [
        "",
        *tables.scores(network, parts),
        "",
        *tables.confusions(title, answers, truth, digits.TARGET_NAMES, width=5),
        "",
        *mistakes(x[validation], truth, probabilities),
    ]


def mistakes(images, truth, probabilities, most: int = 4) -> list[str]:
    """The wrong answers that the network was surest of, side by side."""
    answers, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != truth)
    if not len(wrong):
        return ["No validation image was answered wrongly."]
    chosen = wrong[np.argsort(-sureness[wrong], kind="stable")][:most]
    titles = [f"{truth[i]} for {answers[i]} ({sureness[i]:.0%})" for i in chosen]
    lines = [f"The surest of {len(wrong)} mistakes (the digit, the answer)"]
    lines.append("   ".join(f"{title:16}" for title in titles).rstrip())
    for pixels in zip(*(drawn(images[i]) for i in chosen), strict=True):
        lines.append("   ".join(pixels).rstrip())
    return lines


def drawn(image) -> list[str]:
    """An image (8, 8, 1) in characters, two for each pixel."""
    levels = (image[..., 0] * (len(SHADES) - 1) / digits.BLACK).round().astype(int)
    return ["".join(2 * SHADES[level] for level in row) for row in levels]
