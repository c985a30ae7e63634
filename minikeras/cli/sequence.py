"""An LSTM that counts modulo 2: what `minikeras sequence` runs.

The input is a string of random bits, the answer after each bit whether the ones so
far are odd in number. No bit can be left out and none counts more than another, so
the network must carry one bit of its own along. It is trained on strings of 16 and
then asked about longer ones.
"""

import numpy as np

from minikeras import layers, models, optimizers
from minikeras.cli import plotting
from minikeras.cli.sequence_figure import draw_strings
from minikeras.random import set_random_seed

HELP = "train an LSTM to tell odd from even along a string of bits"
DESCRIPTION = (
    "Trains an LSTM of 16 units with Adam on 1600 strings of 16 random bits, 400 more "
    "for validation, and tries it on strings ten times as long."
)
EPOCHS = 10
PLOT = "the curves, the accuracy along longer strings and the units at work"

DATA_SEED = 1024
STRINGS, LENGTH = 2000, 16
VALIDATION_SPLIT = 0.2
LENGTHS = (LENGTH, 2 * LENGTH, 10 * LENGTH)  # of the strings asked about afterwards
FRESH = 400  # strings of each length


def make_strings(count: int, length: int, seed: int = DATA_SEED):
    """Bits and answers, both float32 (count, length, 1): answer t says whether the
    ones up to and with bit t are odd in number."""
    bits = np.random.RandomState(seed).randint(0, 2, (count, length, 1))
    return bits.astype("float32"), (bits.cumsum(axis=1) % 2).astype("float32")


def build():
    """The compiled network: the LSTM, and one neuron that reads each of its outputs."""
    network = models.Sequential(
        [
            layers.Input((None, 1)),
            layers.LSTM(16, return_sequences=True),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.compile(
        optimizer=optimizers.Adam(learning_rate=0.01),
        loss="binary_crossentropy",
        metrics=["binary_accuracy"],
    )
    return network


def train(
    epochs: int = EPOCHS, seed: int = 1024, verbose: int = 1, plot: str | None = None
):
    """Trains, prints the summary and how far it carries; returns fit's History."""
    bits, answers = make_strings(STRINGS, LENGTH)
    set_random_seed(seed)
    network = build()
    history = network.fit(
        bits,
        answers,
        batch_size=32,
        epochs=epochs,
        validation_split=VALIDATION_SPLIT,
        verbose=verbose,
    )
    network.summary()
    print("\n".join(report(network)))
    if plot is not None:
        plotting.save_training_figure(
            plot,
            history,
            "binary_accuracy",
            ("cross-entropy", "bits answered correctly"),
            lambda figure, place: draw_strings(
                figure, place, LENGTH, right_by_position(network), *at_work(network)
            ),
        )
        print(f"\nWrote {plot}")
    return history


def right(network, length: int) -> np.ndarray:
    """Which answers about new strings are right, (FRESH, length)."""
    bits, answers = make_strings(FRESH, length, seed=DATA_SEED + length)
    said = network.predict(bits, verbose=0) > 0.5
    return (said == (answers > 0.5))[..., 0]


def right_by_position(network) -> np.ndarray:
    """The share of right answers after each bit of the longest strings."""
    return right(network, LENGTHS[-1]).mean(axis=0)


def at_work(network) -> tuple:
    """One new string: its bits, the probabilities said, the LSTM's outputs (units,
    bits)."""
    bits, _ = make_strings(1, 2 * LENGTH, seed=DATA_SEED + 1)
    units = np.asarray(network.layers[0](bits))[0].T
    return bits[0, :, 0], network.predict(bits, verbose=0)[0, :, 0], units


def report(network) -> list[str]:
    """What the network learned, in lines."""
    return ["", *scores(network), "", *an_example(network)]


def scores(network) -> list[str]:
    lines = [f"{'new strings of':16}{'strings':>8}{'bits right':>12}{'all right':>11}"]
    for length in LENGTHS:
        found = right(network, length)
        every = found.all(axis=1).mean()
        lines.append(f"{length:4} bits{'':7}{FRESH:8}{found.mean():12.1%}{every:11.1%}")
    return lines


def an_example(network) -> list[str]:
    """A string of twice the length, with the answers and the truth beneath."""
    bits, probabilities, _ = at_work(network)
    truth = bits.cumsum() % 2
    rows = {"bits": bits, "answers": probabilities > 0.5, "odd so far": truth}
    lines = ["A string of twice the length (1: an odd number of ones so far)"]
    for name, row in rows.items():
        lines.append(f"{name:12}" + "".join(str(int(value)) for value in row))
    return lines
