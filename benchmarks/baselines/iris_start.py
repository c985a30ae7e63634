"""Where tf.keras starts the iris tutorial after `keras.utils.set_random_seed(0)`.

The initial kernel of the Dense layer (its bias is zero), and the order in which
`fit` takes the 120 training rows, the same in every epoch.
"""

import numpy as np

KERNEL = np.array(
    [
        [0.029041827, -0.35354847, 0.627529],
        [-0.7284319, -0.19455159, -0.58009464],
        [-0.0017217398, 0.9012525, 0.100467205],
        [-0.11580634, 0.5202246, 0.14508629],
    ],
    "float32",
)
BIAS = np.zeros(3, "float32")
ORDER = np.array(
    """
    102 32 59 17 47 95 111 108 14 12 45 40 0 23 62 26 3 27 114 7
    77 22 84 61 112 85 82 11 10 60 58 68 116 9 38 105 51 54 87 110
    86 100 44 117 15 71 36 2 34 93 75 109 83 104 13 106 48 103 55 80
    118 25 91 8 63 4 52 35 78 99 6 50 39 42 57 74 107 21 72 5
    81 53 19 18 88 33 90 37 73 20 24 97 113 70 56 79 76 119 65 66
    28 49 43 41 64 30 94 29 98 1 96 92 101 89 31 67 115 16 69 46
    """.split(),
    "int64",
)
