"""Calling a layer: built once, its input checked and cast, `training`."""

import threading

import numpy as np
import pytest

from minikeras import layers
from minikeras.autodiff import GradientTape, Tensor
from minikeras.layers import Dense, Identity, InputSpec, Layer
from minikeras.models import Model, Sequential

X = np.ones((2, 4), "float32")


class Recording(Layer):
    """Notes what `build` and `call` get."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seen = []

    def build(self, input_shape):
        self.seen.append(input_shape)
        self.scale = self.add_weight(shape=(), initializer="ones")

    def call(self, x):
        return x


# Building ----------------------------------------------------------------------


def test_built_once_by_the_first_call():
    layer = Recording()
    assert not layer.built
    layer(X)
    layer(X[:1])
    assert layer.built
    assert layer.seen == [(2, 4)]
    assert len(layer.weights) == 1


def test_built_by_hand():
    layer = Recording(name="mine")
    layer.build((None, 7))
    assert layer.built
    assert layer.scale.path == f"mine/{layer.scale.name}"
    layer(X)
    assert layer.seen == [(None, 7)]


class TwoInputs(Layer):
    def build(self, a_shape, b_shape):
        self.shapes = (a_shape, b_shape)

    def call(self, a, b):
        return a + b


class Joint(Layer):
    def build(self, input_shape):
        self.shapes = input_shape

    def call(self, inputs, factor=1.0):
        parts = inputs.values() if isinstance(inputs, dict) else inputs
        return sum(parts) * factor


Y = np.ones((2, 1), "float32")
SEVERAL = [
    (TwoInputs, lambda f: f(X, Y), ((2, 4), (2, 1))),
    (TwoInputs, lambda f: f(X, b=Y), ((2, 4), (2, 1))),
    (TwoInputs, lambda f: f(a=X, b=Y), ((2, 4), (2, 1))),
    (TwoInputs, lambda f: f(b=Y, a=X), ((2, 4), (2, 1))),
    (Joint, lambda f: f([X, Y]), [(2, 4), (2, 1)]),
    (Joint, lambda f: f((X, Y)), ((2, 4), (2, 1))),
    (Joint, lambda f: f({"a": X, "b": Y}), {"a": (2, 4), "b": (2, 1)}),
    (Joint, lambda f: f([X, Y], factor=1.0), [(2, 4), (2, 1)]),
]


@pytest.mark.parametrize(("cls", "call", "shapes"), SEVERAL)
def test_several_inputs(cls, call, shapes):
    layer = cls()
    np.testing.assert_array_equal(call(layer).value, X + Y)
    assert layer.shapes == shapes


def test_the_input_by_name():
    layer = Dense(3)
    assert layer(inputs=X).shape == (2, 3)
    assert layer(inputs=X[:1]).shape == (1, 3)
    for call in (lambda: layer(), lambda: Dense(3)()):
        with pytest.raises(TypeError, match="inputs"):
            call()


def test_a_call_that_fails_at_first_can_be_repeated():
    class Fails(Recording):
        broken = True

        def call(self, x):
            if self.broken:
                raise RuntimeError("broken")
            return x

    layer = Fails()
    with pytest.raises(RuntimeError, match="broken"):
        layer(X)
    layer.broken = False
    layer(X)
    assert layer.seen == [(2, 4)]
    # The failed call left the context: this one is an outermost call again.
    layer.add_loss(1.0)
    layer(X)
    assert layer.losses == []


def test_a_layer_without_a_call():
    with pytest.raises(NotImplementedError, match="Layer Layer does not have"):
        Layer()(X)
    with pytest.raises(NotImplementedError, match="Model Model does not have"):
        Model()(X)


# What is called with -------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "shape", "message"),
    [
        ({"ndim": 3}, (2, 4), "expected ndim=3, found ndim=2"),
        ({"max_ndim": 1}, (2, 4), "expected max_ndim=1, found ndim=2"),
        ({"min_ndim": 3}, (2, 4), "expected min_ndim=3, found ndim=2"),
        ({"axes": {-1: 5}}, (2, 4), "expected axis -1 of input shape to have value 5"),
        ({"axes": {"1": 5}}, (2, 4), "expected axis 1 of input shape to have value 5"),
        ({"axes": {5: 5}}, (2, 4), "expected axis 5 of input shape to have value 5"),
        ({"shape": (None, 3)}, (2, 4), r"expected shape=\(None, 3\)"),
        ({"shape": (None, 3)}, (2, 3, 1), "expected ndim=2, found ndim=3"),
        ({"dtype": "int32"}, (2, 4), "expected dtype=int32, found dtype=float32"),
        (
            {"shape": (None, 3, 1), "allow_last_axis_squeeze": True},
            (2, 4),
            r"expected shape=\(None, 3, 1\)",
        ),
    ],
)
def test_input_spec_refuses(spec, shape, message):
    layer = Identity(name="strict")
    layer.input_spec = InputSpec(**spec)
    with pytest.raises(ValueError, match=message) as info:
        layer(np.ones(shape, "float32"))
    assert "layer 'strict'" in str(info.value)
    assert str(shape) in str(info.value)


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        ({}, ()),
        ({"ndim": 2}, (2, 4)),
        ({"min_ndim": 2, "max_ndim": 2}, (2, 4)),
        ({"axes": {-1: 4, 0: None}}, (2, 4)),
        ({"shape": (None, 4)}, (2, 4)),
        ({"shape": (None, 4, 1), "allow_last_axis_squeeze": True}, (2, 4)),
        ({"shape": (None, 4), "allow_last_axis_squeeze": True}, (2, 4, 1)),
        ({"dtype": "float32"}, (2,)),
    ],
)
def test_input_spec_accepts(spec, shape):
    layer = Identity()
    layer.input_spec = InputSpec(**spec)
    assert layer(np.ones(shape, "float32")).shape == shape


def test_each_input_has_its_spec():
    layer = Joint()
    layer.input_spec = [InputSpec(ndim=2), None]
    layer([X, np.ones((2, 1, 1), "float32")])
    with pytest.raises(ValueError, match="Input 0 .*expected ndim=2"):
        layer([X[0], X])
    with pytest.raises(ValueError, match=r"expects 2 input\(s\).*received 1"):
        layer([X])
    layer.input_spec = [InputSpec(ndim=2), InputSpec(ndim=2, optional=True)]
    assert layers.input_spec.check_inputs(layer.input_spec, [X, None], "j") is None


@pytest.mark.parametrize("wrong", [None, "abc", 3, object()])
def test_what_is_no_tensor(wrong):
    with pytest.raises(ValueError, match="Inputs to a layer should be tensors"):
        Dense(3)(wrong)


def test_later_calls_are_checked_too():
    layer = Dense(3)
    layer(X)
    layer(np.ones((7, 4), "float32"))
    for wrong in (np.ones((2, 5)), np.ones(4)):
        with pytest.raises(ValueError, match="incompatible with the layer"):
            layer(wrong.astype("float32"))
    layer(X)


def test_floats_are_cast_to_the_layers_dtype():
    assert Identity()(X.astype("float64")).dtype == np.float32
    assert Identity(dtype="float64")(X).dtype == np.float64
    assert Identity(autocast=False)(X.astype("float64")).dtype == np.float64
    assert Identity()(X.astype(">f4")).value.dtype.isnative
    assert Identity()(np.ones(2, ">i4")).value.dtype == np.int32
    with pytest.raises(ValueError, match="mixed_float16"):
        Dense(3, dtype="mixed_float16")


def test_gradients_pass_the_cast():
    x = Tensor(X.astype("float64"))
    layer = Dense(1, kernel_initializer="ones")
    with GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    gradient = tape.gradient(y, x)
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient.value, np.ones((2, 4)))


# training ------------------------------------------------------------------------


class Probe(Layer):
    def call(self, x, training=None):
        self.training = training
        return x


class ByDefault(Layer):
    def __init__(self):
        super().__init__()
        self.probe = Probe()

    def call(self, x, training=True):
        self.training = training
        return self.probe(x)


class Unaware(Layer):
    def __init__(self):
        super().__init__()
        self.probe = Probe()

    def call(self, x):
        return self.probe(x)


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("make", [Probe, ByDefault, Unaware])
def test_the_argument_given_here_comes_first(make, given):
    layer = make()
    layer(X, training=given)
    probe = getattr(layer, "probe", layer)
    assert probe.training is given
    layer(X, training=not given)
    assert probe.training is not given


def test_then_that_of_the_enclosing_call_then_the_default():
    layer = ByDefault()
    layer(X)
    assert (layer.training, layer.probe.training) == (True, True)
    model = Sequential([ByDefault(), Probe()])
    model(X, training=False)
    first, second = model.layers
    assert (first.training, first.probe.training, second.training) == (False,) * 3
    model(X)
    assert (first.training, first.probe.training) == (True, True)


def test_nobody_says_anything():
    probe = Probe()
    probe(X)
    assert not probe.training


def test_each_thread_has_its_own_context():
    probe, inside = Probe(), threading.Event()
    ready, seen = threading.Event(), []

    class Waiting(Layer):
        def call(self, x, training=None):
            inside.set()
            ready.wait(timeout=600)  # or it hangs
            return x

    outer = Waiting()
    thread = threading.Thread(target=lambda: outer(X, training=True))
    thread.start()
    inside.wait(timeout=600)
    probe(X)  # not within the call of the other thread
    seen.append(probe.training)
    ready.set()
    thread.join()
    assert not seen[0]
