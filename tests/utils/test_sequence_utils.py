"""Mistakes of pad_sequences; values beside Keras's: parity/cases/datasets.py."""

import numpy as np
import pytest

from minikeras import preprocessing, utils

MISTAKES = {
    "a number": ((5,), "list of sequences. Received: 5"),
    "numbers": (([[1], 2],), "Received: 2 at position 1"),
    "padding": (([[1]], 2, "int32", "front"), "`padding` to be 'pre' or 'post'.*front"),
    "truncating": (([[1]], 2, "int32", "pre", "cut"), "`truncating`.*'cut'"),
    "steps": (([[], [[1, 2]], [[3]]],), r"\(2,\).*Received: \(1,\).*position 2"),
    "text": (([["a"]], None, "int32", "pre", "pre", "-"), "dtype=object.*value='-'"),
    "nothing": (([],), "`maxlen`"),
}


@pytest.mark.parametrize("label", MISTAKES)
def test_a_mistake_is_named(label):
    arguments, message = MISTAKES[label]
    with pytest.raises(ValueError, match=message):
        utils.pad_sequences(*arguments)


def test_no_sequences_make_no_rows():
    assert utils.pad_sequences([], maxlen=3).shape == (0, 3)


def test_the_older_address_is_the_same_function():
    assert preprocessing.sequence.pad_sequences is utils.pad_sequences


def test_an_array_of_lists_as_imdb_gives_it():
    x = np.empty(2, dtype=object)
    x[:] = [[1, 2, 3], [4]]
    assert utils.pad_sequences(x, maxlen=2).tolist() == [[2, 3], [0, 4]]
