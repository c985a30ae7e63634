"""Work shared between threads: order, errors, nesting, forks, BLAS's own threads."""

import multiprocessing
import threading

import numpy as np
import pytest
import threadpoolctl

from minikeras import Sequential, callbacks, layers, parallel

HANGS = 600.0  # seconds after which a thread waits no longer for another


@pytest.fixture
def three_threads(monkeypatch):
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)


def blas_threads():
    """Of NumPy's own BLAS; other packages of the same process may bring theirs."""
    return [
        library["num_threads"]
        for library in threadpoolctl.threadpool_info()
        if library["user_api"] == "blas" and "numpy" in library["filepath"]
    ]


def test_results_come_in_the_order_of_the_items(three_threads):
    last_done = threading.Event()

    def first_last(i):
        if i == 0:
            last_done.wait(HANGS)
        if i == 19:
            last_done.set()
        return i, threading.current_thread().name

    results = parallel.run_all(first_last, list(range(20)))
    assert [i for i, _ in results] == list(range(20))
    assert len({name for _, name in results}) > 1


def test_one_item_or_none_needs_no_thread(three_threads):
    assert parallel.run_all(lambda i: threading.get_ident(), [0]) == [
        threading.get_ident()
    ]
    assert parallel.run_all(lambda i: i, []) == []


def test_the_first_error_is_raised_when_all_are_done(three_threads):
    done, third_failed = [], threading.Event()

    def fail_at_two_and_three(i):
        if i == 2:
            third_failed.wait(HANGS)
        if i == 3:
            third_failed.set()
        if i in (2, 3):
            raise ValueError(f"item {i}")
        done.append(i)

    with pytest.raises(ValueError, match="item 2"):
        parallel.run_all(fail_at_two_and_three, list(range(8)))
    assert sorted(done) == [0, 1, 4, 5, 6, 7]
    assert parallel.run_all(str, [1, 2, 3]) == ["1", "2", "3"]


def test_within_another_one_there_are_no_more_threads(three_threads):
    def inner(_):
        return parallel.run_all(lambda i: threading.get_ident(), [0, 1, 2])

    for identities in parallel.run_all(inner, [0, 1, 2]):
        assert len(set(identities)) == 1


def test_blas_has_one_thread_meanwhile_and_its_own_again_after(three_threads):
    before = blas_threads()
    assert before
    inside = parallel.run_all(lambda _: blas_threads(), [0, 1, 2])
    assert all(count == 1 for counts in inside for count in counts)
    assert blas_threads() == before
    with pytest.raises(ZeroDivisionError):
        parallel.run_all(lambda i: 1 / i, [1, 0, 2])
    assert blas_threads() == before


def test_parts_cover_all_samples_whatever_the_threads(monkeypatch):
    bounds = (0, 2, 5, 7, 10, 12, 15, 17, 20)

    def parts(count, nbytes):
        return parallel.run_parts(lambda part: range(count)[part], count, nbytes)

    for threads in (1, 3):
        monkeypatch.setattr(parallel, "thread_count", lambda n=threads: n)
        assert parts(20, 1 << 30) == [*map(range, bounds[:-1], bounds[1:])]
        assert parts(3, 1 << 30) == [range(0, 1), range(1, 2), range(2, 3)]
        assert parts(20, 100) == [range(20)]
        assert parts(0, 1 << 30) == [range(0)]


@pytest.mark.parametrize(("cores", "expected"), [(1, 1), (2, 1), (3, None)])
def test_blas_settles_on_one_or_two_cores(cores, expected, monkeypatch):
    monkeypatch.setattr(parallel, "thread_count", lambda: cores)
    before = blas_threads()
    with parallel.blas_settled():
        inside = blas_threads()
    assert inside == ([expected] * len(before) if expected else before)
    assert blas_threads() == before


def test_blas_is_settled_while_a_model_trains(monkeypatch):
    monkeypatch.setattr(parallel, "thread_count", lambda: 2)
    inside: list[int] = []
    note = callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: inside.extend(blas_threads())
    )
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    before = blas_threads()
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0, callbacks=[note])
    assert inside and set(inside) == {1}
    assert blas_threads() == before


def test_overflows_are_no_news_in_a_thread(three_threads, recwarn):
    with np.errstate(all="ignore"):
        parallel.run_all(lambda x: np.exp(x), [np.float32([1e4])] * 9)
    assert not recwarn.list


def in_child(results):
    results.put(parallel.run_all(lambda i: i * i, [1, 2, 3]))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_process_starts_threads_of_its_own(three_threads):
    parallel.run_all(str, [1, 2, 3])  # the parent's threads, which a fork leaves behind
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=in_child, args=(results,))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert results.get() == [1, 4, 9]
