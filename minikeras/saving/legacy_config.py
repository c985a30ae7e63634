"""Counterpart: keras/src/legacy/saving/saving_utils.py and serialization.py.

The config of a model as `.h5` files have it, made of today's and back. Both are plain
data; objects are made by `registry.deserialize` alone. An entry for a layer is

    {"class_name": "Dense", "config": {…}}         in an `.h5` file
    {"module": "keras.layers", "class_name": "Dense", "config": {…}, …}       today

so that a class is looked up by its name among the layers. Besides, Keras 2 said some
things in other words, which `upgraded` knows.
"""

from minikeras import layers as layers_module
from minikeras import losses, ops
from minikeras.models.functional_config import by_title
from minikeras.registry import get_registered_object
from minikeras.signature import arguments_of

_CHAINS = ("Sequential",)
_GRAPHS = ("Functional", "Model")
# Keras 2 wrote these for layers that have no such choice today. Another value is left
# for the layer to refuse.
_MEANT_NOTHING = {"groups": 1, "time_major": False, "input_length": None}
_NEVER_USED = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
# How Keras 2 told where the function of a Lambda is from.
_OF_LAMBDAS = ("module", "function_type", "output_shape_type", "output_shape_module")
_OPS = frozenset(by_title(ops))


def upgraded(entry: dict) -> dict:
    """The entry of a layer or model in today's words."""
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise ValueError(
            "Expected the config of a layer: class_name and config. "
            f"Received: {entry!r:.200}"
        )
    entry = {**entry, "config": dict(entry["config"])}
    if get_registered_object(str(entry.get("class_name"))) is None:
        entry["module"] = _module_of(entry)
        _rename(entry)
    told = entry.get("compile_config")
    if told:  # the last Keras 2 wrote `.keras` files as well
        optimizer = {"optimizer_config": told["optimizer"]}
        entry["compile_config"] = compile_config({**told, **optimizer})
    config = entry["config"]
    for key in ("layer", "backward_layer", "cell"):
        if isinstance(config.get(key), dict):
            config[key] = upgraded(config[key])
    if isinstance(config.get("cells"), list):
        config["cells"] = [upgraded(cell) for cell in config["cells"]]
    if "input_layers" in config:
        entry["config"] = _graph(config)
    elif _is_chain(config.get("layers")):
        config["layers"] = _chain(config["layers"])
        if config.get("build_input_shape"):
            entry["build_config"] = {"input_shape": config["build_input_shape"]}
    return entry


def _is_chain(layers) -> bool:
    """Whether these are the layers of a Sequential, or of a subclass of the user's."""
    return isinstance(layers, list) and all(
        isinstance(layer, dict) and "class_name" in layer for layer in layers
    )


def _module_of(entry: dict) -> str:
    """The module that the class of an entry is looked up in."""
    name = entry["class_name"]
    if name in _CHAINS or name in _GRAPHS:
        return "keras"
    if entry.get("module") is not None:
        return entry["module"]
    # An op has a name and its options; a layer is always trainable or not.
    if name in _OPS and "trainable" not in entry["config"]:
        return "keras.src.ops.numpy"
    return "keras.layers"


def _rename(entry: dict) -> None:
    """Puts what Keras 2 said into today's words, in the config itself."""
    name, config = entry["class_name"], entry["config"]
    if name == "Model":
        entry["class_name"] = "Functional"
    shape = config.pop("batch_input_shape", None)
    if name == "InputLayer" and shape is not None:
        config["batch_shape"] = shape
    axis = config.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
    if name == "Lambda":
        _rename_function(config)
    cls = layers_module.FAMILY.exports.get(name)
    if not isinstance(cls, type):
        return
    for key in list(config):
        nothing = key in _MEANT_NOTHING and config[key] == _MEANT_NOTHING[key]
        unused = key in _NEVER_USED and "depthwise_initializer" in config
        if (nothing or unused) and key not in arguments_of(cls):
            del config[key]


def _rename_function(config: dict) -> None:
    """A function of before Keras 3 is its name, or the parts of its code."""
    for key in _OF_LAMBDAS:
        config.pop(key, None)
    function = config.get("function")
    if isinstance(function, str):
        config["function"] = {"class_name": "function", "config": function}
    elif isinstance(function, list):
        config["function"] = {"class_name": "__lambda__", "config": {}}


def _chain(entries: list) -> list:
    """The layers of a Sequential. What feeds it was said by its first layer."""
    first = entries[0] if entries else {}
    shape = first.get("config", {}).get("batch_input_shape")
    if shape is not None and first["class_name"] != "InputLayer":
        fed = {"batch_shape": shape}
        if isinstance(first["config"].get("dtype"), str):
            fed["dtype"] = first["config"]["dtype"]
        entries = [{"class_name": "InputLayer", "config": fed}, *entries]
    return [upgraded(entry) for entry in entries]


