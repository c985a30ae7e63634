"""A step learned by doing it once, as a flat Python function of NumPy calls."""
