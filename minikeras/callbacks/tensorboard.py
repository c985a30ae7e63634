"""Counterpart: keras/src/callbacks/tensorboard.py. Files for TensorBoard to show."""

import os
import time

from minikeras.callbacks.callback import Callback
from minikeras.callbacks.event_file import EventFile, as_images, library
from minikeras.callbacks.profile import BatchProfile, batches_to_profile
from minikeras.caller import warn


class TensorBoard(Callback):
    """Writes logs to `log_dir`/train and `log_dir`/validation: `tensorboard --logdir`.

    Each epoch its logs and the learning rate; after an evaluation its results by the
    optimizer's steps; with an `update_freq` of "batch" or a number of batches the logs
    of these too; every `histogram_freq` epochs the weights as histograms, with
    `write_images` as pictures. `write_graph` writes the model's config, which is what
    TensorBoard draws. `profile_batch=n` or `(first, last)` writes a text: where the
    time of these batches went. Raises ImportError without the package tensorboard.
    """

    def __init__(
        self,
        log_dir="logs",
        histogram_freq=0,
        write_graph=True,
        write_images=False,
        write_steps_per_second=False,
        update_freq="epoch",
        profile_batch=0,
        embeddings_freq=0,
        embeddings_metadata=None,
    ):
        super().__init__()
        library()
        if embeddings_freq or embeddings_metadata:
            raise ValueError(
                "TensorBoard's projector reads embeddings from checkpoints of "
                "TensorFlow alone, which minikeras does not write: leave "
                "embeddings_freq and embeddings_metadata out. Received: "
                f"{embeddings_freq=}, {embeddings_metadata=}"
            )
        self.log_dir = str(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        first, last = batches_to_profile(profile_batch)
        self._profile = BatchProfile(first, last) if last else None
        self._files: dict[str, EventFile] = {}
        self._due: list[bool] = []  # whether to write now; validation lies within fit
        self._train_batch = self._test_batch = 0

    @property
    def _by_batches(self) -> bool:
        return self.update_freq != "epoch"

    @property
    def _idle_hooks(self) -> tuple:
        cls = TensorBoard
        test = () if self._by_batches else (cls.on_test_batch_begin,)
        if test and self._profile is None:
            return (cls.on_train_batch_begin, cls.on_train_batch_end, *test)
        return test

    def set_model(self, model):
        super().set_model(model)
        self._files, self._due = {}, []
        if self.write_graph and type(model).__name__ in ("Functional", "Sequential"):
            try:
                config = model.to_json()
            except Exception as error:  # as in Keras, no training stops for a picture
                warn(f"The model is not written for TensorBoard: {error}")
                return
            file = self._file("train")
            file.write("keras", config.encode(), 0, "graph_keras_model", b"1")

    def on_train_begin(self, logs=None):
        self._train_batch = 0
        self._file("train")
        self._enter(0)

    def on_train_end(self, logs=None):
        self._leave()
        if self._profile is not None and self._profile.is_running:
            self._write_profile()

    def on_epoch_begin(self, epoch, logs=None):
        if self.write_steps_per_second:
            self._first_step = int(self.model.optimizer.iterations)
            self._epoch_start = time.time()

    def on_epoch_end(self, epoch, logs=None):
        if logs:
            self._write_epoch(epoch, logs)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)

    def on_train_batch_begin(self, batch, logs=None):
        self._train_batch += 1
        if self._by_batches:
            self._leave()
            self._enter(self._train_batch)
        self._batch_start = time.time()
        if self._profile is not None and self._train_batch == self._profile.first:
            self._profile.start()

    def on_train_batch_end(self, batch, logs=None):
        if self._by_batches:
            found = {f"batch_{name}": value for name, value in (logs or {}).items()}
            if self.write_steps_per_second:
                rate = 1.0 / _seconds_since(self._batch_start)
                found = {"batch_steps_per_second": rate} | found
            self._scalars("train", found, self._train_batch)
        profile = self._profile
        if profile is not None and profile.is_running:
            if self._train_batch >= profile.last:
                self._write_profile()

    def on_test_begin(self, logs=None):
        self._file("validation")
        self._enter(self._test_batch)

    def on_test_batch_begin(self, batch, logs=None):
        self._test_batch += 1
        self._leave()
        self._enter(self._test_batch)

    def on_test_end(self, logs=None):
        optimizer = self.model.optimizer
        if optimizer is not None:
            found = {f"evaluation_{k}_vs_iterations": v for k, v in logs.items()}
            self._scalars("validation", found, int(optimizer.iterations))
        self._leave()

    def _enter(self, step: int) -> None:
        """From here on, is anything written? As in Keras this holds for the results of
        epochs and evaluations too: they are there if their last batch is due."""
        if self._by_batches:
            self._due.append(step % self.update_freq == 0)

    def _leave(self) -> None:
        if self._by_batches:
            self._due.pop()

    @property
    def _is_due(self) -> bool:
        return not self._due or self._due[-1]

    def _file(self, stage: str) -> EventFile:
        if stage not in self._files:
            self._files[stage] = EventFile(os.path.join(self.log_dir, stage))
        return self._files[stage]

    def _scalars(self, stage: str, values: dict, step: int) -> None:
        if self._is_due:
            for tag, value in values.items():
                self._file(stage).scalar(tag, value, step)

    def _write_epoch(self, epoch: int, logs: dict) -> None:
        optimizer = self.model.optimizer
        found = {k: v for k, v in logs.items() if not k.startswith("val_")}
        if optimizer is not None:
            found["learning_rate"] = float(optimizer.learning_rate)
        if self.write_steps_per_second:
            steps = int(optimizer.iterations) - self._first_step
            found["steps_per_second"] = steps / _seconds_since(self._epoch_start)
        validation = {
            k.removeprefix("val_"): v for k, v in logs.items() if k.startswith("val_")
        }
        for stage, values in (("train", found), ("validation", validation)):
            tags = {f"epoch_{name}": value for name, value in values.items()}
            self._scalars(stage, tags, epoch)

    def _write_weights(self, epoch: int) -> None:
        if not self._is_due:
            return
        file = self._file("train")
        for layer in self.model.layers:
            for weight in layer.weights:
                name = weight.path.replace(":", "_")
                file.histogram(f"{name}/histogram", weight.value, epoch)
                images = as_images(weight.value) if self.write_images else None
                if images is not None:
                    file.image(f"{name}/image", images, epoch)

    def _write_profile(self) -> None:
        text = self._profile.stop()
        step = self._profile.last
        self._file("train").write(f"batch_{step}", text.encode(), step, "text")


def _seconds_since(start: float) -> float:
    return max(time.time() - start, 1e-7)  # a clock may stand still
