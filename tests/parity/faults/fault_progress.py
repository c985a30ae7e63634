"""Progress lines show the losses to three decimals."""

from minikeras.utils import progbar as module

module._value_text = lambda total, count, signed: f"{total / max(1, count):.3f}"
