"""One small network under each optimizer."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, optimizers

random = np.random.RandomState(5)
x = random.normal(size=(32, 4)).astype("float32")
y = random.normal(size=(32, 2)).astype("float32")
decay = optimizers.schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)

for optimizer in (
    optimizers.SGD(decay, momentum=0.9, nesterov=True),
    optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    optimizers.Adagrad(0.1),
    optimizers.Adadelta(1.0),
    optimizers.Adam(0.01, amsgrad=True, global_clipnorm=1.0),
    optimizers.AdamW(0.01, weight_decay=0.1, use_ema=True, ema_momentum=0.9),
    optimizers.Adamax(0.01),
    optimizers.Nadam(0.01),
    optimizers.Ftrl(0.1, l1_regularization_strength=0.01),
    optimizers.Lion(0.01),
    optimizers.Lamb(0.01),
):
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(2)]
    )
    model.compile(optimizer, "mse")
    model.fit(x, y, batch_size=16, epochs=2, verbose=0)
