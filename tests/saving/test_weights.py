"""Where each variable stands in a file of weights, and what is refused."""

import os
import sys
import zipfile

import h5py
import numpy as np
import pytest

import minikeras
from minikeras import Sequential, layers
from tests.saving.networks import KINDS, X, classes, numbers


def places(path):
    """{place of each array: its shape} in a file."""
    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item.shape

    with h5py.File(path) as file:
        file.visititems(note)
    return found


def owners(path):
    """The places of the objects that have arrays."""
    return {place.rpartition("/vars/")[0] for place in places(path)}


def dense(units=3, name=None):
    return Sequential([layers.Input((4,)), layers.Dense(units)], name=name)


def test_a_chain(tmp_path):
    layer_list = [layers.Dense(3), layers.Dropout(0.5), layers.BatchNormalization()]
    model = Sequential([layers.Input((4,)), *layer_list, layers.Dense(2)], name="m")
    model.compile("sgd", "mse")
    path = tmp_path / "a.weights.h5"
    model.save_weights(path)
    # Exactly what Keras 3.15.1 writes for it.
    assert places(path) == {
        "layers/dense/vars/0": (4, 3),
        "layers/dense/vars/1": (3,),
        "layers/batch_normalization/vars/0": (3,),
        "layers/batch_normalization/vars/1": (3,),
        "layers/batch_normalization/vars/2": (3,),
        "layers/batch_normalization/vars/3": (3,),
        "layers/dense_1/vars/0": (3, 2),
        "layers/dense_1/vars/1": (2,),
        "optimizer/vars/0": (),
        "optimizer/vars/1": (),
    }
    with h5py.File(path) as file:
        assert file["vars"].attrs["name"] == "m"
        assert file["layers/dropout/vars"].attrs["name"] == layer_list[1].name


RECURRENT = {
    "lstm": (lambda: layers.LSTM(2, dropout=0.1), ["cell"]),
    "bidirectional": (
        lambda: layers.Bidirectional(layers.GRU(2)),
        ["backward_layer/cell", "forward_layer/cell"],
    ),
    "time_distributed": (lambda: layers.TimeDistributed(layers.Dense(2)), ["layer"]),
    "rnn": (
        lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)]),
        ["cell/cells/gru_cell", "cell/cells/lstm_cell"],
    ),
    "sequential": (lambda: dense(), ["layers/dense"]),
}


@pytest.mark.parametrize("name", RECURRENT)
def test_layers_in_layers(tmp_path, name):
    make, inside = RECURRENT[name]
    shape = (4,) if name == "sequential" else (5, 3)
    Sequential([layers.Input(shape), make()]).save_weights(tmp_path / "a.weights.h5")
    found = {
        place.rpartition("/vars/")[0] for place in places(tmp_path / "a.weights.h5")
    }
    assert found == {f"layers/{name}/{place}" for place in inside}


def test_a_subclass_by_its_attributes(tmp_path):
    """The order of the alphabet decides what is reached first: `inner` under its own
    name, `block` and `out` in the list `layers`."""
    whole, _ = classes(minikeras)
    model = whole(units=3)
    model(X)
    model.save_weights(tmp_path / "a.weights.h5")
    found = {
        place.rpartition("/vars/")[0] for place in places(tmp_path / "a.weights.h5")
    }
    assert found == {
        "block",
        "block/_last",
        "block/named/container/dense",
        "block/named/dense",
        "block/towers/dense",
        "block/towers/dense_1",
        "inner/layers/dense",
        "layers/dense",
    }


@pytest.mark.parametrize("end", ["weights.h5", "keras"])
@pytest.mark.parametrize("name", KINDS)
def test_round_trip(tmp_path, name, end):
    model, x, y = KINDS[name](minikeras)
    model.fit(x, y, batch_size=4, verbose=0)
    other, *_ = KINDS[name](minikeras)
    other.fit(x, y, batch_size=4, verbose=0)
    path = tmp_path / f"a.{end}"
    model.save_weights(path) if end == "weights.h5" else model.save(path)
    other.load_weights(path)
    for part in (lambda m: m.weights, lambda m: m.optimizer.variables):
        for a, b in zip(part(other), part(model), strict=True):
            np.testing.assert_array_equal(a.value, b.value)
            assert a.value.dtype == b.value.dtype


