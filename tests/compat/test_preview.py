"""What a script will miss is told before it runs."""

import pytest

import minikeras as keras
from minikeras.compat import run_script, tensorflow_names
from minikeras.compat.preview import needs

TRAINS = """
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers
net = tf.keras.Sequential([layers.Dense(1)])
net.compile("sgd", "mse")
net.fit(np.ones((8, 3)), np.ones((8, 1)), verbose=0)
print("trained")
"""


def lines_of(source: str) -> list[str]:
    with tensorflow_names():
        return needs(source.encode())


def test_it_is_told_first_and_the_script_runs_as_far_as_it_goes(tmp_path, capfd):
    path = tmp_path / "script.py"
    path.write_text(TRAINS + "net.predict_classes(1)\n")
    assert run_script(str(path), []) == 1
    out, error = capfd.readouterr()
    assert out == "trained\n"
    told, _, raised = error.partition("Traceback")
    assert "line 9: net.predict_classes: `predict(x).argmax(axis=-1)` gives" in told
    assert "object has no attribute 'predict_classes'. `predict(x).arg" in raised


def test_a_script_that_misses_nothing_is_told_nothing(tmp_path, capfd):
    path = tmp_path / "script.py"
    path.write_text(TRAINS + "print(tf.__version__, tf.__name__)\n")
    assert run_script(str(path), []) == 0
    assert capfd.readouterr() == ("trained\n2.21.0 tensorflow\n", "")


MISSED = {
    "import keras\nkeras.mixed_precision.set_global_policy": (2, "one dtype"),
    "def f():\n    from keras.callbacks import RemoteMonitor": (2, "LambdaCallback"),
    "import tensorflow as tf\nx = 1\nlambda: tf.data.Dataset": (3, "to fit"),
    "import tensorflow.keras.layers as kl\nkl.Dnse(3)": (2, "'Dense'"),
    "from keras.callbacks import OrbaxCheckpoint": (1, "BackupAndRestore"),
    "import tensorflow as tf\nwith tf.device('/GPU:0'):\n    0": (2, "leave it out"),
    "def f(my_model):\n    my_model.fit_generator(1)": (2, "generators, too"),
    "import keras\nclass Net(keras.Model):\n    pass\nn = Net()\nn.to_yaml()": (
        5,
        "`to_json`",
    ),
    "import keras\ndef f():\n    return keras.Model()\nn = f()\nn.export()": (
        5,
        "model.save(",
    ),
}


@pytest.mark.parametrize("source", MISSED)
def test_what_is_missed(source):
    line, word = MISSED[source]
    (told,) = lines_of(source)
    assert told.startswith(f"line {line}: ") and word in told


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    from keras.callbacks import Nothing\nexcept ImportError:\n    0",
        "import keras\ntry:\n    keras.no_such\nexcept (AttributeError, KeyError): 0",
        "from keras import layers\ndef f(layers):\n    layers.append(1)",
        "import numpy as np\nnp.save('x.npy', np.ones(3))",
        "from tensorflow.keras.layers import *\nDense(3)",
        "import keras\nkeras.Sequential.no_such_attribute",
        "import tensorflow_hub as hub\nhub.load('x')",
        "x = = 1",
        "image.save('x.png')",
    ],
)
def test_what_may_be_all_right_is_not_told(source):
    assert lines_of(source) == []


def test_each_thing_is_told_once_in_the_order_of_the_script():
    source = "import keras\nkeras.b\nkeras.a\nkeras.b\n"
    told = [line.partition(" is not")[0] for line in lines_of(source)]
    assert told == ["line 2: keras.b", "line 3: keras.a"]


@pytest.mark.parametrize(
    ("make", "name", "word"),
    [
        (keras.Sequential, "predict_classes", "argmax"),
        (keras.Sequential, "fit_generator", "`fit` takes generators"),
        (keras.optimizers.SGD, "lr", "`learning_rate`"),
        (keras.metrics.Mean, "reset_states", "`reset_state`"),
    ],
)
def test_old_attributes_are_told_todays(make, name, word):
    made = make()
    with pytest.raises(AttributeError, match=f"^'{type(made).__name__}'.*{word}"):
        getattr(made, name)
    assert not hasattr(made, name)


def test_a_users_model_may_have_them():
    class Net(keras.Model):
        def save(self):
            return "saved"

    assert Net().save() == "saved"
