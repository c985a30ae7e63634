"""What the names tensorflow and keras give inside `tensorflow_names()`."""

import importlib.util
import sys

import pytest

import minikeras
from minikeras.compat import absent, tensorflow_names
from minikeras.models.absent import AbsentFromModels
from minikeras.signature import Missing


@pytest.fixture
def names():
    with tensorflow_names():
        yield


def run(statement):
    scope = {}
    exec(statement, scope)
    return scope


SAME = {
    "import tensorflow as tf; x = tf.keras.layers.Dense": "layers.Dense",
    "import tensorflow.keras.layers as m; x = m.Dense": "layers.Dense",
    "from tensorflow.keras.layers import Dense as x": "layers.Dense",
    "from tensorflow.keras import layers; x = layers.Dense": "layers.Dense",
    "from tensorflow.keras import Model as x": "models.Model",
    "from tensorflow.keras.models import Sequential as x": "models.Sequential",
    "from tensorflow import keras; x = keras.Sequential": "models.Sequential",
    "import keras; x = keras.optimizers.SGD": "optimizers.SGD",
    "import keras.losses; x = keras.losses.Loss": "losses.Loss",
    "from keras.layers import *; x = Dense": "layers.Dense",
    "from keras.optimizers.schedules import *; x = ExponentialDecay": (
        "optimizers.schedules.ExponentialDecay"
    ),
    "import tensorflow as tf; x = tf.optimizers.Adam": "optimizers.Adam",
    "import tensorflow as tf; x = tf.losses.Loss": "losses.Loss",
    "import tensorflow as tf; x = tf.metrics.Mean": "metrics.Mean",
    "import tensorflow as tf; x = tf.initializers.Zeros": "initializers.Zeros",
    "import tensorflow as tf; x = tf.Tensor": "autodiff.Tensor",
    "import tensorflow as tf; x = tf.GradientTape": "autodiff.GradientTape",
}


@pytest.mark.parametrize("statement", SAME)
def test_the_objects_are_minikeras_own(names, statement):
    expected = minikeras
    for part in SAME[statement].split("."):
        expected = getattr(expected, part)
    assert run(statement)["x"] is expected


MISSING = {
    "from tensorflow import data": "tf.data is not part of",
    "import tensorflow.data": "tf.data is not part of",
    "from tensorflow.keras.layers import Dnse": "Did you mean 'Dense'?",
    "from keras.layers import Dnse": "keras.layers.Dnse is not part of minikeras.",
    "import tensorflow.keras.aplications": "tf.keras.aplications is not part of",
    "import tensorflow.python.keras": "tensorflow.python is private",
    "from tensorflow.python.keras import layers": "tensorflow.python is private",
    "import keras.src.layers": "keras.src is private",
    "from tensorflow.keras.src import layers": "tensorflow.keras.src is private",
    "from keras import GradientTape": "keras.GradientTape is not part of minikeras",
    "import keras.registry": "keras.registry is not part of minikeras",
    "import keras.layers.Dense": "keras.layers.Dense is not a module",
    "import tensorflow.compat.v1 as tf": "tf.compat is not part of",
    "from keras.callbacks import RemoteMonitor": "A LambdaCallback can send",
    "from keras.callbacks import Unheard": "keras.callbacks has BackupAndRestore, C",
    "from tensorflow import saved_model": "model.save('model.keras') writes a model",
    "from tensorflow.python.keras import Model": "Write tensorflow.keras instead of te",
}


@pytest.mark.parametrize("statement", MISSING)
def test_an_import_of_something_else_says_what_is_missing(names, statement):
    with pytest.raises(ImportError) as error:
        run(statement)
    assert MISSING[statement] in str(error.value)
    is_module = error.type is ModuleNotFoundError
    # Of `from x import y` it is x that has to be a module, as under TensorFlow.
    has_parent = ".python" in statement or "keras.src import" in statement
    assert is_module == (statement.startswith("import ") or has_parent)


@pytest.mark.parametrize(
    "name",
    "tf.keras.layers.Conv3D tf.keras.callbacks.OrbaxCheckpoint tf.errors tf.acos "
    "tf.keras.layers.MaxPooling3D tf.gather_nd tf.keras.ops.erfc".split(),
)
def test_a_name_of_theirs_is_no_slip_of_another(names, name):
    with pytest.raises(AttributeError) as error:
        run(f"import tensorflow as tf; {name}")
    assert "Did you mean" not in str(error.value)


def test_what_is_said_to_be_absent_is(names):
    """A name that has come must leave the tables."""
    import keras
    import tensorflow as tf

    for name in absent.INSTEAD:
        root, *parts = name.split(".")
        found = {"keras": keras, "tf": tf}[root]
        for part in parts:
            found = getattr(found, part, None)
        assert found is None, name
    for name, entry in vars(AbsentFromModels).items():
        assert not isinstance(entry, Missing) or not hasattr(keras.Model, name)


ATTRIBUTES = {
    "tf.data": "TensorFlow names. Pass the arrays to fit: fit(x, y, batch_size=…",
    "tf.errors": "tf.errors is not part of minikeras's TensorFlow names. Python's own",
    "tf.sinh": "keras.ops.sinh does the same.",
    "tf.reduce_men": "TensorFlow names. Did you mean 'reduce_mean'?",
    "tf.nn.sigmod": "tf.nn.sigmod is not part of minikeras's TensorFlow names. Did you",
    "tf.random.set_sed": "Did you mean 'set_seed'?",
    "tf.keras.Modle": "tf.keras.Modle is not part of minikeras. Did you mean 'Model'?",
    "tf.keras.layers.Dnse": "tf.keras.layers.Dnse is not part of minikeras. Did you",
    "tf.optimizers.Adm": "tf.optimizers.Adm is not part of",
    "tf._private": "tf._private is not part of",
    "tf.np": "tf.np is not part of",
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_that_is_not_there_says_what_is_missing(names, name):
    with pytest.raises(AttributeError) as error:
        run(f"import tensorflow as tf; {name}")
    assert ATTRIBUTES[name] in str(error.value)


def test_hasattr_and_python_s_own_questions_work(names):
    import keras
    import tensorflow as tf

    assert tf.__version__ == "2.21.0"
    assert keras.__version__ == tf.keras.__version__ == "3.15.1"
    assert hasattr(tf, "constant") and not hasattr(tf, "data")
    assert not hasattr(tf, "__wrapped__")
    assert "reduce_mean" in dir(tf) and "layers" in dir(keras)
    assert "minikeras.compat.tensorflow" in repr(tf)
    assert importlib.util.find_spec("tensorflow") is not None


def test_every_exported_name_is_there(names):
    import tensorflow as tf

    for name in tf.__all__:
        assert hasattr(tf, name)


def test_modules_imported_before_come_back():
    stand_in = type(sys)("tensorflow")
    sys.modules["tensorflow"] = stand_in
    finders = list(sys.meta_path)
    try:
        with tensorflow_names():
            import tensorflow

            assert tensorflow is not stand_in
            assert tensorflow.constant
        assert sys.modules["tensorflow"] is stand_in
        assert "tensorflow.nn" not in sys.modules
        assert sys.meta_path == finders
    finally:
        del sys.modules["tensorflow"]
