"""Nested structures: walked in one order, rebuilt as they were."""

from collections import namedtuple

import pytest

from minikeras import tree

Point = namedtuple("Point", "x y")

# (structure, its leaves in order)
NESTS = [
    (5, [5]),
    (None, [None]),
    ("ab", ["ab"]),
    ([], []),
    ({}, []),
    ([1, 2], [1, 2]),
    ((1, (2, (3,))), [1, 2, 3]),
    ({"b": 1, "a": 2}, [2, 1]),
    ({"b": [1, {"d": 2, "c": 3}], "a": (4, None)}, [4, None, 1, 3, 2]),
    (Point(1, [2, 3]), [1, 2, 3]),
    ([Point({"z": 1, "y": 2}, ()), 3], [2, 1, 3]),
]


@pytest.mark.parametrize(("nest", "leaves"), NESTS, ids=str)
def test_flatten_and_pack(nest, leaves):
    assert tree.flatten(nest) == leaves
    packed = tree.pack_sequence_as(nest, leaves)
    assert packed == nest
    assert type(packed) is type(nest)
    assert tree.is_nested(nest) == isinstance(nest, (list, tuple, dict))


@pytest.mark.parametrize(("nest", "leaves"), NESTS, ids=str)
def test_map_visits_the_leaves_in_the_order_of_flatten(nest, leaves):
    seen = []
    names = tree.map_structure(lambda leaf: seen.append(leaf) or repr(leaf), nest)
    assert seen == leaves
    assert tree.flatten(names) == [repr(leaf) for leaf in leaves]
    assert type(names) is (type(nest) if tree.is_nested(nest) else str)


def test_map_keeps_the_order_of_a_dict():
    mapped = tree.map_structure(str, {"b": 1, "a": 2})
    assert list(mapped.items()) == [("b", "1"), ("a", "2")]


def test_map_of_several():
    first, second = {"a": [1, 2], "b": 3}, {"b": 30, "a": [10, 20]}
    total = tree.map_structure(lambda a, b, c: a + b + c, first, second, first)
    assert total == {"a": [12, 24], "b": 36}
    # Where the first has a leaf the others may have anything.
    assert tree.map_structure(lambda a, b: b, [1, 2], [[3], {"k": 4}]) == [
        [3],
        {"k": 4},
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], [1]),
        ([1, 2], (1, 2)),
        ([1, 2], 3),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([[1], 2], [[1, 1], 2]),
        (Point(1, 2), (1, 2)),
    ],
)
def test_structures_that_differ(one, other):
    with pytest.raises(ValueError, match="structures differ"):
        tree.map_structure(lambda a, b: a, one, other)


@pytest.mark.parametrize("leaves", [[], [1], [1, 2, 3]])
def test_packing_the_wrong_number_of_leaves(leaves):
    with pytest.raises(ValueError, match=f"Expected 2 leaves. Received: {len(leaves)}"):
        tree.pack_sequence_as({"a": 0, "b": 0}, leaves)


def test_packing_takes_any_iterable_and_any_leaf():
    packed = tree.pack_sequence_as([0, (0,)], iter([[1, 2], None]))
    assert packed == [[1, 2], (None,)]
