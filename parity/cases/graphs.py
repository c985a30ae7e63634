"""What stands between Inputs and outputs: ops of all kinds as nodes, inputs and targets
by name, outputs in nests, operations of one's own."""

import json

import numpy as np

from parity.case import case, kind_of_error
from parity.cases.functional import CALLS, TRAINED, _class_of, names_in_calls
from parity.cases.summary import summary

# Each function of `ops` that CALLS leaves out, on KerasTensors: x and y (None, 4), n
# (None, 4) of integers, a square s (None, 3, 3), an image (None, 6, 6, 2).
MORE_CALLS = """
2-x 2//n 2%n n//n n%n True&(x>0) False|(x>0) True^(x>0)
ops.absolute(x) ops.allclose(x,y) ops.amax(x,axis=1) ops.amin(x) ops.arccos(x)
ops.arccosh(x) ops.arcsin(x) ops.arcsinh(x) ops.arctan(x) ops.arctan2(x,y)
ops.arctanh(x) ops.cbrt(x) ops.ceil(x) ops.celu(x) ops.cos(x) ops.cosh(x)
ops.count_nonzero(x,axis=1) ops.cumprod(x,axis=1) ops.diagonal(s,axis1=1,axis2=2)
ops.diff(x,axis=1) ops.divide_no_nan(x,y) ops.empty_like(x) ops.erf(x) ops.erfinv(x)
ops.exp2(x) ops.expm1(x) ops.floor_divide(x,y) ops.floor_divide(n,n) ops.mod(n,n)
ops.glu(x) ops.greater(x,y) ops.greater_equal(x,y) ops.hard_shrink(x) ops.hard_silu(x)
ops.hard_swish(x) ops.hard_tanh(x) ops.hypot(x,y) ops.inner(x[0],y[0]) ops.isclose(x,y)
ops.isfinite(x) ops.isinf(x) ops.layer_normalization(x) ops.less(x,y)
ops.less_equal(x,y) ops.log10(x) ops.log1p(x) ops.log2(x) ops.log_sigmoid(x)
ops.logaddexp(x,y) ops.logical_or(x>0,y>0) ops.logical_xor(x>0,y>0) ops.median(x,axis=1)
ops.mod(x,y) ops.moveaxis(x,0,1) ops.nan_to_num(x) ops.negative(x) ops.not_equal(x,y)
ops.quantile(x,0.5,axis=1) ops.ravel(x) ops.reciprocal(x) ops.rms_normalization(x)
ops.round(x) ops.rsqrt(x) ops.sinh(x) ops.size(x) ops.slice(x,[0,0],[2,3])
ops.slice_update(x,[0,0],one) ops.soft_shrink(x) ops.sparse_plus(x)
ops.sparse_sigmoid(x) ops.sparsemax(x) ops.squareplus(x) ops.squeeze(x[:,:1],axis=1)
ops.swish(x) ops.take_along_axis(x,ops.argsort(x),axis=1) ops.tan(x) ops.tanh_shrink(x)
ops.threshold(x,0.5,0.0) ops.trace(s,axis1=1,axis2=2) ops.tril(s) ops.triu(s)
ops.trunc(x) ops.vdot(x[0],y[0]) ops.conv_transpose(image,kernel)
ops.depthwise_conv(image,depthwise) ops.get_item(x,0) ops.kron(s[0],s[0])
ops.linspace(x,y,num=5) ops.cross(s,s)
"""
# Others make arrays of arguments that are no tensors, or run functions of the user, or
# have shapes that only values tell, or what they tell of a KerasTensor is no tensor.
NO_NODES = set(
    """arange array batch_normalization bincount cond convert_to_numpy dense digitize
    each_on_symbols embedding empty eye fori_loop full identity is_tensor meshgrid ndim
    nonzero ones searchsorted separable_conv tri while_loop zeros""".split()
)


def _arguments(node):
    """Of a call: (args, kwargs)."""
    held = getattr(node, "arguments", node)
    return held.args, held.kwargs


