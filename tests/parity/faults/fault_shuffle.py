import numpy as np

from minikeras.trainers.data_adapters import array_data_adapter as module

_order = module.shuffle_order
module.shuffle_order = lambda count, seed: np.roll(_order(count, seed), 1)
