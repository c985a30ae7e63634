"""A small model around each layer, and one with each optimizer and schedule.

Each row gives a layer in the library that is passed. In front of it stands a Dense
layer, so that it hands derivatives on, and behind it one that gives two numbers.
"""

from tests.saving.networks import IMAGES, SEQUENCES, WORDS, X, Y, chain, numbers

VECTORS = (4,)
STEPS = (5, 3)
PIXELS = (6, 6, 2)
INPUTS = {VECTORS: X, STEPS: SEQUENCES, PIXELS: IMAGES}

# By class: the shape of the input, and the layer.
LAYERS = {
    "Activation": (VECTORS, lambda k: k.layers.Activation("gelu")),
    "ActivityRegularization": (VECTORS, lambda k: k.layers.ActivityRegularization(0.1)),
    "AlphaDropout": (VECTORS, lambda k: k.layers.AlphaDropout(0.3, seed=3)),
    "AveragePooling1D": (STEPS, lambda k: k.layers.AveragePooling1D(2)),
    "AveragePooling2D": (PIXELS, lambda k: k.layers.AveragePooling2D(2)),
    "BatchNormalization": (PIXELS, lambda k: k.layers.BatchNormalization()),
    "Bidirectional": (
        STEPS,
        lambda k: k.layers.Bidirectional(
            k.layers.LSTM(3), backward_layer=k.layers.GRU(3, go_backwards=True)
        ),
    ),
    "Conv1D": (STEPS, lambda k: k.layers.Conv1D(3, 2, padding="causal")),
    "Conv1DTranspose": (STEPS, lambda k: k.layers.Conv1DTranspose(3, 2, strides=2)),
    "Conv2D": (PIXELS, lambda k: k.layers.Conv2D(4, 3, groups=2)),
    "Conv2DTranspose": (PIXELS, lambda k: k.layers.Conv2DTranspose(3, 2)),
    "Cropping1D": (STEPS, lambda k: k.layers.Cropping1D((1, 2))),
    "Cropping2D": (PIXELS, lambda k: k.layers.Cropping2D(((1, 2), (0, 1)))),
    "Dense": (STEPS, lambda k: k.layers.Dense(3, "tanh", kernel_constraint="max_norm")),
    "DepthwiseConv1D": (STEPS, lambda k: k.layers.DepthwiseConv1D(2)),
    "DepthwiseConv2D": (PIXELS, lambda k: k.layers.DepthwiseConv2D(2)),
    "Dropout": (VECTORS, lambda k: k.layers.Dropout(0.3)),
    "ELU": (VECTORS, lambda k: k.layers.ELU(0.7)),
    "Flatten": (PIXELS, lambda k: k.layers.Flatten()),
    "GRU": (STEPS, lambda k: k.layers.GRU(3, reset_after=False, stateful=False)),
    "GRUCell": (STEPS, lambda k: k.layers.RNN(k.layers.GRUCell(3))),
    "GaussianDropout": (VECTORS, lambda k: k.layers.GaussianDropout(0.3, seed=3)),
    "GaussianNoise": (VECTORS, lambda k: k.layers.GaussianNoise(0.3)),
    "GlobalAveragePooling1D": (STEPS, lambda k: k.layers.GlobalAveragePooling1D()),
    "GlobalAveragePooling2D": (PIXELS, lambda k: k.layers.GlobalAveragePooling2D()),
    "GlobalMaxPooling1D": (STEPS, lambda k: k.layers.GlobalMaxPooling1D()),
    "GlobalMaxPooling2D": (PIXELS, lambda k: k.layers.GlobalMaxPooling2D()),
    "GroupNormalization": (VECTORS, lambda k: k.layers.GroupNormalization(2)),
    "Identity": (VECTORS, lambda k: k.layers.Identity()),
    "LSTM": (STEPS, lambda k: k.layers.LSTM(3, recurrent_dropout=0.3, seed=3)),
    "LSTMCell": (STEPS, lambda k: k.layers.RNN(k.layers.LSTMCell(3))),
    "Lambda": (
        VECTORS,
        lambda k: k.layers.Lambda(lambda x, a: a * x + 1, (4,), None, {"a": 2.0}),
    ),
    "LayerNormalization": (STEPS, lambda k: k.layers.LayerNormalization()),
    "LeakyReLU": (VECTORS, lambda k: k.layers.LeakyReLU(0.2)),
    "MaxPooling1D": (STEPS, lambda k: k.layers.MaxPooling1D(2)),
    "MaxPooling2D": (PIXELS, lambda k: k.layers.MaxPooling2D(2)),
    "Normalization": (VECTORS, lambda k: adapted(k.layers.Normalization())),
    "PReLU": (STEPS, lambda k: k.layers.PReLU(shared_axes=[1])),
    "Permute": (STEPS, lambda k: k.layers.Permute((2, 1))),
    "RMSNormalization": (VECTORS, lambda k: k.layers.RMSNormalization()),
    "RNN": (STEPS, lambda k: k.layers.RNN([k.layers.GRUCell(2), k.layers.LSTMCell(3)])),
    "ReLU": (VECTORS, lambda k: k.layers.ReLU(6, 0.1, 0.2)),
    "RepeatVector": (VECTORS, lambda k: k.layers.RepeatVector(3)),
    "Rescaling": (VECTORS, lambda k: k.layers.Rescaling(2.0, 0.5)),
    "Reshape": (STEPS, lambda k: k.layers.Reshape((3, -1))),
    "SeparableConv1D": (STEPS, lambda k: k.layers.SeparableConv1D(3, 2)),
    "SeparableConv2D": (PIXELS, lambda k: k.layers.SeparableConv2D(3, 2)),
    "SimpleRNN": (STEPS, lambda k: k.layers.SimpleRNN(3)),
    "SimpleRNNCell": (STEPS, lambda k: k.layers.RNN(k.layers.SimpleRNNCell(3))),
    "Softmax": (STEPS, lambda k: k.layers.Softmax(axis=1)),
    "SpatialDropout1D": (STEPS, lambda k: k.layers.SpatialDropout1D(0.3, seed=3)),
    "SpatialDropout2D": (PIXELS, lambda k: k.layers.SpatialDropout2D(0.3, seed=3)),
    "StackedRNNCells": (
        STEPS,
        lambda k: k.layers.RNN(
            k.layers.StackedRNNCells([k.layers.LSTMCell(2), k.layers.GRUCell(3)])
        ),
    ),
    "TimeDistributed": (STEPS, lambda k: k.layers.TimeDistributed(k.layers.Dense(2))),
    "Wrapper": (VECTORS, lambda k: twice(k)(k.layers.Dense(4))),
    "UnitNormalization": (VECTORS, lambda k: k.layers.UnitNormalization()),
    "UpSampling1D": (STEPS, lambda k: k.layers.UpSampling1D(2)),
    "UpSampling2D": (PIXELS, lambda k: k.layers.UpSampling2D(2, None, "bilinear")),
    "ZeroPadding1D": (STEPS, lambda k: k.layers.ZeroPadding1D((1, 0))),
    "ZeroPadding2D": (PIXELS, lambda k: k.layers.ZeroPadding2D(((1, 0), (0, 2)))),
}
MERGING = {
    name: lambda k, name=name: getattr(k.layers, name)()
    for name in "Add Average Concatenate Maximum Minimum Multiply Subtract".split()
} | {"Dot": lambda k: k.layers.Dot(axes=1, normalize=True)}
SCHEDULES = {
    "CosineDecay": (0.1, 20),
    "CosineDecayRestarts": (0.1, 5),
    "ExponentialDecay": (0.1, 5, 0.5),
    "InverseTimeDecay": (0.1, 5, 0.5),
    "PiecewiseConstantDecay": ([4, 12], [0.1, 0.05, 0.01]),
    "PolynomialDecay": (0.1, 12),
}
OPTIMIZERS = {
    "sgd": ("SGD", {"learning_rate": 0.05}),
    "momentum": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
    "adamw": ("AdamW", {"weight_decay": 0.1}),
    "adamax": ("Adamax", {}),
    "nadam": ("Nadam", {}),
    "rmsprop": ("RMSprop", {"centered": True, "momentum": 0.3}),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {"learning_rate": 1.0}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1}),
    "lion": ("Lion", {}),
    "lamb": ("Lamb", {}),
    "averages": (
        "SGD",
        {"use_ema": True, "ema_overwrite_frequency": 3, "clipnorm": 0.5},
    ),
    "accumulating": ("Adam", {"gradient_accumulation_steps": 2}),
}
# Keras keeps in a file neither the states of seed generators nor those that a stateful
# layer hands from batch to batch: after loading these begin anew.
FORGETTING = """stateful AlphaDropout Dropout GaussianDropout GaussianNoise LSTM
SpatialDropout1D SpatialDropout2D SpatialDropout3D""".split()


