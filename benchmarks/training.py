"""A compiled Keras model with its data: a task that can be repeated."""


class Training:
    """`training(epochs)` trains on and returns fit's history.

    After the first call `rewind` brings the weights back to where that one left
    them, so that repeated runs do not end in a model that has nothing to learn,
    with gradients of another size than those of real work.
    """

    def __init__(self, model, x, y, **options):
        self._model = model
        self._data = x, y
        self._options = options
        self._weights = None

    def __call__(self, epochs: int, **more) -> dict[str, list[float]]:
        history = self._model.fit(
            *self._data, epochs=epochs, verbose=0, **self._options, **more
        ).history
        if self._weights is None:
            self._weights = self._model.get_weights()
        return history

    def rewind(self) -> None:
        if self._weights is not None:
            self._model.set_weights(self._weights)
