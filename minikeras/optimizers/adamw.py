"""Counterpart: keras/src/optimizers/adamw.py."""

from minikeras.optimizers.adam import Adam


class AdamW(Adam):
    """Adam with weight decay on: apart from the gradient, each weight x first
    becomes x - x·weight_decay·learning_rate.

    After `amsgrad` come Optimizer's arguments from `clipnorm` on.
    """

    def __init__(
        self,
        learning_rate=0.001,
        weight_decay=0.004,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        *shared,
        **options,
    ):
        if weight_decay is None:
            raise ValueError(
                "AdamW needs a number as `weight_decay`. Received: weight_decay=None"
            )
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay,
            *shared,
            **options,
        )