@case()
def every_op(library):
    """Class, shape, dtype and config of the node of each op, on KerasTensors."""
    keras = library.keras
    names = names_in_calls(keras) | {
        "s": keras.Input((3, 3)),
        "one": np.ones((1, 1), "float32"),
        "depthwise": np.ones((3, 3, 2, 1), "float32"),
    }
    ends = [names[key] for key in ("x", "y", "n", "s", "image")]
    for call in [*CALLS.split(), *MORE_CALLS.split()]:
        if call.startswith("ops.conv_transpose"):
            names["kernel"] = np.ones((3, 3, 5, 2), "float32")
        found = eval(call, names)
        parts = found if isinstance(found, (list, tuple)) else [found]
        first = parts[0]
        yield (
            f"{call}/node",
            [(_class_of(keras, t), list(t.shape), str(t.dtype)) for t in parts]
            if isinstance(first, keras.KerasTensor)
            else "no node",
        )
        if isinstance(first, keras.KerasTensor):
            operation = first._keras_history.operation
            yield f"{call}/config", sorted(operation.get_config())
            node = operation._inbound_nodes[0]
            args, kwargs = _arguments(node)
            if "rms_normalization" not in call:  # by name there, by place here
                yield f"{call}/arguments", [len(args), sorted(kwargs)]
            layers = keras.Model(ends, first).get_config()["layers"]
            (own,) = [entry for entry in layers if entry["name"] == operation.name]
            yield f"{call}/module", [own["module"], own["class_name"]]


# Those of Keras's activations that it lets meet a KerasTensor.
ACTIVATIONS = """
celu elu exponential gelu glu hard_shrink hard_sigmoid hard_tanh leaky_relu linear
log_sigmoid log_softmax relu relu6 selu sigmoid silu soft_shrink softmax softplus
softsign sparse_plus sparse_sigmoid squareplus swish tanh tanh_shrink
""".split()


@case()
def activations(library):
    """Activations called on KerasTensors: their nodes, configs and summary."""
    keras = library.keras
    x = keras.Input((4,), name="x")
    found = [(name, getattr(keras.activations, name)(x)) for name in ACTIVATIONS]
    relu = keras.activations.relu
    found += [
        ("relu/6", relu(x, max_value=6.0)),
        ("relu/all", relu(x, negative_slope=0.5, max_value=2.0, threshold=0.5)),
        ("relu/by name", keras.activations.get("relu")(x)),
    ]
    for name, tensor in found:
        operation = tensor._keras_history.operation
        yield name, [type(operation).__name__, operation.name, list(tensor.shape)]
    model = keras.Model(x, [tensor for name, tensor in found if name != "linear"])
    yield "summary", summary(model, 100)
    config = json.loads(json.dumps(model.get_config()))
    for layer in config["layers"][1:]:
        known = ("module", "class_name", "config", "registered_name", "inbound_nodes")
        yield f"{layer['name']}/config", [layer[key] for key in known]
    again = keras.Model.from_config(config)
    yield "again", [(op.name, type(op).__name__) for op in again.operations]
    values = np.linspace(-2, 2, 8).reshape(2, 4).astype("float32")
    alike = zip(model(values), again(values), strict=True)
    yield "same values", [bool(np.array_equal(a, b)) for a, b in alike]


def of_three(keras, nested=False):
    """A model whose outputs, in order, are called b, a and c."""
    x = keras.Input((4,), name="x")
    h = keras.layers.Dense(3, activation="tanh")(x)
    b, a, c = (
        keras.layers.Dense(n, name=k)(h) for k, n in [("b", 2), ("a", 1), ("c", 1)]
    )
    return keras.Model(x, {"n": [b], "m": {"q": a, "p": c}} if nested else [b, a, c])


def data(nested=False) -> tuple:
    rng = np.random.default_rng(5)
    x, b = (rng.random((8, n)).astype("float32") for n in (4, 2))
    a, c = b[:, :1] + 1, b[:, 1:] - 1
    return x, {"n": [b], "m": {"q": a, "p": c}} if nested else {"b": b, "a": a, "c": c}


def trained(keras, model, x, y, **options):
    """(name, value) of the logs of two epochs and of evaluate."""
    history = model.fit(x, y, epochs=2, verbose=0, shuffle=False, **options).history
    yield "logs", list(history)
    for key, values in history.items():
        yield f"log/{key}", np.array(values)
    yield "evaluated", np.array(model.evaluate(x, y, verbose=0))
    yield "by name", list(model.evaluate(x, y, verbose=0, return_dict=True))


@case(TRAINED)
def targets_by_name(library):
    """A dict of targets serves a list of outputs whose names are not in order."""
    keras = library.keras
    x, y = data()
    weights = np.linspace(0, 1, 8)
    settings = {
        "one": {"loss": "mse"},
        "by name": {"loss": {"a": "mae", "b": "mse", "c": "mse"}},
        "metrics": {"loss": "mse", "metrics": {"a": ["mae"], "b": ["mse", "mae"]}},
        "weighted": {"loss": "mse", "weighted_metrics": {"b": ["mae"], "a": ["mae"]}},
    }
    for name, setting in settings.items():
        forms = ["list"] if name == "weighted" else ["dict", "turned", "list"]
        for form in forms:
            keras.utils.set_random_seed(1)
            model = of_three(keras)
            eager = library.eager_unless(name == "metrics" and form == "dict")
            model.compile("sgd", run_eagerly=eager, **setting)
            target = {"dict": y, "list": list(y.values())}.get(
                form, dict(reversed(y.items()))
            )
            options = {"sample_weight": weights} if name == "weighted" else {}
            for key, value in trained(keras, model, x, target, **options):
                yield f"{name}/{form}/{key}", value


