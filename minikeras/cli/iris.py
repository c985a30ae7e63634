"""The tutorial's network, trained and explained: what `minikeras iris` runs.

One dense layer of three neurons with softmax on the four iris measurements, L2
on its weights, SGD with learning rate 0.1, batches of 32, 30 of 150 rows for
validation in every 20th epoch.
"""

import numpy as np

from minikeras import layers, losses, models, optimizers, regularizers
from minikeras.cli import plotting
from minikeras.cli import report as tables
from minikeras.cli.iris_figure import draw_regions
from minikeras.datasets import iris
from minikeras.random import set_random_seed

HELP = "train the tutorial's network on the iris flowers"
DESCRIPTION = (
    "Trains Dense(3, softmax, L2) with SGD on 120 iris flowers, 30 more for "
    "validation, and shows what it learned."
)
EPOCHS = 500
PLOT = "the curves and decision regions"

SHUFFLE_SEED = 1024
VALIDATION_SPLIT = 0.2
TRAINING_ROWS = 120  # what fit keeps of the 150 after VALIDATION_SPLIT
VALIDATION_FREQ = 20


def add_options(command) -> None:
    """The options that only this command has."""
    command.add_argument(
        "--model",
        choices=("sequential", "subclass"),
        default="sequential",
        help="how the network is written; default: %(default)s",
    )


class IrisModel(models.Model):
    """The network as a subclass of Model."""

    def __init__(self):
        super().__init__()
        self.d1 = _layer()

    def call(self, x):
        return self.d1(x)


def _layer():
    return layers.Dense(3, activation="softmax", kernel_regularizer=regularizers.L2())


def shuffled_iris():
    """The flowers in the tutorial's order: NumPy's shuffle after seed 1024."""
    x, y = iris.load_data()
    order = np.random.RandomState(SHUFFLE_SEED).permutation(len(x))
    return x[order], y[order]


def build(model: str = "sequential"):
    """The compiled network, "sequential" or "subclass": the same numbers."""
    network = models.Sequential([_layer()]) if model == "sequential" else IrisModel()
    network.compile(
        optimizer=optimizers.SGD(learning_rate=0.1),
        loss=losses.SparseCategoricalCrossentropy(from_logits=False),
        metrics=["sparse_categorical_accuracy"],
    )
    return network


def train(
    model: str = "sequential",
    epochs: int = EPOCHS,
    seed: int = 1024,
    verbose: int = 1,
    plot: str | None = None,
):
    """Trains, prints the summary and what was learned; returns fit's History."""
    x, y = shuffled_iris()
    set_random_seed(seed)
    network = build(model)
    history = network.fit(
        x,
        y,
        batch_size=32,
        epochs=epochs,
        validation_split=VALIDATION_SPLIT,
        validation_freq=VALIDATION_FREQ,
        verbose=verbose,
    )
    network.summary()

    def predict(rows):
        return network.predict(rows, batch_size=len(rows), verbose=0)

    print("\n".join(report(network, predict, x, y)))
    if plot is not None:
        plotting.save_training_figure(
            plot,
            history,
            "sparse_categorical_accuracy",
            ("cross-entropy + L2 penalty", "rows answered correctly"),
            lambda figure, place: draw_regions(
                figure.add_subplot(place), predict, x, y, TRAINING_ROWS
            ),
        )
        print(f"\nWrote {plot}")
    return history


def report(network, predict, x, y) -> list[str]:
    """What the network learned, in lines: its scores, its mistakes, its weights."""
    kernel, bias = (np.asarray(weight) for weight in network.get_weights())
    return [
        "",
        *scores(network, x, y),
        "",
        *confusions(predict(x[TRAINING_ROWS:]).argmax(axis=1), y[TRAINING_ROWS:]),
        "",
        *weights(kernel, bias),
    ]


def scores(network, x, y) -> list[str]:
    train, validation = slice(TRAINING_ROWS), slice(TRAINING_ROWS, None)
    return tables.scores(
        network,
        {
            "training": (x[train], y[train]),
            "validation": (x[validation], y[validation]),
        },
    )


def confusions(answers, truth) -> list[str]:
    title = "The validation rows (down: the species, across: the answer)"
    return tables.confusions(title, answers, truth, iris.TARGET_NAMES, width=12)


def weights(kernel, bias) -> list[str]:
    """The kernel by species, and for each the measurement that says most for it.

    Softmax looks at differences only, so a weight counts by how far it lies
    above the mean of the three species' weights for that measurement.
    """
    features = iris.FEATURE_NAMES
    lines = ["The weights (evidence for a species: per cm, and the bias beforehand)"]
    lines.append(" " * 12 + "".join(f"{f:>13}" for f in (*features, "bias")))
    for name, column, start in zip(iris.TARGET_NAMES, kernel.T, bias, strict=True):
        numbers = "".join(f"{value:+13.3f}" for value in (*column, start))
        lines.append(f"{name:12}{numbers}")
    lines.append("")
    relative = (kernel - kernel.mean(axis=1, keepdims=True)).T
    for name, row in zip(iris.TARGET_NAMES, relative, strict=True):
        strongest = np.abs(row).argmax()
        speaks = "for" if row[strongest] > 0 else "against"
        lines.append(f"A large {features[strongest]} speaks most {speaks} {name}.")
    return lines
