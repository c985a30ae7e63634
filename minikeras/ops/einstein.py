"""Counterpart: keras/src/ops/numpy.py, einsum. Sums of products by letters."""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.core import convert_to_tensor
from minikeras.ops.dtypes import dtype_of, result_type


def einsum(subscripts, *operands, **kwargs):
    """The sum over products that `subscripts` describes, as in np.einsum.

    >>> float(einsum("i,i->", [1.0, 2.0], [3.0, 4.0]).value)
    11.0

    A letter missing after "->" is summed over; "..." stands for axes that
    broadcast. Of `kwargs` only np.einsum's `optimize` is known.
    """
    optimize = kwargs.pop("optimize", True)
    if kwargs:
        raise ValueError(f"Unknown arguments for einsum: {sorted(kwargs)}")
    tensors = [convert_to_tensor(x) for x in operands]
    inputs, output = _spell_out(subscripts, [x.ndim for x in tensors])
    return _einsum(*tensors, inputs=inputs, output=output, optimize=bool(optimize))


def _spell_out(subscripts: str, ranks: list) -> tuple[list, str]:
    """The letters of each input and of the output, with "..." replaced by letters."""
    import string  # 0.5 ms, for its regular expressions

    left, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ranks):
        raise ValueError(
            f"{subscripts!r} describes {len(inputs)} operands. Received: {len(ranks)}"
        )
    free = [c for c in string.ascii_letters if c not in subscripts]
    most = 0
    for i, (letters, rank) in enumerate(zip(inputs, ranks, strict=True)):
        hidden = rank - len(letters.replace("...", ""))
        if hidden < 0 or (hidden and "..." not in letters):
            raise ValueError(
                f"{letters!r} in {subscripts!r} does not fit an operand of rank {rank}"
            )
        most = max(most, hidden)
        inputs[i] = letters.replace("...", "".join(free[:hidden][::-1]))
    shared = "".join(free[:most][::-1])
    if not arrow:
        all_letters = "".join(inputs)
        once = sorted(c for c in set(all_letters) if all_letters.count(c) == 1)
        output = "..." + "".join(c for c in once if c not in shared)
    return inputs, output.replace("...", shared)


@primitive
def _einsum(*xs: Array, inputs, output, optimize):
    dtype = result_type(*(dtype_of(x) for x in xs))
    arrays = [x.astype(dtype, copy=False) for x in xs]
    lengths: dict[str, int] = {}
    for letters, x in zip(inputs, arrays, strict=True):
        for c, n in zip(letters, x.shape, strict=True):
            lengths[c] = max(n, lengths.get(c, 1)) if n else 0

    def product(letters, parts, wanted):
        return np.einsum(
            f"{','.join(letters)}->{wanted}",
            *parts,
            optimize=optimize and len(parts) > 1,
        )

    def gradient(dy, i):
        """Σ over everything but the letters of input i of dy times the others.

        Ones bring back a letter that no other factor has. A letter that input i
        repeats is written to its diagonal.
        """
        own = "".join(dict.fromkeys(inputs[i]))
        letters = [output, *inputs[:i], *inputs[i + 1 :], own]
        ones = np.ones([lengths[c] for c in own], dy.dtype)
        parts = [dy, *arrays[:i], *arrays[i + 1 :], ones]
        dx = product(letters, parts, own)
        short = tuple(
            axis
            for axis, c in enumerate(own)
            if arrays[i].shape[inputs[i].index(c)] == 1
        )
        dx = np.add.reduce(dx, short, keepdims=True)
        if own != inputs[i]:
            full = np.zeros(arrays[i].shape, dx.dtype)
            np.einsum(f"{inputs[i]}->{own}", full)[...] = dx
            dx = full
        return dx.astype(xs[i].dtype) if xs[i].dtype.kind == "f" else dx

    y = product(inputs, arrays, output)
    return y, tuple(lambda dy, i=i: gradient(dy, i) for i in range(len(arrays)))
