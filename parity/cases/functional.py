"""Models made of a graph: operations, shapes, summaries, numbers, names in logs."""

import json

import numpy as np

from parity.case import Tolerance, case
from parity.cases.summary import summary

# What each gives on a KerasTensor x (None, 4), y (None, 4), n (None, 4) of integers.
CALLS = """
x+1 1-x x/2 x//2 x%2 x**2 2**x x*y -x abs(x) round(x) x>0 x!=y x<=1 x>=y x<y
x[0] x[...,None] x[:,1:3] x[:,0] ~(x>0) (x>0)&(y>0) (x>0)|(y>0) (x>0)^(y>0)
x@m x.reshape((-1,2)) x[:,:1].squeeze(-1)
ops.shape(x) ops.cast(x,"int32") ops.convert_to_tensor(x) ops.stop_gradient(x)
ops.reshape(x,(-1,2)) ops.reshape(x,(-1,12)) ops.split(x,2,axis=1) ops.unstack(x,axis=1)
ops.add(x,y) ops.subtract(x,y) ops.multiply(x,y) ops.divide(x,y) ops.true_divide(x,y)
ops.power(x,y) ops.maximum(x,y) ops.minimum(x,0) ops.clip(x,0,1) ops.sqrt(x) ops.exp(x)
ops.log(x) ops.sin(x) ops.tanh(x) ops.square(x) ops.sign(x) ops.floor(x) ops.abs(x)
ops.isnan(x) ops.logical_and(x>0,y>0) ops.logical_not(x>0) ops.equal(x,y)
ops.where(x>0,x,0.0) ops.concatenate([x,y]) ops.concatenate([x,y],axis=1)
ops.stack([x,y],axis=1) ops.hstack([x,y]) ops.vstack([x,y]) ops.tile(x,[2,1])
ops.repeat(x,2,axis=1) ops.expand_dims(x,-1) ops.transpose(x) ops.swapaxes(x,0,1)
ops.flip(x) ops.roll(x,1) ops.pad(x,((0,0),(1,1))) ops.broadcast_to(x[0],(2,4))
ops.sum(x) ops.sum(x,axis=1) ops.mean(x,axis=-1,keepdims=True) ops.max(x,axis=1)
ops.min(x) ops.prod(x) ops.var(x,axis=0) ops.std(x) ops.any(x>0) ops.all(x>0,axis=1)
ops.argmax(x,axis=1) ops.argmin(x) ops.argsort(x) ops.sort(x) ops.cumsum(x,axis=1)
ops.logsumexp(x,axis=1) ops.norm(x,axis=-1) ops.normalize(x) ops.average(x,axis=1)
ops.matmul(x,m) ops.dot(x,m) ops.einsum("ij,jk->ik",x,m) ops.tensordot(x,m,1)
ops.outer(x[0],y[0]) ops.diag(x[0]) ops.zeros_like(x) ops.ones_like(x)
ops.full_like(x,2) ops.take(x,[0,1],axis=1) ops.one_hot(n,3) ops.top_k(x,2)
ops.relu(x) ops.relu6(x) ops.leaky_relu(x) ops.elu(x) ops.selu(x) ops.gelu(x)
ops.silu(x) ops.sigmoid(x) ops.softmax(x) ops.log_softmax(x) ops.softplus(x)
ops.softsign(x) ops.hard_sigmoid(x) ops.moments(x,axes=[1])
ops.binary_crossentropy(x,y) ops.categorical_crossentropy(x,y)
ops.sparse_categorical_crossentropy(n[:,0],x)
ops.conv(image,kernel) ops.max_pool(image,2) ops.average_pool(image,2)
"""


def _class_of(keras, tensor) -> str:
    history = getattr(tensor, "_keras_history", None)
    operation = getattr(history, "operation", None)
    return type(operation).__name__ if isinstance(tensor, keras.KerasTensor) else ""


def names_in_calls(keras) -> dict:
    """What the names in CALLS stand for."""
    return {
        "ops": keras.ops,
        "x": keras.Input((4,)),
        "y": keras.Input((4,)),
        "n": keras.Input((4,), dtype="int32"),
        "m": np.ones((4, 3), "float32"),
        "image": keras.Input((6, 6, 2)),
        "kernel": np.ones((3, 3, 2, 5), "float32"),
    }


