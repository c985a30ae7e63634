"""A training that diverges gives inf and nan, as in tf.keras, and one warning."""

import numpy as np
import pytest

import minikeras as keras

X = np.random.default_rng(0).normal(size=(32, 4)) * 1e3
Y = X @ np.ones((4, 1)) * 1e3


@pytest.mark.parametrize("activation", ["relu", "relu6", "elu", "selu", "sigmoid"])
@pytest.mark.parametrize("subclassed", [False, True])
def test_one_warning_and_none_of_numpys(activation, subclassed):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(8, activation), keras.layers.Dense(1)]

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = layers

        def call(self, x):
            return self.second(self.first(x))

    model = Net() if subclassed else keras.Sequential(layers)
    model.compile(keras.optimizers.SGD(1e30), "mse")
    with pytest.warns(UserWarning, match=r"The loss of epoch \d is NaN") as caught:
        model.fit(X, Y, epochs=4, verbose=0)
    assert [warning.filename for warning in caught] == [__file__]
    for _ in range(3):
        loss = model.train_on_batch(X, Y)
    assert not np.isfinite(loss)
