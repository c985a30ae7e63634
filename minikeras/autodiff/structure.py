"""Counters of changes to what models are made of.

Lists of weights and layers, and the programs of training steps, are found once and
kept until the counter of parts moves. Whoever changes a layer's parts moves it; any
public attribute of a layer that is set moves the counter of settings.
"""

_version = 0
_settings_version = 0


def structure_changed() -> None:
    """Makes all that was derived from the structure of layers be found anew."""
    global _version
    _version += 1


def version() -> int:
    """A number that is another one after any structural change."""
    return _version


def setting_changed() -> None:
    """Makes what was derived from the attributes of layers be found anew."""
    global _settings_version
    _settings_version += 1


def settings_version() -> int:
    """A number that is another one after any public attribute of a layer was set."""
    return _settings_version