def twice(keras):
    """A registered subclass of Wrapper."""

    @keras.saving.register_keras_serializable("tests")
    class Twice(keras.layers.Wrapper):
        def call(self, x):
            return self.layer(self.layer(x))

    return Twice


def adapted(layer):
    layer.adapt(X)
    return layer


def with_layer(name):
    shape, make = LAYERS[name]

    def around(keras):
        layers = keras.layers
        # Adam moves a bias whose derivative is 0 but for rounding at random.
        first = layers.Dense(shape[-1], use_bias=False)
        last = [layers.Flatten(), layers.Dense(2)]
        return chain(keras, shape, first, make(keras), *last), INPUTS[shape], Y

    return around


def with_merging(name):
    def around(keras):
        layers = keras.layers
        x = keras.Input(VECTORS)
        branches = [layers.Dense(3)(x), layers.Dense(3, "tanh")(x)]
        model = keras.Model(x, layers.Dense(2)(MERGING[name](keras)(branches)))
        model.compile("adam", "mse")
        return model, X, Y

    return around


def with_optimizer(name):
    cls, options = OPTIMIZERS[name]

    def optimized(keras):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        model.compile(getattr(keras.optimizers, cls)(**options), "mse")
        return model, X, Y

    return optimized


def with_schedule(name):
    def scheduled(keras):
        rate = getattr(keras.optimizers.schedules, name)(*SCHEDULES[name])
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        model.compile(keras.optimizers.SGD(rate, momentum=0.9), "mse")
        return model, X, Y

    return scheduled


