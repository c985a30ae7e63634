"""The stream of words: known answers, and one way of drawing against another."""

import numpy as np
import pytest

from minikeras.random.philox import Stream, scramble

# Random123's own test vectors for philox4x32-10 (kat_vectors): counter, key, words.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


@pytest.mark.parametrize("counter, key, words", KNOWN)
def test_known_answers(counter, key, words):
    expected = [int(word, 16) for word in words.split()]
    assert list(scramble(counter, key)) == expected
    number = np.array([counter[0] | counter[1] << 32], np.uint64)
    drawn = Stream(key, counter[2:]).blocks(number)
    assert drawn.dtype == np.uint32
    assert drawn.tolist() == [expected]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 400, 200_003])
def test_words_are_the_blocks_in_order(count):
    stream = Stream.from_seed((7, 3))
    words = stream.words(count)
    assert words.shape == (count,)
    for i in {0, count // 2, count - 1} & set(range(count)):
        block = scramble((i // 4, 0, *stream.high), stream.key)
        assert words[i] == block[i % 4]


def test_a_stream_can_start_anywhere():
    stream = Stream.from_seed((7, 3))
    np.testing.assert_array_equal(stream.words(80)[40:], stream.words(40, start=10))


def test_both_halves_of_a_64_bit_seed_count():
    seeds = [(1, 0), (0, 1), (1 << 32, 0), (0, 1 << 32), (-1, 0)]
    streams = {(s.key, s.high) for s in map(Stream.from_seed, seeds)}
    assert len(streams) == len(seeds)
