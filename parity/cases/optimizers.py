"""Optimizers and learning-rate schedules, step by step."""

import warnings

import numpy as np

from parity.case import Tolerance, case, ulp

# Every option of every optimizer, and combinations of them.
OPTIMIZERS = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"momentum": 1.0, "learning_rate": 0.0}),
    ("Adagrad", {}),
    ("Adagrad", {"initial_accumulator_value": 0.0, "epsilon": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.5, "epsilon": 1e-3}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.5, "epsilon": 1e-3}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"momentum": 0.5, "centered": True, "learning_rate": 0.1}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-3, "learning_rate": 0.1}),
    ("Adam", {"beta_1": 0.0, "beta_2": 0.0}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.1, "amsgrad": True, "learning_rate": 0.01}),
    ("Adamax", {}),
    ("Adamax", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-3}),
    ("Nadam", {}),
    ("Nadam", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-3}),
    ("Ftrl", {}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.7, "beta": 0.2}),
    ("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 0.3}),
    ("Ftrl", {"initial_accumulator_value": 0.0, "l2_regularization_strength": 0.1}),
    ("Ftrl", {"l2_shrinkage_regularization_strength": 0.2}),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.7}),
    ("Lamb", {}),
    ("Lamb", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-3, "learning_rate": 0.1}),
]

# The options of the base class, alone and together.
SHARED = [
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.3},
    {"global_clipnorm": 0.5},
    {"global_clipnorm": 1e6},
    {"use_ema": True},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
    {"loss_scale_factor": 3.0},
    {"gradient_accumulation_steps": 3},
    {
        "weight_decay": 0.1,
        "clipnorm": 0.5,
        "use_ema": True,
        "ema_overwrite_frequency": 2,
        "loss_scale_factor": 3.0,
        "gradient_accumulation_steps": 2,
    },
]

# Each entry of a variable sees one of these, then its negative, then 1.
EXTREMES = [0.0, -0.0, 1e-8, -1e-8, 30.0, -30.0, 1e4, -1e4, np.inf, -np.inf, np.nan]

SCHEDULES = [
    ("ExponentialDecay", (0.1, 7, 0.9), {}),
    ("ExponentialDecay", (0.1, 7, 0.9), {"staircase": True}),
    ("PiecewiseConstantDecay", ([3, 10, 15], [0.1, 0.03, 0.01, 0.2]), {}),
    ("PiecewiseConstantDecay", ([3.7, 10.0], [0.1, 0.03, 0.01]), {}),
    ("PolynomialDecay", (0.1, 7), {}),
    ("PolynomialDecay", (0.1, 7, 0.02), {"power": 2.5, "cycle": True}),
    ("PolynomialDecay", (0.1, 7), {"power": 0.5}),
    ("InverseTimeDecay", (0.1, 7, 0.5), {}),
    ("InverseTimeDecay", (0.1, 7, 0.5), {"staircase": True}),
    ("CosineDecay", (0.1, 13), {}),
    ("CosineDecay", (0.1, 13), {"alpha": 0.2}),
    ("CosineDecay", (0.01, 13), {"warmup_target": 0.1, "warmup_steps": 5}),
    ("CosineDecay", (0.01, 13), {"warmup_target": 0.1}),
    ("CosineDecayRestarts", (0.1, 5), {}),
    ("CosineDecayRestarts", (0.1, 5), {"t_mul": 1.0, "m_mul": 0.8, "alpha": 0.1}),
    ("CosineDecayRestarts", (0.1, 5), {"t_mul": 1.5, "m_mul": 0.8}),
]

