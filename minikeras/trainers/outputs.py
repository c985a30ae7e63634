"""The outputs of a model by name, and what of targets, losses and metrics is theirs.

Counterpart: parts of keras/src/trainers/compile_utils.py.
"""

from minikeras import tree
from minikeras.registry import did_you_mean


def only(data):
    """What a nest of one holds, as in `fit(x, [y])`; anything else as it is."""
    leaves = tree.flatten(data) if tree.is_nested(data) else []
    return leaves[0] if len(leaves) == 1 else data


def named_outputs(y_pred, output_names=None) -> tuple[list, list]:
    """The names (or None) and the tensors of a model's outputs."""
    if isinstance(y_pred, dict):
        # A functional model's outputs are known by their keys, not by their layers.
        known = set(output_names or ()) == y_pred.keys()
        names = list(output_names) if known else list(tree.keys(y_pred))
        return names, [y_pred[name] for name in names]
    outputs = tree.flatten(y_pred)
    return list(output_names or [None] * len(outputs)), outputs


def check_names(y_true, names: list, loss) -> None:
    """ValueError for a target that fits no output, and for a missing one."""
    if not isinstance(y_true, dict) or None in names:
        return
    for key in y_true:
        if key not in names:
            raise ValueError(
                f"`y` holds a target for {key!r}, which is no output of the model. "
                f"Expected: {names}.{did_you_mean(str(key), names)}"
            )
    if isinstance(loss, dict):
        names = [name for name in names if loss.get(name) is not None]
    elif isinstance(loss, (list, tuple)) and len(loss) == len(names):
        names = [n for n, part in zip(names, loss, strict=True) if part is not None]
    for name in names:
        if y_true.get(name) is None:
            raise ValueError(
                f"`y` holds no target for the output {name!r}, which has a loss. "
                f"Received: targets for {list(y_true)}"
            )


def targets_of(y_true, y_pred, losses) -> list:
    """The targets in the order of the outputs."""
    if isinstance(y_pred, dict) and isinstance(y_true, dict):
        return [y_true.get(name) for name in tree.keys(y_pred)]
    outputs, targets = tree.flatten(y_pred), tree.flatten(y_true)
    if len(targets) == len(outputs):
        return targets
    flat_losses = tree.flatten(losses)
    if len([f for f in flat_losses if f is not None]) == len(targets):
        remaining = iter(targets)
        return [None if f is None else next(remaining) for f in flat_losses]
    raise ValueError(
        "y_true and y_pred have different structures: "
        f"{len(targets)} target(s) for {len(outputs)} output(s)."
    )


def per_output(given, names: list, argument: str) -> list:
    """One entry per output from a single value, a list or a dict by output name."""
    if isinstance(given, dict):
        unknown = [key for key in given if key not in names]
        if unknown:
            near = did_you_mean(str(unknown[0]), [n for n in names if n])
            raise ValueError(
                f"`{argument}` names the output {unknown[0]!r}, which the model does "
                f"not have. Expected: {names}.{near}"
            )
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise ValueError(
                f"`{argument}` must have one entry for each of the {len(names)} "
                f"outputs. Received: {len(given)} entries"
            )
        return list(given)
    return [given] * len(names)
