"""A counter of changes to what models are made of.

Lists of weights and layers, and the programs of training steps, are found once and
kept until the counter moves. Whoever changes a layer's parts moves it.
"""

_version = 0


def structure_changed() -> None:
    """Makes all that was derived from the structure of layers be found anew."""
    global _version
    _version += 1


def version() -> int:
    """A number that is another one after any structural change."""
    return _version
