"""Counterpart: keras/src/layers/core/embedding.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.autodiff import Tensor
from minikeras.caller import warn
from minikeras.layers.layer import Layer
from minikeras.limits import positive_integer
from minikeras.ops import embedding, not_equal
from minikeras.registry import serialize


class Embedding(Layer):
    """A vector for each of `input_dim` indices: inputs (…) give (…, output_dim).

    The weight `embeddings` is (input_dim, output_dim); `weights` gives its first
    values, and builds the layer at once. With `mask_zero` index 0 means padding and
    is masked. ValueError for an index outside the table. Keras's `lora_rank`,
    `lora_alpha` and `quantization_config` are left out on purpose.
    """

    def __init__(
        self,
        input_dim,
        output_dim,
        embeddings_initializer="uniform",
        embeddings_regularizer=None,
        embeddings_constraint=None,
        mask_zero=False,
        weights=None,
        **kwargs,
    ):
        input_dim = positive_integer("input_dim", input_dim)
        output_dim = positive_integer("output_dim", output_dim)
        if kwargs.pop("input_length", None) is not None:
            warn("Argument `input_length` has no effect any more and can be removed.")
        super().__init__(**kwargs)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.autocast = False  # indices that are floats keep all their digits
        self._looked = False  # at the first of them: fractions are cut off
        if weights is not None:
            self.build()
            # A list of one entry is that of `get_weights`, anything else the table.
            is_listed = isinstance(weights, list) and len(weights) == 1
            self.set_weights(weights if is_listed else [weights])

    def build(self, input_shape=None):
        if self.built:
            return
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )

    def call(self, inputs):
        if not self._looked and isinstance(inputs, Tensor):
            if inputs.value.dtype.kind == "f":
                self._look_at(inputs.value)
        return embedding(inputs, self.embeddings, owner=self.name)

    def _look_at(self, indices):
        """One warning if the first batch holds fractions."""
        self._looked = bool(indices.any())  # an example is all zeros
        odd = indices[indices % 1 > 0]  # neither NaN nor inf: those are refused
        if odd.size:
            warn(
                f"Layer '{self.name}' looks up rows by whole numbers. Received the "
                f"index {odd[0]}: fractions are cut off."
            )

    def compute_mask(self, inputs, mask=None):
        return not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.output_dim)

    def get_config(self):
        return super().get_config() | {
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": serialize(self.embeddings_initializer),
            "embeddings_regularizer": serialize(self.embeddings_regularizer),
            "activity_regularizer": serialize(self.activity_regularizer),
            "embeddings_constraint": serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
        }
