"""Layers of Keras's folder of the same name."""
