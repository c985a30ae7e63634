"""Optimizers, schedules, and the settings of compile and fit."""

from parity.fuzz.dice import Dice
from parity.fuzz.options import RARE
from parity.fuzz.spec import Call, Code

OPTIMIZERS = {
    "SGD": {"momentum": 0.9, "nesterov": True},
    "Adagrad": {"initial_accumulator_value": 0.05, "epsilon": 1e-4},
    "Adadelta": {"rho": 0.9, "epsilon": 1e-4},
    "RMSprop": {"rho": 0.8, "momentum": 0.5, "centered": True},
    "Adam": {"beta_1": 0.8, "epsilon": 1e-4, "amsgrad": True},
    "AdamW": {"beta_2": 0.9, "amsgrad": True},
    "Adamax": {"beta_1": 0.8, "beta_2": 0.95},
    "Nadam": {"beta_1": 0.8, "epsilon": 1e-4},
    "Ftrl": {
        "learning_rate_power": -0.4,
        "l1_regularization_strength": 0.001,
        "l2_regularization_strength": 0.01,
        "l2_shrinkage_regularization_strength": 0.01,
        "beta": 0.1,
    },
    "Lion": {"beta_1": 0.8, "beta_2": 0.95},
    "Lamb": {"beta_1": 0.8, "epsilon": 1e-4},
}
SCHEDULES = {
    "CosineDecay": {"decay_steps": 5, "warmup_target": 0.02, "warmup_steps": 2},
    "CosineDecayRestarts": {"first_decay_steps": 3},
    "ExponentialDecay": {"decay_steps": 3, "decay_rate": 0.7, "staircase": True},
    "InverseTimeDecay": {"decay_steps": 2, "decay_rate": 0.5},
    "PolynomialDecay": {"decay_steps": 4, "power": 2.0, "cycle": True},
}
_OPTIONAL = ("warmup_target", "warmup_steps", "staircase", "power", "cycle")


def optimizer(dice: Dice):
    name = dice.pick(list(OPTIMIZERS))
    if dice.chance(0.2) and name != "Lamb":  # tf.keras does not know it by name
        return name.lower()
    options: dict = {"learning_rate": _rate(dice)}
    options |= {k: v for k, v in OPTIMIZERS[name].items() if dice.chance(0.3)}
    options |= dice.options(
        RARE, weight_decay=lambda: 0.05, loss_scale_factor=lambda: 8.0
    )
    options |= dice.options(RARE, gradient_accumulation_steps=lambda: 2)
    if dice.chance(0.25):
        clip = dice.pick(["clipnorm", "clipvalue", "global_clipnorm"])
        options[clip] = dice.pick([0.05, 0.5])
    if dice.chance(RARE):
        options |= {"use_ema": True, "ema_momentum": 0.8}
        options |= dice.options(0.5, ema_overwrite_frequency=lambda: 2)
    return Call(f"keras.optimizers.{name}", options)


def _rate(dice: Dice):
    if dice.chance(0.75):
        return dice.pick([0.001, 0.01, 0.05])
    if dice.chance(0.2):
        options: dict = {"boundaries": [1, 3], "values": [0.05, 0.01, 0.002]}
        return Call("keras.optimizers.schedules.PiecewiseConstantDecay", options)
    name = dice.pick(list(SCHEDULES))
    options = {"initial_learning_rate": 0.02}
    given = SCHEDULES[name]
    together = dice.chance(0.5)
    options |= {k: v for k, v in given.items() if k not in _OPTIONAL or together}
    return Call(f"keras.optimizers.schedules.{name}", options)


def fit(dice: Dice, rows: int, weights: str | None, classes: int | None) -> dict:
    """`weights` is the size of sample weights, `classes` how many labels there are."""
    options: dict = {"batch_size": dice.integer(4, 12), "epochs": dice.integer(1, 3)}
    options |= dice.options(
        RARE,
        shuffle=lambda: False,
        initial_epoch=lambda: options["epochs"] - 1,
        steps_per_epoch=lambda: 2,
    )
    if dice.chance(0.25):
        options["validation_split"] = dice.pick([0.2, 0.3])
    elif dice.chance(0.2) and weights:
        third = ", random.uniform(size=7)" if weights == "rows" else ""
        options["validation_data"] = Code(
            f"(x[:7], y[:7]{third if dice.chance(0.4) else ''})"
        )
    if "validation_split" in options or "validation_data" in options:
        options |= dice.options(
            0.2, validation_freq=lambda: 2, validation_batch_size=lambda: 5
        )
    if classes and dice.chance(0.15):
        options["class_weight"] = {n: 0.5 + n for n in range(classes)}
    elif weights and dice.chance(0.2):
        options["sample_weight"] = Code(f"random.uniform(size={weights})")
    return options
