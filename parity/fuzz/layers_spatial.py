"""Convolutions, pools and what else moves along steps or over pixels.

Not drawn, because docs/differences.md has them: channels_first, dilated transposed
convolutions, unequal strides of depthwise ones, "same" pools wider than the input,
`interpolation="area"`, kernels larger than the input.
"""

from parity.fuzz import options as o
from parity.fuzz.dice import Dice
from parity.fuzz.layer_table import LARGEST, Drawn, entry, layer
from parity.fuzz.shapes import Shape, divisors, product, transposed, window


def _of(rank: int, values: list):
    """One number for one axis, a tuple for two."""
    return values[0] if rank == 1 else tuple(values)


def _spaces(shape: Shape) -> tuple[int, Shape, int]:
    return len(shape) - 1, shape[:-1], shape[-1]


def _moves(dice: Dice, shape: Shape, even: bool, name: str) -> tuple[dict, list] | None:
    """kernel_size, strides, padding and dilation_rate; the lengths they leave."""
    rank, spaces, _ = _spaces(shape)
    sizes = [dice.integer(1, min(3, length)) for length in spaces]
    padding = dice.pick(["valid", "same"])
    if name == "Conv1D" and dice.chance(0.3):
        padding = "causal"
    options: dict = {"kernel_size": _of(rank, sizes), "padding": padding}
    strides, dilation = [1] * rank, 1
    if dice.chance(0.4):
        first = dice.integer(1, 3)
        strides = [first if even else dice.integer(1, 2) for _ in spaces]
        options["strides"] = _of(rank, strides)
    elif dice.chance(0.25):
        dilation = 2
        options["dilation_rate"] = dilation
    if any(dilation * (s - 1) >= n for s, n in zip(sizes, spaces, strict=True)):
        return None
    lengths = [
        window(n, size, step, padding, dilation)
        for n, size, step in zip(spaces, sizes, strides, strict=True)
    ]
    return options, lengths


def _convolution(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        moves = _moves(dice, shape, False, name)
        if moves is None:
            return None
        filters = dice.integer(1, 6)
        options = {"filters": filters, **moves[0]}
        common = [d for d in divisors(filters) if shape[-1] % d == 0]
        if common[-1] > 1 and dice.chance(0.3):
            options["groups"] = common[-1]
        options |= o.of_output(dice) | o.of_weights(dice)
        return layer(name, options), (*moves[1], filters)

    return draw


def _transposed(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        rank, spaces, _ = _spaces(shape)
        sizes = [dice.integer(1, 4) for _ in spaces]
        strides = [dice.integer(1, 2) for _ in spaces]
        padding, filters = dice.pick(["valid", "same"]), dice.integer(1, 4)
        lengths = [
            transposed(n, size, step, padding)
            for n, size, step in zip(spaces, sizes, strides, strict=True)
        ]
        if product(tuple(lengths)) * filters > LARGEST:
            return None
        options = {
            "filters": filters,
            "kernel_size": _of(rank, sizes),
            "strides": _of(rank, strides),
            "padding": padding,
            **o.of_output(dice),
            **o.of_weights(dice),
        }
        return layer(name, options), (*lengths, filters)

    return draw


def _depthwise(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        moves = _moves(dice, shape, True, name)
        if moves is None:
            return None
        options, multiplier = moves[0], dice.integer(1, 2)
        options["depth_multiplier"] = multiplier
        options |= o.of_output(dice) | o.of_weights(dice, "depthwise")
        return layer(name, options), (*moves[1], shape[-1] * multiplier)

    return draw


def _separable(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        moves = _moves(dice, shape, True, name)
        if moves is None:
            return None
        filters = dice.integer(1, 5)
        options = {"filters": filters, **moves[0]}
        options |= dice.options(0.3, depth_multiplier=lambda: 2)
        options |= o.of_output(dice) | o.of_weights(dice, "pointwise")
        options |= dice.options(
            o.RARE,
            depthwise_initializer=lambda: o.initializer(dice),
            depthwise_regularizer=lambda: o.regularizer(dice),
        )
        return layer(name, options), (*moves[1], filters)

    return draw


def _pool(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        rank, spaces, channels = _spaces(shape)
        sizes = [dice.integer(1, min(3, n)) for n in spaces]
        padding = dice.pick(["valid", "same"])
        options: dict = {"pool_size": _of(rank, sizes), "padding": padding}
        strides = sizes
        if dice.chance(0.5):
            strides = [dice.integer(1, 2) for _ in spaces]
            options["strides"] = _of(rank, strides)
        lengths = [
            window(n, size, step, padding)
            for n, size, step in zip(spaces, sizes, strides, strict=True)
        ]
        return layer(name, options), (*lengths, channels)

    return draw


def _global_pool(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        rank, _, channels = _spaces(shape)
        if dice.chance(0.3):
            return layer(name, {"keepdims": True}), (*[1] * rank, channels)
        return layer(name, {}), (channels,)

    return draw


def _spatial_dropout(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        return layer(name, {"rate": dice.pick([0.2, 0.5])}), shape

    return draw


def _padding(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        rank, spaces, channels = _spaces(shape)
        pads = [(dice.integer(0, 2), dice.integer(0, 2)) for _ in spaces]
        lengths = [n + sum(pad) for n, pad in zip(spaces, pads, strict=True)]
        if product(tuple(lengths)) * channels > LARGEST:
            return None
        return layer(name, {"padding": _of(rank, pads)}), (*lengths, channels)

    return draw


def _cropping(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        rank, spaces, channels = _spaces(shape)
        crops = [(dice.integer(0, 1), dice.integer(0, 1)) for _ in spaces]
        lengths = [n - sum(crop) for n, crop in zip(spaces, crops, strict=True)]
        if min(lengths) < 1:
            return None
        return layer(name, {"cropping": _of(rank, crops)}), (*lengths, channels)

    return draw


def _up_sampling(name: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        rank, spaces, channels = _spaces(shape)
        sizes = [dice.integer(1, 3) for _ in spaces]
        lengths = [n * size for n, size in zip(spaces, sizes, strict=True)]
        if product(tuple(lengths)) * channels > LARGEST:
            return None
        options: dict = {"size": _of(rank, sizes)}
        if rank == 2 and dice.chance(0.5):
            options["interpolation"] = dice.pick(["bilinear", "bicubic", "lanczos3"])
        return layer(name, options), (*lengths, channels)

    return draw


entry("SpatialDropout3D", (4,), heavy=True)(_spatial_dropout("SpatialDropout3D"))
for rank in (1, 2):
    for kind, make in {
        "Conv{}D": _convolution,
        "Conv{}DTranspose": _transposed,
        "DepthwiseConv{}D": _depthwise,
        "SeparableConv{}D": _separable,
        "MaxPooling{}D": _pool,
        "AveragePooling{}D": _pool,
        "GlobalMaxPooling{}D": _global_pool,
        "GlobalAveragePooling{}D": _global_pool,
        "SpatialDropout{}D": _spatial_dropout,
        "ZeroPadding{}D": _padding,
        "Cropping{}D": _cropping,
        "UpSampling{}D": _up_sampling,
    }.items():
        name = kind.format(rank)
        entry(name, (rank + 1,), heavy="Conv" in name)(make(name))