def test_all_or_none(tmp_path):
    def make(last):
        return Sequential(
            [layers.Input((4,)), layers.Dense(3), layers.Dense(last, name="last")]
        )

    path = tmp_path / "a.weights.h5"
    make(2).save_weights(path)
    model = make(5)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"1 objects.*'last'.*\(3, 5\).*\(3, 2\)"):
        model.load_weights(path)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    with pytest.warns(UserWarning, match="1 objects could not be loaded"):
        model.load_weights(path, skip_mismatch=True)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(
            model.layers[0].kernel.value, file["layers/dense/vars/0"]
        )
    np.testing.assert_array_equal(model.layers[1].kernel.value, before[2])


def test_another_number_of_variables(tmp_path):
    path = tmp_path / "a.weights.h5"
    Sequential([layers.Input((4,)), layers.Dense(3, use_bias=False)]).save_weights(path)
    message = r"expected 2 variables \(kernel, bias\). Received: 1 variables"
    with pytest.raises(ValueError, match=message):
        dense().load_weights(path)


def test_own_methods_of_a_layer(tmp_path):
    class Table(layers.Layer):
        words = ()

        def save_own_variables(self, store):
            store["codes"] = np.array([[ord(c) for c in word] for word in self.words])

        def load_own_variables(self, store):
            self.words = ["".join(map(chr, row)) for row in store["codes"]]

        def call(self, x):
            return x

    def make():
        return Sequential([layers.Input((4,)), Table()])

    model, other = make(), make()
    model.layers[0].words = ["ab", "cd"]
    model.save_weights(tmp_path / "a.weights.h5")
    assert places(tmp_path / "a.weights.h5") == {"layers/table/vars/codes": (2, 2)}
    other.load_weights(tmp_path / "a.weights.h5")
    assert other.layers[0].words == ["ab", "cd"]


def test_an_optimizer_without_its_variables_yet_is_left_alone(tmp_path):
    model, other = dense(), dense()
    for one in (model, other):
        one.compile("adam", "mse")
    model.fit(X, numbers(12, 3), verbose=0)
    model.save_weights(tmp_path / "a.weights.h5")
    with pytest.warns(UserWarning, match="2 variables and the saved optimizer 6"):
        other.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("name", ["a.h6", "a.weights.npz", "a", "weights.h5.txt"])
def test_other_names(tmp_path, name):
    with pytest.raises(ValueError, match=f"must end in `.weights.h5`.*{name}"):
        dense().save_weights(tmp_path / name)
    with pytest.raises(ValueError, match=f"ends in `.weights.h5`, .*{name}"):
        dense().load_weights(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_model_without_weights_yet(tmp_path):
    dense(name="m").save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(ValueError, match="'n' has no weights yet"):
        Sequential([layers.Dense(3)], name="n").load_weights(tmp_path / "a.weights.h5")


def test_what_is_no_file_of_weights(tmp_path):
    path = tmp_path / "a.weights.h5"
    with pytest.raises(OSError, match="a.weights.h5"):
        dense().load_weights(path)
    path.write_bytes(b"no HDF5")
    with pytest.raises(OSError, match="signature"):
        dense().load_weights(path)


def test_a_failing_save_leaves_the_earlier_file(tmp_path):
    class Broken(layers.Dense):
        def save_own_variables(self, store):
            raise RuntimeError("half-way")

    path = tmp_path / "a.weights.h5"
    path.write_bytes(b"earlier")
    model = Sequential([layers.Input((4,)), layers.Dense(3), Broken(2)])
    with pytest.raises(RuntimeError, match="half-way"):
        model.save_weights(path)
    assert path.read_bytes() == b"earlier"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize(("answers", "written"), [(["x", "y"], True), (["n"], False)])
def test_the_user_is_asked(tmp_path, monkeypatch, answers, written):
    path = tmp_path / "a.weights.h5"
    path.write_bytes(b"earlier")
    given = iter(answers)
    monkeypatch.setattr("builtins.input", lambda question: next(given))
    dense().save_weights(path, overwrite=False)
    assert (path.read_bytes() != b"earlier") is written
    assert not list(given)


def test_without_h5py_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match="pip install h5py"):
        dense().save_weights(tmp_path / "a.weights.h5")
    assert not list(tmp_path.iterdir())


