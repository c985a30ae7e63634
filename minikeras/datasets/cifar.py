"""Counterpart: keras/src/datasets/cifar.py. What CIFAR-10 and CIFAR-100 share."""

from minikeras.config import image_data_format
from minikeras.datasets.npz_utils import unpickle


def load_batch(path: str, label_key: str = "labels"):
    """The images (n, 3, 32, 32) and the list of labels of one file."""
    with open(path, "rb") as file:
        batch = {key.decode("utf-8"): value for key, value in unpickle(file).items()}
    return batch["data"].reshape(-1, 3, 32, 32), batch[label_key]


def in_data_format(x):
    """Images (n, 3, 32, 32) with the channels where `image_data_format()` has them."""
    return x.transpose(0, 2, 3, 1) if image_data_format() == "channels_last" else x
