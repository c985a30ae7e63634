"""Models as `.h5` files: what comes back, where it stands, what is refused."""

import json
import os

import h5py
import numpy as np
import pytest

import minikeras
from minikeras import Model, Sequential, layers, losses, metrics, optimizers, saving
from minikeras.models import load_model
from tests.saving.halves import ALL, ENDINGS
from tests.saving.networks import X, Y, classes
from tests.saving.test_models import dense, model_of_own_classes
from tests.saving.test_recorded import doubled, unpacked  # noqa: F401

SAYS_LEGACY = pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
UNCOMPILED = pytest.mark.filterwarnings("ignore:No training configuration found")
pytestmark = [SAYS_LEGACY, UNCOMPILED]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.h5"


def contents(path) -> dict:
    """{place: array}, {place@attribute: value} of a file."""
    found = {}

    def note(place, item):
        for name, value in item.attrs.items():
            is_list = isinstance(value, np.ndarray)
            found[f"{place}@{name}"] = value.tolist() if is_list else value
        if isinstance(item, h5py.Dataset):
            found[place] = np.array(item)

    with h5py.File(path) as file:
        note("", file)
        file.visititems(note)
    return found


@pytest.mark.parametrize("name", ENDINGS["h5"])
def test_a_loaded_model_goes_on_as_the_one_saved(path, name):
    minikeras.utils.set_random_seed(5)
    model, x, y = ALL[name](minikeras)
    options = {"batch_size": 4, "epochs": 2, "shuffle": False, "verbose": 0}
    model.fit(x, y, **options)
    saving.save_model(model, path)
    again = saving.load_model(path)
    assert type(again) is type(model) and again.name == model.name
    for one in (model, again):
        one.reset_metrics()
    assert again.fit(x, y, **options).history == model.fit(x, y, **options).history
    for a, b in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(a.value, b.value)


@pytest.mark.parametrize("name", ["chain", "graph", "images"])
def test_the_file_is_the_one_that_keras_writes(path, unpacked, name):  # noqa: F811
    theirs = unpacked("3.15", name, "h5")[0]
    load_model(theirs).save(path)
    expected, found = contents(theirs), contents(path)
    assert expected.keys() == found.keys()
    for place, value in expected.items():
        if place.endswith("_config"):
            continue
        np.testing.assert_array_equal(found[place], value, err_msg=place)
        assert np.asarray(found[place]).dtype == np.asarray(value).dtype
    told, ours = (json.loads(c["@training_config"]) for c in (expected, found))
    if told["loss"] == "mse":  # which Keras cannot read
        told["loss"] = "mean_squared_error"
    assert ours == told

    def entries(contents):
        found = json.loads(contents["@model_config"])
        for layer in (found, *found["config"]["layers"]):
            layer["config"].pop("quantization_config", None)
        return {**found, "config": {**found["config"], "layers": None}}, [
            layer
            for layer in found["config"]["layers"]
            if layer["class_name"] != "Sequential"
        ]

    assert entries(found) == entries(expected)


def test_it_says_that_the_format_is_old(path):
    with pytest.warns(UserWarning, match="HDF5 file.*considered legacy.*'my_model.ke"):
        dense().save(path)


def test_saving_leaves_the_model_as_it_is(path, tmp_path):
    """Keras forgets the optimizer's config here."""
    model = dense(optimizer=optimizers.SGD(0.5), loss="mse")
    model.save(path)
    model.save(tmp_path / "a.keras")
    assert load_model(tmp_path / "a.keras").optimizer.learning_rate == 0.5


def test_an_optimizer_that_took_no_step(path):
    model = dense(optimizer="adam", loss="mse")
    model.optimizer.learning_rate = 0.25
    model.save(path)
    assert load_model(path).optimizer.learning_rate == 0.25


