"""`.keras` files: what comes back, and what is refused."""

import json
import os
import zipfile

import numpy as np
import pytest

import minikeras
from minikeras import Model, Sequential, layers, losses, metrics, optimizers, saving
from minikeras.models import load_model, model_from_json
from minikeras.registry import CustomObjectScope
from tests.saving.halves import ALL
from tests.saving.layer_networks import FORGETTING
from tests.saving.networks import X, Y


def dense(name="m", **options):
    model = Sequential([layers.Input((4,)), layers.Dense(2, name="d")], name=name)
    if options:
        model.compile(**options)
    return model


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.keras"


@pytest.mark.parametrize("name", [name for name in ALL if name not in FORGETTING])
def test_a_loaded_model_goes_on_as_the_one_saved(path, name):
    minikeras.utils.set_random_seed(5)  # from some weights training ends in NaN
    model, x, y = ALL[name](minikeras)
    options = {"batch_size": 4, "epochs": 2, "shuffle": False, "verbose": 0}
    model.fit(x, y, **options)
    saving.save_model(model, path)
    again = saving.load_model(path, safe_mode=False)
    assert type(again) is type(model) and again.name == model.name
    for one in (model, again):
        one.reset_metrics()
    assert again.fit(x, y, **options).history == model.fit(x, y, **options).history
    for a, b in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(a.value, b.value)


def test_the_archive(path):
    model = dense(optimizer="adam", loss="mse", metrics=["mae"])
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        names = [info.filename for info in archive.infolist()]
        assert names == ["metadata.json", "config.json", "model.weights.h5"]
        assert {info.compress_type for info in archive.infolist()} == {0}
        config = json.loads(archive.read("config.json"))
        assert json.loads(archive.read("metadata.json"))["keras_version"] == "3.15.1"
    assert config["module"] == "keras" and config["class_name"] == "Sequential"
    assert config["build_config"] == {"input_shape": [None, 4]}
    assert config["config"]["layers"][1]["build_config"] == {"input_shape": [None, 4]}
    compiled = config["compile_config"]
    assert compiled.pop("optimizer")["class_name"] == "Adam"
    assert compiled == {
        "loss": "mse",
        "loss_weights": None,
        "metrics": ["mae"],
        "weighted_metrics": None,
        "run_eagerly": False,
        "steps_per_execution": 1,
        "jit_compile": False,
    }


def test_objects_given_to_compile(path):
    rate = optimizers.schedules.CosineDecay(0.1, 10)
    labels = (Y > 0).astype("float32")
    model = dense(
        optimizer=optimizers.SGD(rate, momentum=0.5),
        loss=losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=[metrics.BinaryAccuracy(threshold=0.3, name="hits"), "mse"],
        weighted_metrics=["mae"],
        steps_per_execution=2,
    )
    model.fit(X, labels, verbose=0)
    model.save(path)
    model = load_model(path)
    assert model.optimizer.get_config()["learning_rate"]["class_name"] == "CosineDecay"
    assert model.optimizer.momentum == 0.5
    assert model.loss.get_config()["label_smoothing"] == 0.1
    assert model.steps_per_execution == 2
    history = model.fit(X, labels, verbose=0).history
    assert set(history) == {"hits", "loss", "mae", "mse"}


def test_without_compiling(path):
    dense(optimizer="adam", loss="mse").save(path)
    model = load_model(path, compile=False)
    assert not model.compiled and model.optimizer is None
    np.testing.assert_array_equal(model.predict(X, verbose=0).shape, (12, 2))


