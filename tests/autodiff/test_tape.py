"""GradientTape: what is recorded, what comes back, what is kept and what is not."""

import gc
import threading
import weakref

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor, Variable, stop_recording


def number(x, dtype="float32"):
    return Tensor(np.asarray(x, dtype))


def value(x):
    return None if x is None else np.asarray(x.value).tolist()


def test_variables_are_watched_and_other_tensors_on_demand():
    variable, watched, other = Variable(3.0), number(2.0), number(5.0)
    with GradientTape() as tape:
        tape.watch(watched)
        y = variable * variable * watched + other
    assert [value(g) for g in tape.gradient(y, [variable, watched, other])] == [
        12.0,
        9.0,
        None,
    ]


def test_watch_takes_lists_and_only_tensors():
    x, y = number(2.0), number(3.0)
    with GradientTape() as tape:
        tape.watch([x, y])
        z = x * y
    assert [value(g) for g in tape.gradient(z, [x, y])] == [3.0, 2.0]
    for wrong in (3.0, np.ones(2), [x, 3.0]):
        with pytest.raises(ValueError, match="Only a Tensor can be watched"):
            GradientTape().watch(wrong)


def test_variables_that_are_not_trainable_have_no_gradient():
    frozen, free = Variable(3.0, trainable=False), Variable(4.0)
    with GradientTape() as tape:
        y = frozen * free
    assert [value(g) for g in tape.gradient(y, [frozen, free])] == [None, 3.0]
    frozen.trainable = True
    with GradientTape() as tape:
        y = frozen * free
    assert value(tape.gradient(y, frozen)) == 4.0


X = Variable(3.0, name="x")
Z = Variable(2.0, name="z")
STRUCTURES = [
    (X, 12.0),
    ([X], [12.0]),
    ((X, Z), (12.0, 9.0)),
    ({"b": X, "a": Z}, {"b": 12.0, "a": 9.0}),
    ([[X], {"z": (Z, X)}], [[12.0], {"z": (9.0, 12.0)}]),
    ([], []),
]


@pytest.mark.parametrize(("sources", "expected"), STRUCTURES, ids=str)
def test_gradients_come_in_the_structure_of_the_sources(sources, expected):
    with GradientTape() as tape:
        y = X * X * Z
    found = tape.gradient(y, sources)
    assert type(found) is (Tensor if sources is X else type(sources))

    def plain(nest):
        if isinstance(nest, dict):
            return {key: plain(part) for key, part in nest.items()}
        if isinstance(nest, (list, tuple)):
            return type(nest)(plain(part) for part in nest)
        return value(nest)

    assert plain(found) == expected
    if isinstance(expected, dict):
        assert list(found) == list(expected)


TARGETS = [
    (lambda a, b: [a, b], 6.0 + 5.0),
    (lambda a, b: (a, [b]), 6.0 + 5.0),
    (lambda a, b: {"a": a, "b": b}, 6.0 + 5.0),
    (lambda a, b: [a, a], 6.0 + 6.0),
    (lambda a, b: [X], 1.0),
    (lambda a, b: X, 1.0),
]


@pytest.mark.parametrize(("pick", "expected"), TARGETS)
def test_several_targets_are_added_up(pick, expected):
    with GradientTape() as tape:
        a, b = X * X, 5.0 * X
    assert value(tape.gradient(pick(a, b), X)) == expected


def test_an_array_is_differentiated_as_its_sum():
    x = Variable(np.float32([[1, 2], [3, 4]]))
    with GradientTape() as tape:
        y = x * x
    assert value(tape.gradient(y, x)) == [[2.0, 4.0], [6.0, 8.0]]


SEEDS = [
    (np.float32([10, 1, 0]), [20.0, 4.0, 0.0]),
    ([10.0, 1.0, 0.0], [20.0, 4.0, 0.0]),
    (Tensor(np.float32([10, 1, 0])), [20.0, 4.0, 0.0]),
    (np.float64([10, 1, 0]), [20.0, 4.0, 0.0]),
    (2.0, [4.0, 8.0, 12.0]),
    (None, [2.0, 4.0, 6.0]),
]


