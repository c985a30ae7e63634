"""Counterpart: keras/src/saving/file_editor.py. A look into a file of weights, and
changes to it."""

import io
from collections.abc import Iterator

import numpy as np

from minikeras.late import late_imports
from minikeras.saving.archive import (
    CONFIG,
    METADATA,
    WEIGHTS,
    Members,
    written_whole,
)
from minikeras.saving.h5_store import contents, open_h5, write_group
from minikeras.saving.plain_json import parse_json
from minikeras.saving.state import save_state

_RED, _GREEN, _SYMBOL = "color(160)", "color(28)", "color(33)"


class KerasFileEditor:
    """Shows, compares and changes what is in a `.keras` or `.weights.h5` file.

    `weights_dict` has the arrays as dicts in dicts; that at "layers/dense" is
    {"0": kernel, "1": bias}. An object is named by its path, or by the last part of
    it if that is there once. `save` writes a `.weights.h5` file.
    """

    def __init__(self, filepath):
        self.filepath = str(filepath)
        self.metadata = self.config = self.model = None
        with late_imports():
            from rich.console import Console
        self.console = Console(highlight=False)
        source = self.filepath
        if source.endswith(".keras"):
            names = (CONFIG, METADATA, WEIGHTS)
            with Members(source) as members:
                config, metadata, weights = map(members.read, names)
            self.config = parse_json(config, CONFIG)
            self.metadata = _checked_metadata(parse_json(metadata, METADATA))
            source = io.BytesIO(weights)
        elif not source.endswith(".weights.h5"):
            raise ValueError(
                "Expected a file that ends in `.keras` or `.weights.h5`. "
                f"Received: filepath={filepath!r}"
            )
        with open_h5(source, "r") as file:
            self.weights_dict, self.object_metadata = contents(file)
        self._print("Keras model file ", (f"'{self.filepath}'", _SYMBOL))
        if self.metadata is not None:
            version, date = self.metadata["keras_version"], self.metadata["date_saved"]
            self._print(
                "Saved with Keras ", (version, _SYMBOL), " - date: ", (date, _SYMBOL)
            )

    def summary(self) -> None:
        """Prints the objects in the file as a tree, with the shapes of their arrays."""
        self._print("Weights structure")
        self._print_tree(self.weights_dict, "  ", True)

    def compare(self, reference_model) -> dict:
        """Prints where the file and a model differ, and returns {"status": "success"
        or "error", "error_count", "match_count"}."""
        self._print("Running comparison")
        model = _spec(reference_model)
        checked: set[str] = set()
        sides = ("saved file", "reference model")
        errors, matches = self._compare(self.weights_dict, model, "", sides, checked)
        more, _ = self._compare(model, self.weights_dict, "", sides[::-1], checked)
        errors += more
        self._print("─────────────────────")
        if errors:
            message = f"Found {_plural(errors, 'error')}:", f"bold {_RED}"
            is_not = (" saved file is not compatible with the reference model", _RED)
            self._print(message, is_not)
        else:
            message = "Comparison successful:", f"bold {_GREEN}"
            fits = (" saved file is compatible with the reference model", _GREEN)
            self._print(message, fits)
            self._print(f"    Found {_plural(matches, 'matching weight')}")
        return {
            "status": "error" if errors else "success",
            "error_count": errors,
            "match_count": matches,
        }

    def rename_object(self, object_name, new_name) -> None:
        """Gives an object another name, which is the last part of its path."""
        if "/" in new_name:
            raise ValueError(
                "Expected the new name alone, without a path. "
                f"Received: new_name={new_name!r}"
            )
        owner, name = self._find(object_name)
        if new_name in owner:
            raise ValueError(
                f"There is an object {new_name!r} already. Delete it first."
            )
        owner[new_name] = owner.pop(name)

    def delete_object(self, object_name) -> None:
        """Removes an object with all that is below it."""
        owner, name = self._find(object_name)
        del owner[name]

    def add_object(self, object_path, weights) -> None:
        """Adds an object at a path, with {"0": array, …}."""
        _check_weights(weights)
        before, _, name = object_path.rpartition("/")
        self._at(before)[name] = weights

    def delete_weight(self, object_name, weight_name) -> None:
        """Removes one array of an object."""
        weights = self._weights_of(object_name)
        if weight_name not in weights:
            raise ValueError(
                f"There is no weight {weight_name!r} in {object_name!r}. "
                f"Expected one of: {list(weights)}"
            )
        del weights[weight_name]

    def add_weights(self, object_name, weights) -> None:
        """Adds {"0": array, …} to an object, in the place of those of these names."""
        _check_weights(weights)
        self._weights_of(object_name).update(weights)

    def save(self, filepath) -> None:
        """Writes what there is now to a `.weights.h5` file."""
        path = str(filepath)
        if not path.endswith(".weights.h5"):
            raise ValueError(
                "Expected a path that ends in `.weights.h5`. "
                f"Received: filepath={filepath!r}"
            )
        with written_whole(path) as stream, open_h5(stream, "w") as file:
            for place, content in _dicts(self.weights_dict):
                arrays = {k: v for k, v in content.items() if not isinstance(v, dict)}
                write_group(file, place, arrays, None)

    def resave_weights(self, filepath) -> None:
        """The same as `save`."""
        self.save(filepath)

    def _print(self, *parts) -> None:
        with late_imports():
            from rich.text import Text

        self.console.print(Text.assemble(*parts))

    def _print_tree(self, content: dict, before: str, is_first: bool) -> None:
        for i, (key, value) in enumerate(content.items()):
            is_last = i == len(content) - 1
            branch = "> " if is_first else "└─ " if is_last else "├─ "
            is_first = False
            if isinstance(value, dict):
                self._print(before, branch, (key, "bold"))
                self._print_tree(value, before + ("    " if is_last else "│   "), False)
            else:
                array = np.asarray(value)
                size = f": shape={array.shape}, dtype={array.dtype}"
                self._print(before, branch, (key, "bold"), size)

    def _compare(self, target, reference, path, sides, checked) -> tuple[int, int]:
        """How many arrays and objects of `reference` `target` has wrong, and right."""
        errors = matches = 0
        target_name, reference_name = sides
        for key, expected in reference.items():
            inner = f"{path}/{key}"
            found = target.get(key)
            if inner in checked:
                continue
            is_object = isinstance(expected, dict)
            if found is None or isinstance(found, dict) != is_object:
                kind = "Object" if is_object else "Weight"
                where = f" present in {reference_name}, missing from {target_name}"
                self._print(
                    (f"...{kind} ", _RED), (inner, f"bold {_RED}"), (where, _RED)
                )
                if is_object:
                    keys = f"contains the following keys: {list(expected)}"
                    self._print(f"    In {reference_name}, {inner} {keys}")
            elif is_object:
                more = self._compare(found, expected, inner, sides, checked)
                errors, matches = errors + more[0], matches + more[1]
                continue
            elif np.shape(found) == np.shape(expected):
                matches += 1
                continue
            else:
                title = "...Weight shape mismatch for "
                self._print((title, _RED), (inner, f"bold {_RED}"))
                for side, value in ((sides[1], expected), (sides[0], found)):
                    self._print(f"    In {side}: shape={np.shape(value)}")
            errors += 1
            checked.add(inner)
        return errors, matches

    def _find(self, name: str) -> tuple[dict, str]:
        """The dict that has the object or array of this name or path, and its key."""
        before, _, last = name.rpartition("/")
        if before:
            owners = [self._at(before)]
        else:
            owners = [content for _, content in _dicts(self.weights_dict)]
        owners = [content for content in owners if last in content]
        if not owners:
            raise ValueError(
                f"There is no {name!r} in the file. summary() shows what there is."
            )
        if len(owners) > 1:
            raise ValueError(
                f"There are {len(owners)} of the name {name!r} in the file. Use the "
                "path of one, as in 'layers/dense'."
            )
        return owners[0], last

    def _at(self, path: str) -> dict:
        content = self.weights_dict
        for name in path.split("/") if path else ():
            content = content.get(name)
            if not isinstance(content, dict):
                raise ValueError(
                    f"There is no object {path!r} in the file. summary() shows what "
                    "there is."
                )
        return content

    def _weights_of(self, object_name: str) -> dict:
        owner, name = self._find(object_name)
        if not isinstance(owner[name], dict):
            raise ValueError(
                f"Expected the name of an object. Received: {object_name!r}, an array"
            )
        return owner[name]


def _dicts(content: dict, path: str = "") -> Iterator[tuple[str, dict]]:
    """(path, dict) for the dict and all below it."""
    yield path, content
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _dicts(value, f"{path}/{name}" if path else name)


def _spec(model) -> dict:
    """The arrays that a model would write, as dicts in dicts."""
    spec: dict = {}

    def note(_, path: str, store: dict, name) -> None:
        content = spec
        for part in path.split("/") if path and store else ():
            content = content.setdefault(part, {})
        content.update((key, store[key]) for key in sorted(store))

    save_state(model, None, note)
    return spec


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _check_weights(weights) -> None:
    if not isinstance(weights, dict):
        raise ValueError(
            "Expected `weights` as a dict of arrays by their names ('0', '1'…). "
            f"Received: weights={weights!r:.200}"
        )


def _checked_metadata(metadata) -> dict:
    keys = ("keras_version", "date_saved")
    if not isinstance(metadata, dict) or not all(
        isinstance(metadata.get(key), str) for key in keys
    ):
        raise ValueError(
            f"Expected {METADATA} with the texts {keys}. Received: {metadata!r:.200}"
        )
    return metadata
