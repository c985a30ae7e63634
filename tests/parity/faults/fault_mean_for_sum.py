"""The gradient of Dense's bias is the mean over the rows."""

from minikeras.ops import nn_axis

nn_axis.sum_rows = lambda dy: dy.mean(axis=0)