REFUSED = [
    ("SGD", {"learning_rate": "fast"}),
    ("SGD", {"momentum": -0.1}),
    ("SGD", {"momentum": 1.1}),
    ("SGD", {"name": "a/b"}),
    ("SGD", {"clipnorm": 1.0, "clipvalue": 1.0}),
    ("SGD", {"gradient_accumulation_steps": 1}),
    ("SGD", {"use_ema": True, "ema_momentum": 1.5}),
    ("SGD", {"use_ema": True, "ema_overwrite_frequency": -1}),
    ("SGD", {"learning": 0.1}),
    ("AdamW", {"weight_decay": None}),
    ("Lion", {"beta_1": 0.0}),
    ("Ftrl", {"learning_rate_power": 0.1}),
    ("Ftrl", {"beta": 0.1, "l1_regularization_strength": -0.1}),
]


def _label(name, options):
    return f"{name}({', '.join(f'{k}={v}' for k, v in options.items())})"


def _run(library, label, optimizer, values, steps):
    """The weights after each step of gradients, and all that the optimizer keeps."""
    variables = [
        library.keras.Variable(value, name=name)
        for value, name in zip(values, ("kernel", "bias"), strict=False)
    ]
    for i, gradients in enumerate(steps):
        optimizer.apply([library.tensor(g) for g in gradients], variables)
        yield f"weights/{label}/step {i}", list(variables)
    yield f"state/{label}", optimizer.variables
    optimizer.finalize_variable_values(variables)
    yield f"weights/{label}/final", list(variables)


def _random_run(library, label, optimizer, dtype="float32", steps=10):
    rng = np.random.default_rng(7)

    def arrays():
        return [rng.normal(size=shape).astype(dtype) for shape in ((4, 3), (3,))]

    yield from _run(
        library, label, optimizer, arrays(), [arrays() for _ in range(steps)]
    )


def _make(library, name, options):
    return getattr(library.keras.optimizers, name)(**options)


FTRL = {
    "weights/Ftrl": ulp(
        4, "pow differs by 1 ulp; absolute: 4 ulp of weights near 1", 4e-7
    ),
    "state/Ftrl": ulp(
        4, "pow differs by 1 ulp, and z adds up n**p / learning_rate near 100", 4e-5
    ),
}
LAMB = {
    "weights/Lamb": ulp(
        1,
        "norms are summed in another order; absolute: 1 ulp of weights near 1",
        1.2e-7,
    ),
}


@case(per_key=FTRL | LAMB)
def formulas(library):
    for name, options in OPTIMIZERS:
        yield from _random_run(
            library, _label(name, options), _make(library, name, options)
        )


@case(
    tolerance=ulp(
        1,
        "norms are summed in another order, so a clipped gradient may be 1 ulp off; "
        "absolute: 1 ulp of the largest entries, which others cancel against",
        3e-8,
    )
)
def shared_options(library):
    for options in SHARED:
        for name in ("SGD", "Adam", "RMSprop", "Nadam"):
            yield from _random_run(
                library, _label(name, options), _make(library, name, options)
            )


@case(per_key=FTRL | LAMB)
def extreme_gradients(library):
    values = [np.linspace(-1, 1, len(EXTREMES), dtype="float32")]
    extremes = np.array(EXTREMES, "float32")
    steps = [[extremes], [-extremes], [np.ones_like(extremes)]]
    for name, options in OPTIMIZERS:
        optimizer = _make(library, name, options)
        yield from _run(library, _label(name, options), optimizer, values, steps)
    for options in SHARED:
        optimizer = _make(library, "SGD", options)
        yield from _run(library, _label("SGD", options), optimizer, values, steps)


@case(
    tolerance=Tolerance(
        "Keras rounds constants to float32 in float64 too: 1 - 0.999 is off by 6e-5, "
        "half of it in Adam's alpha, times a learning rate of 0.01, in each of 3 steps",
        absolute=1e-6,
    )
)
def float64_weights(library):
    for name, options in OPTIMIZERS:
        optimizer = _make(library, name, options)
        yield from _random_run(library, _label(name, options), optimizer, "float64", 3)