def _graph(config: dict) -> dict:
    """A functional model. Keras 2 wrote its calls as [name, call, output, arguments];
    it counted the calls of a nested model from 1."""
    entries = config["layers"]
    chains = {e["name"] for e in entries if e["class_name"] in _CHAINS}
    nested = {e["name"] for e in entries if e["class_name"] in _GRAPHS} | chains

    def call(node) -> dict:
        if isinstance(node, dict):
            return node
        rows = node if isinstance(node[0], list) else [node]
        tensors = [_tensor(name, i - (name in nested), k) for name, i, k, *_ in rows]
        arguments = rows[-1][3] if len(rows[-1]) > 3 else {}
        return {"args": [tensors if len(rows) > 1 else tensors[0]], "kwargs": arguments}

    def end(x):
        if isinstance(x, list) and len(x) == 3 and isinstance(x[0], str):
            return [x[0], x[1] - (is_old and x[0] in chains), x[2]]
        return _map(end, x)

    calls = [node for entry in entries for node in entry["inbound_nodes"]]
    is_old = any(isinstance(node, list) for node in calls)
    upgraded_layers = []
    for entry in entries:
        nodes = [call(node) for node in entry["inbound_nodes"]]
        upgraded_layers.append({**upgraded(entry), "inbound_nodes": nodes})
    ends = {key: end(config[key]) for key in ("input_layers", "output_layers")}
    return {**config, "layers": upgraded_layers, **ends}


def _tensor(name: str, call: int, output: int) -> dict:
    config = {"keras_history": [name, call, output]}
    return {"class_name": "__keras_tensor__", "config": config}


def _map(function, x):
    if isinstance(x, dict):
        return {key: function(part) for key, part in x.items()}
    return [function(part) for part in x] if isinstance(x, (list, tuple)) else x


def legacy(entry: dict) -> dict:
    """Today's entry of a layer or model as an `.h5` file has it.

    Ops keep their module: without it Keras takes an `Add` for the layer of that name.
    """
    if str(entry.get("module")).startswith("keras.src.ops."):
        return entry
    kept = {key: entry[key] for key in ("name", "inbound_nodes") if key in entry}
    name, config = _short_name(entry), dict(entry["config"])
    if isinstance(config.get("layers"), list):
        config["layers"] = [legacy(layer) for layer in config["layers"]]
    return {"class_name": name, "config": config, **kept}


def _short_name(entry: dict) -> str:
    """The one name of a class in a legacy config: of the user's classes the registered
    one."""
    registered = entry.get("registered_name")
    return registered if registered and ">" in registered else entry["class_name"]


def training_config(compiled: dict) -> dict:
    """What `compile` was told, as an `.h5` file has it: of an object its class and
    config, of a function its name."""
    told = {key: _short(x) for key, x in compiled.items() if key != "optimizer"}
    # Keras cannot read the initials that it writes itself ("mse").
    told["loss"] = _short(compiled["loss"], _in_full)
    return {**told, "optimizer_config": _short(compiled["optimizer"])}


def _short(config, rename=str):
    if isinstance(config, str):
        return rename(config)
    if not isinstance(config, dict) or "class_name" not in config:
        return _map(lambda part: _short(part, rename), config)
    if config["class_name"] == "function":
        return config["config"]
    return {"class_name": _short_name(config), "config": config["config"]}


def _in_full(name: str) -> str:
    found = losses.FAMILY.names.get(name)
    return name if found is None else found.__name__


def compile_config(training: dict) -> dict:
    """The arguments of `compile` that a file of any Keras tells."""
    told = {"optimizer": _optimizer(training["optimizer_config"])}
    told["loss"] = _objects(training.get("loss"), "keras.losses")
    for key in ("metrics", "weighted_metrics"):
        told[key] = _objects(training.get(key), "keras.metrics")
    return {**told, "loss_weights": training.get("loss_weights")}


def _optimizer(entry) -> dict | str:
    if isinstance(entry, str):
        return entry
    name, config = str(entry["class_name"]), dict(entry["config"])
    for key in ("is_legacy_optimizer", "jit_compile"):
        config.pop(key, None)
    if get_registered_object(name) is None:
        name = name.removeprefix("Custom>")  # what Keras 2 said of its own
    return {"module": "keras.optimizers", "class_name": name, "config": config}


def _objects(config, module: str):
    """The losses or metrics of a nest, each with the module of its class."""
    if not isinstance(config, dict) or "class_name" not in config:
        return _map(lambda part: _objects(part, module), config)
    name, config = config["class_name"], dict(config["config"])
    if get_registered_object(str(name)) is None and "fn" in config:
        function = config.pop("fn")
        if isinstance(function, dict):  # a wrapper of today
            config["fn"] = function
        elif get_registered_object(str(function)) is not None:
            config["fn"] = {"class_name": "function", "config": function}
        elif name == "MeanMetricWrapper":
            name = function  # the metric that is called as its function
    if config.get("reduction") == "auto":
        config["reduction"] = "sum_over_batch_size"
    return {"module": module, "class_name": name, "config": config}
