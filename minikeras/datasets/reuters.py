"""Counterpart: keras/src/datasets/reuters.py. News of the wire, by topic."""

import numpy as np

from minikeras.datasets import word_sequences as words
from minikeras.datasets.npz_utils import load_npz
from minikeras.datasets.shuffling import shuffled
from minikeras.datasets.sources import BASE, fetch, is_synthetic
from minikeras.datasets.synthetic import texts

_HASH = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_INDEX_HASH = "4d44cc38712099c9e383dc6e5f11a921"
_TOPICS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade
    reserves ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum
    oilseed gold tin strategic-metal livestock retail ipi iron-steel rubber heat jobs
    lei bop zinc orange pet-chem dlr gas silver wpi hog lead
"""


def load_data(
    path="reuters.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    test_split=0.2,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
    **old_names,
):
    """`(x_train, y_train), (x_test, y_test)`: 11,228 newswires of 46 topics.

    x is an array of lists of word numbers, y int64; the last `test_split` of the
    shuffled order is for the test. The other arguments are those of imdb.
    """
    num_words = words.word_count(num_words, old_names)
    if is_synthetic("reuters"):
        data = texts.newswires()
    else:
        data = load_npz(fetch(path, f"{BASE}reuters.npz", _HASH))
    x, y = shuffled(np.random.RandomState(seed), data["x"], data["y"])
    x, y = words.shorter(maxlen, words.marked(x, start_char, index_from), y)
    x = words.known_words(x, num_words, skip_top, oov_char)
    end = int(len(x) * (1 - test_split))
    return (
        (words.as_objects(x[:end]), np.array(y[:end])),
        (words.as_objects(x[end:]), np.array(y[end:])),
    )


def get_word_index(path="reuters_word_index.json") -> dict[str, int]:
    """The number of each word, from 1; in `load_data` it is `index_from` higher."""
    if is_synthetic("reuters"):
        return texts.newswire_words(get_label_names())
    return words.read_word_index(path, "reuters_word_index.json", _INDEX_HASH)


def get_label_names() -> tuple[str, ...]:
    """The topic of each label, 46 of them."""
    return tuple(_TOPICS.split())
