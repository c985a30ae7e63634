"""How much there is to do in a call: what decides whether threads share a step."""

from minikeras.autodiff import Tensor, Variable

# So many multiplications of the forward pass take longer than waking the threads.
LEAST_WORK = 2_000_000


def multiplications(call: tuple) -> int:
    """About how many multiplications a traced call takes: each matrix of weights
    meets each vector along the last axis of the call's input."""
    inputs = call[1]
    x = inputs[0] if inputs else None
    if not (isinstance(x, Tensor) and x.ndim > 1 and x.shape[-1]):
        return 0
    matrices = [w for w in inputs[1:] if isinstance(w, Variable) and w.ndim > 1]
    return sum(x.size // x.shape[-1] * w.size for w in matrices)
