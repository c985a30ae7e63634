"""JSON from files that somebody else made: plain data, or one ValueError."""

from typing import Any


def parse_json(text, title: str) -> Any:
    """The data in a text; ValueError for what is no JSON, is nested too deeply, has a
    key twice, or NaN."""
    import json  # serves only files

    def once_each(pairs: list[tuple]) -> dict:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError(
                f"A key is there twice in {title}: {[k for k, _ in pairs]}"
            )
        return found

    def no_nan(constant: str) -> float:
        if constant == "NaN":  # which is no argument of anything
            raise ValueError(f"Expected numbers. Received: NaN in {title}")
        return float(constant)

    try:
        return json.loads(text, object_pairs_hook=once_each, parse_constant=no_nan)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"{title} is no JSON, or damaged: {type(error).__name__}: {error}"
        ) from error
