"""Which differences count as rounding: both errors must be of one size."""

from functools import partial

import numpy as np
import pytest

from parity.bound import (
    DROWNED,
    REAL,
    ROUNDING,
    Bound,
    Gradients,
    distance,
)

J = np.array([1.0, -2.0, 0.5])


def verdict(error_a, error_b, limits=None, judge=J, scale=None, kind_scale=0.0):
    limits = limits or Bound()
    a, b = J + error_a, J + error_b
    return limits.judge(a, b, judge, kind_scale, scale, steps=1)


@pytest.mark.parametrize(
    ("error_a", "error_b", "name"),
    [
        (1e-7, -1e-7, ROUNDING),
        (1e-5, -2e-5, ROUNDING),  # amplified, but alike
        (1e-4, 1e-7, REAL),  # only tf.keras is off: so are minikeras and its judge
        (1e-7, 1e-4, REAL),  # minikeras is off in float32 alone
        (0.0, 0.0, ROUNDING),
        (0.0, 1e-6, ROUNDING),  # one side happens to be exact
    ],
)
def test_one_error_must_explain_the_other(error_a, error_b, name):
    assert verdict(error_a, error_b).name == name


def test_what_tensorflow_flushes_to_zero_is_rounding():
    """Draw 30 of seed 7: a gradient of 4.2e-41."""
    tiny = np.array([4.2e-41, -1e-40])
    assert Bound().judge(0 * tiny, tiny, tiny, 0.0, None, steps=1).name == ROUNDING
    found = Bound().judge(0 * tiny, tiny * 1e4, tiny * 1e4, 0.0, None, steps=1)
    assert found.name == REAL


def test_a_judge_that_is_suddenly_far_from_both_is_not_asked():
    found = verdict(0.5, 0.6)
    assert (found.name, found.judged) == (REAL, False)
    assert verdict(0.5, 0.5 + 1e-6).name == ROUNDING


def test_errors_that_have_grown_slowly_drown_the_tensor():
    limits = Bound()
    assert verdict(1e-4, -1e-4, limits).name == ROUNDING
    assert verdict(0.1, -0.1, limits).name == DROWNED
    assert verdict(0.1, -9.0, limits).name == REAL  # not alike


def test_without_a_judge_the_bound_grows_with_the_steps():
    near = Bound().judge(J, J + 4e-5, None, 0.0, None, steps=1)
    later = Bound().judge(J, J + 4e-5, None, 0.0, None, steps=20)
    assert (near.name, later.name) == (REAL, ROUNDING)
    assert not near.judged


def test_integers_must_be_equal():
    a = np.array([1, 2, 3])
    assert Bound().judge(a, a, a, 0.0, None, 1).name == ROUNDING
    assert Bound().judge(a, a + 1, a, 0.0, None, 1).name == REAL


def test_an_update_is_measured_by_its_weight():
    update = J * 1e-4
    found = Bound().judge(update, update + 1e-6, update, 0.0, 10.0, 1)
    assert found.name == ROUNDING
    assert Bound().judge(update, update + 1e-6, update, 0.0, None, 1).name == REAL


def test_nan_beside_nan_is_no_difference():
    a = np.array([np.nan, np.inf, 1.0])
    assert distance(a, a) == 0.0
    assert distance(a, np.array([0.0, np.inf, 1.0])) == np.inf
    assert distance(np.zeros(0), np.zeros(0)) == 0.0


def test_what_is_zero_but_for_rounding_is_rounding_in_all_three():
    noise = np.array([3e-5, -1e-5, 2e-5])
    other, judge = noise[::-1], noise * 1e-6
    assert Bound().judge(noise, other, judge, 0.0, None, 1).name == ROUNDING
    # a judge that is of their size is another computation
    assert Bound().judge(noise, other, noise * 0.1, 0.0, None, 1).name == REAL
    # one side alone has a gradient there
    assert Bound().judge(noise * 100, other, judge, 0.0, None, 1).name == REAL


def excused(gradient_error, update_a, update_b) -> str | None:
    gradients = Gradients()
    gradients.see("w", J, J + gradient_error, J)
    update = J * 1e-3
    a, b = update + update_a, update + update_b
    judge = partial(Bound().judge, kind_scale=0.0, scale=0.0, steps=1)
    return gradients.excuse("w", a, b, update, judge)


def test_an_update_is_as_wrong_as_its_gradient():
    one = np.array([1.0, 0, 0])
    assert excused(1e-4 * one, 0, 1e-7 * one) == ROUNDING  # both 1e-4 of it
    assert excused(1e-4 * one, 0, 1e-5 * one) is None
    assert excused(1e-4 * one, 0, 1e-7 * one[::-1]) is None  # another entry
    assert excused(0 * one, 0, 1e-7 * one) is None


def test_steps_in_a_direction_that_rounding_decides_end_the_walk():
    one = np.array([1.0, 0, 0])
    assert excused(0.8 * one, 0, -2e-3 * one) == DROWNED
    assert excused(0.8 * one, 0, -2e-3 * one[::-1]) is None


def test_a_certain_gradient_has_kept_its_sign():
    gradients = Gradients()
    assert gradients.certain("w", J.shape).all()
    gradients.see("w", J, J * [1, 1, 1.6], J)
    gradients.see("w", J, J, J)
    assert gradients.certain("w", J.shape).tolist() == [True, True, False]


def test_what_is_said_of_a_difference_fits_its_verdict():
    """A gap that is allowed is rounding, also where both errors lie on one side."""
    for error in np.linspace(1e-6, 2e-5, 200):
        for sign in (1, -1):
            found = verdict(sign * 1e-6, error)
            assert (found.name == ROUNDING) == (found.gap <= found.allowed)


def test_a_gradient_that_should_be_zero_explains_any_step():
    zero, noise = np.array([0.0, 1.0]), np.array([1e-9, 1.0])
    gradients, judge = Gradients(), partial(Bound().judge, kind_scale=0.0, scale=0.0)
    gradients.see("w", zero, noise, zero)
    step, none = np.array([1e-3, 1e-3]), np.array([0.0, 1e-3])
    found = gradients.excuse("w", none, step, none, partial(judge, steps=1))
    assert found == DROWNED


def test_a_lucky_side_is_measured_by_other_gradients_of_the_step():
    a, b = J, J + 4e-5
    assert Bound().judge(a, b, J, 0.0, None, 1).name == REAL
    assert Bound().judge(a, b, J, 0.0, None, 1, noise=3e-6).name == ROUNDING
    assert Bound().judge(a, b, J, 0.0, None, 1, noise=2e-6).name == REAL


def test_a_slot_belongs_to_the_weight_in_its_name():
    gradients = Gradients()
    for name in ("dense/kernel", "model/dense/kernel", "dense/kernel/extra"):
        gradients.see(name, J, J, J)
    assert gradients.weight_of("adam/dense_kernel_momentum") == "dense/kernel"
    assert gradients.weight_of("adam/model_dense_kernel_momentum") == (
        "model/dense/kernel"
    )
    assert gradients.weight_of("adam/dense_kernel_extra_m") == "dense/kernel/extra"
    assert gradients.weight_of("adam/learning_rate") == ""
