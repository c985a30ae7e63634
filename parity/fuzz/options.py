"""Options that many layers have: activations, initializers, regularizers…"""

from parity.fuzz.dice import Dice
from parity.fuzz.spec import Call

RARE = 0.1  # how often an option is drawn that most scripts leave alone

# Not tanh_shrink: x - tanh(x) has no digit left for a small x, in either library.
ACTIVATIONS = (
    "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu "
    "linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink "
    "softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh"
).split()
_INITIALIZERS = (
    "glorot_normal glorot_uniform he_normal he_uniform lecun_normal lecun_uniform ones "
    "orthogonal random_normal random_uniform truncated_normal variance_scaling"
).split()


def activation(dice: Dice) -> str:
    return dice.pick(ACTIVATIONS)


def initializer(dice: Dice):
    """Of a kernel: most by name, some with options."""
    if dice.chance(0.6):
        return dice.pick(_INITIALIZERS)
    kind = dice.integer(0, 4)
    path, options = [
        ("Constant", {"value": 0.1}),
        ("RandomNormal", {"stddev": 0.3, "seed": dice.integer(1, 99)}),
        ("RandomUniform", {"minval": -0.4, "maxval": 0.5}),
        ("TruncatedNormal", {"mean": 0.1, "stddev": 0.2}),
        (
            "VarianceScaling",
            {
                "scale": 0.5,
                "mode": dice.pick(["fan_in", "fan_out", "fan_avg"]),
                "distribution": dice.pick(
                    ["truncated_normal", "untruncated_normal", "uniform"]
                ),
            },
        ),
    ][kind]
    return Call(f"keras.initializers.{path}", options)


def bias_initializer(dice: Dice):
    return dice.pick(["ones", "random_normal", "uniform", "zeros"])


def regularizer(dice: Dice):
    if dice.chance(0.4):
        return dice.pick(["l1", "l2", "l1l2"])
    path, options = dice.pick(
        [
            ("L1", {"l1": 0.003}),
            ("L2", {"l2": 0.02}),
            ("L1L2", {"l1": 0.001, "l2": 0.01}),
        ]
    )
    return Call(f"keras.regularizers.{path}", options)


def matrix_regularizer(dice: Dice):
    """For weights with two axes: the orthogonal one too."""
    if dice.chance(0.8):
        return regularizer(dice)
    options = {"factor": 0.02, "mode": dice.pick(["rows", "columns"])}
    return Call("keras.regularizers.OrthogonalRegularizer", options)


def constraint(dice: Dice):
    if dice.chance(0.3):
        return dice.pick(["max_norm", "non_neg", "unit_norm"])
    path, options = dice.pick(
        [
            ("MaxNorm", {"max_value": 0.8, "axis": 0}),
            ("MinMaxNorm", {"min_value": 0.3, "max_value": 0.9, "rate": 0.5}),
            ("UnitNorm", {"axis": 0}),
        ]
    )
    return Call(f"keras.constraints.{path}", options)


def of_weights(dice: Dice, name: str = "kernel", matrix: bool = False) -> dict:
    """What a layer takes for its `name` and its bias."""
    penalty = matrix_regularizer if matrix else regularizer
    options = dice.options(
        RARE,
        **{
            f"{name}_initializer": lambda: initializer(dice),
            f"{name}_regularizer": lambda: penalty(dice),
            f"{name}_constraint": lambda: constraint(dice),
        },
        use_bias=lambda: False,
        trainable=lambda: False,
    )
    if "use_bias" in options:
        return options
    return options | dice.options(
        RARE,
        bias_initializer=lambda: bias_initializer(dice),
        bias_regularizer=lambda: regularizer(dice),
        bias_constraint=lambda: dice.pick(["non_neg", "max_norm"]),
    )


def of_output(dice: Dice) -> dict:
    """The activation and its penalty."""
    found = dice.options(0.6, activation=lambda: activation(dice))
    penalty = dice.options(RARE / 2, activity_regularizer=lambda: regularizer(dice))
    return found | penalty
