"""A misspelt argument is met by the nearest right one, wherever it is given."""

import copy
import functools
import traceback

import numpy as np
import pytest

import minikeras as keras
from minikeras import signature

X = np.ones((8, 3), "float32")


def model():
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    made.compile("sgd", "mse")
    return made


MISSPELT = [
    (lambda: keras.layers.Dense(3, activaton="relu"), ValueError, "'activation'"),
    (lambda: keras.layers.LSTM(3, return_sequence=1), ValueError, "_sequences'"),
    (lambda: keras.optimizers.SGD(momentm=0.9), ValueError, "'momentum'"),
    (lambda: keras.optimizers.Adam(clip_norm=1.0), ValueError, "'clipnorm'"),
    (lambda: keras.losses.MeanSquaredError(reducton="sum"), TypeError, "'reduction'"),
    (lambda: keras.metrics.AUC(nme="auc"), TypeError, "'name'"),
    (lambda: keras.initializers.RandomNormal(std=1.0), TypeError, "'stddev'"),
    (lambda: keras.regularizers.L2(l=0.1), TypeError, "'l2'"),
    (lambda: keras.constraints.MaxNorm(max_valu=1), TypeError, "'max_value'"),
    (
        lambda: keras.optimizers.schedules.ExponentialDecay(0.1, decay_step=3),
        TypeError,
        "'decay_steps'",
    ),
    (lambda: keras.callbacks.LambdaCallback(on_epoch_ends=1), ValueError, "_end'"),
    (lambda: keras.Sequential(layer=[]), TypeError, "'layers'"),
    (lambda: keras.Input(shap=(3,)), TypeError, "'shape'"),
    (lambda: model().compile(optimiser="sgd"), TypeError, "'optimizer'"),
    (lambda: model().fit(X, X, epoch=3), TypeError, "'epochs'"),
    (lambda: model().evaluate(X, X, verbos=0), TypeError, "'verbose'"),
    (lambda: model().predict(X, batchsize=1), TypeError, "'batch_size'"),
]


@pytest.mark.parametrize(("action", "kind", "nearest"), MISSPELT)
def test_the_nearest_argument_is_named(action, kind, nearest):
    with pytest.raises(kind, match=f"Did you mean .*{nearest}"):
        action()


OLD = [
    (lambda: model().fit(X, X, nb_epoch=3), "epochs"),
    (lambda: keras.layers.Conv2D(3, 3, border_mode="same"), "padding"),
    (lambda: keras.layers.Conv2D(3, 3, subsample=2), "strides"),
    (lambda: keras.layers.Dense(3, W_regularizer="l2"), "kernel_regularizer"),
    (lambda: keras.layers.Dense(3, init="zeros"), "kernel_initializer"),
    (lambda: keras.layers.LSTM(3, dropout_U=0.1), "recurrent_dropout"),
    (lambda: keras.layers.Dropout(0.1, p=0.5), "rate"),
]


@pytest.mark.parametrize(("action", "today"), OLD)
def test_yesterdays_words_are_told_todays(action, today):
    with pytest.raises((TypeError, ValueError), match=f"Today's word is '{today}'"):
        action()


def test_every_word_of_today_is_an_argument_of_something():
    known = set(signature.parameters(keras.Model.fit))
    for layer in keras.layers.FAMILY.exports.values():
        if isinstance(layer, type):
            known |= set(signature.arguments_of(layer))
    assert set(signature._TODAY.values()) <= known
    assert not set(signature._TODAY) & {"units", "padding", "epochs", "rate"}


def test_what_is_like_nothing_is_told_all_there_is():
    with pytest.raises(ValueError, match="Expected: units, activation, .*, name"):
        keras.layers.Dense(3, zzz=1)
    with pytest.raises(ValueError, match="Expected: units,.*return_sequences") as error:
        keras.layers.LSTM(3, zzz=1)
    assert "given" not in str(error.value)  # what RecurrentLayer demands of LSTM


def test_no_message_names_an_inner_class():
    with pytest.raises(TypeError, match=r"^Conv2D\(\) needs the argument 'kernel_s"):
        keras.layers.Conv2D(3)
    made = model()
    for name in ("fit", "evaluate", "predict", "train_on_batch", "compile"):
        with pytest.raises(TypeError, match=rf"^Model\.{name}\(\) "):
            getattr(made, name)(X, no_such_argument=1)
    with pytest.raises(TypeError, match=r"^Model\.fit\(\) takes from 1 to 17"):
        made.fit(*[None] * 17)
    with pytest.raises(TypeError, match=r"^Zeros\(\) takes no arguments"):
        keras.initializers.Zeros(seed=1)


def test_a_users_class_takes_what_it_takes():
    class Mine(keras.layers.Layer):
        def __init__(self, size, *more, mode="a", **options):
            self.own = options.pop("own", None)
            super().__init__(**options)
            self.size, self.more, self.mode = size, more, mode

    class Plain(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return y_pred

    class Bound(Mine):
        __init__ = functools.partialmethod(Mine.__init__, 5)

    assert Bound(mode="c").mode == "c"
    layer = Mine(1, 2, 3, mode="b", own=4, name="mine")
    assert (layer.size, layer.more, layer.mode, layer.own) == (1, (2, 3), "b", 4)
    assert copy.deepcopy(layer).size == 1
    assert Plain(reduction="sum").reduction == "sum"
    with pytest.raises(ValueError, match="to Mine: {'mod': 1}. Did you mean 'mode'"):
        Mine(1, mod=1)


def lines_of(error):
    return [frame.filename for frame in traceback.extract_tb(error.__traceback__)]


class Failing(keras.layers.Layer):
    def call(self, x):
        raise ValueError("no")


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_a_traceback_shows_the_users_lines_and_the_last_one(method):
    with pytest.raises(ValueError, match=r"\(8, 4\).*\(8, 2\)") as wrong:
        getattr(model(), method)(X, np.ones((8, 4)), verbose=0)
    own, last = lines_of(wrong.value)
    assert own == __file__ and "minikeras" in last
    failing = keras.Sequential([Failing()])
    failing.compile("sgd", "mse")
    with pytest.raises(ValueError, match="no") as raised:
        getattr(failing, method)(X, X, verbose=0)
    assert lines_of(raised.value) == [__file__, __file__]


def test_all_lines_are_shown_on_demand():
    keras.config.disable_traceback_filtering()
    try:
        with pytest.raises(ValueError) as wrong:
            model().fit(X, np.ones((8, 4)), verbose=0)
    finally:
        keras.config.enable_traceback_filtering()
    assert len(lines_of(wrong.value)) > 5
    assert keras.config.is_traceback_filtering_enabled()


@pytest.mark.parametrize("rows", [64, 37])
def test_a_wrong_shape_is_the_batchs_own(rows):
    """Large enough for threads, whose step is first tried on a few rows."""
    x = np.ones((64, 3), "float32")
    for loss in ("mse", "categorical_crossentropy"):
        made = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
        made.compile("sgd", loss)
        with pytest.raises(ValueError, match=rf"\({rows}, 4\).*\({rows}, 10\)"):
            made.fit(x[:rows], np.ones((rows, 4)), batch_size=rows, verbose=0)
