"""Proof that minikeras computes what real tf.keras computes."""

REFERENCE = {"tensorflow": "2.21.0", "keras": "3.15.1"}