def links(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense/vars/1")


def external_link(file):
    del file["layers"]
    file["layers"] = h5py.ExternalLink("other.h5", "/layers")


def external_values(file):
    del file["layers/dense/vars/0"]
    file.create_dataset(
        "layers/dense/vars/0", (4, 3), "f4", external=[("secret", 0, 48)]
    )


def virtual(file):
    del file["layers/dense/vars/0"]
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4, 3))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


def words(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = "some text"


def shape_bomb(file):
    del file["layers/dense/vars/0"]
    file.create_dataset("layers/dense/vars/0", (1 << 20, 1 << 20), "f4", chunks=True)


def group(file):
    del file["layers/dense/vars/0"]
    file.create_group("layers/dense/vars/0")


def array_for_group(file):
    del file["layers/dense/vars"]
    file["layers/dense/vars"] = np.ones(3)


def empty(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.Empty("f4")


def scalar(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = 1.0


def other_key(file):
    file.move("layers/dense/vars/0", "layers/dense/vars/kernel")


def odd_filter(file):
    del file["layers/dense/vars/0"]
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((4, 3))
    plan.set_filter(32000, h5py.h5z.FLAG_OPTIONAL)  # one that HDF5 would load
    space, kind = h5py.h5s.create_simple((4, 3)), h5py.h5t.IEEE_F32LE
    place = b"layers/dense/vars/0"
    h5py.h5d.create(file.id, place, kind, space, plan).write(
        space, space, np.ones((4, 3), "f4")
    )


def packed_zeros(file):
    del file["layers/dense/vars/0"]
    zeros = np.zeros((4096, 1024), "f4")
    file.create_dataset("layers/dense/vars/0", data=zeros, compression="gzip")


FORGED = {
    odd_filter: "filters that HDF5 would look for",
    packed_zeros: r"shape \(4, 3\)",
    links: "link",
    external_link: "link",
    external_values: "other files",
    virtual: "other files",
    words: "Expected numbers",
    shape_bomb: "Refused.*declares",
    group: "Expected an array",
    array_for_group: "Expected a group",
    empty: "Expected an array",
    scalar: r"shape \(4, 3\)",
    other_key: "no array '0'",
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda f: f.__name__)
def test_forged_files_are_refused(tmp_path, forge):
    path = tmp_path / "a.weights.h5"
    dense().save_weights(path)
    (tmp_path / "secret").write_bytes(bytes(48))
    with h5py.File(path, "a") as file:
        forge(file)
    model = dense()
    model.save(tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras", "a") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        for name, content in members.items():
            is_forged = name == "model.weights.h5"
            archive.writestr(name, path.read_bytes() if is_forged else content)
    with pytest.raises(ValueError, match=FORGED[forge]):
        minikeras.models.load_model(tmp_path / "a.keras")
    before = model.get_weights()
    with pytest.raises(ValueError, match=FORGED[forge]):
        model.load_weights(path)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_nothing_is_left_open_or_drawn(tmp_path):
    """A model saved between two layers changes no weight of the second."""
    minikeras.utils.set_random_seed(3)
    model = dense()
    expected = layers.Dense(2)(model(X)).numpy()
    minikeras.utils.set_random_seed(3)
    model = dense()
    model.save(tmp_path / "a.keras")
    model.load_weights(tmp_path / "a.keras")
    np.testing.assert_array_equal(layers.Dense(2)(model(X)).numpy(), expected)


def test_bfloat16_is_read_as_float32(tmp_path):
    path = tmp_path / "a.weights.h5"
    model = Sequential([layers.Input((2,)), layers.Dense(2)])
    model.save_weights(path)
    expected = np.array([[1.0, -0.609375], [0.03125, 0.75]], "float32")
    halves = (expected.view(np.uint32) >> 16).astype(np.uint16).view("V2")
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"]
        array = file.create_dataset("layers/dense/vars/0", data=halves)
        array.attrs["dtype"] = "bfloat16"
    model.load_weights(path)
    np.testing.assert_array_equal(model.get_weights()[0], expected)
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"].attrs["dtype"]
    with pytest.raises(ValueError, match=r"Expected numbers.*dtype=\|V2"):
        model.load_weights(path)


def test_the_older_name_of_the_layers(tmp_path):
    path = tmp_path / "a.weights.h5"
    model, other = dense(), dense()
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        file.move("layers", "_layer_checkpoint_dependencies")
    other.load_weights(path)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
