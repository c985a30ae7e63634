"""What is said in words: nothing that is lost or missed goes unsaid."""

from benchmarks import verdicts
from tests.benchmarks import made_up


def said(*suite) -> str:
    return "\n".join(verdicts.lines(list(suite)))


def test_missed_aims_are_counted_and_named():
    results = made_up.results("iris")
    assert "8 of 8 aims are met." in said(results)
    results.samples["step, warm"]["minikeras"] = [1e-4]
    text = said(results)
    assert "6 of 8 aims are met, 2 are missed" in text
    assert "missed: iris, step, warm: tf.keras ÷ minikeras ≥ 300: is 160." in text


def test_an_aim_without_numbers_is_not_met():
    results = made_up.results("lstm")
    del results.samples["step, warm"]["minikeras"]
    assert "not measured: lstm, step, warm: tf.keras ÷ minikeras ≥ 1.2." in said(
        results
    )
    results.failures["minikeras"] = "no such layer"
    assert "missed: lstm, step, warm: tf.keras ÷ minikeras ≥ 1.2: it failed." in said(
        results
    )


def test_losses_are_named():
    results = made_up.results("mlp")
    results.samples["peak memory"]["tf.keras"] = [1e-6]
    text = said(results)
    assert "minikeras is behind tf.keras in: mlp (peak memory 40.0 ×)." in text
    assert "minikeras is behind by hand in: mlp (step, warm 1.25 ×; first" in text
    assert "minikeras is behind scikit-learn in: nothing." in text


def test_a_library_that_was_not_measured_is_named():
    results = made_up.results("lstm")
    assert "by hand was not measured." in said(results)


def test_a_failure_is_said_with_its_last_line():
    results = made_up.results("lstm")
    results.failures["minikeras"] = "Traceback\nAttributeError: no [LSTM]\n"
    text = said(results)
    assert "lstm: minikeras could not run it" in text
    assert r"AttributeError: no \[LSTM]" in text


def test_other_work_is_called_out():
    results = made_up.results("iris")
    assert "not the same work" not in said(results)
    assert "losses in the first fit: by hand 0.0e+00, tuned" in said(results)
    results.histories["minikeras"] = {"loss": [1.0, 0.6]}
    assert "minikeras 1.0e-01, not the same work![/] (allowed: 1e-06)" in said(results)


def test_scikit_learn_is_not_held_to_a_start_that_is_not_its_own():
    results = made_up.results("mlp")
    results.histories["scikit-learn"] = {"loss": [2.0, 0.7]}
    assert "its last loss is 0.7, tf.keras's 0.5." in said(results)


def test_tuned_loop_is_set_beside():
    text = said(made_up.results("iris"))
    assert "takes 16.0 µs a step, minikeras 2.50 × as long" in text


def test_processes_that_do_not_wait_quietly_are_called_out():
    results = made_up.results("lstm")
    assert "waited" not in said(results)
    results.idle = 0.3
    assert "lstm: the processes that waited took up to 30% of a core" in said(results)