@case()
def schedules(library):
    for name, arguments, options in SCHEDULES:
        schedule = getattr(library.keras.optimizers.schedules, name)(
            *arguments, **options
        )
        label = f"{name}{arguments}{options}"
        for step in [*range(30), 99, 12345]:
            yield f"{label}/{step}", schedule(step)
        yield f"{label}/config", library.keras.optimizers.schedules.serialize(schedule)
        optimizer = library.keras.optimizers.SGD(schedule, weight_decay=0.1)
        yield from _random_run(library, label, optimizer)
        yield f"{label}/current", optimizer.learning_rate


@case()
def configs_and_names(library):
    family = library.keras.optimizers
    for name, options in OPTIMIZERS + [("SGD", options) for options in SHARED]:
        label = _label(name, options)
        optimizer = _make(library, name, options)
        optimizer.build(
            [
                library.keras.Variable(np.ones((2, 2), "float32"), name="kernel"),
                library.keras.Variable(np.ones(2, "float32"), name="bias"),
            ]
        )
        config = family.serialize(optimizer)
        yield f"{label}/config", config
        yield f"{label}/key order", list(config["config"])
        if name != "Lamb":  # Keras forgot it among the names it can restore
            yield f"{label}/restored", family.serialize(family.deserialize(config))
        yield f"{label}/names", [v.name for v in optimizer.variables]
        yield f"{label}/paths", [v.path for v in optimizer.variables]
        yield f"{label}/dtypes", [v.dtype for v in optimizer.variables]
    for name in ("SGD", "adam", "ADAMW", "RMSprop", "rmsprop", "nadam"):
        yield f"get {name}", type(family.get(name)).__name__


@case()
def refusals(library):
    family = library.keras.optimizers

    def outcome(function, *arguments, **options):
        try:
            function(*arguments, **options)
        except Exception as error:
            return type(error).__name__
        return "accepted"

    for name, options in REFUSED:
        yield _label(name, options), outcome(getattr(family, name), **options)
    for name in ("sdg", "", 3, family.Adam):
        yield f"get {getattr(name, '__name__', name)}", outcome(family.get, name)
    schedule = family.schedules.ExponentialDecay(0.1, 10, 0.9)
    optimizer = family.SGD(schedule)
    yield "set under a schedule", outcome(setattr, optimizer, "learning_rate", 0.1)
    variable = library.keras.Variable(np.ones(3, "float32"), name="x")
    gradient = library.tensor(np.ones(3, "float32"))
    yield "not built", outcome(family.SGD().apply, [gradient])
    yield "no gradients", outcome(family.SGD().apply, [None], [variable])
    yield "no pairs", outcome(family.SGD().apply_gradients, [])
    built = family.SGD()
    built.build([variable])
    yield "two for one", outcome(built.apply, [gradient, gradient])
    other = library.keras.Variable(np.ones(3, "float32"), name="x")
    yield "unknown variable", outcome(built.apply, [gradient], [other])
    yield "no steps", outcome(family.schedules.PolynomialDecay, 0.1, 0)
    yield "values", outcome(family.schedules.PiecewiseConstantDecay, [1], [0.1])


