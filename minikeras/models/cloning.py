"""Counterpart: keras/src/models/cloning.py."""

from minikeras.models.model import Model


def clone_model(model: Model) -> Model:
    """A new model with the same layers and weights of its own, drawn anew.

    For models with a config: Sequential, and subclasses whose `get_config` and
    `from_config` fit. ValueError for anything but a model.
    """
    if not isinstance(model, Model):
        raise ValueError(
            f"Expected a Model. Received: {model!r} (of type {type(model)})"
        )
    return type(model).from_config(model.get_config())
