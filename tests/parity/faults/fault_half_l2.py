"""L2 with the factor ½ of the textbooks."""

from minikeras.regularizers import L2

_call = L2.__call__
L2.__call__ = lambda self, x: _call(self, x) * 0.5