def masked(keras):
    """Embedding and Masking, whose masks reach an LSTM and the loss."""
    layers = keras.layers
    words = keras.Input((5,), dtype="int32")
    x = layers.Embedding(7, 3, mask_zero=True)(words)
    x = layers.Masking(0.5)(layers.GRU(3, return_sequences=True)(x))
    model = keras.Model(words, layers.Dense(2)(layers.LSTM(3)(x)))
    model.compile("adam", "mse")
    return model, WORDS, Y


def volumes(keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((2, 2, 2, 3)),
            layers.Dense(3),
            layers.SpatialDropout3D(0.3, seed=3),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    model.compile("adam", "mse")
    return model, numbers(12, 2, 2, 2, 3), Y


def stateful(keras):
    """States that go on from batch to batch."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(4, 5, 3)),
            layers.GRU(3, stateful=True, return_sequences=True),
            layers.LSTM(3, stateful=True),
            layers.Dense(2),
        ]
    )
    model.compile("adam", "mse")
    return model, SEQUENCES, Y


MODELS = (
    {name: with_layer(name) for name in LAYERS}
    | {name: with_merging(name) for name in MERGING}
    | {name: with_optimizer(name) for name in OPTIMIZERS}
    | {name: with_schedule(name) for name in SCHEDULES}
    | {"masked": masked, "SpatialDropout3D": volumes, "stateful": stateful}
)
