"""What convolution layers and ops refuse, and that no weights were made."""

import numpy as np

from parity.case import EXACT, case, kind_of_error
from parity.cases.convolution import IMAGE, NAMES, made, shape_of


@case(EXACT)
def errors(library):
    """What is refused, by which exception; and that no weights were made."""
    keras = library.keras
    for name in NAMES:
        yield from errors_of_layer(name, getattr(keras.layers, name), shape_of(name))
    layer = keras.layers.Conv2D(6, 2, groups=3)
    yield "groups", kind_of_error(layer, np.ones(IMAGE, "float32"))
    yield "groups/weights", len(layer.weights)
    ops = keras.ops
    x, kernel = np.ones(IMAGE, "float32"), np.ones((2, 2, 4, 4), "float32")
    for label, (op, *arguments) in {
        "both": (ops.conv, x, kernel, 2, "valid", None, 2),
        "padding": (ops.conv, x, kernel, 1, "causal"),
        "format": (ops.conv, x, kernel, 1, "valid", "last"),
        "channels": (ops.conv, x, kernel[:, :, :3]),
        "groups": (ops.conv, x, kernel[:, :, :2, :3]),
        "depthwise channels": (ops.depthwise_conv, x, kernel[:, :, :3]),
        "separable channels": (ops.separable_conv, x, kernel[:, :, :3], kernel[:1, :1]),
        "pointwise size": (ops.separable_conv, x, kernel[..., :1], kernel),
        "transposed channels": (ops.conv_transpose, x, kernel[..., :3]),
        "transposed even": (ops.conv_transpose, x, kernel, 2, "same", 0),
    }.items():
        yield f"op/{label}", kind_of_error(op, *arguments)


def errors_of_layer(name, cls, shape):
    for option, value in BAD:
        if option not in FOR_SOME or FOR_SOME[option](name):
            options = {"kernel_size": 2, "strides": 2, option: value}
            yield f"{name}/{option}={value}", kind_of_error(made, cls, options)
    layer = made(cls, {"kernel_size": 2})
    for label, wrong in (("short", shape[1:]), ("none", ())):
        yield f"{name}/rank/{label}", kind_of_error(layer, np.ones(wrong, "float32"))
        yield f"{name}/rank/{label}/weights", len(layer.weights)
    layer(np.ones(shape, "float32"))
    wider = np.ones((*shape[:-1], 5), "float32")
    yield f"{name}/channels", kind_of_error(layer, wider)
    if "Transpose" in name:
        for size, strides in ((2, 1), (2, 2), (4, 3)):
            options = {"kernel_size": size, "strides": strides, "padding": "same"}
            options["output_padding"] = 0
            call = lambda o=options: made(cls, o)(np.ones(shape))  # noqa: E731
            yield f"{name}/even {size} {strides}", kind_of_error(call)
        return
    layer = made(cls, {"kernel_size": 12})
    yield f"{name}/large", kind_of_error(layer, np.ones(shape, "float32"))
    yield f"{name}/large/weights", len(layer.weights)
    yield f"{name}/large/shape", kind_of_error(layer.compute_output_shape, shape)


BAD = [
    ("kernel_size", 0),
    ("kernel_size", -1),
    ("kernel_size", (2, 2, 2)),
    ("kernel_size", 2.5),
    ("kernel_size", "x"),
    ("strides", 0),
    ("strides", -2),
    ("strides", (1, 1, 1)),
    ("dilation_rate", 0),
    ("dilation_rate", 2),  # beside strides=2
    ("filters", 0),
    ("filters", -3),
    ("groups", 0),
    ("groups", -1),
    ("groups", 2),  # of 3 filters
    ("depth_multiplier", 0),
    ("depth_multiplier", -1),
    ("padding", "full"),
    ("data_format", "last"),
    ("output_padding", 2),
    ("output_padding", -1),
    ("activation", "tahn"),
    ("unknown", 1),
]
# The options that only some layers have.
FOR_SOME = {
    "filters": lambda name: name[0] != "D",
    "groups": lambda name: name in ("Conv1D", "Conv2D"),
    "depth_multiplier": lambda name: name[0] != "C",
    "output_padding": lambda name: "Transpose" in name,
}
