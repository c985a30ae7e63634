"""Made-up data of the shapes, dtypes and ranges of Keras's sets, always the same.

It stands in for files that cannot be downloaded: what a network learns on it says
nothing about the real set. Each function draws from a generator of its own, so that
`random` and `np.random` stay as they are.
"""

SEED = 0
