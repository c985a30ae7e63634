"""Which variables weight decay spares: regular expressions in TensorFlow's names."""

import numpy as np

from parity.case import EXACT, case

X = np.ones((2, 3), "float32")
PATTERNS = (
    ["norm", "head"],
    ["bias"],
    ["^net"],
    ["^kernel"],
    ["kernel$"],
    ["kernel:0$"],
    ["body/kernel"],
    ["net/norm", "inner"],
    ["/norm/"],
    ["NORM"],
    ["gamma|beta"],
    [],
)


def parts(layers, keras):
    inner = keras.Sequential([layers.Dense(1, name="deep")], name="inner")
    return [
        layers.Dense(2, name="body"),
        layers.BatchNormalization(name="norm"),
        inner,
        layers.Dense(1, name="head"),
    ]


def models(library):
    """Their weights are made by builds, or by a trace of the outermost call."""
    keras = library.keras
    layers = keras.layers

    class Net(keras.Model):
        def __init__(self):
            super().__init__(name="net")
            self.parts = parts(layers, keras)

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

    class Block(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.head = layers.Dense(1, name="head")

        def call(self, x):
            return self.head(x)

    class Outer(keras.Model):
        def __init__(self):
            super().__init__(name="outer")
            self.net = Net()

        def call(self, x):
            return self.net(x)

    chain = keras.Sequential
    return {
        "sequential": chain([layers.Input((3,)), *parts(layers, keras)], name="net"),
        "without input": chain(parts(layers, keras), name="net"),
        "subclass": Net(),
        "nested": Outer(),
        "block": chain([layers.Input((3,)), Block(name="norm")], name="net"),
    }


@case(EXACT)
def spared(library):
    keras = library.keras
    for name in models(library):
        for pattern in PATTERNS:
            keras.utils.clear_session()
            model = models(library)[name]
            model(X)
            model.set_weights([np.ones(w.shape, "float32") for w in model.weights])
            optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
            optimizer.exclude_from_weight_decay(var_names=pattern)
            variables = model.trainable_weights
            zeros = [np.zeros(v.shape, "float32") for v in variables]
            optimizer.apply([library.tensor(zero) for zero in zeros], variables)
            kept = [bool(np.all(np.asarray(v) == 1)) for v in variables]
            paths = [v.path for v in variables]
            yield f"{name}/{pattern}", repr(dict(zip(paths, kept, strict=True)))
