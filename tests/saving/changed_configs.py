"""Changes of a config: each function here gives one, or is one.

The good models that are changed are those of BASES.
"""

from minikeras import Input, Model, Sequential, layers, ops

BIG = 10**9


def chain():
    model = Sequential([Input((4,)), layers.Dense(2, name="d")], name="m")
    model.compile("sgd", "mse")
    return model


def graph():
    x = Input((4,), name="x")
    model = Model(x, ops.tanh(layers.Dense(2, name="d")(x)))
    model.compile("sgd", "mse")
    return model


def pictures():
    stack = [layers.Conv2D(2, 2, name="d"), layers.UpSampling2D(2, name="u")]
    return Sequential(
        [Input((6, 6, 2)), *stack, layers.MaxPooling2D(2), layers.Flatten()]
    )


def sequences():
    return Sequential(
        [Input(batch_shape=(4, 5, 3)), layers.GRU(3, name="d", stateful=True)]
    )


BASES = {"chain": chain, "graph": graph, "pictures": pictures, "sequences": sequences}


def entry(place=1, **changes):
    """Changes what is said of a layer: its class, module, build_config…"""
    return lambda config: config["config"]["layers"][place].update(changes)


def arguments(place=1, **changes):
    return lambda config: config["config"]["layers"][place]["config"].update(changes)


def compiled(**changes):
    return lambda config: config["compile_config"].update(changes)


def described(name, config, module="keras.layers", **more):
    described = {"module": module, "class_name": name, "config": config}
    return described | {"registered_name": None} | more


def instead(name, config, place=1):
    return entry(place, **described(name, config, build_config=None))


def put_in(name, config, place=1):
    return lambda c: c["config"]["layers"].insert(place, described(name, config))


def metric(name, **config):
    return compiled(metrics=[described(name, config, "keras.metrics")])


def shape(*sizes, then=lambda config: None):
    """Another shape of the input; nothing is said of what was built for it."""

    def change(config):
        first, *others = config["config"]["layers"]
        first["config"]["batch_shape"] = sizes
        for part in (config, *others):
            part.pop("build_config", None)
        then(config)

    return change


def operation(name, args=None, module="numpy", **options):
    """Another op at the end of the graph, and what it is called with besides x."""

    def change(config):
        last = config["config"]["layers"][-1]
        last["config"] = {"name": last["name"], **options}
        last.update(class_name=name, module=f"keras.src.ops.{module}")
        call = last["inbound_nodes"][0]
        call["args"] = call["args"] + (args or []) if args != [] else []
        call["kwargs"] = {}

    return change


def fed_by(name, *place):
    """The Dense layer of the graph takes another tensor, by default the last one."""

    def change(config):
        layers = config["config"]["layers"]
        node = layers[1]["inbound_nodes"][0]
        history = [name or layers[-1]["name"], *place]
        node["args"][0]["config"]["keras_history"] = history

    return change


def tensor(name, number=0):
    config = {
        "shape": [None, 4],
        "dtype": "float32",
        "keras_history": [name, number, 0],
    }
    return {"class_name": "__keras_tensor__", "config": config}


def called(name, layer, *calls):
    nodes = [{"args": [x], "kwargs": {}} for x in calls]
    return {**layer, "name": name, "inbound_nodes": nodes}


def function(name, module="builtins"):
    config = {"module": module, "class_name": "function", "config": name}
    return config | {"registered_name": "function"}


def array(value, dtype):
    return {"class_name": "__numpy__", "config": {"value": value, "dtype": dtype}}


def models_in_models(depth, cell=None):
    """Each model has the next smaller one."""

    def change(config):
        inner = cell or config["config"]["layers"][1]
        for level in range(depth):
            inside = {"name": f"s{level}", "layers": [inner]}
            inner = described("Sequential", inside, "keras")
        config["config"]["layers"][1] = inner

    return change


def models_called_twice(config):
    """Each of 30 models calls the next smaller one twice: 2³⁰ calls."""
    inner = described("Identity", {"name": "i"})
    for level in range(30):
        name, x = f"m{level}", f"x{level}"
        first = called(
            x, described("InputLayer", {"batch_shape": [None, 4], "name": x})
        )
        inside = called(inner["config"]["name"], inner, tensor(x), None)
        inside["inbound_nodes"][1]["args"] = [tensor(inside["name"])]
        graph = {
            "name": name,
            "layers": [first, inside],
            "input_layers": [x, 0, 0],
            "output_layers": [inside["name"], 2 if level else 1, 0],
        }
        inner = described("Functional", graph, "keras")
    config.update(config=inner["config"], compile_config=None, build_config=None)


def doubled(times):
    """A tensor joined with itself, again and again."""

    def change(config):
        chain = config["config"]["layers"][:2]
        for level in range(times):
            before = tensor(chain[-1]["name"])
            joined = described("Concatenate", {"name": f"c{level}"})
            chain.append(called(f"c{level}", joined, [before, before]))
        config["config"].update(layers=chain, output_layers=[f"c{times - 1}", 0, 0])

    return change


def reversed_chain(config):
    """The layers of a chain, the last one first."""
    chain = config["config"]["layers"][:1]
    for level in range(300, 0, -1):
        name = f"z{level}"
        before = tensor(f"z{level - 1}" if level > 1 else "x")
        chain.append(called(name, described("Identity", {"name": name}), before))
    config["config"].update(layers=chain, output_layers=["z300", 0, 0])


def wide_metrics(config):
    metric("MeanIoU", num_classes=10**6)(config)