@case()
def ops_on_symbols(library):
    """Class of the operation, shape and dtype that each op gives on KerasTensors."""
    keras = library.keras
    names = names_in_calls(keras)
    for call in CALLS.split():
        found = eval(call, names)
        several = isinstance(found, (list, tuple))
        parts = list(found) if several else [found]
        yield (
            call,
            [
                (_class_of(keras, t), list(t.shape), str(t.dtype))
                if isinstance(t, keras.KerasTensor)
                else t
                for t in parts
            ],
        )


def graphs(keras) -> dict:
    """Functional models of every shape, by name."""
    layers, ops = keras.layers, keras.ops
    made = {}

    x = keras.Input((4,), name="x")
    h = layers.Dense(5, activation="relu")(x)
    made["chain"] = keras.Model(x, layers.Dense(2)(h))

    two = keras.Input((4,), name="two")
    shared = layers.Dense(4, activation="tanh")
    y = shared(x) + 2.0 * shared(two)
    z = ops.mean(y, axis=-1, keepdims=True)
    w = ops.concatenate([y, z], axis=-1)[:, :3]
    joined = layers.Concatenate()([w, -w])
    out = layers.Dense(2, name="out")(joined)
    made["branches"] = keras.Model([x, two], [out, z])
    made["cut"] = keras.Model(y, out)
    made["inner outputs"] = keras.Model([x, two], [y, joined])

    inner = keras.Model(x, layers.Dense(2)(layers.Dense(3)(x)), name="inner")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    made["shared model"] = keras.Model([a, b], layers.Add()([inner(a), inner(b)]))
    chain = keras.Sequential([layers.Dense(3), layers.Dropout(0.3), layers.Dense(2)])
    made["sequential inside"] = keras.Model({"a": a}, {"p": chain(a), "q": inner(a)})

    ids = keras.Input((5,), dtype="int32", name="ids")
    e = layers.Embedding(10, 3, mask_zero=True)(ids)
    lstm = layers.LSTM(2, return_sequences=True)(e)
    pooled = layers.GlobalAveragePooling1D()(layers.Dense(3)(lstm))
    made["masks"] = keras.Model(ids, layers.Dense(1)(pooled))

    image = keras.Input((6, 6, 2), name="image")
    c = layers.Conv2D(3, 3, padding="same", activation="relu")(image)
    c = layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same")(c)) + c
    flat = layers.Flatten()(layers.MaxPooling2D()(c))
    made["residual"] = keras.Model(image, layers.Dense(2, activation="softmax")(flat))
    made["twice"] = keras.Model(x, shared(layers.Dropout(0.2)(shared(x))))
    unused = keras.Input((2,), name="unused")
    made["unused input"] = keras.Model([x, unused], shared(x))
    return made


@case()
def structure(library):
    """Names, order of the operations, shapes, weights, and what summary() prints."""
    keras = library.keras
    for name, model in graphs(keras).items():
        operations = [(op.name, type(op).__name__) for op in model.operations]
        yield f"{name}/operations", operations
        yield f"{name}/layers", [layer.name for layer in model.layers]
        yield f"{name}/model", [model.name, type(model).__name__, model.output_names]
        yield f"{name}/weights", [(v.path, list(v.shape)) for v in model.weights]
        shapes = [list(t.shape) for t in [*model.inputs, *model.outputs]]
        yield f"{name}/shapes", shapes
        for columns in (60, 100, 200):
            yield f"{name}/summary/{columns}", summary(model, columns)
        options = {"expand_nested": True, "show_trainable": True}
        yield f"{name}/all", summary(model, 120, **options)
        for i, value in enumerate(model.get_weights()):
            if "lstm" not in model.weights[i].path:
                yield f"{name}/weight/{i}", value


TRAINED = Tolerance("four updates, sums of up to 40 products", absolute=2e-5)


