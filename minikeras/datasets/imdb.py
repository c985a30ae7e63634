"""Counterpart: keras/src/datasets/imdb.py. Film reviews, for and against."""

import numpy as np

from minikeras.datasets import word_sequences as words
from minikeras.datasets.npz_utils import load_npz
from minikeras.datasets.shuffling import shuffled
from minikeras.datasets.sources import BASE, fetch, is_synthetic
from minikeras.datasets.synthetic import texts

_HASH = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_INDEX_HASH = "bfafd718b763782e994055a2d397834f"


def load_data(
    path="imdb.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
    **old_names,
):
    """`(x_train, y_train), (x_test, y_test)`: 25,000 reviews each, 1 for a good one.

    x is an array of lists of word numbers, y int64. Only numbers from `skip_top` to
    below `num_words` stay, `oov_char` takes the place of others; reviews of `maxlen`
    words and more are dropped. `start_char` opens each review and the words' own
    numbers begin above `index_from` (word_sequences.py).
    """
    num_words = words.word_count(num_words, old_names)
    if is_synthetic("imdb"):
        data = texts.reviews()
    else:
        data = load_npz(fetch(path, f"{BASE}imdb.npz", _HASH))
    rng = np.random.RandomState(seed)
    parts = []
    for part in ("train", "test"):
        x, y = shuffled(rng, data[f"x_{part}"], data[f"y_{part}"])
        parts.append(words.shorter(maxlen, words.marked(x, start_char, index_from), y))
    (x, y), (x_test, y_test) = parts
    labels = np.concatenate([y, y_test])
    known = words.known_words(x + x_test, num_words, skip_top, oov_char)
    train, test = slice(len(x)), slice(len(x), None)
    return (
        (words.as_objects(known[train]), labels[train]),
        (words.as_objects(known[test]), labels[test]),
    )


def get_word_index(path="imdb_word_index.json") -> dict[str, int]:
    """The number of each word, from 1; in `load_data` it is `index_from` higher."""
    if is_synthetic("imdb"):
        return texts.review_words()
    return words.read_word_index(path, "imdb_word_index.json", _INDEX_HASH)
