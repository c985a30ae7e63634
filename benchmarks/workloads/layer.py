"""One layer on large inputs: its forward pass and all its gradients, as fit does them.

In front stands a Dense layer, so that the derivative by the input is needed too, and
behind it one that gives a number a sample. Both are small beside the layer.
"""

import numpy as np

from benchmarks.training import Training

TITLE = "one layer between two small Dense layers, SGD"
EPOCHS = 1
STEPS = 16
UNIT = 1
# Roundings of sums over up to 131072 pixels, in losses of about 1.
TOLERANCE = 1e-4
AIMS = ()
USED = ("utils.set_random_seed", "Sequential", "layers.Dense")
RIVALS: dict = {}

# What comes in, (batch, …, features), and how many features the layer gets.
IMAGES = (32, 64, 64, 3), 32
SMALL_IMAGES = (32, 32, 32, 3), 32
LINES = (64, 256, 4), 64
SEQUENCES = (64, 50, 8), 32
VECTORS = (256, 16), 1024


def _stacked(keras):
    cells = [keras.layers.LSTMCell(64), keras.layers.LSTMCell(64)]
    return keras.layers.RNN(cells, return_sequences=True)


# By name: what comes in, and `layer(keras)`.
KERNELS = {
    "Dense": (VECTORS, lambda k: k.layers.Dense(1024, "relu")),
    "Conv1D 5": (LINES, lambda k: k.layers.Conv1D(64, 5)),
    "Conv2D 1×1": (IMAGES, lambda k: k.layers.Conv2D(64, 1)),
    "Conv2D 3×3": (IMAGES, lambda k: k.layers.Conv2D(32, 3, padding="same")),
    "Conv2D 5×5, strides 2": (IMAGES, lambda k: k.layers.Conv2D(32, 5, strides=2)),
    "Conv2D 7×7": (SMALL_IMAGES, lambda k: k.layers.Conv2D(32, 7, padding="same")),
    "Conv2D 7×7, dilated": (
        SMALL_IMAGES,
        lambda k: k.layers.Conv2D(32, 7, padding="same", dilation_rate=2),
    ),
    "Conv2D 3×3, strides 2": (
        IMAGES,
        lambda k: k.layers.Conv2D(64, 3, strides=2, padding="same"),
    ),
    "Conv2DTranspose 3×3, strides 2": (
        SMALL_IMAGES,
        lambda k: k.layers.Conv2DTranspose(32, 3, strides=2, padding="same"),
    ),
    "DepthwiseConv1D 5": (LINES, lambda k: k.layers.DepthwiseConv1D(5)),
    "DepthwiseConv2D 3×3": (
        IMAGES,
        lambda k: k.layers.DepthwiseConv2D(3, padding="same"),
    ),
    "DepthwiseConv2D 5×5": (
        IMAGES,
        lambda k: k.layers.DepthwiseConv2D(5, padding="same"),
    ),
    "DepthwiseConv2D 3×3, multiplier 2": (
        IMAGES,
        lambda k: k.layers.DepthwiseConv2D(3, depth_multiplier=2),
    ),
    "SeparableConv2D 3×3": (
        IMAGES,
        lambda k: k.layers.SeparableConv2D(32, 3, padding="same"),
    ),
    "SeparableConv1D 5": (LINES, lambda k: k.layers.SeparableConv1D(64, 5)),
    "MaxPooling2D 2": (IMAGES, lambda k: k.layers.MaxPooling2D(2)),
    "MaxPooling2D 3, strides 2": (IMAGES, lambda k: k.layers.MaxPooling2D(3, 2)),
    "AveragePooling2D 2": (IMAGES, lambda k: k.layers.AveragePooling2D(2)),
    "GlobalAveragePooling2D": (IMAGES, lambda k: k.layers.GlobalAveragePooling2D()),
    "GlobalMaxPooling2D": (IMAGES, lambda k: k.layers.GlobalMaxPooling2D()),
    "UpSampling2D nearest": (SMALL_IMAGES, lambda k: k.layers.UpSampling2D(2)),
    "UpSampling2D bilinear": (
        SMALL_IMAGES,
        lambda k: k.layers.UpSampling2D(2, interpolation="bilinear"),
    ),
    "UpSampling2D bicubic": (
        SMALL_IMAGES,
        lambda k: k.layers.UpSampling2D(2, interpolation="bicubic"),
    ),
    "ZeroPadding2D": (IMAGES, lambda k: k.layers.ZeroPadding2D(1)),
    "BatchNormalization": (IMAGES, lambda k: k.layers.BatchNormalization()),
    "LayerNormalization": (IMAGES, lambda k: k.layers.LayerNormalization()),
    "GroupNormalization": (IMAGES, lambda k: k.layers.GroupNormalization(8)),
    "Dropout": (IMAGES, lambda k: k.layers.Dropout(0.3, seed=1)),
    "ReLU": (IMAGES, lambda k: k.layers.ReLU()),
    "SimpleRNN 64": (SEQUENCES, lambda k: k.layers.SimpleRNN(64)),
    "LSTM 128": (SEQUENCES, lambda k: k.layers.LSTM(128)),
    "LSTM 128, recurrent dropout": (
        SEQUENCES,
        lambda k: k.layers.LSTM(128, recurrent_dropout=0.2, seed=1),
    ),
    "GRU 128": (SEQUENCES, lambda k: k.layers.GRU(128)),
    "GRU 128, recurrent dropout": (
        SEQUENCES,
        lambda k: k.layers.GRU(128, recurrent_dropout=0.2, seed=1),
    ),
    "StackedRNNCells of 2 LSTM 64": (SEQUENCES, _stacked),
}


def with_keras(keras, kernel="Dense"):
    """SGD on the layer called `kernel`, from seed 0; the weights hardly move."""
    (shape, features), make_layer = KERNELS[kernel]
    batch, *sizes = shape
    random = np.random.default_rng(0)
    x = random.standard_normal((STEPS * batch, *sizes), "float32")
    y = random.standard_normal((STEPS * batch, 1), "float32")
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [layers.Dense(features), make_layer(keras), layers.Flatten(), layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(1e-6), "mse")
    return Training(model, x, y, batch_size=batch)
