"""Made-up texts: numbers of words, some of which speak for the label.

Words come as often as in language (the r-th most frequent one with probability
proportional to 1/r); a tenth of them are replaced by words that a label has of its
own, a quarter of which are of any label. Their numbers are below a thousand.
"""

import numpy as np

from minikeras.datasets.synthetic import SEED

_TOLD, _MISLED = 0.1, 0.25
_FREQUENT = "the and a of to is in it that this was as for with but on not".split()
_FIRST = len(_FREQUENT) + 3  # the number of the first word that speaks for a label
_REVIEW_WORDS, _NEWSWIRE_WORDS = 88_584, 30_979
_PER_REVIEW_LABEL, _PER_TOPIC = 200, 10
_TOPICS, _LARGE_TOPICS = 46, {3: 0.35, 4: 0.22}


def reviews() -> dict[str, np.ndarray]:
    """As the file of imdb: 25,000 for training and as many for the test."""
    rng = np.random.default_rng([SEED, 2])
    data = {}
    for part in ("train", "test"):
        y = rng.permutation(np.arange(25_000) % 2)
        lengths = np.clip(rng.lognormal(5.2, 0.65, len(y)), 10, 2493).astype(int)
        own = (2, _PER_REVIEW_LABEL)
        data[f"x_{part}"] = _texts(rng, y, lengths, _REVIEW_WORDS, own)
        data[f"y_{part}"] = y
    return data


def newswires() -> dict[str, np.ndarray]:
    """As the file of reuters: 11,228 of them, more than half about two topics."""
    rng = np.random.default_rng([SEED, _TOPICS])
    rest = (1 - sum(_LARGE_TOPICS.values())) / (_TOPICS - len(_LARGE_TOPICS))
    shares = [_LARGE_TOPICS.get(topic, rest) for topic in range(_TOPICS)]
    y = rng.choice(_TOPICS, 11_228, p=shares)
    lengths = np.clip(rng.lognormal(4.5, 0.85, len(y)), 12, 2375).astype(int)
    own = (_TOPICS, _PER_TOPIC)
    return {"x": _texts(rng, y, lengths, _NEWSWIRE_WORDS, own), "y": y}


def review_words() -> dict[str, int]:
    """As the word index of imdb; "good" and "good7" speak for label 1."""
    return _word_index(_REVIEW_WORDS, ("bad", "good"), _PER_REVIEW_LABEL)


def newswire_words(topics: tuple[str, ...]) -> dict[str, int]:
    """As the word index of reuters; "cocoa" and "cocoa7" speak for that topic."""
    return _word_index(_NEWSWIRE_WORDS, topics, _PER_TOPIC)


def _texts(rng, labels, lengths, vocabulary, own) -> np.ndarray:
    """Lists of `lengths` numbers from 1 to `vocabulary`, as an array of objects.

    `own` is (labels, words of each): the k-th word of the label c is the number
    _FIRST + k·labels + c.
    """
    classes, per_class = own
    total = int(lengths.sum())
    others = vocabulary - classes * per_class
    numbers = np.exp(rng.random(total, "float32") * np.log(others + 0.9))
    numbers = np.clip(numbers, 1, others).astype("int32")
    numbers[numbers >= _FIRST] += vocabulary - others
    told = np.flatnonzero(rng.random(total, "float32") < _TOLD)
    said = np.repeat(labels, lengths)[told]
    misled = rng.random(len(told)) < _MISLED
    said[misled] = rng.integers(0, classes, misled.sum())
    numbers[told] = _FIRST + classes * rng.integers(0, per_class, len(told)) + said
    flat = numbers.tolist()
    ends = lengths.cumsum().tolist()
    result = np.empty(len(labels), dtype=object)
    for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        result[i] = flat[start:end]
    return result


def _word_index(vocabulary, names, per_class) -> dict[str, int]:
    index = {f"word{number}": number for number in range(1, vocabulary + 1)}
    own = {number: word for number, word in enumerate(_FREQUENT, 1)}
    for i in range(per_class * len(names)):
        k, c = divmod(i, len(names))
        own[_FIRST + i] = f"{names[c]}{k}" if k else names[c]
    return {own.get(number, word): number for word, number in index.items()}
