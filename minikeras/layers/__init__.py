"""Layers: functions with weights."""

from minikeras.layers.activations.activation import Activation
from minikeras.layers.activations.elu import ELU
from minikeras.layers.activations.leaky_relu import LeakyReLU
from minikeras.layers.activations.prelu import PReLU
from minikeras.layers.activations.relu import ReLU
from minikeras.layers.activations.softmax import Softmax
from minikeras.layers.core.dense import Dense
from minikeras.layers.core.identity import Identity
from minikeras.layers.core.input_layer import Input, InputLayer
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.regularization.dropout import Dropout
from minikeras.layers.reshaping.flatten import Flatten
from minikeras.registry import Family

__all__ = [
    "Activation",
    "Dense",
    "Dropout",
    "ELU",
    "Flatten",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Softmax",
    "deserialize",
    "get",
    "serialize",
]

FAMILY = Family(
    "layer",
    "keras.layers",
    [
        Activation,
        Dense,
        Dropout,
        ELU,
        Flatten,
        Identity,
        InputLayer,
        LeakyReLU,
        PReLU,
        ReLU,
        Softmax,
    ],
)
get, serialize, deserialize = FAMILY.get, FAMILY.serialize, FAMILY.deserialize
