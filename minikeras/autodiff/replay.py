"""A recorded computation as a flat function of NumPy calls, to be done again.

What a training step did can be written down once and repeated with other numbers: the
same calls in the same order, hence the same results to the last bit, without layers,
Tensors and tapes between them. On small batches that is most of the time.

trace.py notes the calls, plan.py numbers their values, source.py writes the function.
"""

from minikeras.autodiff.plan import Plan
from minikeras.autodiff.source import forward_function, step_function
from minikeras.autodiff.tensor import Tensor
from minikeras.autodiff.trace import Draw, Trace


class Forward:
    """The calls of a trace, for their results alone: `run(inputs)` gives the values
    of the outputs as a list. `text` is the function's source."""

    def __init__(self, text: str, run):
        self.text, self.run = text, run

    @classmethod
    def of(cls, calls: Trace, inputs: list, outputs: list):
        """The program of a trace; `inputs` are the Tensors that change from run to
        run, `outputs` those whose values are wanted. None for what cannot be repeated
        safely (plan.py) or draws random numbers."""
        if calls.draws:
            return None
        plan, slots = Plan.of(calls, inputs, outputs)
        return None if plan is None else cls(*forward_function(plan, slots))


class Program:
    """The calls of a trace, forward and backward.

    `run(inputs, weight=1)` gives (loss, values of the outputs, gradients of `weight`
    times the loss by the trained variables); what `draws` give stands at the end of
    `inputs`. Variables are read anew in each run. `text` is the function's source.
    Whoever runs it many times silences NumPy's warnings around them all.
    """

    def __init__(self, text: str, run, draws: list[Draw]):
        self.text, self.run = text, run
        self.draws = draws

    @classmethod
    def of(
        cls,
        calls: Trace,
        inputs: list,
        loss: Tensor,
        trained: list,
        outputs: list,
        groups=(),
    ):
        """The program of a trace, or None for what cannot be repeated safely.

        `inputs` are the Tensors that change from run to run, `trained` the variables
        whose gradients are wanted, `outputs` the Tensors whose values are, `groups`
        the numbers of calls in a row to be done at the same time.
        """
        plan, slots = Plan.of(calls, inputs, [loss, *trained, *outputs])
        if plan is None:
            return None
        of_loss, cut = slots[0], 1 + len(trained)
        backward = plan.backward(of_loss)
        text, run = step_function(
            plan, backward, of_loss, slots[1:cut], slots[cut:], list(groups)
        )
        return cls(text, run, [draw for draw, _ in calls.draws])
