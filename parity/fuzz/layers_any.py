"""Layers for rows of any rank: dense, normalising, noise, activations, reshaping."""

from parity.fuzz import options as o
from parity.fuzz.dice import Dice
from parity.fuzz.layer_table import ANY, Drawn, entry, layer
from parity.fuzz.shapes import Shape, divisors, product
from parity.fuzz.spec import Code


@entry("Dense", ANY, heavy=True)
def dense(dice: Dice, shape: Shape) -> Drawn:
    units = dice.integer(1, 8)
    options = {"units": units, **o.of_output(dice), **o.of_weights(dice, matrix=True)}
    return layer("Dense", options), (*shape[:-1], units)


@entry("Activation", ANY)
def activation(dice: Dice, shape: Shape) -> Drawn:
    return layer("Activation", {"activation": o.activation(dice)}), shape


@entry("ReLU", ANY)
def relu(dice: Dice, shape: Shape) -> Drawn:
    options = dice.options(
        0.4,
        max_value=lambda: dice.pick([1.0, 6.0]),
        negative_slope=lambda: 0.1,
        threshold=lambda: 0.2,
    )
    return layer("ReLU", options), shape


@entry("LeakyReLU", ANY)
def leaky_relu(dice: Dice, shape: Shape) -> Drawn:
    return layer("LeakyReLU", dice.options(0.5, negative_slope=lambda: 0.05)), shape


@entry("ELU", ANY)
def elu(dice: Dice, shape: Shape) -> Drawn:
    return layer("ELU", dice.options(0.5, alpha=lambda: 0.7)), shape


@entry("PReLU", ANY)
def prelu(dice: Dice, shape: Shape) -> Drawn:
    options = dice.options(
        0.3,
        alpha_initializer=lambda: dice.pick(["ones", "random_uniform"]),
        alpha_regularizer=lambda: o.regularizer(dice),
        alpha_constraint=lambda: "non_neg",
    )
    if len(shape) > 1 and dice.chance(0.4):
        options["shared_axes"] = list(range(1, len(shape)))
    return layer("PReLU", options), shape


@entry("Softmax", ANY)
def softmax(dice: Dice, shape: Shape) -> Drawn:
    """Of one number it is 1, in tf.keras but for rounding: a constant."""
    axes = [axis for axis, length in enumerate(shape, 1) if length > 1]
    if shape[-1] == 1:
        return None
    return layer("Softmax", dice.options(0.5, axis=lambda: dice.pick(axes))), shape


@entry("Identity", ANY)
def identity(dice: Dice, shape: Shape) -> Drawn:
    return layer("Identity", {}), shape


@entry("Lambda", ANY)
def function(dice: Dice, shape: Shape) -> Drawn:
    text = dice.pick(["lambda h: 2.0 * h", "lambda h: h * h", "lambda h: 1.0 - h"])
    return layer("Lambda", {"function": Code(text)}), shape


@entry("Rescaling", ANY)
def rescaling(dice: Dice, shape: Shape) -> Drawn:
    options = {"scale": dice.pick([0.5, -1.5]), **dice.options(0.5, offset=lambda: 0.1)}
    return layer("Rescaling", options), shape


@entry("ActivityRegularization", ANY)
def activity_regularization(dice: Dice, shape: Shape) -> Drawn:
    options = dice.options(0.7, l1=lambda: 0.002, l2=lambda: 0.003)
    return layer("ActivityRegularization", options), shape


@entry("Dropout", ANY)
def dropout(dice: Dice, shape: Shape) -> Drawn:
    options = {"rate": _rate(dice), **dice.options(0.2, seed=lambda: 3)}
    if len(shape) > 1 and dice.chance(0.3):
        options["noise_shape"] = (None, 1, *shape[1:])
    return layer("Dropout", options), shape


@entry("AlphaDropout", ANY)
def alpha_dropout(dice: Dice, shape: Shape) -> Drawn:
    return layer("AlphaDropout", {"rate": _rate(dice)}), shape


@entry("GaussianDropout", ANY)
def gaussian_dropout(dice: Dice, shape: Shape) -> Drawn:
    return layer("GaussianDropout", {"rate": _rate(dice)}), shape


