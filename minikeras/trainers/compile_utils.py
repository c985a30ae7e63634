"""Counterpart: keras/src/trainers/compile_utils.py. The losses and metrics of a model.

`compile` gets names, functions or objects, for one output or for several. Names are
looked up at once, so that a misspelt one fails in `compile`. What "accuracy" and
"crossentropy" mean depends on shapes: it is decided when the first batch is seen.
"""

from collections.abc import Iterable
from contextlib import contextmanager

import numpy as np

from minikeras import losses as losses_module
from minikeras import metrics as metrics_module
from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.autodiff.recording import recording
from minikeras.naming import to_snake_case
from minikeras.ops import multiply
from minikeras.registry import did_you_mean
from minikeras.trainers.outputs import (
    check_names,
    in_order,
    is_deep,
    is_nest_of_losses,
    named_outputs,
    only,
    parts_at,
    paths,
    per_output,
    targets_of,
    titles_of,
)

_BY_SHAPE = {
    "accuracy": (
        metrics_module.BinaryAccuracy,
        metrics_module.SparseCategoricalAccuracy,
        metrics_module.CategoricalAccuracy,
    ),
    "crossentropy": (
        losses_module.binary_crossentropy,
        losses_module.sparse_categorical_crossentropy,
        losses_module.categorical_crossentropy,
    ),
}


def by_shape(name: str, y_true, y_pred):
    """What "accuracy" or "crossentropy" means for these shapes.

    One output column: binary. Labels with fewer axes than the output, or with one
    column for several: class numbers. Else one-hot rows.
    """
    binary, sparse, categorical = _BY_SHAPE[name]
    if y_pred.shape[-1] == 1:
        return binary
    if y_true.ndim < y_pred.ndim or (y_true.shape[-1] == 1 < y_pred.shape[-1]):
        return sparse
    return categorical


class CompileLoss:
    """The loss of a model: the weighted sum of the losses of its outputs.

    Of several losses for a model with one output the first alone counts, as in
    Keras (`CompileLoss.call`); the others keep trackers that stay at 0. Within
    several outputs, or beside a target in a list, they are added up.
    """

    def __init__(self, loss, loss_weights=None, output_names=None):
        if loss_weights and not isinstance(loss_weights, (list, tuple, dict, float)):
            raise ValueError(
                "Expected `loss_weights` argument to be a float (single output case) "
                "or a list, tuple, or dict (multiple output case). Received instead: "
                f"loss_weights={loss_weights} of type {type(loss_weights)}"
            )
        for weight in tree.flatten(loss_weights):
            if weight is not None and not isinstance(weight, (int, float, np.number)):
                raise ValueError(
                    "Expected numbers in `loss_weights` (metrics are the argument "
                    f"`metrics`). Received: loss_weights={loss_weights}"
                )
        if not tree.flatten(loss):
            raise ValueError(f"There is no loss in an empty nest. Received: {loss=}")
        self._loss = tree.map_structure(_resolve_loss, loss)
        self._loss_weights = loss_weights
        self.output_names = output_names
        self._single = None  # the loss function of a model with one output
        self._parts: list = []  # (output index, loss function, weight)
        self.metrics: list = []  # a tracker for each part, if there are several
        self.latest: list = []  # what each part gave last, where nobody tracks it
        self._tracks = True

    @property
    def of_one_output(self):
        """The Loss that counts where there is one output; None before it is known."""
        first = tree.flatten(self._loss)[0]
        return first if isinstance(first, losses_module.Loss) else None

    @property
    def functions(self) -> list:
        """The losses of all outputs; names whose meaning the shapes tell as such
        until then."""
        if self._parts:
            return [function for _, function, _ in self._parts]
        return [loss for loss in tree.flatten(self._loss) if loss is not None]

    @contextmanager
    def untracked(self):
        """A block whose losses do not count in the trackers; they are `latest`."""
        self._tracks = False
        try:
            yield
        finally:
            self._tracks, self.latest = True, []

    def track(self, values: list, y_pred, by_rows: bool) -> None:
        """Adds the losses of a batch, part by part, to their trackers."""
        _, predictions = named_outputs(y_pred, self.output_names)
        rows = zip(self._parts, self.metrics, values, strict=True)
        for (i, _, _), tracker, value in rows:
            tracker.update_state(value, len(predictions[i]) if by_rows else None)

    def __call__(self, y_true, y_pred, sample_weight=None, by_rows=False):
        """The scalar loss of a batch. The losses of several outputs are tracked as
        the mean over the batches, or, `by_rows`, over the rows: in Keras's graph the
        batch size is open, and an open size is no weight."""
        if self._single is not None:
            if type(y_true) is not Tensor:
                y_true, sample_weight = only(y_true), only(sample_weight)
            return self._single(y_true, y_pred, sample_weight)
        if not self._parts:
            self._build(y_true, y_pred)
            return self(y_true, y_pred, sample_weight, by_rows)
        if tree.is_nested(y_true) or tree.is_nested(y_pred):
            return self._sum(y_true, y_pred, sample_weight, by_rows)
        _, function, weight = self._parts[0]
        return _weighted(function(y_true, y_pred, sample_weight), weight)

    def _build(self, y_true, y_pred) -> None:
        names, predictions = named_outputs(y_pred, self.output_names)
        check_names(y_true, names, self._loss)
        targets = targets_of(y_true, names, self._loss)
        losses = _losses_per_output(self._loss, names, y_pred)
        weights = iter(_flat_weights(self._loss_weights, losses, names))
        rows = [[(loss, next(weights)) for loss in found] for found in losses]
        order: Iterable[int] = range(len(names))
        titles = dict(enumerate(names))
        if is_deep(y_pred):
            order = titles = titles_of(y_pred, names, self._loss)
        elif isinstance(y_pred, dict):  # added up, and reported, in the user's order
            keys = self._loss if isinstance(self._loss, dict) else y_pred
            order = [names.index(key) for key in keys]
        self._parts = [
            (i, _loss_function(loss, targets[i], predictions[i]), weight)
            for i in order
            for loss, weight in rows[i]
            if loss is not None
        ]
        if not self._parts:
            raise ValueError("No loss to compute: every entry of `loss` is None.")
        if len(self._parts) > 1:
            self.metrics = [
                metrics_module.Mean(name=f"{titles[i] or function.name}_loss")
                for i, function, _ in self._parts
            ]
        elif len(names) == 1 and not tree.is_nested(y_pred):
            _, function, weight = self._parts[0]
            self._single = function if weight is None else None

    def _sum(self, y_true, y_pred, sample_weight, by_rows):
        """Σ weight · loss over the parts, each tracked by its own metric."""
        names, predictions = named_outputs(y_pred, self.output_names)
        targets = targets_of(y_true, names, self._loss)
        sample_weights = in_order(sample_weight, names)
        if len(sample_weights) != len(predictions):
            sample_weights = [sample_weights[0]] * len(predictions)
        total = None
        found = []
        for i, function, weight in self._parts:
            value = function(targets[i], predictions[i], sample_weights[i])
            found.append(value)
            value = _weighted(value, weight)
            total = value if total is None else total + value
        if self.metrics and self._tracks:
            self.track([loss.value for loss in found], y_pred, by_rows)
        elif self.metrics:
            self.latest = found
        return total