def model_of_own_classes():
    """A compiled model of a layer and a loss that nobody registered, and these two."""

    class Twice(layers.Layer):
        def __init__(self, factor=2, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

    def far(y_true, y_pred):
        return minikeras.ops.max(minikeras.ops.abs(y_true - y_pred), axis=-1)

    model = Sequential([layers.Input((4,)), Twice(factor=3), layers.Dense(2)])
    model.compile("sgd", far, metrics=[far])
    return model, Twice, far


def test_classes_of_the_user(path):
    model, Twice, far = model_of_own_classes()
    model.save(path)
    with pytest.raises(ValueError, match="Unknown object: 'Twice'.*registered"):
        load_model(path)
    objects = {"Twice": Twice, "far": far}
    again = load_model(path, custom_objects=objects)
    assert again.layers[0].factor == 3
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with CustomObjectScope(objects):
        assert type(load_model(path).layers[0]) is Twice
    assert load_model(path, {"Twice": Twice}, compile=False).layers[0].factor == 3
    with pytest.raises(ValueError, match="'far'"):
        load_model(path, custom_objects={"Twice": Twice})


def test_a_model_with_a_compile_of_its_own(path):
    @saving.register_keras_serializable("tests")
    class Own(Sequential):
        def compile(self, speed):
            super().compile(optimizers.SGD(speed), "mse")

    model = Own([layers.Input((4,)), layers.Dense(2)])
    model.compile(0.5)
    model.save(path)
    with pytest.warns(UserWarning, match="Own has a `compile\\(\\)` of its own"):
        assert not load_model(path).compiled


def test_what_a_build_of_its_own_needs(path):
    @saving.register_keras_serializable("tests")
    class Odd(layers.Layer):
        def build_for(self, rows, columns):
            self.table = self.add_weight(shape=(rows, columns))
            self.size = (rows, columns)
            self.built = True

        def call(self, x):
            return x @ self.table

        def get_build_config(self):
            return {"rows": self.size[0], "columns": self.size[1]}

        def build_from_config(self, config):
            self.build_for(config["rows"], config["columns"])

    layer = Odd()
    layer.build_for(4, 3)
    model = Sequential([layers.Input((4,)), layer])
    model.save(path)
    np.testing.assert_array_equal(load_model(path).get_weights(), model.get_weights())


def test_a_layer_in_two_models_is_one_layer(path):
    shared = layers.Dense(4, name="shared")
    left, right, x = (layers.Input((4,), name=name) for name in "abx")
    one = Model(left, layers.Dense(3)(shared(left)), name="one")
    two = Model(right, shared(shared(right)), name="two")
    model = Model(x, [one(x), two(x)])
    model.save(path)
    again = load_model(path)
    assert again.get_layer("one").layers[1] is again.get_layer("two").layers[1]
    for a, b in zip(again.predict(X), model.predict(X), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_copy_made_while_a_file_is_read_is_a_copy(path):
    @saving.register_keras_serializable("tests")
    class Pair(layers.Layer):
        def __init__(self, one, **kwargs):
            super().__init__(**kwargs)
            self.one = one
            config = saving.serialize_keras_object(one)
            self.two = saving.deserialize_keras_object(config)

        def build(self, shape):
            for layer in (self.one, self.two):
                if not layer.built:
                    layer.build(shape)

        def call(self, x):
            return self.one(x) + self.two(x)

        def get_config(self):
            return {"one": self.one}

        @classmethod
        def from_config(cls, config):
            return cls(saving.deserialize_keras_object(config["one"]))

    model = Sequential([layers.Input((4,)), Pair(layers.Dense(2))])
    model.save(path)
    pair = load_model(path).layers[0]
    assert pair.one is not pair.two
    np.testing.assert_array_equal(pair.two.kernel.value, model.get_weights()[2])


def test_json(path):
    model, *_ = ALL["functional"](minikeras)
    again = model_from_json(model.to_json(indent=1))
    again.set_weights(model.get_weights())
    x = ALL["functional"](minikeras)[1]
    for a, b in zip(again.predict(x), model.predict(x), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_unbuilt_model(path):
    with pytest.warns(UserWarning, match="'m' is saved without weights"):
        Sequential([layers.Dense(2)], name="m").save(path)
    assert not load_model(path).built


def test_names_and_arguments(path, tmp_path):
    model = dense()
    for name in ("a.h6", "a", "a.tf"):
        with pytest.raises(ValueError, match=f"ends in `.keras`.*{name}"):
            model.save(tmp_path / name)
        with pytest.raises(ValueError, match=f"ends in `.keras`.*{name}"):
            load_model(tmp_path / name)
    with pytest.raises(ValueError, match="zipped=False"):
        model.save(path, zipped=False)
    with pytest.raises(ValueError, match="not supported: \\['signatures'\\]"):
        model.save(path, signatures=3)
    with pytest.raises(ValueError, match="File not found: .*a.keras"):
        load_model(path)
    assert not os.listdir(tmp_path)


def test_a_failing_save_leaves_the_earlier_file(path, tmp_path):
    dense().save(path)
    earlier = path.read_bytes()

    class Broken(layers.Layer):
        def get_config(self):
            raise RuntimeError("half-way")

        def call(self, x):
            return x

    with pytest.raises(RuntimeError, match="half-way"):
        Sequential([layers.Input((4,)), Broken()]).save(path)
    assert path.read_bytes() == earlier and os.listdir(tmp_path) == [path.name]
