"""keras.backend and keras.saving: the names, and that they are the same settings."""

import numpy as np
import pytest

import minikeras as keras


def test_backend_names():
    for name in keras.backend.__all__:
        assert callable(getattr(keras.backend, name))
    assert keras.backend.backend() == "numpy"
    assert keras.backend.is_float_dtype(np.float16)
    assert not keras.backend.is_float_dtype("int32")
    assert keras.backend.is_int_dtype("uint8")
    assert not keras.backend.is_int_dtype(bool)
    assert keras.backend.result_type("int64", "float16") == "float16"
    assert keras.backend.is_keras_tensor(keras.Input((3,)))
    assert not keras.backend.is_keras_tensor(np.ones(3))


def test_clear_session_starts_the_names_anew():
    keras.backend.clear_session()
    assert keras.layers.Dense(1).name == "dense"
    assert keras.layers.Dense(1).name == "dense_1"
    keras.backend.clear_session()
    assert keras.layers.Dense(1).name == "dense"


def test_saving_registers_and_restores():
    @keras.saving.register_keras_serializable(package="Mine")
    class Triple(keras.layers.Layer):
        def call(self, x):
            return x * 3

    assert keras.saving.get_registered_name(Triple) == "Mine>Triple"
    assert keras.saving.get_registered_object("Mine>Triple") is Triple
    config = keras.saving.serialize_keras_object(Triple(name="t"))
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is Triple
    assert restored.name == "t"
    del keras.saving.get_custom_objects()["Mine>Triple"]
    with pytest.raises(ValueError, match="Triple"):
        keras.saving.deserialize_keras_object(config)


def test_clone_model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")])
    clone = keras.models.clone_model(model)
    assert [layer.name for layer in clone.layers] == ["d"]
    assert clone.layers[0] is not model.layers[0]
    assert clone.get_weights()[0].shape == (4, 3)
    assert (clone.get_weights()[0] != model.get_weights()[0]).any()
    with pytest.raises(ValueError, match="Model"):
        keras.models.clone_model(keras.layers.Dense(1))


def test_an_optimizer_may_pass_tensors_on():
    class SignSGD(keras.optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(
                keras.ops.sign(gradient), variable, keras.ops.abs(learning_rate)
            )

    variable = keras.Variable(np.ones(3, "float32"))
    SignSGD(0.5).apply([np.array([1.0, -2.0, 3.0], "float32")], [variable])
    assert type(variable.value) is np.ndarray
    np.testing.assert_array_equal(variable.value, [0.5, 1.5, 0.5])


def test_a_tape_that_watches_what_it_is_told_to():
    first, second = keras.Variable(2.0), keras.Variable(3.0)
    with keras.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(first)
        product = first * second
    gradients = tape.gradient(product, [first, second])
    assert float(gradients[0]) == 3.0
    assert gradients[1] is None


def test_every_family_of_the_package_is_there():
    for name in keras._FAMILIES:
        assert hasattr(keras, name), name
    assert keras.version() == keras.__version__


def test_a_new_regularizer_counts_at_once():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.ones((2, 1)), np.zeros(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x, y = np.ones((4, 2)), np.full((4, 1), 2.0)
    assert model.train_on_batch(x, y) == 0
    model.layers[0].kernel.regularizer = keras.regularizers.L2(0.5)
    assert model.train_on_batch(x, y) == 1.0  # 0.5 · (1² + 1²)
    model.layers[0].kernel.regularizer = None
    assert model.train_on_batch(x, y) == 0