@entry("GaussianNoise", ANY)
def gaussian_noise(dice: Dice, shape: Shape) -> Drawn:
    options = {"stddev": 0.2, **dice.options(0.2, seed=lambda: 4)}
    return layer("GaussianNoise", options), shape


def _rate(dice: Dice) -> float:
    return dice.pick([0.1, 0.25, 0.5, 0.0])


def _affine(dice: Dice) -> dict:
    return dice.options(
        o.RARE,
        epsilon=lambda: 0.01,
        center=lambda: False,
        scale=lambda: False,
        gamma_initializer=lambda: dice.pick(["uniform", "ones"]),
        beta_regularizer=lambda: o.regularizer(dice),
        gamma_constraint=lambda: "non_neg",
        trainable=lambda: False,
    )


def _some_axis(dice: Dice, shape: Shape) -> dict:
    return dice.options(0.3, axis=lambda: dice.integer(1, len(shape)))


@entry("BatchNormalization", ANY)
def batch_normalization(dice: Dice, shape: Shape) -> Drawn:
    options = _affine(dice) | dice.options(0.4, momentum=lambda: dice.pick([0.5, 0.9]))
    return layer("BatchNormalization", options | _some_axis(dice, shape)), shape


@entry("LayerNormalization", ANY)
def layer_normalization(dice: Dice, shape: Shape) -> Drawn:
    """A single number lies off its own mean by rounding alone."""
    if shape[-1] == 1:
        return None
    options = _affine(dice)
    if len(shape) > 1 and dice.chance(0.3):
        options["axis"] = list(range(1, len(shape) + 1))
    return layer("LayerNormalization", options), shape


@entry("GroupNormalization", ANY)
def group_normalization(dice: Dice, shape: Shape) -> Drawn:
    """Groups of two numbers or more, for the same reason."""
    counts = [n for n in divisors(shape[-1]) if product(shape) > n]
    if not counts:
        return None
    options = {"groups": dice.pick(counts), **_affine(dice)}
    return layer("GroupNormalization", options), shape


@entry("RMSNormalization", ANY)
def rms_normalization(dice: Dice, shape: Shape) -> Drawn:
    return layer("RMSNormalization", dice.options(0.3, epsilon=lambda: 0.01)), shape


@entry("UnitNormalization", ANY)
def unit_normalization(dice: Dice, shape: Shape) -> Drawn:
    return layer("UnitNormalization", _some_axis(dice, shape)), shape


@entry("Normalization", ANY)
def normalization(dice: Dice, shape: Shape) -> Drawn:
    options = {"axis": None, "mean": 0.2, "variance": 1.5}
    if dice.chance(0.4):
        options["axis"] = -1
    return layer("Normalization", options), shape


@entry("Flatten", (2, 3, 4))
def flatten(dice: Dice, shape: Shape) -> Drawn:
    return layer("Flatten", {}), (product(shape),)


@entry("Reshape", ANY)
def reshape(dice: Dice, shape: Shape) -> Drawn:
    """Into one or more axes, one of them open now and then."""
    new, rest = [], product(shape)
    for _ in range(dice.integer(0, 2)):
        new.append(dice.pick(divisors(rest)))
        rest //= new[-1]
    new.append(rest)
    said = list(new)
    if dice.chance(0.3):
        said[dice.integer(0, len(said) - 1)] = -1
    return layer("Reshape", {"target_shape": tuple(said)}), tuple(new)


@entry("Permute", (2, 3))
def permute(dice: Dice, shape: Shape) -> Drawn:
    dims = dice.pick([(2, 1)] if len(shape) == 2 else [(2, 1, 3), (3, 1, 2), (1, 3, 2)])
    return layer("Permute", {"dims": dims}), tuple(shape[d - 1] for d in dims)


@entry("RepeatVector", (1,))
def repeat_vector(dice: Dice, shape: Shape) -> Drawn:
    n = dice.integer(2, 5)
    return layer("RepeatVector", {"n": n}), (n, *shape)
