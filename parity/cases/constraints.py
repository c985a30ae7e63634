"""keras.constraints: the values that weights take, and configs."""

import numpy as np

from parity.case import case, ulp

OPTIONS = {
    "MaxNorm": [{}, {"max_value": 0.5}, {"max_value": 1.5}],
    "NonNeg": [{}],
    "UnitNorm": [{}],
    "MinMaxNorm": [{}, {"min_value": 0.5, "max_value": 0.8}, {"rate": 0.3}],
}
OPTIONS["MinMaxNorm"] += [{"min_value": 3.0, "max_value": 9.0, "rate": 0.7}]


def _made(constraints):
    for name, rows in OPTIONS.items():
        axes = [None] if name == "NonNeg" else [0, 1, -1, [0, 1], (0, 1), None]
        for options in rows:
            for axis in axes:
                chosen = {} if name == "NonNeg" else {"axis": axis}
                made = getattr(constraints, name)(**options, **chosen)
                yield f"{name} {options} {axis}", made


@case(ulp(4, "norms: sums of squares in another order, root and quotient"))
def values(library):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 5)).astype("float32")
    extreme = x.copy()
    extreme[0] = 0
    extreme[:, 0] = -0.0
    extreme[1] = [1e-8, -1e-8, 1e4, -1e4, 30]
    broken = x.copy()
    broken[0, :3] = [np.inf, -np.inf, np.nan]
    broken[2] = 3e38
    for key, constraint in _made(library.keras.constraints):
        yield f"{key} plain", constraint(x)
        yield f"{key} tensor", constraint(library.tensor(x))
        yield f"{key} float64", constraint(x.astype("float64"))
        yield f"{key} extreme", constraint(extreme)
        yield f"{key} broken", constraint(broken)
    kernel = rng.normal(size=(3, 3, 4, 8)).astype("float32")
    for name in ("MaxNorm", "UnitNorm", "MinMaxNorm"):
        made = getattr(library.keras.constraints, name)(axis=[0, 1, 2])
        yield f"{name} kernel", made(kernel)


@case()
def configs(library):
    constraints = library.keras.constraints
    made = dict(_made(constraints))
    names = ["max_norm", "MaxNorm", "non_neg", "unit_norm", "min_max_norm"]
    made.update({name: constraints.get(name) for name in names})
    made["config"] = constraints.get(
        {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": 1}}
    )
    for key, constraint in made.items():
        config = constraints.serialize(constraint)
        yield key, config
        yield f"{key} keys", list(config["config"])
        again = constraints.deserialize(config)
        yield f"{key} again", constraints.serialize(again)
