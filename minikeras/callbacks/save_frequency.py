"""When the callbacks that save are due: after each epoch, or after so many batches."""


class SaveFrequency:
    """`save_freq` is "epoch" or a number of batches, which are counted over epochs.

    `last_batch` is the one after which the count begins, None for before the first.
    """

    def __init__(self, save_freq, last_batch: int | None = None):
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(
                f"Unrecognized save_freq: {save_freq!r}. Expected 'epoch' or an "
                "integer, a number of batches."
            )
        self.save_freq = save_freq
        self.last_batch = last_batch
        self._since_last = 0

    @property
    def each_epoch(self) -> bool:
        return self.save_freq == "epoch"

    def is_due(self, batch: int) -> bool:
        """Whether to save after this batch. Several may have passed since the last
        call (`steps_per_execution`)."""
        if self.each_epoch:
            return False
        if self.last_batch is None or batch <= self.last_batch:
            self._since_last += batch + 1  # of a new epoch
        else:
            self._since_last += batch - self.last_batch
        self.last_batch = batch
        if self._since_last < self.save_freq:
            return False
        self._since_last = 0
        return True
