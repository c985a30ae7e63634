"""The correction of the means stays that of step 1."""

from minikeras.optimizers import Adam

Adam._next_step = lambda self, dtype: dtype.type(1)
