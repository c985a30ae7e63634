"""Findings to show: a small network trained in float32 twice, with sums in two orders,
and in float64, and verdicts as the built-in cases give them."""

import numpy as np

from parity.findings import (
    REAL,
    ROUNDING,
    Curve,
    Entry,
    Findings,
    Heat,
    Miss,
    Row,
    Trace,
)

VERSIONS = {
    "minikeras": "0.1.0",
    "keras": "3.15.1",
    "tensorflow": "2.21.0",
    "numpy": "2.3.4",
    "cpu": "Some Processor 9000 @ 2.50GHz",
}
TENSORS = ("sequential/dense/kernel", "sequential/dense/bias", "sequential/out/kernel")


def train(dtype: str, order: int, steps: int, fault: float = 0.0) -> tuple:
    """(losses, gradients by step) of regression by two layers; `order` -1 sums the
    batch from its end."""
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(64, 5)), rng.normal(size=(64, 1))
    y = np.tanh(x @ rng.normal(size=(5, 1))) + 0.1 * noise
    w = [rng.normal(size=shape) / 2 for shape in ((5, 7), (7,), (7, 1))]
    x, y, *w = ((v.astype("float32")).astype(dtype) for v in (x, y, *w))
    losses, gradients = [], []
    for step in range(steps):
        a, b = x[::order], y[::order]
        hidden = np.tanh(a @ w[0] + w[1])
        error = hidden @ w[2] - b
        losses.append(float((error * error).mean()))
        out = 2 * error / dtype_of(dtype)(len(a))
        inner = (out @ w[2].T) * (1 - hidden * hidden)
        found = [a.T @ inner, inner.sum(0), hidden.T @ out]
        found[0] = found[0] * dtype_of(dtype)(1 + fault * (step > 7))
        gradients.append(found)
        w = [v - dtype_of(dtype)(0.1) * g for v, g in zip(w, found, strict=True)]
    return losses, gradients


def dtype_of(name: str):
    return np.dtype(name).type


def trace(run: str, steps: int, fault: float = 0.0) -> Trace:
    ours, mine = train("float32", 1, steps), train("float32", -1, steps, fault)
    judge = train("float64", 1, steps)
    allowed = [
        16 * max(abs(a - j), 4 * 1.2e-7 * a)
        for a, j in zip(ours[0], judge[0], strict=True)
    ]
    numbers = list(range(1, steps + 1))
    loss = Curve(numbers, ours[0], mine[0], judge[0], allowed)
    gradients = [
        [ulps(a[i], b[i]) for a, b in zip(ours[1], mine[1], strict=True)]
        for i in range(len(TENSORS))
    ]
    updates = [[None, *row[1:]] for row in gradients]
    heat = [
        Heat("gradient", list(TENSORS), numbers, gradients),
        Heat("update", list(TENSORS), numbers, updates),
    ]
    return Trace(run, loss, heat)


def ulps(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max() / np.spacing(np.abs(a).max()))


def miss(note: str = "at (0, 3): keras 0.12345679, minikeras 0.12345") -> Miss:
    entries = [
        Entry([0, 3], 0.12345679, 0.12345, 0.123456789012),
        Entry([4, 1], float("nan"), -0.5, None),
        Entry([2, 2], float("inf"), 1e-30, -1.0),
    ]
    return Miss("sequential/dense/kernel", note, entries)


def agreeing() -> Findings:
    rows = [
        Row("dense", "output", 12, 0.0, 0.0, "exact"),
        Row("dense", "gradient", 24, 1.2e-7, 2.0, "4 ulp", ROUNDING),
        Row("training/lstm", "loss", 20, 3e-8, 1.0, "by the float64 run", ROUNDING),
    ]
    return Findings(VERSIONS, rows, [trace("training/lstm", 20)])


def missing() -> Findings:
    """Two misses, one of them in a run; 1,000 rows."""
    rows = [
        Row(f"layers/case {i // 6}", quantity, 3 + i % 50, 1e-7, 1.5, "4 ulp", ROUNDING)
        if i % 3
        else Row(f"layers/case {i // 6}", quantity, 3, allowed="exact")
        for i in range(998)
        for quantity in [
            ("output", "gradient", "weight", "config", "summary", "count")[i % 6]
        ]
    ]
    rows[500] = Row(
        "layers/case 83", "weight", 3, 6.8e-6, 913.0, "4 ulp", REAL, [miss()]
    )
    why = Miss("loss", "step 9: parts by 0.0012, allowed 1.1e-06", [])
    run = [
        Row("training/mlp", "loss", 20, 1.2e-3, 4e4, "float64 run", REAL, [why]),
        Row("training/mlp", "summary", 1, 0.0, 0.0, "exact"),
    ]
    traces = [trace("training/mlp", 20, fault=0.01), trace("training/lstm", 20)]
    return Findings(VERSIONS, rows + run, traces)
