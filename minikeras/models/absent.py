"""What Keras's models can do and these cannot yet, and what to do instead."""

from minikeras.signature import Missing

SAVING = (
    "model.save('model.keras') writes a model, keras.models.load_model reads it; "
    "tf.keras reads it too."
)
_TAKES_GENERATORS = "`{}` takes generators, too."


class AbsentFromModels:
    """The names; asking for one raises an AttributeError with its sentence."""

    export = Missing(SAVING)
    to_yaml = Missing("`to_json` gives the architecture as text.")
    fit_generator = Missing(_TAKES_GENERATORS.format("fit"))
    evaluate_generator = Missing(_TAKES_GENERATORS.format("evaluate"))
    predict_generator = Missing(_TAKES_GENERATORS.format("predict"))
    predict_proba = Missing("`predict` gives the probabilities.")
    predict_classes = Missing("`predict(x).argmax(axis=-1)` gives the classes.")
