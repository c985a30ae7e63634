"""The ReLU of a layer of its own leaks a little."""

from minikeras.layers import Activation

_call = Activation.call
Activation.call = lambda self, inputs: _call(self, inputs) + 1e-4 * inputs