@pytest.mark.parametrize(("seed", "expected"), SEEDS, ids=repr)
def test_output_gradients(seed, expected):
    x = Variable(np.float32([1, 2, 3]))
    with GradientTape() as tape:
        y = x * x
    gradient = tape.gradient(y, x, output_gradients=seed)
    assert value(gradient) == expected
    assert gradient.dtype == np.float32


def test_output_gradients_of_several_targets():
    with GradientTape(persistent=True) as tape:
        a, b = X * X, 5.0 * X
    assert value(tape.gradient([a, b], X, output_gradients=[2.0, 3.0])) == 27.0
    assert value(tape.gradient([a, b], X, output_gradients=[None, 3.0])) == 21.0
    with pytest.raises(ValueError):
        tape.gradient([a, b], X, output_gradients=[2.0])


def test_output_gradients_of_another_shape():
    x = Variable(np.float32([1, 2]))
    with GradientTape() as tape:
        y = x * x
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        tape.gradient(y, x, output_gradients=np.ones(3))


def test_unconnected_gradients():
    x, other = Variable(3.0), Variable(np.ones((2, 3), "float64"))
    with GradientTape(persistent=True) as tape:
        y = x * x
    assert value(tape.gradient(y, other)) is None
    for zero in ("zero", type("Zero", (), {"value": "zero"})):
        gradients = tape.gradient(y, [x, other], unconnected_gradients=zero)
        assert value(gradients[0]) == 6.0
        assert value(gradients[1]) == [[0.0] * 3] * 2
        assert gradients[1].dtype == np.float64
    none = type("None_", (), {"value": "none"})
    assert tape.gradient(y, other, unconnected_gradients=none) is None
    with pytest.raises(ValueError, match="'zeros'"):
        tape.gradient(y, other, unconnected_gradients="zeros")


def test_what_has_no_gradient_at_all():
    with GradientTape(persistent=True) as tape:
        y = X * X
    for wrong in (None, 3.0, np.float32(3)):
        with pytest.raises(TypeError, match="target"):
            tape.gradient(wrong, X)
    for wrong in (None, 3.0, "x"):
        with pytest.raises(TypeError, match="source"):
            tape.gradient(y, wrong)


def test_sources_may_be_results_on_the_way():
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
        z = y * y
        loss = z + y
    assert [value(g) for g in tape.gradient(loss, [z, y, x, loss])] == [
        1.0,
        19.0,
        114.0,
        1.0,
    ]


def test_a_value_used_often_gets_the_sum():
    x = Variable(2.0)
    with GradientTape() as tape:
        y = x
        for _ in range(5):
            y = y * x
    assert value(tape.gradient(y, x)) == 6 * 2.0**5


def test_gradients_are_added_without_writing_into_one():
    """The addends of a sum are one array: adding in place would spoil a sibling."""
    a, b = Variable(np.float32([1, 2])), Variable(np.float32([3, 4]))
    with GradientTape() as tape:
        total = a + b
        y = ops.sum(total * total) + ops.sum(a)
    seen = [value(g) for g in tape.gradient(y, [a, b, total])]
    assert seen == [[9.0, 13.0], [8.0, 12.0], [8.0, 12.0]]


def test_a_tape_is_spent_after_one_gradient():
    with GradientTape() as tape:
        y = X * X
    tape.gradient(y, X)
    with pytest.raises(RuntimeError, match="non-persistent"):
        tape.gradient(y, X)
    with tape:  # opened again, it records again
        y = X * X * X
    assert value(tape.gradient(y, X)) == 27.0


def test_a_persistent_tape_answers_often():
    with GradientTape(persistent=True) as tape:
        y = X * X
        z = y * Z
    assert [value(tape.gradient(t, X)) for t in (z, y, z)] == [12.0, 6.0, 12.0]


def test_a_tape_opened_again_goes_on():
    tape = GradientTape()
    with tape:
        y = X * X
    outside = y * 7.0
    with tape:
        z = 3.0 * y
    assert outside.tracked is False
    assert value(tape.gradient(z, X)) == 18.0


def test_gradient_within_the_block():
    with GradientTape() as tape:
        y = X * X
        first = tape.gradient(y, X)
    assert value(first) == 6.0


