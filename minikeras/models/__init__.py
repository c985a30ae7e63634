"""Models: layers that can be trained."""

from minikeras.models.cloning import clone_model
from minikeras.models.functional import Functional
from minikeras.models.model import Model
from minikeras.models.sequential import Sequential
from minikeras.registry import Family
from minikeras.saving.saving_api import load_model, save_model
from minikeras.saving.saving_lib import model_from_json

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]

# Keras writes models under the module "keras" (keras.Sequential), but for one that it
# does not export.
FAMILY = Family(
    "model",
    "keras",
    [Sequential, Functional],
    modules={"Functional": "keras.src.models.functional"},
)
