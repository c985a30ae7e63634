"""What Keras's models can do and these cannot yet, and what to do instead."""

from minikeras.signature import Missing

SAVING = (
    "Files are not written or read yet. np.savez('weights.npz', *model.get_weights()) "
    "keeps the weights; model.set_weights(list(np.load('weights.npz').values())) sets "
    "those of a model that is built in the same way."
)
_TAKES_GENERATORS = "`{}` takes generators, too."


class AbsentFromModels:
    """The names; asking for one raises an AttributeError with its sentence."""

    save = Missing(SAVING)
    save_weights = Missing(SAVING)
    load_weights = Missing(SAVING)
    export = Missing(SAVING)
    to_json = Missing("`get_config` gives the architecture as plain data.")
    to_yaml = Missing("`get_config` gives the architecture as plain data.")
    fit_generator = Missing(_TAKES_GENERATORS.format("fit"))
    evaluate_generator = Missing(_TAKES_GENERATORS.format("evaluate"))
    predict_generator = Missing(_TAKES_GENERATORS.format("predict"))
    predict_proba = Missing("`predict` gives the probabilities.")
    predict_classes = Missing("`predict(x).argmax(axis=-1)` gives the classes.")