@case(TRAINED)
def outputs_in_nests(library):
    """Losses and metrics of outputs in nests: their names in logs."""
    keras = library.keras
    x, y = data(nested=True)
    nest = {"n": ["mse"], "m": {"q": "mae", "p": "mse"}}
    settings = {
        "one": {"loss": "mse"},
        "list": {"loss": ["mse", "mae", "mse"]},
        "nest": {"loss": nest},
        "partial": {"loss": {"n": ["mse"], "m": {"q": "mae"}}},
        "weights": {
            "loss": nest,
            "loss_weights": {"n": [1.0], "m": {"q": 2.0, "p": 3.0}},
        },
        "metrics": {
            "loss": "mse",
            "metrics": {"n": [["mae"]], "m": {"q": ["mse"], "p": []}},
        },
        "wrong metrics": {"loss": "mse", "metrics": ["mae"]},
    }
    for name, setting in settings.items():
        keras.utils.set_random_seed(1)
        model = of_three(keras, nested=True)
        eager = library.eager_unless(name == "metrics")
        model.compile("sgd", run_eagerly=eager, **setting)
        if name == "wrong metrics":
            yield name, kind_of_error(lambda model=model: model.fit(x, y, verbose=0))
            continue
        for key, value in trained(keras, model, x, y):
            yield f"{name}/{key}", value


@case()
def inputs_by_name(library):
    """Dicts of inputs: further keys, missing ones, a list in the place of a dict."""
    keras = library.keras
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    joined = keras.layers.Concatenate()([a, b]) * 2.0
    models = {
        "dict": keras.Model({"a": a, "b": b}, joined),
        "turned": keras.Model({"b": b, "a": a}, joined),
        "list": keras.Model([a, b], joined),
    }
    x, y = np.ones((2, 3), "float32"), np.zeros((2, 2), "float32")
    calls = {
        "right": {"b": y, "a": x},
        "further": {"a": x, "b": y, "c": y},
        "missing": {"a": x},
        "wrong": {"a": x, "bb": y},
        "list": [x, y],
        "tuple": (x, y),
        "turned": [y, x],
        "one": [x],
        "three": [x, y, x],
        "numbers": [1.0, 2.0],
    }
    for name, model in models.items():
        yield f"{name}/shapes", [model.input_shape, model.output_shape]
        for call, values in calls.items():
            kind = kind_of_error(model, values)
            if kind == "none":
                kind = library.to_numpy(model(values))
            yield f"{name}/{call}", kind
    other = keras.Model({"k": a, "l": b}, joined)
    yield "other names", kind_of_error(other, {"a": x, "b": y})


@case()
def inputs(library):
    """Every argument of Input and InputLayer, and what is refused."""
    keras = library.keras
    known = keras.Input((3,), name="known")
    inside = keras.layers.Dense(2)(known)
    loose = keras.KerasTensor((None, 4), name="loose")
    made = {
        "sparse": lambda: keras.Input((3,), sparse=True),
        "ragged": lambda: keras.Input((3,), ragged=True),
        "both": lambda: keras.Input((3,), sparse=True, ragged=True),
        "tensor": lambda: keras.Input(tensor=known),
        "tensor inside": lambda: keras.Input(tensor=inside, name="cut"),
        "loose tensor": lambda: keras.Input(tensor=loose),
        "an array": lambda: keras.Input(tensor=np.ones((2, 3))),
        "another shape": lambda: keras.Input((4,), tensor=known),
        "another dtype": lambda: keras.Input(tensor=known, dtype="int32"),
        "another batch": lambda: keras.Input(batch_size=2, tensor=known),
        "batch_input_shape": lambda: (
            keras.layers.InputLayer(batch_input_shape=(2, 3)).output
        ),
        "a number": lambda: keras.Input(3),
        "negative": lambda: keras.Input((-1,)),
        "no shape": lambda: keras.Input(),
        "spec": lambda: keras.KerasTensor((2, None), "int32"),
        "wrong spec": lambda: keras.KerasTensor((2.5,)),
        "wrong dtype": lambda: keras.KerasTensor((2,), "flaot"),
        "set shape": lambda: setattr(loose, "shape", (3,)),
        "set dtype": lambda: setattr(loose, "dtype", "int32"),
        "index too large": lambda: keras.Input((3,))[:, 5],
        "index of text": lambda: known["a"],
        "index of a condition": lambda: known[known > 0],
    }
    for name, make in made.items():
        try:
            tensor = make()
        except Exception as error:
            yield name, type(error).__name__
            continue
        facts = [list(tensor.shape), tensor.dtype, tensor.sparse, tensor.ragged]
        yield name, facts
        yield f"{name}/text", repr(tensor)
    yield "the same tensor", keras.Input(tensor=known) is known
    ours = keras.Input(tensor=loose, name="ours")
    model = keras.Model(ours, keras.layers.Dense(2, name="last")(ours))
    yield "summary", summary(model, 80)
    yield "config", json.loads(json.dumps(model.get_config()["layers"][0]["config"]))


