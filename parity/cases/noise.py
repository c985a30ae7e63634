"""Noise layers, Lambda and layers of data: masks, noise, gradients, configs."""

import numpy as np

from parity.case import EXACT, Tolerance, case, ulp
from parity.cases.normalization import config_of, numbers, value_and_gradients

# A normal number agrees to 1e-6 (last bits of sin, cos and log); x is up to 4.
NORMAL = Tolerance("normal numbers agree to 1e-6, times x or dy of up to 4", 0, 4e-6)
FEW = ulp(3, "a root, a quotient and a sum, each rounded once", 3e-7)

SMALL, STEPS, IMAGES, VOLUMES = (5, 6), (2, 3, 4), (2, 3, 2, 4), (2, 3, 2, 2, 4)
FIRST = {"data_format": "channels_first"}
# (class, arguments, input shape)
ROWS = [
    ("GaussianNoise", {"stddev": 0.5}, SMALL),
    ("GaussianNoise", {"stddev": 1, "seed": 3}, STEPS),
    ("GaussianNoise", {"stddev": 0.0}, SMALL),
    ("GaussianNoise", {"stddev": 0.1, "dtype": "float64"}, SMALL),
    ("GaussianDropout", {"rate": 0.4}, SMALL),
    ("GaussianDropout", {"rate": 0.9, "seed": 3}, STEPS),
    ("GaussianDropout", {"rate": 0}, SMALL),
    ("AlphaDropout", {"rate": 0.4}, SMALL),
    ("AlphaDropout", {"rate": 0.5, "noise_shape": (2, 1, 4), "seed": 3}, STEPS),
    ("AlphaDropout", {"rate": 0.5, "noise_shape": [None, 1, None]}, STEPS),
    ("AlphaDropout", {"rate": 0.0}, SMALL),
    ("SpatialDropout1D", {"rate": 0.4}, STEPS),
    ("SpatialDropout1D", {"rate": 0.4, "seed": 3, "name": "mine"}, STEPS),
    ("SpatialDropout1D", {"rate": 0.0}, STEPS),
    ("SpatialDropout2D", {"rate": 0.4}, IMAGES),
    ("SpatialDropout2D", {"rate": 0.4, **FIRST}, IMAGES),
    ("SpatialDropout3D", {"rate": 0.4}, VOLUMES),
    ("SpatialDropout3D", {"rate": 0.4, **FIRST}, VOLUMES),
    ("ActivityRegularization", {}, SMALL),
    ("ActivityRegularization", {"l1": 0.1, "l2": 0.02}, SMALL),
    ("Rescaling", {"scale": 1 / 16}, SMALL),
    ("Rescaling", {"scale": 0.3, "offset": -1, "dtype": "float64"}, SMALL),
    ("Rescaling", {"scale": [1.0, 2.0, 0.3, 4.0], "offset": [0, 1, 2, 3]}, STEPS),
    ("Normalization", {}, SMALL),
    ("Normalization", {"axis": None, "mean": 0.5, "variance": 2.0}, STEPS),
    ("Normalization", {"mean": [1.0, 2, 3, 4], "variance": [1.0, 0, 3, 4]}, STEPS),
    ("Normalization", {"axis": 1, "mean": [1.0], "variance": [4.0]}, STEPS),
    (
        "Normalization",
        {
            "axis": (1, 2),
            "mean": np.ones((3, 4)).tolist(),
            "variance": np.full((3, 4), 3.0).tolist(),
            "invert": True,
        },
        STEPS,
    ),
    ("Normalization", {"axis": (1, -1), "mean": 1, "variance": 4}, IMAGES),
]


@case(
    EXACT,
    {
        "GaussianNoise": NORMAL,
        "GaussianDropout": NORMAL,
        "AlphaDropout": FEW,
        "Rescaling": FEW,
        "Normalization": FEW,
        "losses": ulp(4, "sums of 30 numbers", 1e-6),
        "gradient": ulp(2, "two products", 3e-7),
    },
)
def every_layer(library):
    keras = library.keras
    keras.utils.clear_session()
    for cls, options, shape in ROWS:
        keras.utils.set_random_seed(13)
        name = f"{cls}/{options}/{shape}"
        layer = getattr(keras.layers, cls)(**{"name": "own", **options})
        x = numbers(shape)
        yield f"{name}/inference", value_and_gradients(library, layer, x)
        for step, training in enumerate((True, False, True)):
            y, gradients = value_and_gradients(library, layer, x, training=training)
            yield f"{name}/{step}", y
            yield f"{cls if 'Gauss' in cls else 'gradient'}/{name}/{step}/d", gradients
        yield f"losses/{name}", [np.asarray(v) for v in layer.losses]
        yield f"variables/{name}", [(v.path, tuple(v.shape)) for v in layer.variables]
        yield f"shape/{name}", tuple(layer.compute_output_shape((None, *shape[1:])))
        yield f"config/{name}", config_of(layer)
        restored = type(layer).from_config(layer.get_config())
        yield f"config/{name}/restored", config_of(restored)
        yield f"masking/{name}", layer.supports_masking
        yield f"spec/{name}", tuple(restored(keras.Input(shape[1:])).shape)


