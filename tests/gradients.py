"""A derivative check that knows nothing of how the derivative was made."""

import numpy as np

from minikeras.autodiff import GradientTape, Tensor
from tests.programs import check_program


def check_gradient(function, *arrays, seed=0, step=1e-6, rtol=1e-6):
    """Compares a vjp with a central difference along a random direction.

    `arrays` are float64. For y = f(x), a random cotangent v and direction u:
    <v, (f(x + h u) - f(x - h u)) / 2h> must equal <vjp(v), u>. In float64 with
    h = 1e-6 the truncation error (h²) and the rounding error (1e-16 / h) are
    both near 1e-10, relative to values of order one; rtol leaves room for
    curvature. The program of function and vjp must give the same bits.
    """
    rng = np.random.default_rng(seed)
    inputs = [Tensor(np.asarray(x, "float64")) for x in arrays]
    with GradientTape() as tape:
        tape.watch(inputs)
        y = function(*inputs)
    outputs = y if isinstance(y, (list, tuple)) else [y]
    cotangents = [rng.normal(size=out.shape) for out in outputs]
    gradients = tape.gradient(list(outputs), inputs, output_gradients=cotangents)
    directions = [rng.normal(size=x.shape) for x in inputs]

    def projected(sign):
        moved = [
            Tensor(x.value + sign * step * u)
            for x, u in zip(inputs, directions, strict=True)
        ]
        y = function(*moved)
        outs = y if isinstance(y, (list, tuple)) else [y]
        return sum(
            float(np.sum(v * o.value)) for v, o in zip(cotangents, outs, strict=True)
        )

    others = [x.value + step * u for x, u in zip(inputs, directions, strict=True)]
    check_program(function, *[x.value for x in inputs], others=others)
    numeric = (projected(+1) - projected(-1)) / (2 * step)
    analytic = 0.0
    for x, gradient, u in zip(inputs, gradients, directions, strict=True):
        if gradient is None:
            continue
        assert gradient.shape == x.shape
        assert gradient.value.dtype == np.float64
        analytic += float(np.sum(gradient.value * u))
    scale = max(1.0, abs(numeric), abs(analytic))
    assert abs(numeric - analytic) <= rtol * scale, (numeric, analytic)
