"""Medians, ratios, aims and what goes into the JSON file, from made-up samples."""

import json

import pytest

from benchmarks.aims import Aim
from benchmarks.results import Results


@pytest.fixture
def results():
    made = Results("iris", epochs=10)
    for measure in ("import", "first fit", "step, warm", "whole process"):
        for library, values in (
            ("by hand", [1.0, 3.0, 2.0]),
            ("tuned", [1.0, 1.0, 0.5]),
            ("minikeras", [3.0, 2.5, 9.0]),
            ("tf.keras", [900.0]),
        ):
            for value in values:
                made.add(measure, library, value)
    made.histories = {
        "by hand": {"loss": [1.0, 0.5]},
        "tuned": {"loss": [1.0, 0.5]},
        "minikeras": {"loss": [1.0, 0.5000002]},
        "tf.keras": {"loss": [1.0, 0.5]},
    }
    return made


def test_median_ignores_an_outlier_and_the_order(results):
    assert results.median("import", "minikeras") == 3.0
    assert results.values("import", "minikeras") == [3.0, 2.5, 9.0]


def test_ratio_is_of_medians(results):
    assert results.ratio("import", "minikeras", "by hand") == 1.5
    assert results.ratio("step, warm", "tf.keras", "minikeras") == 300.0


def test_range_of_a_ratio_takes_the_extremes(results):
    assert results.ratio_range("import", "minikeras", "by hand") == (2.5 / 3, 9.0)
    assert results.ratio_range("cpu time", "minikeras", "by hand") is None


def test_what_was_not_measured_has_no_ratio(results):
    assert results.median("cpu time", "by hand") is None
    assert results.ratio("cpu time", "tf.keras", "minikeras") is None


@pytest.mark.parametrize(
    "aim, ratio, met",
    [
        (Aim("import", "minikeras", "by hand", at_most=1.5), 1.5, True),
        (Aim("import", "minikeras", "by hand", at_most=1.5), 1.51, False),
        (Aim("import", "tf.keras", "minikeras", at_least=30), 30, True),
        (Aim("import", "tf.keras", "minikeras", at_least=30), 29.9, False),
    ],
)
def test_aim_is_bounded_on_its_side(aim, ratio, met):
    assert aim.met(ratio) is met


def test_aim_says_what_it_asks():
    aim = Aim("import", "minikeras", "by hand", at_most=1.5)
    assert str(aim) == "import: minikeras ÷ by hand ≤ 1.5"


def test_losses_name_every_measure_in_which_minikeras_is_behind(results):
    assert results.losses("tf.keras") == []
    results.add("peak memory", "minikeras", 50.0)
    results.add("peak memory", "tf.keras", 40.0)
    assert results.losses("tf.keras") == [("peak memory", 1.25)]
    assert [measure for measure, _ in results.losses("by hand")] == [
        "step, warm",
        "first fit",
        "import",
        "whole process",
    ]


def test_difference_is_the_largest_of_all_numbers(results):
    assert results.difference("minikeras", "by hand") == pytest.approx(2e-7)
    assert results.difference("tf.keras", "by hand") == 0


def test_accuracies_may_differ_by_a_row(results):
    for library, accuracy in (("minikeras", 0.5), ("tf.keras", 0.51)):
        results.histories[library] = {"loss": [1.0], "val_accuracy": [accuracy]}
    assert results.difference("minikeras", "tf.keras") == 0


def test_histories_that_do_not_match_differ_without_bound(results):
    results.histories["minikeras"] = {"loss": [1.0]}
    assert results.difference("minikeras", "by hand") == float("inf")
    results.histories["minikeras"] = {"val_loss": [1.0, 0.5]}
    assert results.difference("minikeras", "by hand") == float("inf")
    results.histories["minikeras"] = {"loss": [1.0, float("nan")]}
    assert results.difference("minikeras", "by hand") == float("inf")
    del results.histories["minikeras"]
    assert results.difference("minikeras", "by hand") is None


@pytest.mark.parametrize(
    "missing, reference",
    [
        ((), "tf.keras"),
        (("tf.keras",), "minikeras"),
        (("tf.keras", "minikeras"), "by hand"),
        (("tf.keras", "minikeras", "by hand", "tuned"), None),
    ],
)
def test_numbers_are_held_against_tf_keras_where_it_was_run(
    results, missing, reference
):
    for library in missing:
        del results.histories[library]
    assert results.reference() == reference
    json.dumps(results.as_dict())


def test_json_holds_every_sample(results):
    results.failures["scikit-learn"] = "not here"
    written = json.loads(json.dumps(results.as_dict()))
    assert written["samples"] == results.samples
    assert written["medians"]["import"] == {
        "by hand": 2.0,
        "tuned": 1.0,
        "minikeras": 3.0,
        "tf.keras": 900.0,
    }
    assert {"aim", "measured", "verdict"} == written["aims"][0].keys()
    assert written["failures"] == {"scikit-learn": "not here"}
    assert written["differences from tf.keras"]["minikeras"] == pytest.approx(2e-7)


def test_an_aim_is_missed_by_failing_too(results):
    aims = {aim.measure: aim for aim, _ in results.aims()}
    assert results.verdict(aims["whole process"]) == "met"
    results.add("whole process", "tf.keras", 1.0)
    results.add("whole process", "tf.keras", 1.0)
    assert results.verdict(aims["whole process"]) == "missed"
    assert results.verdict(aims["peak memory"]) == "not measured"
    results.failures["minikeras"] = "no such layer"
    assert results.verdict(aims["peak memory"]) == "missed"
