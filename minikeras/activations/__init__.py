"""Counterpart: keras/src/activations/__init__.py. Activations by name."""

from minikeras import registry
from minikeras.activations.activations import (
    exponential,
    gelu,
    linear,
    mish,
    relu,
)
from minikeras.ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    swish,
    tanh,
    tanh_shrink,
    threshold,
)

FAMILY = registry.Family(
    "activation",
    "keras.activations",
    [
        relu,
        leaky_relu,
        relu6,
        softmax,
        celu,
        elu,
        selu,
        softplus,
        softsign,
        squareplus,
        soft_shrink,
        sparse_plus,
        silu,
        gelu,
        glu,
        tanh,
        tanh_shrink,
        threshold,
        sigmoid,
        sparse_sigmoid,
        exponential,
        hard_sigmoid,
        hard_silu,
        hard_tanh,
        hard_shrink,
        linear,
        mish,
        log_softmax,
        log_sigmoid,
        sparsemax,
    ],
    aliases={"swish": swish, "hard_swish": hard_swish},
)


def get(identifier):
    """The activation of that name or config, or the function itself; None is linear.

    >>> get("softmax")([[0.0, 0.0]]).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """
    return linear if identifier is None else FAMILY.get(identifier)


def serialize(activation):
    """The name of a built-in activation; the config of anything else, to be saved."""
    name = getattr(activation, "__name__", None)
    known = FAMILY.exports.get(name)
    if known is not None and _is_builtin(activation, known):
        return name
    config = registry.serialize(activation)
    if not isinstance(config, dict) or "config" not in config:
        raise ValueError(
            "Expected an activation: a function or an object with get_config(). "
            f"Received: {activation!r}"
        )
    return config


def _is_builtin(activation, known) -> bool:
    """Whether `activation` is the export itself or the op behind it."""
    module = getattr(activation, "__module__", "")
    return activation is known or module.startswith("minikeras.ops.")


def deserialize(config, custom_objects=None):
    """The activation that `serialize` described: from its name or its config."""
    with registry.custom_object_scope(custom_objects or {}):
        return config if config is None else FAMILY.get(config)
