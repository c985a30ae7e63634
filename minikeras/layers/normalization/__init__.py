"""Counterpart: keras/src/layers/normalization. Means off, deviations to one."""