@case()
def missing_gradients(library):
    variables = [
        library.keras.Variable(np.ones(3, "float32"), name=name) for name in "ab"
    ]
    optimizer = library.keras.optimizers.SGD(0.1, momentum=0.9)
    gradient = library.tensor(np.ones(3, "float32"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        optimizer.apply([None, gradient], variables)
    yield "warning", str(caught[0].message)
    yield "category", caught[0].category.__name__
    yield "weights", variables
    yield "iterations", optimizer.iterations


@case()
def learning_rate_changes(library):
    variable = library.keras.Variable(np.ones(3, "float32"), name="x")
    gradient = library.tensor(np.ones(3, "float32"))
    optimizer = library.keras.optimizers.SGD(0.1)
    optimizer.learning_rate = 0.05
    yield "set", float(optimizer.learning_rate)
    optimizer.apply([gradient], [variable])
    yield "after 0.05", variable
    optimizer.learning_rate.assign(0.3)
    optimizer.apply_gradients([(gradient, variable)])
    yield "after 0.3", variable
    schedule = library.keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 1.0)
    optimizer.learning_rate = schedule
    optimizer.apply([gradient])
    yield "after the schedule", variable
    yield "variables", [v.path for v in optimizer.variables]
    by_function = library.keras.optimizers.SGD(lambda: 0.25)
    by_function.apply([gradient], [variable])
    yield "after a function", variable
    yield "read from a function", by_function.learning_rate
    accumulating = library.keras.optimizers.SGD(gradient_accumulation_steps=2)
    for _ in range(3):
        accumulating.apply([gradient], [variable])
    yield "updates", accumulating.iterations


@case()
def state_moves(library):
    """Saved variables go into a fresh optimizer, which then goes on as the first."""

    def new():
        variable = library.keras.Variable(np.ones(5, "float32"), name="x")
        optimizer = library.keras.optimizers.Adam(0.1)
        optimizer.build([variable])
        return optimizer, variable

    first, _ = new()
    first.apply([library.tensor(np.linspace(-1, 1, 5, dtype="float32"))])
    store = {}
    first.save_own_variables(store)
    yield "store", [list(store), list(store.values())]
    second, variable = new()
    second.load_own_variables(store)
    second.apply([library.tensor(np.ones(5, "float32"))])
    yield "weights", variable
    second.set_weights([v.numpy() for v in first.variables])
    yield "set", second.variables


@case()
def exclusions(library):
    """Variables that weight decay spares, by object and by name."""
    variables = [
        library.keras.Variable(np.ones(2, "float32"), name=name)
        for name in ("kernel", "bias", "gamma")
    ]
    optimizer = library.keras.optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[variables[2]], var_names=["bia"])
    zero = library.tensor(np.zeros(2, "float32"))
    optimizer.apply([zero, zero, zero], variables)
    yield "weights", variables


@case()
def constraints_come_last(library):
    kernel = library.keras.Variable(np.array([0.1, 2.0], "float32"), name="kernel")
    kernel.constraint = library.keras.constraints.NonNeg()
    options = {"use_ema": True, "ema_momentum": 0.5, "momentum": 0.9}
    optimizer = library.keras.optimizers.SGD(1.0, **options)
    for _ in range(2):
        optimizer.apply([library.tensor(np.ones(2, "float32"))], [kernel])
        yield f"weights {int(optimizer.iterations)}", kernel
    yield "state", optimizer.variables


@case()
def subclass(library):
    """An optimizer of a user's own, written against Keras's interface."""
    keras = library.keras

    class Signed(keras.optimizers.Optimizer):
        def __init__(self, learning_rate=0.1, scale=2.0, **options):
            super().__init__(learning_rate=learning_rate, **options)
            self.scale = scale

        def build(self, variables):
            super().build(variables)
            self.sums = [
                self.add_variable_from_reference(v, name="sum", initializer="ones")
                for v in variables
            ]
            self.largest = self.add_variable((), name="largest")

        def update_step(self, gradient, variable, learning_rate):
            learning_rate = keras.ops.cast(learning_rate, variable.dtype)
            total = self.sums[self._get_variable_index(variable)]
            self.assign_add(total, keras.ops.abs(gradient))
            self.assign(self.largest, keras.ops.max(total))
            step = keras.ops.multiply(self.scale * learning_rate, gradient)
            self.assign_sub(variable, step / total)

        def get_config(self):
            return {**super().get_config(), "scale": self.scale}

    optimizer = Signed(scale=3.0, weight_decay=0.1, global_clipnorm=1e6)
    yield from _random_run(library, "signed", optimizer)
    yield "names", [(v.name, v.path) for v in optimizer.variables]
    yield "config", Signed.from_config(optimizer.get_config()).get_config()
