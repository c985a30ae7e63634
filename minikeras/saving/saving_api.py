"""Counterpart: keras/src/saving/saving_api.py. Which kind of file a name means."""

from minikeras.saving import legacy_h5, saving_lib, weights


def save_model(
    model, filepath, overwrite=True, zipped=None, include_optimizer=True, **kwargs
) -> None:
    """Writes a model with its weights and the optimizer's state: to a `.keras` file, or
    to one of the older kind if the name ends in `.h5` or `.hdf5`, or with
    zipped=False into a folder.

    An earlier file stays whole until the new one is complete. `include_optimizer`
    concerns `.h5` files alone.
    """
    path = str(filepath)
    kwargs.pop("save_format", None)  # the file's name says it
    if kwargs:
        raise ValueError(f"The following argument(s) are not supported: {list(kwargs)}")
    if path.endswith(legacy_h5.ENDINGS) and zipped is not False:
        legacy_h5.save_h5(model, path, overwrite, include_optimizer)
    else:
        saving_lib.save_model(model, filepath, overwrite, zipped)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """The model in a `.keras` or `.h5` file or a folder, its optimizer with its state.

    `custom_objects` are classes and functions of yours by name. ValueError for what
    is no such file, or is damaged, or names what is not known. `safe_mode=False` runs
    the code of lambdas in the file: only for files that you trust.
    """
    path = str(filepath)
    if path.endswith(legacy_h5.ENDINGS):
        return legacy_h5.load_h5(path, custom_objects, compile, safe_mode)
    return saving_lib.load_model(filepath, custom_objects, compile, safe_mode)


def load_weights(model, filepath, skip_mismatch=False, by_name=None, **kwargs) -> None:
    """Reads the weights of a `.weights.h5`, `.keras` or `.h5` file into a built model.

    All of them or, with a ValueError, none; `skip_mismatch` reads what fits, and
    warns of the rest. `by_name`, for `.h5` files, finds layers by their names instead
    of their order.
    """
    path = str(filepath)
    legacy = path.endswith(legacy_h5.ENDINGS) and not path.endswith(".weights.h5")
    if by_name is not None and not legacy:
        raise ValueError(
            "`by_name` only supports loading legacy '.h5' or '.hdf5' files. "
            f"Received: {filepath}"
        )
    if legacy:
        if kwargs:
            raise ValueError(f"Not for a legacy '.h5' file: {list(kwargs)}")
        weights.check_built(model)
        legacy_h5.load_h5_weights(model, path, skip_mismatch, by_name)
        return
    objects_to_skip = kwargs.pop("objects_to_skip", None)
    if kwargs:
        raise ValueError(f"Invalid keyword arguments: {list(kwargs)}")
    weights.load_weights(model, filepath, skip_mismatch, objects_to_skip)
