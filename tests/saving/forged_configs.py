"""Configs that are made to do harm: what is changed in that of a good model, and what
the refusal says."""

from tests.saving.changed_configs import (
    arguments,
    array,
    compiled,
    described,
    doubled,
    entry,
    fed_by,
    function,
    instead,
    metric,
    models_called_twice,
    operation,
    reversed_chain,
    shape,
)
from tests.saving.forged_bombs import BOMBS

CODE = {"value": ["4wEAAA==", None, None]}
LAMBDA = {"class_name": "__lambda__", "config": CODE}
# What runs code, or reaches for something that is no part of a model.
NAMES = {
    "a class of the standard library": (
        entry(module="subprocess", class_name="Popen", config={"args": ["true"]}),
        "Unknown object: 'Popen'",
    ),
    "a function of os": (compiled(loss=function("system", "os")), "object: 'system'"),
    "a function of os for a layer": (
        entry(module="os", class_name="system", config="true"),
        "object: 'system'",
    ),
    "a builtin": (compiled(loss=function("eval")), "Unknown object: 'eval'"),
    "a builtin as an initializer": (
        arguments(kernel_initializer=function("exec")),
        "initializer: 'exec'",
    ),
    "a module of Keras": (
        entry(module="keras.src.utils.file_utils", class_name="get_file", config={}),
        "Unknown object: 'get_file'",
    ),
    "a gadget": (
        entry(module="keras.utils", class_name="get_file", config={"fname": "x"}),
        "Unknown object: 'get_file'",
    ),
    "a gadget as a loss": (
        compiled(loss=function("load_model", "keras.models")),
        "Unknown.*'load_model'",
    ),
    "a gadget as an optimizer": (compiled(optimizer="load_model"), "'load_model'"),
    "a gadget as an activation": (arguments(activation="get_file"), "'get_file'"),
    "a gadget as a constraint": (
        arguments(kernel_constraint=function("load_weights")),
        "'load_weights'",
    ),
    "a gadget as a regularizer": (
        arguments(kernel_regularizer=function("set_random_seed")),
        "'set_random_seed'",
    ),
    "a gadget in a metric": (
        metric("MeanMetricWrapper", fn=function("load_model")),
        "'load_model'",
    ),
    "a gadget in a loss": (
        compiled(loss=described("LossFunctionWrapper", {"fn": function("Popen")}, "x")),
        "'Popen'",
    ),
    "a gadget in a Lambda": (
        instead("Lambda", {"function": function("deserialize")}),
        "'deserialize'",
    ),
    "a gadget in a Lambda's arguments": (
        instead("Lambda", {"function": "relu", "arguments": {"x": function("eval")}}),
        "'eval'",
    ),
    "a gadget as `get`": (arguments(activation=function("get")), "'get'"),
    "set_floatx": (
        entry(module="keras.config", class_name="set_floatx", config="float64"),
        "Unknown object: 'set_floatx'",
    ),
    "a method of all objects": (arguments(activation="__class__"), "'__class__'"),
    "a class of all objects": (entry(class_name="__class__"), "'__class__'"),
    "the base of the layers": (entry(class_name="Layer"), "Unknown layer: 'Layer'"),
    "a private argument": (arguments(_trainable=True), "'_trainable'"),
    "a private attribute": (arguments(__class__="x"), "'__class__'"),
    "safe_mode": (arguments(safe_mode=False), "'safe_mode'"),
    "safe_mode in a Lambda": (
        instead("Lambda", {"function": LAMBDA, "safe_mode": False}),
        "never run",
    ),
    "a lambda for a loss": (compiled(loss=LAMBDA), "never run"),
    "a Lambda layer": (
        instead("Lambda", {"name": "l", "function": LAMBDA}),
        "never run",
    ),
    "a lambda as an output_shape": (
        instead("Lambda", {"function": "relu", "output_shape": LAMBDA}),
        "never run",
    ),
    "a lambda for a class": (entry(**LAMBDA), "never run"),
    "a lambda in a cell": (
        instead("RNN", {"cell": LAMBDA}),
        "never run",
    ),
    "a lambda in a wrapper": (
        instead("TimeDistributed", {"layer": LAMBDA}),
        "never run",
    ),
    "a function for a cell": (instead("RNN", {"cell": function("relu")}), "`cell`"),
    "an optimizer for a layer": (
        instead("Bidirectional", {"layer": described("SGD", {}, "keras.optimizers")}),
        "must be a Layer",
    ),
    "a function for a layer": (
        instead("TimeDistributed", {"layer": function("relu")}),
        "wraps an instance",
    ),
    "names that are lists": (entry(registered_name=["x"]), "'registered_name'"),
    "a module that is a list": (entry(module=["x"]), "'module'"),
    "a class that is None": (entry(class_name=None), "'class_name'"),
    "a class that is a number": (entry(class_name=3), "'class_name'"),
    "a path for a name": (arguments(name="a/../b"), "'name'|`name`"),
}
# Damage, and numbers of a wrong kind.
DAMAGE = {
    "an unknown layer": (entry(class_name="Dens"), "Did you mean 'Dense'"),
    "an unknown argument": (arguments(speed=3), "speed"),
    "a missing argument": (entry(config={"name": "d"}), "units"),
    "a layer that is a number": (entry(config=3), "describes no model"),
    "layers that are a number": (
        lambda config: config["config"].update(layers=3),
        "describes no model",
    ),
    "no class": (lambda config: {"config": {}}, "Expected the config of a model"),
    "a list": (lambda config: [config], "Expected the config of a model"),
    "a layer alone": (
        lambda config: config["config"]["layers"][1],
        "Expected the config of a model",
    ),
    "an unknown loss": (compiled(loss="msee"), "Unknown loss: 'msee'"),
    "an unknown optimizer": (compiled(optimizer="adm"), "Unknown optimizer: 'adm'"),
    "an argument of compile": (compiled(callback="x"), "describes no model"),
    "a compile_config that is a list": (
        lambda config: config.update(compile_config=[1]),
        "describes no model",
    ),
    "more units": (arguments(units=3), r"shape \(4, 3\).*\(4, 2\)"),
    "no units": (arguments(units=-1), "positive integer"),
    "half a unit": (arguments(units=1.5), "positive integer"),
    "units without end": (arguments(units=float("inf")), "positive integer"),
    "a division by zero": (
        compiled(optimizer=described("SGD", {"clipnorm": 0}, "keras.optimizers")),
        "clipnorm",
    ),
    "a shape that is a word": (
        entry(build_config={"input_shape": "many"}),
        "shape=\\('y', 2\\)",
    ),
    "a shape that is a number": (entry(build_config=3), "describes no model"),
    "a shape without end": (shape(None, float("inf")), "integers and None"),
    "a negative shape": (shape(None, -4), "integers and None"),
    "the layer itself as a shape": (
        entry(build_config={"shapes_dict": {"self": [1]}}),
        "describes no model",
    ),
    "an unhashable number": (entry(shared_object_id=[1]), "describes no model"),
    "a dtype of objects": (arguments(dtype="object"), "describes no model|number"),
    "a dtype of bytes": (
        arguments(dtype=described("DTypePolicy", {"name": "V4000000000"}, "keras")),
        "Invalid dtype",
    ),
    "a name that is a number": (arguments(name=3), "`name`"),
    "trainable in words": (arguments(trainable="yes"), "boolean"),
}
GRAPHS = {
    "a loop": (fed_by(None, 0, 0), "loop"),
    "a layer that feeds itself": (fed_by("d", 0, 0), "loop"),
    "a call before the first": (fed_by("x", -1, 0), "no call -1"),
    "an output before the first": (fed_by("x", 0, -1), "output -1"),
    "a call that never comes": (fed_by("x", 10**30, 0), "loop"),
    "a tensor of nothing": (fed_by("xyz", 0, 0), "describes no model"),
    "a history of words": (fed_by(*"xyz"), "describes no model"),
    "an output that is not there": (
        lambda config: config["config"].update(output_layers=["d", 0, 5]),
        "describes no model",
    ),
    "outputs that are a number": (
        lambda config: config["config"].update(output_layers=3),
        "describes no model",
    ),
    "no inputs": (
        lambda config: config["config"].update(input_layers=[]),
        "`inputs` argument cannot be empty",
    ),
    "a layer twice": (
        lambda c: c["config"]["layers"].append(c["config"]["layers"][1]),
        "Two layers have the name 'd'",
    ),
    "a call without a tensor": (operation("Ones", [], shape=[10**5] * 2), "no tensor"),
    "numbers for a tensor": (operation("Arange", []), "no tensor"),
    "an op that is none": (operation("Popen"), "Unknown op: 'Popen'"),
    "an import for an op": (operation("__import__"), "Unknown op: '__import__'"),
    "a loop for an op": (operation("WhileLoop", module="core"), "Unknown op"),
    "an op of Keras's core": (operation("Eval", module="core"), "Unknown op"),
    "an array of objects": (operation("Add", [array([{}], "object")]), "of object"),
    "an array of bytes": (operation("Add", [array(0, "S4000000000")]), "dtype"),
    "layers in an order that takes long": (reversed_chain, "takes long"),
    "models that call models twice": (models_called_twice, "call each other"),
    "a tensor joined with itself 40 times": (doubled(40), "Refused"),
}
FORGED = {
    **{name: ("chain", *row) for name, row in (NAMES | DAMAGE).items()},
    **{name: ("graph", *row) for name, row in GRAPHS.items()},
    **{
        name: (base, *row) for base, rows in BOMBS.items() for name, row in rows.items()
    },
}