# (axis, shape of the data)
ADAPTED = [
    (-1, (20, 3)),
    (None, (20, 3)),
    (1, (10, 3, 4)),
    ((1, -1), (10, 3, 2, 4)),
    ([-1, 1], (10, 3, 4)),
    (0, (4, 3)),
]


@case(ulp(6, "means of up to 240 numbers in another order, a root", 1e-6))
def adapted(library):
    keras = library.keras
    for axis, shape in ADAPTED:
        for kind in ("float32", "float64", "int64", "tensor", "batches", "pairs"):
            data = (3 * numbers(shape) + 2).astype("float64")
            cuts = [data[:3], data[3:4], data[4:]] if axis != 0 else [data, 2 * data]
            given = {
                "tensor": lambda data=data: library.tensor(data.astype("float32")),
                "batches": lambda cuts=cuts: cuts,
                "pairs": lambda cuts=cuts: ((x, None) for x in cuts),
            }.get(kind, lambda data=data, kind=kind: data.astype(kind))()
            for invert in (False, True):
                layer = keras.layers.Normalization(axis, invert=invert, name="own")
                layer.adapt(given if kind != "pairs" else ((x, None) for x in cuts))
                name = f"{axis}/{shape}/{kind}/{invert}"
                yield f"{name}/value", layer(data[:4])
                yield f"{name}/moments", [np.asarray(layer.mean), layer.variance]
                yield f"{name}/weights", layer.get_weights()
                yield (
                    f"{name}/whole",
                    layer(np.arange(data[:4].size).reshape(4, *shape[1:])),
                )
                yield (
                    f"{name}/names",
                    [
                        (v.name, v.path, tuple(v.shape), str(v.dtype), v.trainable)
                        for v in layer.weights
                    ],
                )
                yield f"{name}/config", config_of(layer)


def double(x):
    return 2 * x


def first_steps(x, mask=None):
    return mask


def options(x, training=None, mask=None, factor=3.0):
    return x * factor * (5.0 if training else 1.0) + (0.0 if mask is None else 1.0)


@case(EXACT)
def functions(library):
    """Lambda with its arguments, masks and shapes; configs hold names."""
    keras = library.keras
    keras.utils.clear_session()
    Lambda = keras.layers.Lambda
    x = numbers((2, 3, 4))
    mask = np.array([[True, False, True]] * 2)
    for name, layer in {
        "plain": Lambda(double),
        "options": Lambda(options, arguments={"factor": 2.0}, name="mine"),
        "shape": Lambda(double, output_shape=(3, 4)),
        "shape of": Lambda(double, output_shape=double),
        "mask": Lambda(options, mask=first_steps),
        "op": Lambda(keras.ops.square),
    }.items():
        yield f"{name}/value", layer(x)
        yield f"{name}/training", layer(x, training=True)
        yield f"{name}/masked", layer(x, mask=library.tensor(mask))
        if name != "shape of":
            yield f"{name}/shape", tuple(layer.compute_output_shape((None, 3, 4)))
            yield f"{name}/spec", tuple(layer(keras.Input((3, 4))).shape)
        yield f"{name}/config", config_of(layer)
        yield f"{name}/masking", layer.supports_masking
        known = {
            f.__name__: f for f in (double, options, first_steps, keras.ops.square)
        }
        again = Lambda.from_config(layer.get_config(), custom_objects=known)
        yield f"{name}/again", [again(x), config_of(again)]


@case(Tolerance("30 steps, each rounding weights of size 1", absolute=1e-5))
def training(library):
    """A fit with every kind of layer that behaves differently in training."""
    keras = library.keras
    rng = np.random.default_rng(3)
    x = rng.normal(1, 2, (80, 6)).astype("float32")
    y = (x[:, :2].sum(1) > 2).astype("float32")
    layers = keras.layers
    for name, between in {
        "dropout": lambda: [layers.Dropout(0.3)],
        "noise": lambda: [layers.GaussianNoise(0.2), layers.GaussianDropout(0.2)],
        "alpha": lambda: [layers.AlphaDropout(0.2), layers.LayerNormalization()],
        "renorm": lambda: [
            layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 2.0})
        ],
    }.items():
        keras.utils.set_random_seed(5)
        model = keras.Sequential(
            [
                keras.Input((6,)),
                layers.Dense(8, "relu"),
                layers.BatchNormalization(momentum=0.9),
                *between(),
                layers.Dense(1, "sigmoid"),
            ]
        )
        model.compile(
            keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"]
        )
        history = model.fit(
            x, y, batch_size=16, epochs=6, verbose=0, validation_split=0.1
        )
        for key, values in history.history.items():
            yield f"{name}/{key}", np.array(values, "float64")
        yield f"{name}/weights", model.get_weights()
        yield f"{name}/predictions", model.predict(x[:5], verbose=0)
