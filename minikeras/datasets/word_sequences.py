"""What imdb and reuters share: sequences of word numbers, as Keras hands them out.

    numbers in the file → shuffled → moved up for the marks → long ones dropped
    → rare and top words replaced

In the file the most frequent word is 1. By default it becomes 4: 0 is padding, 1 the
start, 2 an unknown word, 3 is left free.
"""

import numpy as np

from minikeras.caller import warn
from minikeras.datasets.sources import BASE, fetch


def word_count(num_words, old_names: dict):
    """`num_words`, which Keras 1 called `nb_words`; TypeError for any other name."""
    if "nb_words" in old_names:
        num_words = old_names.pop("nb_words")
        warn("`nb_words` is called `num_words` today.", DeprecationWarning)
    if old_names:
        raise TypeError(
            f"load_data() got an unexpected keyword argument {next(iter(old_names))!r}"
        )
    return num_words


def marked(sequences, start_char, index_from) -> list[list[int]]:
    """Each number raised by `index_from`, behind `start_char` unless that is None."""
    if start_char is not None:
        return [[start_char, *(word + index_from for word in x)] for x in sequences]
    raised_by = index_from or 0
    return [[word + raised_by for word in x] for x in sequences]


def shorter(maxlen, sequences, labels):
    """Those shorter than `maxlen`; longer ones are dropped and not cut, as in Keras."""
    if not maxlen:
        return sequences, labels
    kept = [i for i, x in enumerate(sequences) if len(x) < maxlen]
    if not kept:
        raise ValueError(
            f"No sequence is shorter than `maxlen`. Received: maxlen={maxlen}"
        )
    return [sequences[i] for i in kept], [labels[i] for i in kept]


def known_words(sequences, num_words, skip_top, oov_char) -> list[list[int]]:
    """Numbers from `skip_top` to below `num_words` stay, `oov_char` takes the others'
    place (None: nothing does).

    Without `num_words` the limit is the largest number, which itself is not below it:
    keras/src/datasets/imdb.py replaces the rarest word so.
    """
    limit = num_words or max(max(x) for x in sequences)
    if oov_char is None:
        return [[word for word in x if skip_top <= word < limit] for x in sequences]
    return [
        [word if skip_top <= word < limit else oov_char for word in x]
        for x in sequences
    ]


def as_objects(sequences) -> np.ndarray:
    """An array of lists; of numbers, (n, length), if all are of one length."""
    return np.array(sequences, dtype="object")


def read_word_index(path: str, origin: str, file_hash: str) -> dict[str, int]:
    """The number of each word, from a JSON file."""
    import json  # costs 4 ms and serves only this

    with open(fetch(path, BASE + origin, file_hash), encoding="utf-8") as file:
        return json.load(file)
