"""The layers of a network, from the data to where the heads begin."""

from dataclasses import replace

from parity.fuzz import layers_any, layers_recurrent, layers_spatial  # noqa: F401
from parity.fuzz.dice import Dice
from parity.fuzz.layer_table import LARGEST, TABLE, candidates, layer
from parity.fuzz.shapes import Shape, product
from parity.fuzz.spec import Call, Fork, Layers

MERGES = ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
_NEEDS_NO_BIAS = ("BatchNormalization", "GroupNormalization")


_DATA = (*["vector", "steps", "image", "ids"] * 3, "bytes", "bytes", "frames")


def data(dice: Dice) -> tuple[tuple[str, ...], Layers, Shape]:
    """The lines that make x, the layers that its kind asks for, their outputs."""
    kind = dice.pick(_DATA)
    if kind == "ids":
        return _ids(dice)
    if kind == "vector":
        shape: Shape = (dice.integer(2, 8),)
    elif kind == "steps":
        shape = (dice.integer(3, 7), dice.integer(1, 4))
    elif kind == "frames":
        shape = (dice.integer(2, 3), 4, dice.integer(3, 4), dice.integer(1, 2))
    else:
        shape = (dice.integer(4, 7), dice.integer(4, 7), dice.integer(1, 3))
    size = f"(rows, {', '.join(map(str, shape))})"
    if kind == "bytes":
        scale = layer("Rescaling", {"scale": 0.0078125, "offset": -1.0})
        line = f'x = random.randint(0, 256, size={size}).astype("uint8")'
        return (line,), (scale,), shape
    line = f"x = random.normal(size={size})"
    lines = [line if dice.chance(0.3) else f'{line}.astype("float32")']
    layers: Layers = ()
    if kind == "steps" and dice.chance(0.3):
        lines.append(f"x[random.uniform(size=(rows, {shape[0]})) < 0.3] = 0.0")
        layers = (layer("Masking", {}),)
    return tuple(lines), layers, shape


def _ids(dice: Dice) -> tuple[tuple[str, ...], Layers, Shape]:
    steps, words, width = dice.integer(3, 7), dice.integer(4, 12), dice.integer(1, 5)
    line = f"x = random.randint(0, {words}, size=(rows, {steps}))"
    if dice.chance(0.4):
        line += f'.astype("{dice.pick(["int32", "float32"])}")'
    options = {"input_dim": words, "output_dim": width}
    options |= dice.options(
        0.2,
        embeddings_initializer=lambda: dice.pick(["glorot_normal", "ones"]),
        embeddings_regularizer=lambda: "l2",
        embeddings_constraint=lambda: dice.pick(["unit_norm", "max_norm"]),
    )
    options |= dice.options(0.5, mask_zero=lambda: True)
    return (line,), (layer("Embedding", options),), (steps, width)


def input_shape(first: Layers, shape: Shape) -> Shape:
    """The shape of x, of which the `first` layers make `shape`."""
    return shape[:1] if first and first[0].name == "Embedding" else shape


def body(
    dice: Dice, shape: Shape, count: int, built: bool = False
) -> tuple[Layers, Shape]:
    """So many layers, and the shape of their outputs.

    Normalization only where the model is `built` before its first batch: within the
    graph of a step tf.keras cannot (docs/differences.md).
    """
    found: list[Call] = []
    while len(found) < count:
        name = dice.pick(candidates(shape))
        if name == "Normalization" and not built:
            continue
        drawn = TABLE[name][1](dice, shape)
        if drawn is None or product(drawn[1]) > LARGEST or len(drawn[1]) > 4:
            continue
        following, shape = drawn
        if found and following.name in _NEEDS_NO_BIAS:
            found[-1] = _without_bias(found[-1])
        found.append(following)
    return tuple(found), shape


def _without_bias(call: Call) -> Call:
    """A layer without a bias that a normalisation would take away again: its gradient
    is rounding alone (docs/semantics.md, "A bias in front of BatchNormalization").
    """
    inner = call.options.get("layer")
    if inner is not None:
        return replace(call, options={**call.options, "layer": _without_bias(inner)})
    takes = call.name.startswith(("Dense", "Conv", "Depthwise", "Separable"))
    if not takes or call.options.get("activation", "linear") != "linear":
        return call
    kept = {k: v for k, v in call.options.items() if not k.startswith("bias_")}
    return replace(call, options={**kept, "use_bias": False})


def fork(dice: Dice, shape: Shape) -> tuple[Fork, Shape]:
    """Two branches with outputs of one shape, or of shapes that can be joined."""
    left, made = body(dice, shape, dice.integer(1, 2))
    if made == shape:
        right: Layers = ()
    else:
        for _ in range(50):
            right, other = body(dice, shape, dice.integer(1, 2))
            if other[:-1] == made[:-1]:
                break
        else:
            right, other = left, made
        if other != made:
            options = dice.options(0.3, axis=lambda: -1)
            joined = (*made[:-1], made[-1] + other[-1])
            return Fork(layer("Concatenate", options), left, right), joined
    if len(made) == 1 and dice.chance(0.15):
        options = {"axes": 1, **dice.options(0.5, normalize=lambda: True)}
        return Fork(layer("Dot", options), left, right), (1,)
    if dice.chance(0.2):
        joined = (*made[:-1], 2 * made[-1])
        return Fork(layer("Concatenate", {}), left, right), joined
    return Fork(layer(dice.pick(MERGES), {}), left, right), made


def reducer(dice: Dice, shape: Shape) -> tuple[Layers, Shape]:
    """The layer that leaves one axis, if there are more."""
    if len(shape) == 1:
        return (), shape
    names = ["Flatten"]
    if len(shape) == 2:
        names += ["GlobalAveragePooling1D", "GlobalMaxPooling1D", "LSTM", "GRU"]
    elif len(shape) == 3:
        names += ["GlobalAveragePooling2D", "GlobalMaxPooling2D"]
    while True:
        drawn = TABLE[dice.pick(names)][1](dice, shape)
        if drawn and len(drawn[1]) == 1:
            return (drawn[0],), drawn[1]
