"""Counterpart: keras/src/layers/preprocessing/normalization.py."""

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.config import epsilon
from minikeras.layers.arguments import integer_axes, sizes_of_axes
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops import cast, maximum, reshape, sqrt


class Normalization(Layer):
    """(x - mean) / √variance with the moments of a data set, the same in training.

    The moments are given, or found by `adapt(data)`: before that they are 0 and 1.
    Each index along `axis` (an int, several, or None for one pair of numbers) has
    its own. `invert` undoes it: mean + x·√variance. A deviation counts as at least
    `config.epsilon()`.
    """

    def __init__(self, axis=-1, mean=None, variance=None, invert=False, **kwargs):
        super().__init__(**kwargs)
        axes = integer_axes(() if axis is None else axis)
        self.axis = tuple(axes) if isinstance(axes, list) else (axes,)
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self.supports_masking = True
        if (mean is None) != (variance is None):
            raise ValueError(
                f"Layer '{self.name}' needs `mean` and `variance`, or neither. "
                f"Received: mean={mean}, variance={variance}"
            )
        if np.shape(mean) != np.shape(variance) or np.ndim(mean) > len(self.axis):
            raise ValueError(
                f"`mean` and `variance` of layer '{self.name}' must have the same "
                "shape, with at most one axis for each of `axis`. Received: "
                f"mean.shape={np.shape(mean)}, variance.shape={np.shape(variance)}, "
                f"axis={self.axis}"
            )

    def build(self, input_shape):
        if None in sizes_of_axes(self, self.axis, input_shape):
            raise ValueError(
                f"Layer '{self.name}' keeps moments for each index of axis "
                f"{self.axis}, so these must have known lengths. Received: "
                f"input_shape={tuple(input_shape)}"
            )
        ndim = len(input_shape)
        self._kept = tuple(sorted(a % ndim for a in self.axis))
        self._over = tuple(a for a in range(ndim) if a not in self._kept)
        self._sizes = tuple(input_shape[a] for a in self._kept)
        self._spread = [n if a in self._kept else 1 for a, n in enumerate(input_shape)]
        if self.input_mean is None:
            self.adapt_mean = self._add_moment("mean", "zeros")
            self.adapt_variance = self._add_moment("variance", "ones")
            self.count = self.add_weight(
                name="count", shape=(), dtype="int64", trainable=False
            )
        else:
            self._given = tuple(
                self._placed(np.asarray(as_array(moment), self.dtype))
                for moment in (self.input_mean, self.input_variance)
            )
        # From the end, for a sample without its batch axis is taken too, as in Keras.
        fixed = {a - ndim: input_shape[a] for a in self._kept}
        self.input_spec = InputSpec(axes=fixed)

    def _add_moment(self, name, initializer):
        return self.add_weight(
            name=name, shape=self._sizes, initializer=initializer, trainable=False
        )

    def _placed(self, moment):
        """A given moment, whose axes are the last of the kept ones, as an array that
        can be broadcast against the input."""
        shape = [1] * len(self._spread)
        for axis, size in zip(self._kept[::-1], moment.shape[::-1], strict=False):
            shape[axis] = size
        try:
            return np.broadcast_to(moment.reshape(shape), self._spread)
        except ValueError as error:
            raise ValueError(
                f"`mean` and `variance` of layer '{self.name}' do not fit an input "
                f"with the lengths {self._sizes} along axis {self.axis}. "
                f"Received: mean.shape={moment.shape}"
            ) from error

    @property
    def mean(self):
        """What is subtracted, as it is broadcast; None before `build`."""
        return self._moment(0)

    @property
    def variance(self):
        return self._moment(1)

    def _moment(self, index):
        if not self.built:
            return None
        if self.input_mean is not None:
            return Tensor(self._given[index])
        weight = (self.adapt_mean, self.adapt_variance)[index]
        return reshape(weight, self._spread)

    def call(self, inputs):
        x = cast(inputs, self.dtype)
        deviation = maximum(sqrt(self.variance), epsilon())
        return self.mean + x * deviation if self.invert else (x - self.mean) / deviation

    def adapt(self, data):
        """Takes mean and (biased) variance from an array, or batches of one.

        Batches come from an iterable or a PyDataset, alone or as (x, y) or (x, y,
        weights), and their moments are joined; an array keeps its precision.
        """
        if self.input_mean is not None:
            raise ValueError(
                f"Layer '{self.name}' was given its mean and variance, so there is "
                f"nothing to adapt. Received: mean={self.input_mean}"
            )
        if isinstance(data, Tensor) or hasattr(data, "__array__"):
            x = as_array(data)
            self._prepare(x)
            mean, variance = np.mean(x, self._over), np.var(x, self._over)
        else:
            mean, variance = self._joined(_batches(data))
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def _prepare(self, x):
        """Builds for the data's shape; ValueError if it is empty or another one."""
        if not self.built:
            self.build(x.shape)
        sizes = tuple(x.shape[a] for a in self._kept if a < x.ndim)
        if sizes != self._sizes or not x.size:
            raise ValueError(
                f"Layer '{self.name}' adapts to data with at least one row and the "
                f"lengths {self._sizes} along axis {self.axis}. "
                f"Received: data.shape={x.shape}"
            )

    def _joined(self, batches):
        """The moments of all rows of the batches, summed up in the layer's dtype."""
        count, mean, variance = 0, None, None
        for batch in batches:
            x = batch[0] if isinstance(batch, tuple) else batch
            if not hasattr(x, "shape"):
                raise ValueError(
                    f"Layer '{self.name}' adapts to an array or to batches that are "
                    f"arrays. Received a batch of type {type(x).__name__}"
                )
            x = np.asarray(as_array(x), self.dtype)
            self._prepare(x)
            n = x.size // max(int(np.prod(self._sizes)), 1)
            m, v = np.mean(x, self._over), np.var(x, self._over)
            count += n
            if mean is None:
                mean, variance = m, v
                continue
            new, old = n / count, 1 - n / count
            joint = mean * old + m * new
            variance = (variance + (mean - joint) ** 2) * old
            variance = variance + (v + (m - joint) ** 2) * new
            mean = joint
        if not count:
            raise ValueError(
                f"Layer '{self.name}' adapts to at least one batch. Received none"
            )
        return mean, variance

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "axis": self.axis,
            "invert": self.invert,
            "mean": np.array(self.input_mean).tolist(),
            "variance": np.array(self.input_variance).tolist(),
        }


def _batches(data):
    """The batches of a data set: of a sequence by number, else of an iterator."""
    if hasattr(data, "__len__") and hasattr(data, "__getitem__"):
        return (data[i] for i in range(len(data)))
    if hasattr(data, "__iter__"):
        return iter(data)
    raise ValueError(
        "Expected an array, a PyDataset or an iterable of batches to adapt to. "
        f"Received: {data!r} (of type {type(data)})"
    )
