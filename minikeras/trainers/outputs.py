"""The outputs of a model by name, and what of targets, losses and metrics is theirs.

Counterpart: parts of keras/src/trainers/compile_utils.py.
"""

from minikeras import tree
from minikeras.registry import did_you_mean


def only(data):
    """What a nest of one holds, as in `fit(x, [y])`; anything else as it is."""
    leaves = tree.flatten(data) if tree.is_nested(data) else []
    return leaves[0] if len(leaves) == 1 else data


def is_deep(nest) -> bool:
    """Whether nests lie within this nest."""
    if not tree.is_nested(nest):
        return False
    return any(map(tree.is_nested, nest.values() if isinstance(nest, dict) else nest))


def paths(nest, keys=tree.keys, start: tuple = ()) -> list[tuple]:
    """The ways to the leaves of a nest: (1, "z") is nest[1]["z"]. Dicts are walked in
    the order of `flatten`, or in that which `keys` gives."""
    if not tree.is_nested(nest):
        return [start]
    steps = keys(nest) if isinstance(nest, dict) else range(len(nest))
    return [p for step in steps for p in paths(nest[step], keys, (*start, step))]


def parts_at(ways: list[tuple], nest, argument: str, partly=False) -> list:
    """What lies at these places of a nest; `partly`: None where it ends before."""
    found = []
    for path in ways:
        part = nest
        for step in path:
            try:
                part = part[step]
            except (KeyError, IndexError, TypeError):
                if not partly:
                    raise _another_nest(argument, ways, nest) from None
                part = None
                break
        found.append(part)
    if partly and len(tree.flatten(found)) - found.count(None) < len(
        [leaf for leaf in tree.flatten(nest) if leaf is not None]
    ):
        raise _another_nest(argument, ways, nest)
    return found


def _another_nest(argument: str, ways: list, nest) -> ValueError:
    return ValueError(
        f"`{argument}` must be nested as the outputs of the model, which are at "
        f"{ways}. Received: {nest}"
    )


def is_nest_of_losses(loss) -> bool:
    """Whether `loss` is nested as the outputs, not one for all or a row of them."""
    return isinstance(loss, dict) or is_deep(loss)


def titles_of(y_pred, names: list, loss) -> dict[int, str]:
    """The title of each output of a deep nest in the logs, by its place in a row:
    "1/z", and for places in lists the output's name: "1/dense".

    The order is that of the outputs, or of the keys of a dict of losses, and below
    these, as in Keras, the sorted one.
    """
    ways = paths(y_pred)
    places = {path: i for i, path in enumerate(ways)}
    if not is_nest_of_losses(loss):
        ways = paths(y_pred, list)
    elif isinstance(loss, dict):
        steps = list(loss)
        ways.sort(key=lambda way: steps.index(way[0]) if way[0] in loss else len(steps))
    found = {}
    for path in ways:
        i = places[path]
        last = names[i] if isinstance(path[-1], int) else path[-1]
        found[i] = "/".join(map(str, (*path[:-1], last)))
    return found


def named_outputs(y_pred, output_names=None) -> tuple[list, list]:
    """The names (or None) and the tensors of a model's outputs."""
    if isinstance(y_pred, dict) and not is_deep(y_pred):
        # A functional model's outputs are known by their keys, not by their layers.
        known = set(output_names or ()) == y_pred.keys()
        names = list(output_names) if known else list(tree.keys(y_pred))
        return names, [y_pred[name] for name in names]
    outputs = tree.flatten(y_pred)
    return list(output_names or [None] * len(outputs)), outputs


def check_names(y_true, names: list, loss) -> None:
    """ValueError for a target that fits no output, and for a missing one."""
    if not isinstance(y_true, dict) or None in names or is_deep(y_true):
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


def in_order(nest, names: list) -> list:
    """Targets or weights in the order of the outputs: by name, where they have one."""
    if isinstance(nest, dict) and nest.keys() <= set(names) and not is_deep(nest):
        return [nest.get(name) for name in names]
    return tree.flatten(nest)


def targets_of(y_true, names: list, losses) -> list:
    """The targets in the order of the outputs."""
    targets = in_order(y_true, names)
    if len(targets) == len(names):
        return targets
    flat_losses = tree.flatten(losses)
    if len([f for f in flat_losses if f is not None]) == len(targets):
        remaining = iter(targets)
        return [None if f is None else next(remaining) for f in flat_losses]
    raise ValueError(
        "y_true and y_pred have different structures: "
        f"{len(targets)} target(s) for {len(names)} output(s)."
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
