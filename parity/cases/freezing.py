"""Layers that are frozen and thawed: which weights train, from when on, in what
order."""

import numpy as np

from parity.case import EXACT, Tolerance, case

X = np.sin(np.arange(48) * 1.7).reshape(12, 4).astype("float32")
Y = np.cos(np.arange(24)).reshape(12, 2).astype("float32")
RUN = Tolerance("some float32 steps, one rounding each", 0, 2e-6, 2e-6)
LOGS = {"log": RUN}


def network(library):
    """Dense, BatchNormalization, Dense: no bias stands in front of the second."""
    keras = library.keras
    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, use_bias=False, name="a"),
            layers.BatchNormalization(name="b"),
            layers.Dense(2, kernel_regularizer="l2", name="c"),
        ],
        name="m",
    )
    return compiled(library, model)


def compiled(library, model):
    model.compile(library.keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    return model


def fitted(name, model):
    """What two epochs come to, and which weights they move."""
    before = model.get_weights()
    options = {"batch_size": 4, "epochs": 2, "shuffle": False, "verbose": 0}
    yield f"log/{name}", model.fit(X, Y, **options).history["loss"]
    after = model.get_weights()
    moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    yield f"moved/{name}", moved


def paths(weights):
    return [w.path for w in weights]


@case(EXACT, LOGS, slow=True)
def when_it_takes_effect(library):
    """The first step after `compile` says it, until the next `compile`."""
    for place in (0, 1):
        model = network(library)
        model.layers[place].trainable = False
        yield from fitted(f"{place}/compiled before", model)
        model = network(library)
        yield from fitted(f"{place}/free", model)
        model.layers[place].trainable = False
        yield from fitted(f"{place}/frozen without compile", model)
        yield f"{place}/says", [layer.trainable for layer in model.layers]
        yield from fitted(f"{place}/frozen", compiled(library, model))
        model.layers[place].trainable = True
        yield from fitted(f"{place}/thawed without compile", model)
        yield from fitted(f"{place}/thawed", compiled(library, model))
    model = network(library)
    model.run_eagerly = True
    yield from fitted("eager", model)
    model.layers[0].trainable = False
    yield from fitted("eager, frozen without compile", model)


@case(EXACT, LOGS, slow=True)
def single_batches(library):
    model = network(library)
    yield "log/first", model.train_on_batch(X, Y)
    model.layers[0].trainable = False
    before = model.get_weights()[0]
    yield "log/second", model.train_on_batch(X, Y)
    yield "moved", not np.array_equal(before, model.get_weights()[0])


@case(EXACT, slow=True)
def frozen_batch_normalization(library):
    """It predicts, also where training is asked of it, as long as it is frozen."""
    model = network(library)
    layer, x = model.layers[1], np.arange(20, dtype="float32").reshape(4, 5)
    for name, trainable in (("frozen", False), ("thawed", True)):
        layer.trainable = trainable
        y = layer(x, training=True)
        yield name, bool(np.allclose(np.asarray(y).mean(0), 0, atol=1e-3))
        yield f"{name}/moved", bool(np.any(np.asarray(layer.moving_mean)))


@case(EXACT)
def nested(library):
    """What a model that is frozen says of its parts, and in which order."""
    keras = library.keras
    inner = network(library)
    model = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2)])

    def state(name):
        for kind in ("trainable_weights", "non_trainable_weights", "weights"):
            yield f"{name}/{kind}", paths(getattr(model, kind))
            yield f"{name}/inner/{kind}", paths(getattr(inner, kind))
        yield f"{name}/says", [model.trainable, inner.trainable]
        yield f"{name}/parts", [layer.trainable for layer in inner.layers]

    yield from state("new")
    inner.layers[0].trainable = False
    yield from state("first")
    inner.trainable = False
    yield from state("inner")
    inner.layers[0].trainable = True
    yield from state("thawed within")
    model.trainable = False
    yield from state("all")
    model.trainable = True
    yield from state("none")


@case(EXACT)
def single_weights(library):
    layer = library.keras.layers.Dense(3, trainable=False, name="d")
    layer.build((None, 4))
    for name, owner, value in (
        ("born frozen", layer, False),
        ("thawed", layer, True),
        ("a variable frozen", layer.kernel, False),
        ("said again", layer, True),
        ("off", layer, False),
        ("and on", layer, True),
    ):
        owner.trainable = value
        yield name, [v.name for v in layer.trainable_weights]
        yield f"{name}/others", [v.name for v in layer.non_trainable_weights]
        yield f"{name}/flags", [layer.trainable, layer.kernel.trainable]


@case(EXACT)
def in_configs(library):
    """A config keeps what is frozen."""
    model = network(library)
    model.layers[0].trainable = False
    for name in ("one", "all"):
        again = type(model).from_config(model.get_config())
        yield name, [again.trainable, *(layer.trainable for layer in again.layers)]
        yield f"{name}/weights", len(again.trainable_weights)
        model.trainable = False


@case(EXACT, slow=True)
def stopped_gradients(library):
    """`stop_gradient` in a functional model: what stands in front gets none."""
    keras = library.keras
    keras.utils.set_random_seed(2)
    x = keras.Input((4,))
    before = keras.layers.Dense(3, name="before")(x)
    stopped = keras.ops.stop_gradient(before)
    model = keras.Model(x, keras.layers.Dense(2, name="behind")(stopped))
    model.compile("sgd", "mse")
    start = model.get_weights()
    model.fit(X, Y, epochs=2, verbose=0)
    end = model.get_weights()
    yield "moved", [not np.array_equal(a, b) for a, b in zip(start, end, strict=True)]
