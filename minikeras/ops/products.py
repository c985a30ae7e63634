"""The products of a large dense layer in parts, on our own threads: for speed alone.

BLAS's threads wait for each other, which takes long where others use the cores.
"""

import numpy as np

from minikeras.parallel import run_parts

LEAST_WORK = 1 << 23  # multiplications that take longer than waking the threads
_TALL = 1024  # rows, from which on a part of them makes a good product


def product(x, matrix):
    """x · matrix: the rows of a tall x, else the columns of the matrix, in parts."""
    y = np.empty((len(x), matrix.shape[1]), np.result_type(x, matrix))

    def some_rows(part):
        np.dot(x[part], matrix, out=y[part])

    def some_columns(part):
        y[:, part] = np.dot(x, matrix[:, part])

    if len(x) >= _TALL:
        run_parts(some_rows, len(x))
    else:
        run_parts(some_columns, matrix.shape[1])
    return y


def sum_of_products(x, dy):
    """xᵀ · dy, the sum over many rows in parts."""
    if len(x) < _TALL:
        return product(x.T, dy)
    parts = run_parts(lambda part: np.dot(x[part].T, dy[part]), len(x))
    return sum(parts[1:], parts[0])
