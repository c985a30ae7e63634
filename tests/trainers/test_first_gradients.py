"""The gradients of a first step in float32 lie a few ulp beside those in float64."""

import numpy as np
import pytest

import minikeras as keras
from minikeras.autodiff import Tensor
from parity.cases import networks

NETWORKS = ("convolutional", "lstm", "gru", "normalized")
# Sums of up to 48 · 10 · 10 products, in whatever blocks BLAS makes them, and some 20
# steps of a recurrence: √4800 roundings, each of half an ulp of partial sums of up to
# twice the largest entry.
FEW_ULP = 70


def gradients(name, dtype, weights=None):
    make = getattr(networks, name)
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    keras.utils.clear_session()
    try:
        keras.utils.set_random_seed(21)
        model = networks.build(keras, make)
        for layer in model.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0  # a float64 mask is another draw
        model.compile("sgd", "sparse_categorical_crossentropy")
        if weights is not None:
            model.set_weights([w.astype(dtype) for w in weights])
        x, y = networks.data(make(keras.layers)[0])
        _, _, found = model.loss_and_gradients(Tensor(x.astype(dtype)), Tensor(y))
        return model.get_weights() if weights is None else None, found
    finally:
        keras.config.set_floatx(before)
        keras.utils.clear_session()


@pytest.mark.parametrize("name", NETWORKS)
def test_float32_beside_float64(name):
    weights, narrow = gradients(name, "float32")
    _, wide = gradients(name, "float64", weights)
    for g32, g64 in zip(narrow, wide, strict=True):
        assert (g32.dtype, g64.dtype) == (np.float32, np.float64)
        ulp = np.spacing(np.float32(np.abs(g64).max()))
        assert np.abs(g32 - g64).max() <= FEW_ULP * ulp