@case(TRAINED)
def numbers(library):
    """Logs, predictions and weights after four steps of each model."""
    keras = library.keras
    for name, model in graphs(keras).items():
        rng = np.random.default_rng(3)

        def data(tensor, rng=rng):
            shape = (12, *tensor.shape[1:])
            if str(tensor.dtype) == "int32":
                return rng.integers(0, 10, shape).astype("int32")
            return rng.normal(size=shape).astype("float32")

        x = keras.tree.map_structure(data, model.input)
        y = keras.tree.map_structure(data, model.output)
        model.compile("sgd", "mse", run_eagerly=library.eager_unless(name == "masks"))
        history = model.fit(x, y, epochs=2, batch_size=6, verbose=0, shuffle=False)
        yield f"{name}/logs", list(history.history)
        for key, values in history.history.items():
            yield f"{name}/log/{key}", np.array(values)
        evaluated = model.evaluate(x, y, verbose=0, return_dict=True)
        yield f"{name}/evaluated", list(evaluated)
        predicted = model.predict(x, verbose=0)
        for i, part in enumerate(keras.tree.flatten(predicted)):
            yield f"{name}/predicted/{i}", part


@case(TRAINED)
def losses_by_name(library):
    """Losses, weights and metrics by the names of dicts and lists of outputs."""
    keras = library.keras
    layers = keras.layers
    rng = np.random.default_rng(4)
    values = rng.normal(size=(8, 4)).astype("float32")
    targets = {"b": values[:, :2], "a": values[:, :1]}
    settings = {
        "one": ("mse", None, None),
        "by name": (
            {"b": "mse", "a": "mae"},
            {"a": 2.0, "b": 1.0},
            {"a": ["mae"], "b": ["mse", "mae"]},
        ),
        "partial": ({"a": "mse", "b": None}, None, {"b": ["mse"]}),
    }
    for form in ("dict", "list"):
        for name, (loss, weights, metrics) in settings.items():
            i = keras.Input((4,), name="i")
            h = layers.Dense(3, activation="tanh")(i)
            b, a = layers.Dense(2, name="b")(h), layers.Dense(1, name="a")(h)
            model = keras.Model(i, {"b": b, "a": a} if form == "dict" else [b, a])
            y = targets if form == "dict" else list(targets.values())
            model.compile(
                "sgd",
                loss,
                loss_weights=weights,
                metrics=metrics,
                run_eagerly=library.eager_unless(name == "by name"),
            )
            history = model.fit(values, y, epochs=2, verbose=0, shuffle=False).history
            yield f"{form}/{name}/logs", list(history)
            for key, numbers in history.items():
                yield f"{form}/{name}/log/{key}", np.array(numbers)
            yield (
                f"{form}/{name}/evaluated",
                np.array(model.evaluate(values, y, verbose=0)),
            )


def _noted(keras):
    """A layer with a loss and a metric of what passes."""

    class Noted(keras.layers.Layer):
        def __init__(self, rate, name):
            super().__init__(name=name)
            self.rate = rate
            self.passed = keras.metrics.Mean(name=f"{name}_mean")

        def call(self, x):
            self.add_loss(self.rate * keras.ops.mean(keras.ops.square(x)))
            self.passed.update_state(keras.ops.mean(x))
            return x

    return Noted


@case(TRAINED)
def parts_of_parts(library):
    """Losses and metrics of layers in models within a model, in Keras's order."""
    keras = library.keras
    layers, Noted = keras.layers, _noted(keras)
    x, h = keras.Input((4,)), keras.Input((4,))
    penalised = layers.Dense(3, kernel_initializer="ones", activity_regularizer="l1")
    inner = keras.Model(h, penalised(Noted(0.5, "first")(Noted(0.25, "second")(h))))
    chain = keras.Sequential([Noted(0.1, "third"), layers.Dense(3), inner.layers[1]])
    joined = layers.Concatenate()([inner(x), chain(Noted(2.0, "outer")(x))])
    model = keras.Model(x, layers.Dense(1, kernel_initializer="ones")(joined))
    rows = np.linspace(-1, 1, 32, dtype="float32").reshape(8, 4)
    for name, part in (("model", model), ("inner", inner), ("chain", chain)):
        part(rows)
        yield f"{name}/losses", [np.array(loss) for loss in part.losses]
        yield f"{name}/metrics", [metric.name for metric in part.metrics]
    model.compile("sgd", "mse")
    history = model.fit(rows, rows[:, :1], epochs=2, verbose=0, shuffle=False).history
    for name, values in history.items():
        yield f"log/{name}", np.array(values)