@case()
def operations(library):
    """Operations and Functions of one's own: configs, nodes, shapes, values."""
    keras = library.keras

    class Power(keras.Operation):
        def __init__(self, exponent, scale=1.0, name=None):
            super().__init__(name=name)
            self.exponent, self.scale = exponent, scale

        def call(self, x):
            return self.scale * x**self.exponent

        def compute_output_spec(self, x):
            return keras.KerasTensor(x.shape, x.dtype)

    class Bare(keras.Operation):
        def call(self, x):
            return x + 1.0, {"k": keras.ops.sum(x, axis=-1)}

    class OfArray(keras.Operation):
        def __init__(self, values):
            super().__init__()

    class Claims(keras.layers.Layer):
        def call(self, x):
            return x[:, ::2]

        def compute_output_shape(self, input_shape):
            return (input_shape[0], None)

    class Says(keras.layers.Layer):
        def call(self, x):
            return x

        def compute_output_spec(self, x):
            return keras.KerasTensor((None, 9), "int32")

    x = keras.Input((3,), name="x")
    yield "shapes of layers", [list(Claims()(x).shape), list(Says()(x).shape)]
    yield "dtype of a layer", Says()(x).dtype
    cube = Power(3)
    y = cube(x)
    yield "config", cube.get_config()
    yield "again", Power.from_config(cube.get_config()).get_config()
    yield "bare", Bare().get_config()
    try:
        OfArray(np.ones(2)).get_config()
    except Exception as error:
        yield "no config", type(error).__name__
    yield "ends", [cube.input is x, cube.output is y, cube.name]
    noted = cube.symbolic_call(x)
    yield "noted", [noted._keras_history.operation is cube, list(noted.shape)]
    values = np.full((2, 3), 2.0, "float32")
    yield "value", library.to_numpy(cube(values))
    first, rest = Bare()(x)
    yield "several", [list(first.shape), list(rest["k"].shape)]
    model = keras.Model(x, [y, first])
    yield "summary", summary(model, 100)
    scope = {"Power": Power, "Bare": Bare}
    again = keras.Model.from_config(model.get_config(), custom_objects=scope)
    yield "model again", [op.name for op in again.operations]
    yield "values again", [library.to_numpy(x).tolist() for x in again(values)[:2]]

    function = keras.Function([x], {"a": x * 2.0, "b": keras.ops.sum(x, axis=-1)})
    found = function([values])
    yield "function", {key: library.to_numpy(v).tolist() for key, v in found.items()}
    shapes = function.compute_output_shape([(5, 3)])
    yield "shapes", {key: list(shape) for key, shape in shapes.items()}
    yield "too many", kind_of_error(function, [values, values])
    for name in ("add_metric", "add_loss"):
        try:
            getattr(model, name)(1.0)
        except NotImplementedError:
            yield name, "NotImplementedError"
    nested = keras.Model({"p": x}, {"q": keras.layers.Dense(2)(x)})
    yield "model's shapes", nested.compute_output_shape({"p": (5, 3)})


@case()
def sequential_of_models(library):
    """A Sequential whose first layer is a model knows the shape of its input."""
    keras = library.keras
    x = keras.Input((3,))
    functional = keras.Model(x, keras.layers.Dense(4, name="f")(x), name="functional")
    chain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, name="s")])
    for name, first in (("functional", functional), ("chain", chain)):
        model = keras.Sequential([first, keras.layers.Dense(2, name=f"{name}_last")])
        yield f"{name}/summary", summary(model, 80)
        yield f"{name}/shapes", [model.built, model.input_shape, model.output_shape]
        yield f"{name}/weights", [v.path for v in model.weights]
        again = keras.Sequential.from_config(model.get_config())
        yield f"{name}/again", [layer.name for layer in again.layers]
    grown = keras.Sequential()
    grown.add(functional)
    yield "one", grown.built
    grown.add(keras.layers.Dense(1))
    yield "two", [grown.built, list(grown.output_shape)]
    counted = keras.Model(x, keras.layers.Dense(1)(x))
    yield "next name", counted.name