def test_reset():
    with GradientTape() as tape:
        y = X * X
        tape.reset()
        z = 4.0 * X
    assert value(tape.gradient([y, z], X)) == 4.0


def test_stop_recording():
    with GradientTape() as outer, GradientTape() as inner:
        y = X * X
        with stop_recording():
            z = y * y
            with GradientTape() as within:
                w = X * 3.0
    assert value(outer.gradient([z, y], X)) == 6.0
    assert value(inner.gradient([z, y], X)) == 6.0
    assert value(within.gradient(w, X)) == 3.0


def test_recording_goes_on_after_an_error():
    with GradientTape() as tape:
        with pytest.raises(RuntimeError):
            with stop_recording():
                raise RuntimeError
        y = X * X
    assert value(tape.gradient(y, X)) == 6.0
    with pytest.raises(RuntimeError):
        with GradientTape() as broken:
            raise RuntimeError
    z = X * X
    assert z.tracked is False
    assert value(broken.gradient(z, X)) is None


def test_nested_tapes_each_record_everything():
    with GradientTape() as outer:
        a = X * X
        with GradientTape() as inner:
            b = a * Z
        c = b * b
    assert value(inner.gradient(b, Z)) == 9.0
    assert [value(g) for g in outer.gradient(c, [X, Z, b])] == [432.0, 324.0, 36.0]


def test_tapes_may_close_in_any_order():
    first, second = GradientTape(), GradientTape()
    first.__enter__()
    second.__enter__()
    a = X * X
    first.__exit__(None, None, None)
    b = a * Z
    second.__exit__(None, None, None)
    c = b * b
    assert c.tracked is False
    assert value(first.gradient(b, Z)) is None
    assert value(second.gradient(b, Z)) == 9.0


def test_nothing_is_recorded_outside_a_tape():
    y = X * X
    assert y.tracked is False
    with GradientTape() as tape:
        z = y * 2.0
    assert z.tracked is False
    assert value(tape.gradient(z, X)) is None


def test_ops_on_constants_are_not_recorded():
    with GradientTape() as tape:
        y = number(2.0) * number(3.0)
    assert y.tracked is False
    assert tape._entries == []


@pytest.mark.parametrize("persistent", [False, True])
def test_intermediate_results_are_freed(persistent):
    gc.disable()  # by counting references alone: there must be no cycle
    try:
        with GradientTape(persistent=persistent) as tape:
            middle = X * X
            y = middle * Z
        freed = weakref.ref(middle)
        del middle
        assert freed() is not None
        tape.gradient(y, X)
        assert (freed() is None) is not persistent
        del tape
        assert freed() is None
    finally:
        gc.enable()


def test_each_thread_has_its_own_tapes():
    x = Variable(3.0)
    results, barrier = {}, threading.Barrier(4)

    def work(factor):
        with GradientTape() as tape:
            barrier.wait(timeout=600)  # or it hangs
            y = x * x * factor
            barrier.wait(timeout=600)  # or it hangs
        results[factor] = value(tape.gradient(y, x)), len(tape._entries)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(1, 5)]
    with GradientTape() as here:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == {float(i): (6.0 * i, 0) for i in range(1, 5)}
    assert here._entries == []


def test_the_dtype_of_a_gradient_is_that_of_its_source():
    for dtype in ("float16", "float32", "float64"):
        x = Variable(np.ones(3, dtype))
        with GradientTape() as tape:
            y = ops.mean(x * 2.0) * 3
        assert tape.gradient(y, x).dtype == dtype


def test_gradients_that_cancel_to_nan_do_so_without_a_word():
    x = Tensor(np.float32(0.0))
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.log(x) - ops.log(x)
    assert np.isnan(tape.gradient(y, x).value)


@pytest.mark.parametrize("seed", [2, 2.0, np.float64(2), np.float64([2, 2]), [2, 2]])
def test_a_cotangent_has_the_shape_and_dtype_of_its_target(seed):
    """Seen where no op comes between: the gradient is the cotangent itself."""
    x = Variable(np.float32([1, 3]))
    with GradientTape() as tape:
        pass
    gradient = tape.gradient(x, x, output_gradients=seed)
    assert value(gradient) == [2.0, 2.0]
    assert gradient.dtype == np.float32