class CompileMetrics:
    """The metrics of `compile`, updated together; `weighted_metrics` get weights."""

    name = "compile_metrics"

    def __init__(self, metrics, weighted_metrics, output_names=None):
        for argument, value in (
            ("metrics", metrics),
            ("weighted_metrics", weighted_metrics),
        ):
            if value and not isinstance(value, (list, tuple, dict)):
                raise ValueError(
                    f"Expected `{argument}` argument to be a list, tuple, or dict. "
                    f"Received instead: {argument}={value} of type {type(value)}"
                )
        self._plain = tree.map_structure(_resolve_metric, metrics or [])
        self._weighted = tree.map_structure(_resolve_metric, weighted_metrics or [])
        self._output_names = output_names
        self._rows: list | None = None  # (output index, metric, is weighted, log name)
        self._single: list = []

    @property
    def built(self) -> bool:
        return self._rows is not None

    @property
    def metrics(self) -> list:
        return [metric for _, metric, _, _ in self._rows or []]

    @property
    def variables(self) -> list:
        return [v for metric in self.metrics for v in metric.variables]

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        """Adds a batch to every metric."""
        if self._rows is None:
            self._build(y_true, y_pred)
        if self._single:  # one output and no weights: the usual case
            y_true = y_true if type(y_true) is Tensor else only(y_true)
            for metric in self._single:
                if recording.trace is not None:
                    recording.trace.enter(f"the metric {metric.name}")
                metric.update_state(y_true, y_pred)
            return
        names, predictions = named_outputs(y_pred, self._output_names)
        if tree.is_nested(y_pred):
            targets = targets_of(y_true, names, None)
        else:
            targets = [only(y_true)]
        weights = in_order(sample_weight, names)
        for output, metric, weighted, _ in self._rows or []:
            if weighted:
                weight = weights[output if len(weights) > 1 else 0]
                metric.update_state(targets[output], predictions[output], weight)
            else:
                metric.update_state(targets[output], predictions[output])

    def _build(self, y_true, y_pred) -> None:
        names, predictions = named_outputs(y_pred, self._output_names)
        targets = targets_of(y_true, names, None)
        several = len(names) > 1
        rows: list = []
        used: dict[str, int] = {}
        for given, weighted in ((self._plain, False), (self._weighted, True)):
            per_output = _metrics_per_output(given, names, y_pred)
            for i, identifiers in enumerate(per_output):
                for identifier in identifiers:
                    metric = _metric(identifier, targets[i], predictions[i])
                    prefix = f"{names[i]}_" if several and names[i] else ""
                    name = _log_name(prefix, metric.name, weighted, used)
                    rows.append((i, metric, weighted, name))
        self._rows = rows
        if not tree.is_nested(y_pred) and not any(row[2] for row in rows):
            self._single = [row[1] for row in rows]

    def reset_state(self) -> None:
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict:
        """The result of each metric under its log name."""
        return {name: metric.result() for _, metric, _, name in self._rows or []}


