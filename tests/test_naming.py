import pytest

from minikeras import naming


@pytest.fixture(autouse=True)
def fresh_counts():
    naming.reset_uids()
    yield
    naming.reset_uids()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dense", "dense"),
        ("ReLU", "re_lu"),
        ("LSTM", "lstm"),
        ("LSTMCell", "lstm_cell"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("MyABCThing", "my_abc_thing"),
        ("already_snake", "already_snake"),
        ("_Private", "__private"),
        ("<lambda>", "lambda"),
        ("with space", "withspace"),
        ("", ""),
    ],
)
def test_to_snake_case(name, expected):
    assert naming.to_snake_case(name) == expected


def test_names_are_numbered_from_the_second_on():
    assert [naming.auto_name("Dense") for _ in range(3)] == [
        "dense",
        "dense_1",
        "dense_2",
    ]
    assert naming.auto_name("Flatten") == "flatten"
    naming.reset_uids()
    assert naming.auto_name("Dense") == "dense"


def test_uids_and_names_share_their_counts():
    assert naming.auto_name("Dense") == "dense"
    assert naming.get_uid("dense") == 2
    assert naming.auto_name("Dense") == "dense_2"


class Named:
    name = "given"


class SomeLoss:
    pass


def some_function():
    pass


@pytest.mark.parametrize(
    ("thing", "expected"),
    [(Named(), "given"), (SomeLoss(), "some_loss"), (some_function, "some_function")],
)
def test_get_object_name(thing, expected):
    assert naming.get_object_name(thing) == expected
