"""Utilities: seeds and names, labels, progress lines, downloads."""

from minikeras.config import standardize_dtype
from minikeras.graph import is_keras_tensor
from minikeras.random import set_random_seed
from minikeras.registry import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from minikeras.registry import serialize as serialize_keras_object
from minikeras.utils.data_packing import (
    pack_x_y_sample_weight,
    unpack_x_y_sample_weight,
)
from minikeras.utils.file_utils import get_file
from minikeras.utils.global_state import clear_session
from minikeras.utils.io_utils import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from minikeras.utils.model_visualization import model_to_dot, plot_model
from minikeras.utils.numerical_utils import normalize, to_categorical
from minikeras.utils.progbar import Progbar
from minikeras.utils.py_dataset import PyDataset
from minikeras.utils.sequence_utils import pad_sequences

Sequence = PyDataset  # the older name, which Keras still exports

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "standardize_dtype",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
