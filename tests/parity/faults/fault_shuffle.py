import numpy as np

from minikeras.trainers.data_adapters import array_data_adapter as module

_order = module.shuffle_order
module.shuffle_order = lambda *arguments: np.roll(_order(*arguments), 1)