def _weighted(loss, weight):
    return loss if weight is None else multiply(loss, weight)


def _losses_per_output(loss, names: list, y_pred) -> list[list]:
    """The losses of each output: several where an entry of `loss` is a list."""
    if not isinstance(loss, dict) and not tree.is_nested(y_pred):
        given = tree.flatten(loss)
        if None in given:
            raise ValueError(
                "Expected a loss for each entry of `loss`, as the model has one "
                "output. Received: a list that holds None."
            )
        return [given]
    if is_deep(y_pred) and is_nest_of_losses(loss):
        loss = parts_at(paths(y_pred), loss, "loss", partly=True)
    return [tree.flatten(entry) for entry in per_output(loss, names, "loss")]


def _flat_weights(given, losses: list[list], names: list) -> list:
    """One of the `loss_weights` for each loss, output by output."""
    count = sum(map(len, losses))
    if given is None:
        return [None] * count
    if not isinstance(given, (list, tuple)) and not is_deep(given):
        given = per_output(given, names, "loss_weights")
    weights = tree.flatten(given)
    if len(weights) != count:
        raise ValueError(
            f"`loss_weights` must match the number of losses, got {count} losses and "
            f"{len(weights)} weights."
        )
    return weights


def _metrics_per_output(given, names: list, y_pred) -> list[list]:
    if len(names) == 1:
        return [[metric for metric in tree.flatten(given) if metric is not None]]
    if not given:
        return [[] for _ in names]
    if is_deep(y_pred):
        entries = parts_at(paths(y_pred), given, "metrics")
    else:
        entries = per_output(given, names, "metrics")
    return [[m for m in tree.flatten(entry) if m is not None] for entry in entries]


def _log_name(prefix: str, name: str, weighted: bool, used: dict[str, int]) -> str:
    """A name not used yet: "weighted_…" or "…_1" where two metrics share one."""
    full = prefix + name
    if full in used and weighted:
        full = f"{prefix}weighted_{name}"
    if full in used:
        used[full] += 1
        return f"{full}_{used[full] - 1}"
    used[full] = 1
    return full


def _resolve_loss(identifier):
    if isinstance(identifier, str):
        if identifier.lower() in ("crossentropy", "ce"):
            return "crossentropy"
        # A loss known by a name logs under it: "mse_loss" for "mse".
        return _as_loss(losses_module.get(identifier), identifier)
    return _as_loss(losses_module.get(identifier), None)


def _as_loss(loss, name):
    if loss is None or isinstance(loss, losses_module.Loss):
        return loss
    # A function of ours is the `fn` of its class, which knows how to fuse it.
    exports = losses_module.FAMILY.exports
    for known, cls in exports.items():
        if isinstance(cls, type) and exports.get(to_snake_case(known)) is loss:
            return cls(name=name or _name_of(loss))
    return losses_module.LossFunctionWrapper(loss, name=name or _name_of(loss))


def _name_of(function) -> str:
    """What a callable logs under; "lambda" for one without a name."""
    own = getattr(function, "__name__", type(function).__name__)
    return getattr(function, "name", None) or to_snake_case(own)


def _loss_function(loss, y_true, y_pred):
    if loss == "crossentropy":
        return _as_loss(by_shape("crossentropy", y_true, y_pred), "crossentropy")
    return loss


def _resolve_metric(identifier):
    if identifier is None:
        return None
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        return identifier
    metric = _known_metric(identifier)
    if not isinstance(metric, metrics_module.Metric):
        metric = metrics_module.MeanMetricWrapper(metric, name=_name_of(metric))
    if isinstance(identifier, str):
        metric.name = identifier
    return metric


def _known_metric(identifier):
    try:
        return metrics_module.get(identifier)
    except ValueError as error:
        # "acuracy" is nearest to a name that only compile knows.
        if isinstance(identifier, str):
            near = did_you_mean(identifier, ["accuracy"])
            if near:
                raise ValueError(f"Unknown metric: {identifier!r}.{near}") from error
        raise


def _metric(resolved, y_true, y_pred):
    if isinstance(resolved, str):
        return by_shape("accuracy", y_true, y_pred)(name=resolved)
    return resolved
