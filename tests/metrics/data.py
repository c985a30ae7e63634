"""Fixed data for the tests of metrics: 30 samples, in three batches."""

import numpy as np

rng = np.random.default_rng(8)
A, B = rng.normal(size=(2, 30, 4)).astype("float32")
LABELS, GUESSES = rng.integers(0, 4, size=(2, 30))
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
P = rng.dirichlet(np.ones(4), size=30).astype("float32")
SOFT = rng.dirichlet(np.ones(4), size=30).astype("float32")
BITS = rng.integers(0, 2, size=(30, 4)).astype("float32")
WEIGHTS = rng.uniform(0.2, 2, size=30).astype("float32")
WHOLE = rng.integers(1, 4, size=30)
ROW = np.arange(30)
EPS = 1e-7
BATCHES = (slice(0, 11), slice(11, 12), slice(12, 30))
# float32 sums over 120 numbers beside float64 ones
CLOSE = {"rtol": 1e-5, "atol": 1e-6}
