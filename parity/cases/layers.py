"""Every layer: output, gradients, weights' names, config and output shape."""

import numpy as np

from parity.case import EXACT, case, ulp

FEW = ulp(8, "sums of up to 12 products and one exp, in another order", 1e-7)
# A gradient sums up to 12 terms of size up to 5, which may cancel: 2 roundings of 5.
SUMS = ulp(8, "sums of 12 terms of size 5 that cancel", 1e-6)
ROUNDING = {"value": FEW, "gradient": SUMS}


def rows(keras):
    """(name, layer, input shape)"""
    layers = keras.layers
    yield "dense", lambda: layers.Dense(3), (4, 5)
    yield "dense_rank3", lambda: layers.Dense(3, activation="relu"), (2, 3, 5)
    yield "dense_rank4", lambda: layers.Dense(2, "tanh"), (2, 3, 2, 5)
    yield "dense_no_bias", lambda: layers.Dense(3, use_bias=False), (4, 5)
    yield (
        "dense_options",
        lambda: layers.Dense(
            3,
            activation="sigmoid",
            kernel_initializer="he_normal",
            bias_initializer="ones",
            kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
            bias_regularizer="l2",
            kernel_constraint="max_norm",
            bias_constraint="non_neg",
            activity_regularizer="l1",
            name="mine",
        ),
        (4, 5),
    )
    yield "flatten", lambda: layers.Flatten(), (2, 3, 4)
    yield "flatten_rank1", lambda: layers.Flatten(), (5,)
    yield "flatten_first", lambda: layers.Flatten("channels_first"), (2, 3, 4, 2)
    yield "activation", lambda: layers.Activation("gelu"), (3, 4)
    yield "relu", lambda: layers.ReLU(1.0, 0.1, 0.2), (3, 4)
    yield "leaky_relu", lambda: layers.LeakyReLU(0.2), (3, 4)
    yield "elu", lambda: layers.ELU(0.7), (3, 4)
    yield "softmax", lambda: layers.Softmax(), (3, 4)
    yield "softmax_axis", lambda: layers.Softmax(axis=1), (2, 3, 4)
    yield "softmax_axes", lambda: layers.Softmax(axis=[1, 2]), (2, 3, 4)
    yield "prelu", lambda: layers.PReLU("he_uniform"), (3, 4)
    yield "prelu_shared", lambda: layers.PReLU("ones", shared_axes=[1]), (2, 3, 4)
    yield "dropout", lambda: layers.Dropout(0.4), (5, 6)
    yield "dropout_noise", lambda: layers.Dropout(0.4, (5, 1)), (5, 6)
    yield "dropout_all", lambda: layers.Dropout(1.0), (5, 6)
    yield "identity", lambda: layers.Identity(), (5, 6)


@case(EXACT, ROUNDING)
def every_layer(library):
    keras = library.keras
    for name, make, shape in rows(keras):
        keras.utils.set_random_seed(13)
        keras.utils.clear_session()
        layer = make()
        x = np.random.default_rng(1).normal(size=shape).astype("float32")
        y = layer(x)
        yield f"value/{name}/inference", y
        for training in (True, False):
            if not name.startswith("dropout"):
                break
            yield f"value/{name}/{training}", layer(x, training=training)
        tensor = library.tensor(x)
        with library.tape() as tape:
            tape.watch(tensor)
            y = layer(tensor)
            loss = keras.ops.sum(keras.ops.square(y))
        variables = layer.trainable_variables
        dx, *gradients = tape.gradient(loss, [tensor, *variables])
        yield f"gradient/{name}/x", dx
        for v, gradient in zip(variables, gradients, strict=True):
            yield f"gradient/{name}/{v.name}", gradient
        yield (
            f"names/{name}",
            [
                (v.name, v.path, tuple(v.shape), str(v.dtype), v.trainable)
                for v in layer.weights
            ],
        )
        yield f"weights/{name}", layer.get_weights()
        yield f"value/{name}/losses", [np.asarray(v) for v in layer.losses]
        yield f"shape/{name}", tuple(layer.compute_output_shape((None, *shape[1:])))
        yield f"params/{name}", layer.count_params()
        config = {k: v for k, v in layer.get_config().items() if k != "dtype"}
        # Left out of minikeras on purpose: LoRA and quantisation.
        config.pop("quantization_config", None)
        yield f"config/{name}", repr(sorted(config.items()))
        restored = type(layer).from_config(layer.get_config())
        again = {k: v for k, v in restored.get_config().items() if k != "dtype"}
        again.pop("quantization_config", None)
        yield f"config/{name}/restored", repr(sorted(again.items()))


@case(EXACT)
def names_of_several(library):
    """Automatic names count per class; weights are listed trainable ones first."""
    keras = library.keras

    class Counter(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.calls = self.add_weight(
                shape=(), initializer="zeros", trainable=False, name="calls"
            )
            self.scale = self.add_weight(shape=(1,), initializer="ones", name="scale")

        def call(self, x):
            self.calls.assign_add(1.0)
            return x * self.scale

    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(3),
            keras.layers.Dense(2),
            Counter(),
            keras.Sequential([keras.layers.Dense(2), keras.layers.Dropout(0.5)]),
        ]
    )
    yield "layers", [layer.name for layer in model.layers]
    model(np.ones((2, 4), "float32"))
    yield "weights", [v.path for v in model.weights]
    yield "variables", [v.path for v in model.variables]
    yield "trainable", [v.path for v in model.trainable_weights]
    yield "frozen", [v.path for v in model.non_trainable_variables]
    yield "calls", float(model.layers[2].calls.numpy())
    model.layers[0].trainable = False
    yield "after freezing", [v.path for v in model.trainable_weights]
    model.trainable = False
    yield "all frozen", [v.path for v in model.non_trainable_weights]
    model.trainable = True
    yield "thawed", [v.path for v in model.trainable_weights]
    yield "output", tuple(model.output_shape)
    yield "input", tuple(model.input_shape)
    yield "count", model.count_params()


@case(EXACT)
def training_argument(library):
    """Who sees `training`: given here, given outside, the default, or nobody."""
    keras = library.keras
    seen = []

    class Probe(keras.layers.Layer):
        def __init__(self, label):
            super().__init__()
            self.label = label

        def call(self, x, training=None):
            seen.append((self.label, training))
            return x

    class ByDefault(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.probe = Probe("inner of default")

        def call(self, x, training=True):
            seen.append(("default", training))
            return self.probe(x)

    class Without(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.probe = Probe("inner of without")

        def call(self, x):
            return self.probe(x)

    class Mixed(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = Probe("a"), Probe("b"), Probe("c")

        def call(self, x, training=None):
            x = self.a(x)
            x = self.b(x, training=not training)
            return self.c(x)

    x = np.ones((2, 2), "float32")
    for make in (lambda: Probe("alone"), ByDefault, Without, Mixed):
        layer = make()
        layer(x)
        seen.clear()  # how often the first call runs is Keras's affair
        for training in (None, True, False):
            seen.append(("call", training))
            layer(x, training=training)
            layer(x)
        yield f"alone/{layer.name}", repr(seen)
    model = keras.Sequential([Probe("first"), ByDefault(), Without(), Mixed()])
    model.compile("sgd", "mse", run_eagerly=True)
    model(x)
    seen.clear()
    seen.append(("model", None))
    model(x)
    model(x, training=True)
    model(x, training=False)
    yield "seen", repr(seen)
