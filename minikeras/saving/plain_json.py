"""JSON from files that somebody else made: plain data, or one ValueError."""

from typing import Any


def parse_json(text, title: str) -> Any:
    """The data in a text; ValueError for what is no JSON, is nested too deeply, or has
    a key twice."""
    import json  # serves only files

    def once_each(pairs: list[tuple]) -> dict:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError(
                f"A key is there twice in {title}: {[k for k, _ in pairs]}"
            )
        return found

    try:
        return json.loads(text, object_pairs_hook=once_each)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"{title} is no JSON, or damaged: {type(error).__name__}: {error}"
        ) from error
