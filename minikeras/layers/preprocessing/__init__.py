"""Counterpart: keras/src/layers/preprocessing. Data made ready for a network."""