@case(TRAINED)
def joined_masks(library):
    """Concatenate of steps with and without a mask, and along the steps."""
    keras = library.keras
    layers = keras.layers
    ids = keras.Input((5,), dtype="int32")
    e = layers.Embedding(10, 3, mask_zero=True)(ids)
    plain = layers.Dense(3)(2.0 * e)
    rows = np.array([[1, 2, 0, 3, 0], [0, 0, 4, 0, 0]], "int32")
    for name, axis, parts in (
        ("both", -1, [e, layers.ReLU()(e)]),
        ("one", -1, [e, plain]),
        ("other", -1, [plain, e]),
        ("steps", 1, [e, plain]),
    ):
        h = layers.Concatenate(axis=axis)(parts)
        model = keras.Model(ids, layers.GlobalAveragePooling1D()(h))
        yield name, model.predict(rows, verbose=0)


@case()
def subclass(library):
    """`super().__init__(inputs, outputs)` makes a subclass a functional model."""
    keras = library.keras

    class Mine(keras.Model):
        def __init__(self, units=3, **kwargs):
            x = keras.Input((4,))
            super().__init__(x, keras.layers.Dense(units)(x), **kwargs)
            self.extra = keras.layers.Dense(2)

    model = Mine(name="mine")
    yield "layers", [layer.name for layer in model.layers]
    yield "name", [model.name, type(model).__name__]
    yield "shapes", [list(model.input_shape), list(model.output_shape)]
    yield "functional", isinstance(model, type(keras.Model(model.input, model.output)))


@case()
def errors(library):
    """What is refused, and by which kind of error."""
    keras = library.keras
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    model = keras.Model([x, y], keras.layers.Add()([x, y]))
    row = np.ones((3, 4), "float32")
    attempts = {
        "no inputs": lambda: keras.Model([], x + 1),
        "no tensors": lambda: keras.Model(3, x + 1),
        "not connected": lambda: keras.Model(x, y + 1),
        "no outputs": lambda: keras.Model(inputs=x),
        "boolean": lambda: bool(x),
        "float": lambda: float(x),
        "iteration": lambda: list(x),
        "array": lambda: np.asarray(x),
        "one input": lambda: model([row]),
        "three inputs": lambda: model([row, row, row]),
        "unknown name": lambda: model({"z": row, "y": row}),
        "None": lambda: model([row, None]),
        "another width": lambda: model([row[:, :3], row]),
        "another rank": lambda: model([np.ones((3, 4, 2), "float32"), row]),
        "never called": lambda: keras.layers.Dense(2).output,
        "same names": lambda: keras.Model(
            x, keras.layers.Dense(2, name="d")(keras.layers.Dense(2, name="d")(x))
        ),
        "set layers": lambda: setattr(model, "layers", []),
        "set output": lambda: setattr(model, "output", 1),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
            yield name, "nothing"
        except Exception as error:
            yield name, type(error).__name__
    yield "a last axis of 1", library.to_numpy(model([row[..., None], row]))
    yield "by name", library.to_numpy(model({"x": row, "y": row}))


@case()
def configs(library):
    """get_config of each graph (of layers the arguments alone), and back again."""
    keras = library.keras
    for name, model in graphs(keras).items():
        config = json.loads(json.dumps(model.get_config()))
        for layer in config["layers"]:
            layer.pop("build_config", None)  # of files, not of graphs
            known = ("module", "class_name", "registered_name")
            yield f"{name}/{layer['name']}", [layer[key] for key in known]
            yield f"{name}/{layer['name']}/calls", layer["inbound_nodes"]
            if layer["module"].startswith("keras.src.ops"):
                yield f"{name}/{layer['name']}/config", layer["config"]
        yield f"{name}/ends", [config["input_layers"], config["output_layers"]]
        again = keras.Model.from_config(config)
        yield f"{name}/again", [(op.name, type(op).__name__) for op in again.operations]
        for recursive in (False, True):
            seen: list = []
            clone = keras.models.clone_model(
                model,
                clone_function=lambda layer, seen=seen: (
                    seen.append(layer.name)
                    or type(layer).from_config(layer.get_config())
                ),
                recursive=recursive,
            )
            yield f"{name}/cloned {recursive}", seen
            names = [(v.name, list(v.shape)) for v in clone.weights]
            yield f"{name}/clone {recursive}", names
        clone = keras.models.clone_model(model)
        yield f"{name}/clone", [(v.name, list(v.shape)) for v in clone.weights]