def test_objects_given_to_compile(path):
    rate = optimizers.schedules.CosineDecay(0.1, 10)
    labels = (Y > 0).astype("float32")
    model = dense(
        optimizer=optimizers.SGD(rate, momentum=0.5),
        loss=losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=[metrics.BinaryAccuracy(threshold=0.3, name="hits"), "mse", "accuracy"],
        weighted_metrics=["mae"],
        loss_weights=2.0,
    )
    expected = model.fit(X, labels, verbose=0).history
    model.save(path)
    model = load_model(path)
    assert model.optimizer.get_config()["learning_rate"]["class_name"] == "CosineDecay"
    assert model.optimizer.momentum == 0.5
    assert model.loss.get_config()["label_smoothing"] == 0.1
    assert model.fit(X, labels, verbose=0).history.keys() == expected.keys()


def test_without_compiling_and_without_the_optimizer(path):
    model = dense(optimizer="adam", loss="mse")
    model.save(path)
    assert not load_model(path, compile=False).compiled
    model.save(path, include_optimizer=False)
    assert {"@training_config", "optimizer_weights@weight_names"}.isdisjoint(
        contents(path)
    )
    with pytest.warns(UserWarning, match=r"the model was \*not\* compiled"):
        assert not load_model(path).compiled


@pytest.mark.parametrize("ending", ["h5", "hdf5"])
def test_names_and_arguments(tmp_path, ending, monkeypatch):
    path = tmp_path / "new" / f"a.{ending}"
    model = dense()
    model.save(path, save_format="h5")
    earlier = path.read_bytes()
    with pytest.raises(ValueError, match="not supported: \\['signatures'\\]"):
        model.save(path, signatures=3)
    with pytest.raises(FileExistsError, match=path.name):  # a folder is asked for
        model.save(path, zipped=False)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    dense(optimizer="sgd", loss="mse").save(path, overwrite=False)
    assert path.read_bytes() == earlier and os.listdir(path.parent) == [path.name]
    with pytest.raises(OSError, match="b.h5"):
        load_model(tmp_path / "b.h5")


def test_classes_of_the_user(path):
    model, Twice, far = model_of_own_classes()
    model.save(path)
    with pytest.raises(ValueError, match="Unknown layer: 'Twice'.*registered"):
        load_model(path)
    with pytest.raises(ValueError, match="'far'"):
        load_model(path, custom_objects={"Twice": Twice})
    again = load_model(path, custom_objects={"Twice": Twice, "far": far})
    assert again.layers[0].factor == 3
    assert again.fit(X, Y, verbose=0).history.keys() == {"loss", "far"}
    assert load_model(path, {"Twice": Twice}, compile=False).layers[0].factor == 3


def test_a_registered_layer_and_a_subclass_of_a_graph(path):
    @saving.register_keras_serializable("tests")
    class Own(Model):
        pass

    @saving.register_keras_serializable("tests")
    class Scale(layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=shape[1:], initializer="ones")

        def call(self, x):
            return x * self.scale

    x = layers.Input((4,))
    model = Own(x, Scale()(x))
    model.save(path)
    names = [e["class_name"] for e in entries_of(path)["config"]["layers"]]
    assert names == ["InputLayer", "tests>Scale"]
    assert type(load_model(path, {"Own": Own})) is Own


def entries_of(path):
    return json.loads(contents(path)["@model_config"])


def test_a_subclassed_model_has_weights_alone(path):
    whole, _ = classes(minikeras)
    model = whole(units=4)
    model(X)
    model.save(path)
    with pytest.raises(ValueError, match="Unknown layer: 'Whole'"):
        load_model(path)
    with pytest.raises(ValueError, match="Layer count mismatch.*subclassed model"):
        load_model(path, {"Whole": whole})
    again = whole(units=4)
    with pytest.raises(ValueError, match="has no weights yet"):
        again.load_weights(path)
    again(X)
    again.load_weights(path)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_an_op_that_keras_itself_cannot_read(unpacked):  # noqa: F811
    """Keras writes no module, and takes its own Multiply for a layer."""
    path, numbers = unpacked("3.15", "arithmetic", "h5")
    found = load_model(path).predict(numbers["x0"], verbose=0)
    np.testing.assert_allclose(found, numbers["before0"], rtol=1e-6)


