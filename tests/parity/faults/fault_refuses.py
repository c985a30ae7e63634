"""No model can be compiled."""

from minikeras import Model


def refuse(*args, **kwargs):
    raise RuntimeError("not today")


Model.compile = refuse
