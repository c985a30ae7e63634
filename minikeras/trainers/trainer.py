"""Counterpart: keras/src/trainers/trainer.py and backend/tensorflow/trainer.py.

`compile` says what to minimise; `Trainer` holds what one step does: forward pass,
loss, gradients, update, metrics. The loops over steps and epochs are in `loops`.
"""

from typing import Any

from minikeras import metrics as metrics_module
from minikeras import ops, optimizers, registry, tree
from minikeras.autodiff import Array, GradientTape, Tensor, Variable, primitive
from minikeras.autodiff.recording import recording
from minikeras.caller import warn
from minikeras.config import floatx
from minikeras.layers.fixed import is_fixed
from minikeras.layers.input_spec import returned_none
from minikeras.layers.tracking import cached, unique
from minikeras.program.cache import Programs
from minikeras.program.export import exported
from minikeras.signature import accepts
from minikeras.trainers.arguments import check_count
from minikeras.trainers.compile_utils import CompileLoss, CompileMetrics
from minikeras.trainers.loops import TrainingLoops
from minikeras.trainers.public import public
from minikeras.trainers.shards import sharded
from minikeras.trainers.traced_flags import TracedFlags
from minikeras.utils.data_packing import unpack_x_y_sample_weight


class Trainer(TrainingLoops):
    """What a Model can do besides being a Layer: be compiled, trained and evaluated."""

    compiled = False
    optimizer: Any = None
    loss = None
    run_eagerly = False
    steps_per_execution = 1
    stop_training = False
    stop_evaluating = False
    stop_predicting = False
    _compile_loss: CompileLoss | None = None
    _compile_metrics: CompileMetrics | None = None
    _loss_tracker: Any = None
    _programs: Programs
    _compile_arguments: dict

    @public
    def compile(
        self,
        optimizer="rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        auto_scale_loss=True,
    ) -> None:
        """Sets the optimizer, the loss and the metrics; names are checked here.

        With `run_eagerly` no step is repeated as a program (program/cache.py), and the
        losses of several outputs have other means (`CompileLoss`). `jit_compile` and
        `auto_scale_loss` are accepted for Keras's sake: nothing is compiled, there is
        one dtype.
        """
        check_count("steps_per_execution", steps_per_execution)
        output_names = getattr(self, "output_names", None)
        # As in Keras, what a second `compile` does not mention stays.
        compile_loss, compile_metrics = self._compile_loss, self._compile_metrics
        if loss is not None:
            compile_loss = CompileLoss(loss, loss_weights, output_names)
        if metrics is not None or weighted_metrics is not None:
            compile_metrics = CompileMetrics(metrics, weighted_metrics, output_names)
        self.optimizer = optimizers.get(optimizer)
        self.loss = self.loss if loss is None else loss
        self._compile_loss = compile_loss
        self._compile_metrics = compile_metrics
        self._loss_tracker = metrics_module.Mean(name="loss")
        self.run_eagerly = run_eagerly
        self.jit_compile = False
        self.steps_per_execution = int(steps_per_execution)
        self._compile_arguments = {  # for a clone, and for a file
            "optimizer": self.optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
        }
        self._programs.clear()
        self._traced_flags = TracedFlags(self)
        self._loss_takes_training = accepts(type(self).compute_loss, "training")
        self.stop_training = False
        self.compiled = True

    def get_compile_config(self) -> dict:
        """The arguments of `compile` as plain data; {} before it was called."""
        if not self.compiled:
            return {}
        return registry.serialize(self._compile_arguments | {"jit_compile": False})

    def compile_from_config(self, config: dict) -> None:
        """Compiles the model as `get_compile_config` said, and makes the optimizer's
        variables, so that their values can be loaded."""
        if type(self).compile is not Trainer.compile:
            warn(
                f"The model is not compiled: {type(self).__name__} has a `compile()` "
                "of its own. Override `get_compile_config()` and "
                "`compile_from_config(config)` too, or call `compile()` after loading."
            )
            return
        self.compile(**registry.deserialize_nest(config))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self._trainable_weights())

    def _assert_compile_called(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"You must call `compile()` before calling `{method}()`.")

    # One step -----------------------------------------------------------------

    def train_step(self, data) -> dict:
        """One update of the weights on a batch; returns the metrics so far.

        Override it to train in another way; `data` is `(x, y, sample_weight)`.
        """
        return self._train_on(data) or self.get_metrics_result()

    def test_step(self, data) -> dict:
        """The loss and metrics of a batch, without an update."""
        return self._test_on(data) or self.get_metrics_result()

    def predict_step(self, data):
        """The outputs for a batch."""
        data = unpack_x_y_sample_weight(data)[:1]
        return self._programs.run("predict_step", self._predict_as_written, data)

    def _predict_as_written(self, x):
        return self._outputs(x, training=False)

    def _outputs(self, x, training: bool):
        """What the model's call returns for a batch; ValueError for nothing."""
        y_pred = self(x, training=training) if self._takes_training else self(x)
        if y_pred is None:
            raise ValueError(returned_none(self))
        return y_pred

    def _train_on(self, data) -> dict | None:
        """`train_step` without the results, which nobody may want to read."""
        data = unpack_x_y_sample_weight(data)
        return self._programs.run("train_step", self._train_as_written, data)

    def _train_as_written(self, x, y, sample_weight) -> dict | None:
        loss, y_pred, gradients = self._programs.run(
            "gradients", self.loss_and_gradients, (x, y, sample_weight)
        )
        self._track_loss(loss, x)
        weights = self._trainable_weights()
        if self.optimizer is None:
            raise ValueError(
                "Training needs an optimizer. Received: compile(optimizer=None)"
            )
        if weights:
            self.optimizer.apply(gradients, weights)
        else:
            warn("The model does not have any trainable weights.")
        return self._update_metrics(x, y, y_pred, sample_weight)

    def _may_learn(self, name: str) -> bool:
        """Whether a step may be repeated by a program."""
        if self.run_eagerly:
            return False
        if name == "call":  # outside of a step, Keras too runs the user's Python
            return all(map(is_fixed, self._all_layers()))
        threads = self._programs.in_parts or getattr(
            self.optimizer, "_in_threads", False
        )
        return name != "train_step" or not threads

    def _parts_of_steps(self) -> list:
        """What a step is made of, beside the model itself."""
        layers = [layer for layer in self._all_layers() if layer is not self]
        regularizers = [regularizer for regularizer, _ in self._penalties()]
        limits = [v.constraint for v in self._trainable_weights()]
        rate = getattr(self.optimizer, "_learning_rate", None)
        others = [self.optimizer, rate, *self.metrics]
        return [*layers, *regularizers, *self.loss_functions, *limits, *others]

    def _named_state(self) -> list[tuple]:
        """(name, variable) for all that a step may change; programs take the names."""
        kept = [*self._all_weights(), *self.metrics_variables]
        for layer in self._all_layers():
            kept += layer._states_between_calls()
        named = [(v.path.removeprefix(f"{self.name}/"), v) for v in kept]
        for v in self.optimizer.variables if self.optimizer is not None else ():
            name = v.path.rpartition("/")[2].removeprefix(f"{self.name}_")
            named.append((name, v))
        return named

    def _in_parts(self, name: str, data: tuple, step):
        """A step that threads share, None for one that they do not."""
        return sharded(self, data, step) if name == "gradients" else None

    def loss_and_gradients(self, x, y, sample_weight=None, weight=None) -> tuple:
        """(loss, y_pred, gradients of the trainable weights as arrays) of a batch; the
        gradients are those of `weight` times the loss."""
        with GradientTape() as tape:
            y_pred = self._outputs(x, training=True)
            loss = self._loss_of(x, y, y_pred, sample_weight, True)
            scaled = loss if self.optimizer is None else self.optimizer.scale_loss(loss)
        # Asked for only now: the first call may have built the weights.
        weights = self._trainable_weights()
        return loss, y_pred, tape.array_gradients(scaled, weights, (weight,))

    def _test_on(self, data) -> dict | None:
        data = unpack_x_y_sample_weight(data)
        return self._programs.run("test_step", self._test_as_written, data)

    def _test_as_written(self, x, y, sample_weight) -> dict | None:
        y_pred = self._outputs(x, training=False)
        self._track_loss(self._loss_of(x, y, y_pred, sample_weight, False), x)
        return self._update_metrics(x, y, y_pred, sample_weight)

    @property
    def program(self):
        """The training step as it is repeated: `print(model.program)` shows it. For
        the shapes that came first; ValueError, with the reason, if there is none."""
        return self._programs.find("train_step", "gradients")

    def export_numpy(self, filepath, begin=None) -> None:
        """Writes the training step, with the state that the model has (or variables had
        by `begin`), as a Python file that runs with NumPy alone; ValueError if there
        is more to it."""
        steps = self._programs.by_rows("train_step")
        if not steps:
            raise ValueError(f"Train the model first. {self.program}")
        title = f"The training step of the model {self.name!r}"
        state, metrics = self._named_state(), self.metrics_variables
        text = exported(title, steps, state, metrics, begin)
        with open(filepath, "w", encoding="utf-8") as file:
            file.write(text)

    # Loss ---------------------------------------------------------------------

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """The loss of `compile` plus all that `add_loss` and regularizers add."""
        losses = self.losses
        for i, loss in enumerate(losses):
            if loss.value.ndim or loss.value.dtype.kind != "f":
                losses[i] = ops.sum(ops.cast(loss, floatx()))
        if self._compile_loss is not None:
            loss = self._compile_loss(y, y_pred, sample_weight, self.run_eagerly)
            losses.insert(0, loss)
        if not losses:
            raise ValueError(
                "No loss to compute. Provide a `loss` argument in `compile()`."
            )
        return losses[0] if len(losses) == 1 else _total(*losses)

    @property
    def loss_function(self):
        """The Loss that counts in a model with one output; None before `compile`."""
        return None if self._compile_loss is None else self._compile_loss.of_one_output

    @property
    def loss_functions(self) -> list:
        """All that `loss` of `compile` holds, for all outputs."""
        return [] if self._compile_loss is None else self._compile_loss.functions

    def _losses_of_outputs(self) -> list[Tensor]:
        """The losses that make up the last one and did not count in their trackers."""
        return [] if self._compile_loss is None else self._compile_loss.latest

    def _track_losses(self, values: list, y_pred) -> None:
        """Makes them count."""
        if self._compile_loss is not None:
            self._compile_loss.track(values, y_pred, self.run_eagerly)

    @property
    def has_plain_steps(self) -> bool:
        """Whether no step is overridden: then a batch goes through `call`."""
        own = (type(self).train_step, type(self).test_step)
        return own == (Trainer.train_step, Trainer.test_step)

    @property
    def needs_targets(self) -> bool:
        """Whether a step without `y` must fail: a loss, and nothing overridden."""
        plain = type(self).compute_loss is Trainer.compute_loss and self.has_plain_steps
        return plain and self._compile_loss is not None

    def _loss_of(self, x, y, y_pred, sample_weight, training: bool):
        # Overrides written before Keras 3.3 have no `training` argument.
        if self._loss_takes_training:
            return self.compute_loss(x, y, y_pred, sample_weight, training=training)
        return self.compute_loss(x, y, y_pred, sample_weight)

    def _track_loss(self, loss, x) -> None:
        """The running mean of the loss, weighted by the size of the batches."""
        if recording.trace is not None:
            recording.trace.enter("the mean of the loss over the rows so far")
        first = x if isinstance(x, Tensor) else tree.flatten(x)[0]
        self._loss_tracker.update_state(loss.value, sample_weight=len(first.value))

    # Metrics ------------------------------------------------------------------

    def compute_metrics(self, x, y, y_pred, sample_weight=None) -> dict:
        """Updates the metrics of `compile` and returns the results of all metrics."""
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def _update_metrics(self, x, y, y_pred, sample_weight) -> dict | None:
        if type(self).compute_metrics is not Trainer.compute_metrics:
            return self.compute_metrics(x, y, y_pred, sample_weight)
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return None

    def get_metrics_result(self) -> dict:
        """The results of all metrics by name."""
        results: dict = {}
        for metric in self.metrics:
            result = metric.result()
            results.update(
                result if isinstance(result, dict) else {metric.name: result}
            )
        return results

    @property
    def metrics(self) -> list:
        """The loss tracker, the metrics of `compile`, then those of the layers."""
        own: list = []
        if self._loss_tracker is not None:
            own.append(self._loss_tracker)
        if self._compile_metrics is not None:
            own.append(self._compile_metrics)
        if self._compile_loss is not None:
            own.extend(self._compile_loss.metrics)
        return own + self._metrics_of_layers()

    @cached
    def _metrics_of_layers(self) -> list:
        own = list(self._own_metrics())
        for layer in self._all_layers()[1:]:
            # A model inside this one has metrics for its own training only; its
            # layers count in this one's too.
            if not isinstance(layer, Trainer):
                own.extend(layer.metrics)
        return unique(own)

    @property
    def metrics_names(self) -> list[str]:
        return [metric.name for metric in self.metrics]

    @property
    def metrics_variables(self) -> list[Variable]:
        return [v for metric in self.metrics for v in metric.variables]

    def reset_metrics(self) -> None:
        for metric in self.metrics:
            metric.reset_state()


@primitive
def _total(*losses: Array):
    """The sum of scalar losses; each has the derivative 1."""
    return sum(losses), lambda dy: (dy,) * len(losses)


Trainer._plain_steps = (Trainer.train_step, Trainer.test_step, Trainer.predict_step)
