"""Counterpart: keras/src/layers/normalization/batch_normalization.py."""

import numpy as np

from minikeras import constraints, initializers, regularizers
from minikeras.autodiff.quiet import quiet
from minikeras.config import epsilon as fuzz_factor
from minikeras.layers.arguments import integer_axis, real_number, sizes_of_axes
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops import batch_normalization, cast, reshape
from minikeras.ops.normalization import normalize_batch
from minikeras.registry import serialize


class BatchNormalization(Layer):
    """gamma·(x - mean) / √(variance + epsilon) + beta, for each channel on `axis`.

    In training mean and (biased) variance are those of the batch, and
    moving ← moving·momentum + batch·(1 - momentum) for both. Otherwise, and always
    while `trainable` is False, the moving ones are used. A mask (the input's shape
    without the last axis) says which entries count. `synchronized` changes nothing
    in one process. `renorm`: see `_renormalized`.
    """

    couples_samples = True

    def __init__(
        self,
        axis=-1,
        momentum=0.99,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        moving_mean_initializer="zeros",
        moving_variance_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        renorm=False,
        renorm_clipping=None,
        renorm_momentum=0.99,
        synchronized=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.axis = integer_axis(axis)
        self.synchronized = synchronized
        self.momentum = real_number("momentum", momentum)
        self.epsilon = real_number("epsilon", epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.renorm = renorm
        self.renorm_clipping = _checked(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = real_number("renorm_momentum", renorm_momentum)
        self.gamma = self.beta = None

    def build(self, input_shape):
        channels = sizes_of_axes(self, self.axis, input_shape)
        if self.scale:
            self.gamma = self.add_weight(
                name="gamma",
                shape=channels,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = self.add_weight(
                name="beta",
                shape=channels,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )
        mean, variance = self.moving_mean_initializer, self.moving_variance_initializer
        self._add_statistic("moving_mean", channels, mean)
        self._add_statistic("moving_variance", channels, variance)
        if self.renorm:

            def deviation(shape, dtype=None):
                return np.sqrt(_copy(variance)(shape, dtype=dtype))

            self._add_statistic("moving_stddev", channels, deviation)
            self._add_statistic("renorm_mean", channels, _copy(mean))
            self._add_statistic("renorm_stddev", channels, deviation)
        self.input_spec = InputSpec(
            ndim=len(input_shape), axes={self.axis: channels[0]}
        )

    def _add_statistic(self, name, shape, initializer):
        weight = self.add_weight(
            name=name, shape=shape, initializer=initializer, trainable=False
        )
        setattr(self, name, weight)

    def call(self, inputs, training=None, mask=None):
        if mask is not None and mask.ndim != inputs.ndim - 1:
            raise ValueError(
                f"The mask of layer '{self.name}' should have one axis less than its "
                f"input. Received: mask.shape={mask.shape}, "
                f"inputs.shape={inputs.shape}"
            )
        x, gamma, beta = self._wide(inputs, self.gamma, self.beta)
        if not (training and self.trainable):
            mean, variance = self._wide(self.moving_mean, self.moving_variance)
            y = batch_normalization(
                x, mean, variance, self.axis, beta, gamma, self.epsilon
            )
        elif self.renorm:
            y = self._renormalized(x, gamma, beta, mask)
        else:
            y, mean, variance = normalize_batch(
                x, gamma, beta, mask, self.axis, self.epsilon, fuzz_factor()
            )
            if x.size:  # Keras's statistics turn to nan over a batch of nothing
                self._move(self.moving_mean, mean.value, self.momentum)
                self._move(self.moving_variance, variance.value, self.momentum)
        return y if y.dtype == self._dtype else cast(y, self.dtype)

    def _wide(self, *tensors):
        """Half precision would overflow, so it is computed in float32."""
        if self.dtype != "float16":
            return tensors
        return [None if x is None else cast(x, "float32") for x in tensors]

    @staticmethod
    def _move(variable, batch, momentum):
        """Draws a moving statistic towards that of the batch."""
        old = variable.value.astype(batch.dtype, copy=False)

        def moved():
            new = old * momentum + batch * (1.0 - momentum)
            return new.astype(variable.value.dtype)

        variable.assign(quiet.run(moved))

    def _renormalized(self, x, gamma, beta, mask):
        """Batch renormalisation (Ioffe, 2017): gamma·(z·r + d) + beta.

        z is the input normalised over the batch; r = s / s' and d = (m - m') / s'
        undo it towards slowly moving m' and s' (m, s: mean and √(variance +
        epsilon) of the batch). r and d are clipped, and count as constants.
        """
        z, mean, variance = normalize_batch(
            x, None, None, mask, self.axis, self.epsilon, fuzz_factor()
        )
        m, v = mean.value, variance.value
        deviation = np.sqrt(v + self.epsilon)
        known = np.maximum(
            self.renorm_stddev.value.astype(m.dtype),
            np.sqrt(m.dtype.type(self.epsilon)),
        )
        r = deviation / known
        d = (m - self.renorm_mean.value.astype(m.dtype)) / known
        limits = self.renorm_clipping
        r = np.clip(r, limits.get("rmin"), limits.get("rmax"))
        if limits.get("dmax") is not None:
            d = np.clip(d, -limits["dmax"], limits["dmax"])
        y = z * self._along(r, x) + self._along(d, x)
        y = y if gamma is None else y * self._along(gamma, x)
        y = y if beta is None else y + self._along(beta, x)
        if x.size:
            self._move(self.renorm_mean, m, self.renorm_momentum)
            self._move(self.renorm_stddev, deviation, self.renorm_momentum)
            self._move(self.moving_mean, m, self.momentum)
            self._move(self.moving_stddev, deviation, self.momentum)
            square = np.square(self.moving_stddev.value.astype(m.dtype))
            self.moving_variance.assign(np.maximum(square - self.epsilon, 0))
        return y

    def _along(self, vector, x):
        """A number per channel, to be broadcast against x."""
        shape = [1] * x.ndim
        shape[self.axis] = -1
        return reshape(vector, shape)

    def compute_output_shape(self, input_shape):
        sizes_of_axes(self, self.axis, input_shape)
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": serialize(self.beta_initializer),
            "gamma_initializer": serialize(self.gamma_initializer),
            "moving_mean_initializer": serialize(self.moving_mean_initializer),
            "moving_variance_initializer": serialize(self.moving_variance_initializer),
            "beta_regularizer": serialize(self.beta_regularizer),
            "gamma_regularizer": serialize(self.gamma_regularizer),
            "beta_constraint": serialize(self.beta_constraint),
            "gamma_constraint": serialize(self.gamma_constraint),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }


def _checked(clipping) -> dict:
    """The limits of renorm's r and d: some of rmin, rmax and dmax."""
    clipping = clipping or {}
    if set(clipping) - {"rmax", "rmin", "dmax"}:
        raise ValueError(
            "`renorm_clipping` may have the keys 'rmax', 'rmin' and 'dmax'. "
            f"Received: renorm_clipping={clipping}"
        )
    rmin, rmax, dmax = (clipping.get(key) for key in ("rmin", "rmax", "dmax"))
    if None not in (rmin, rmax) and rmax < rmin or dmax is not None and dmax < 0:
        raise ValueError(
            "`renorm_clipping` needs rmin <= rmax and dmax >= 0. "
            f"Received: renorm_clipping={clipping}"
        )
    return clipping


def _copy(initializer):
    """The same initializer made anew, so that it draws its numbers again."""
    if isinstance(initializer, initializers.Initializer):
        return type(initializer).from_config(initializer.get_config())
    return initializer
