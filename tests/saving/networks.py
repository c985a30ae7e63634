"""Small models of all kinds, in the library that is passed: what is saved and loaded.

Each function gives a model that is compiled, its inputs and its targets.
"""

import numpy as np


def numbers(*shape):
    """Some numbers between -1 and 1, always the same for a shape."""
    count = np.prod(shape)
    return np.sin(np.arange(count) * 1.7 + 0.3).reshape(shape).astype("float32")


X, Y = numbers(12, 4), numbers(12, 2)
SEQUENCES, IMAGES = numbers(12, 5, 3), numbers(12, 6, 6, 2)
WORDS = np.arange(60).reshape(12, 5) % 7


def chain(keras, shape, *layers, dtype=None, loss="mse", **options):
    model = keras.Sequential([keras.Input(shape, dtype=dtype), *layers])
    model.compile(keras.optimizers.Adam(0.05), loss, **options)
    return model


def sequential(keras):
    layers = keras.layers
    hidden = [layers.Dense(5, "relu"), layers.BatchNormalization(), layers.PReLU()]
    return chain(keras, (4,), *hidden, layers.Dense(2), metrics=["mae"]), X, Y


def normalised(keras):
    layers = keras.layers
    first = layers.Normalization()
    first.adapt(X)
    middle = [layers.LayerNormalization(), layers.Dense(4, "gelu")]
    last = [layers.GroupNormalization(2), layers.RMSNormalization()]
    return chain(keras, (4,), first, *middle, *last, layers.Dense(2)), X, Y


def regularised(keras):
    dense = keras.layers.Dense(
        2,
        kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
        kernel_constraint="max_norm",
        bias_initializer=keras.initializers.Constant(0.5),
        activity_regularizer="l2",
    )
    return chain(keras, (4,), dense, loss=keras.losses.Huber()), X, Y


def convolution(keras):
    layers = keras.layers
    spatial = [
        layers.Conv2D(3, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.SeparableConv2D(2, 2),
        layers.DepthwiseConv2D(2, padding="same"),
        layers.Conv2DTranspose(2, 2),
    ]
    return chain(keras, (6, 6, 2), *spatial, layers.Flatten(), layers.Dense(2)), *(
        IMAGES,
        Y,
    )


def recurrent(keras):
    layers = keras.layers
    steps = [
        layers.Bidirectional(layers.GRU(3, return_sequences=True)),
        layers.TimeDistributed(layers.Dense(3)),
        layers.RNN(
            [layers.LSTMCell(2), layers.SimpleRNNCell(3)], return_sequences=True
        ),
        layers.LSTM(3),
    ]
    return chain(keras, (5, 3), *steps, layers.Dense(2)), SEQUENCES, Y


def words(keras):
    layers = keras.layers
    first = [layers.Embedding(7, 3, mask_zero=True), layers.LSTM(4, unroll=True)]
    model = chain(
        keras,
        (5,),
        *first,
        layers.Dense(3, "softmax"),
        dtype="int32",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model, WORDS, np.arange(12) % 3


def functional(keras):
    """Branches, a layer used twice, operators and ops, two inputs and two outputs."""
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(3, name="shared")
    joined = layers.Concatenate()([shared(a), shared(b)])
    joined = keras.ops.tanh(joined * 2.0) + joined[:, :1]
    outputs = [
        layers.Dense(2, name="first")(joined),
        layers.Dense(1, name="second")(layers.Add()([joined, joined])),
    ]
    model = keras.Model([a, b], outputs, name="two")
    model.compile(
        keras.optimizers.SGD(
            keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5), momentum=0.9
        ),
        loss=["mse", "mae"],
        loss_weights=[1.0, 0.5],
        metrics=[["mae"], [keras.metrics.MeanSquaredError(name="square")]],
    )
    return model, [X, X[::-1].copy()], [Y, Y[:, :1].copy()]


def nested(keras):
    layers = keras.layers
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="chain")
    start = keras.Input((3,))
    graph = keras.Model(start, layers.Dense(3, "tanh")(start), name="graph")
    whole = keras.Input((4,))
    y = graph(inner(whole))
    model = keras.Model(whole, layers.Dense(2)(graph(y)))
    model.compile("rmsprop", "mse")
    return model, X, Y