def test_weights_of_one_path(path):
    """Layers of two models may have one name; each keeps its own moments."""
    x = layers.Input((4,))
    parts = [Model(x, layers.Dense(4, name="d")(x), name=name) for name in "ab"]
    model = Model(x, parts[1](parts[0](x)))
    model.compile("adam", "mse")
    model.fit(X, X, verbose=0)
    model.save(path)
    again = load_model(path)
    for a, b in zip(again.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.value, b.value)


def test_lists_longer_than_an_attribute(path):
    x = layers.Input((1,))
    y = x
    for i in range(700):
        y = layers.Identity(name=f"{'long' * 40}_{i}")(y)
    model = Model(x, layers.Dense(1)(y))
    model.save(path)
    names = [name for name in contents(path) if "@layer_names" in name]
    assert names == [f"model_weights@layer_names{i}" for i in range(2)]
    again = load_model(path)
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])


# Weights alone --------------------------------------------------------------------


def three(*units, names="abc"):
    model = Sequential([layers.Input((4,))])
    for size, name in zip(units, names, strict=True):
        model.add(layers.Dense(size, name=name))
    return model


def test_weights_by_order_and_by_name(path):
    model = three(3, 4, 2)
    model.save(path)
    again = three(3, 4, 2, names="cba")
    again.load_weights(path)
    for a, b in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    other = three(3, 4, names="ax")
    untouched = other.get_weights()[2]
    other.load_weights(path, by_name=True)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    np.testing.assert_array_equal(other.get_weights()[2], untouched)


def test_what_does_not_fit_is_refused_or_skipped(path):
    three(3, 4, 2).save(path)
    for other, message in (
        (three(3, 4, names="ab"), "expected 2 layers, found 3 saved"),
        (three(3, 5, 2), r"layer #1 \(named b.*\(3, 5\).*\(3, 4\)"),
    ):
        before = other.get_weights()
        with pytest.raises(ValueError, match=message):
            other.load_weights(path)
        for a, b in zip(other.get_weights(), before, strict=True):
            np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning) as said:
        other.load_weights(path, skip_mismatch=True)
    assert len(said) == 3 and "Skipping loading weights" in str(said[0].message)
    # Bias c and kernel and bias a fit.
    equal = [
        a.shape == b.shape and (a == b).all()
        for a, b in zip(
            other.get_weights(), load_model(path).get_weights(), strict=True
        )
    ]
    assert equal == [True, True, False, False, False, True]


def test_another_number_of_weights(path):
    three(3, 4, 2).save(path)
    other = Sequential([layers.Input((4,)), layers.Dense(3, use_bias=False, name="a")])
    with pytest.raises(ValueError, match=r"#0 \(named a\).* 1 weight.* 2 saved"):
        other.load_weights(path, by_name=True)
    with pytest.warns(UserWarning, match="Skipping loading of weights"):
        other.load_weights(path, skip_mismatch=True, by_name=True)


def test_by_name_is_for_old_files(tmp_path):
    model = dense()
    for name in ("a.weights.h5", "a.keras"):
        with pytest.raises(ValueError, match="`by_name` only supports.*" + name):
            model.load_weights(tmp_path / name, by_name=True)


def test_weights_of_the_model_itself_and_frozen_ones(path):
    """Trainable weights come first in the file, whatever the order of the layers'."""

    class Shifted(Sequential):
        def build(self, shape=None):
            super().build(shape)
            self.shift = self.add_weight(shape=(2,), name="shift")

    def made():
        inner = [layers.Dense(3, name="i"), layers.BatchNormalization(name="n")]
        chain = Sequential([layers.Input((4,)), *inner], name="chain")
        chain.layers[0].trainable = False
        model = Shifted([layers.Input((4,)), chain, layers.Dense(2, name="d")])
        return model

    model = made()
    model.set_weights([w + i for i, w in enumerate(model.get_weights())])
    model.save(path)
    stored = contents(path)["model_weights/chain@weight_names"]
    assert [name.split("/")[-1] for name in stored] == [
        "gamma",
        "beta",
        "kernel",
        "bias",
        "moving_mean",
        "moving_variance",
    ]
    assert "model_weights/top_level_model_weights@weight_names" in contents(path)
    again = made()
    again.load_weights(path)
    for a, b in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


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