def classes(keras):
    """The registered classes of `subclassed` in this library."""
    layers = keras.layers

    @keras.saving.register_keras_serializable("tests")
    class Block(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.towers = [layers.Dense(units), layers.Dense(units)]
            self.named = {"b": layers.Dense(units), "a": [layers.Dense(units)]}
            self._last = layers.Dense(units)

        def build(self, shape):
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
            for layer in (*self.towers, self.named["b"], *self.named["a"], self._last):
                layer.build(shape)
                shape = (*shape[:-1], self.units)
            self.count = self.add_weight(
                shape=(), initializer="zeros", trainable=False, name="count"
            )
            self.shift = self.add_weight(
                shape=(self.units,), initializer="zeros", name="shift"
            )

        def call(self, x):
            for layer in (*self.towers, self.named["b"], *self.named["a"]):
                x = layer(x)
            return self._last(x) * self.scale + self.shift

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    @keras.saving.register_keras_serializable("tests")
    class Whole(keras.Model):
        def __init__(self, units=3, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.inner = keras.Sequential([layers.Dense(units)])
            self.out = layers.Dense(2)
            self.block = Block(units)

        def call(self, x):
            return self.out(self.block(self.inner(x)))

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    @keras.saving.register_keras_serializable("tests")
    def own_loss(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    return Whole, own_loss


def subclassed(keras):
    whole, own_loss = classes(keras)
    model = whole(units=4)
    model.compile(keras.optimizers.Nadam(0.02), own_loss, metrics=["mse", "mae"])
    return model, X, Y


def several_inputs(keras):
    """A subclass that takes a list, one that takes a dict, and one with two arguments
    within it."""
    layers = keras.layers

    @keras.saving.register_keras_serializable("tests")
    class Pair(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.left, self.right = layers.Dense(units), layers.Dense(units)

        def build(self, a_shape, b_shape):
            self.left.build(a_shape)
            self.right.build(b_shape)

        def call(self, a, b):
            return self.left(a) + self.right(b)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    @keras.saving.register_keras_serializable("tests")
    class OfList(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.pair, self.out = Pair(3), layers.Dense(2)

        def call(self, inputs):
            a, b = inputs
            return self.out(self.pair(a, b))

    @keras.saving.register_keras_serializable("tests")
    class OfDict(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.pair, self.out = Pair(3), layers.Dense(2)

        def call(self, inputs):
            return self.out(self.pair(inputs["a"], b=inputs["b"]))

    return OfList, OfDict


SHORT = X[:, 1:].copy()  # of another width than X


def list_of_inputs(keras):
    of_list, _ = several_inputs(keras)
    model = of_list()
    model.compile("adam", "mse")
    return model, [X, SHORT], Y


def dict_of_inputs(keras):
    _, of_dict = several_inputs(keras)
    model = of_dict()
    model.compile("adam", "mse")
    return model, {"a": X, "b": SHORT}, Y


def functional_dict(keras):
    """Inputs and outputs by name."""
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    y = layers.Dense(3)(layers.Concatenate()([a, b]))
    outputs = {"p": layers.Dense(2, name="p")(y), "q": layers.Dense(2, name="q")(y)}
    model = keras.Model({"a": a, "b": b}, outputs)
    model.compile("adam", {"p": "mse", "q": "mae"}, metrics={"q": ["mse"]})
    return model, {"a": X, "b": SHORT}, {"p": Y, "q": -Y}


KINDS = {
    build.__name__: build
    for build in (
        sequential,
        normalised,
        regularised,
        convolution,
        recurrent,
        words,
        functional,
        nested,
        subclassed,
        list_of_inputs,
        dict_of_inputs,
        functional_dict,
    )
}
