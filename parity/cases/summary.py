"""What model.summary() prints, sign for sign."""

from parity.case import case
from parity.cases.text import data, dense_model, printed


def summary(model, columns=100, **options):
    """The text, or the type of the error."""
    with printed(columns) as (out, _):
        try:
            model.summary(**options)
        except ValueError:
            return "ValueError"
    return out.getvalue()


@case()
def of_sequential(library):
    """Before and after fit, for each optimizer family; edited; frozen."""
    layers = library.keras.layers
    for optimizer in ("sgd", "adam", "rmsprop"):
        model = dense_model(library)
        yield f"{optimizer}/new", summary(model)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        yield f"{optimizer}/compiled", summary(model)
        model.fit(*data(), verbose=0)
        yield f"{optimizer}/fitted", summary(model)
    model.layers[0].trainable = False
    yield "frozen", summary(model, show_trainable=True)
    model.trainable = False
    yield "all_frozen", summary(model, show_trainable=True)
    model.pop()
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(2000))
    yield "edited", summary(model, show_trainable=True)
    model = library.keras.Sequential()
    yield "empty", summary(model)
    model.add(layers.Input((4,), batch_size=6))
    yield "only_input", summary(model)
    for layer in (layers.Dense(4000), layers.Activation("tanh"), layers.Flatten()):
        model.add(layer)
    yield "fixed_batch", summary(model)


@case()
def options(library):
    model = dense_model(library)
    for columns in (24, 40, 79, 88, 92, 93, 104, 200):
        yield f"columns_{columns}", summary(model, columns)
        yield f"trainable_{columns}", summary(model, columns, show_trainable=True)
    yield "line_length", summary(model, line_length=60)
    yield "too_long", summary(model, line_length=130)
    yield "positions", summary(model, positions=[0.2, 0.5, 0.9])
    yield "four_positions", summary(model, positions=[0.2, 0.5, 0.7, 1.0])
    yield "first", summary(model, layer_range=["dense", "dense"])
    yield "reverse", summary(model, layer_range=("last", "dense.*"))
    texts = []
    summary(model, print_fn=texts.append)
    yield "print_fn", texts
    with printed(columns=100, FORCE_COLOR="1", TERM="xterm-256color") as (out, _):
        model.summary(show_trainable=True)
    yield "colours", out.getvalue()
    library.keras.utils.disable_interactive_logging()
    yield "logged", summary(model)
    library.keras.utils.enable_interactive_logging()
    for bad in ({"layer_range": ["a", "b"]}, {"layer_range": ["dense"]}):
        yield f"bad {bad}", summary(model, **bad)
    yield "bad range type", summary(model, layer_range=[0, 1])
    yield "narrow", summary(model, line_length=8)
    strange = library.keras.Sequential(name="a[b]c")
    strange.add(library.keras.layers.Dense(3, name="x[red]y"))
    yield "brackets", summary(strange)


@case()
def of_deferred(library):
    """Sequential without Input: built by fit, by a call, by build, by evaluate."""
    layers = library.keras.layers

    def deferred():
        return library.keras.Sequential(
            [layers.Dense(5), layers.Dropout(0.1), layers.Dense(3)]
        )

    x, y = data()
    model = deferred()
    yield "new", summary(model)
    model.compile("sgd", "sparse_categorical_crossentropy")
    yield "compiled", summary(model)
    model.fit(x, y, verbose=0)
    yield "fitted", summary(model)
    model = deferred()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=20, verbose=0)
    yield "fitted_on_whole_batches", summary(model)
    model = deferred()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, verbose=0)
    yield "fitted_on_one_batch", summary(model)
    model = deferred()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.evaluate(x, y, verbose=0)
    yield "evaluated", summary(model)
    model.fit(x, y, verbose=0)
    yield "evaluated_and_fitted", summary(model)
    model = deferred()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(x[:8], y[:8])
    yield "trained_on_batch", summary(model)
    model = deferred()
    model.predict(x, verbose=0)
    yield "predicted", summary(model)
    model = deferred()
    model(library.tensor(x[:7]))
    model(library.tensor(x[:9]))
    yield "called", summary(model)
    for batch in (None, 6):
        model = deferred()
        model.build((batch, 4))
        yield f"built_{batch}", summary(model)


def subclass(library):
    """The tutorial's way: layers in __init__, free Python in call."""
    layers = library.keras.layers

    class Iris(library.keras.Model):
        def __init__(self, units=3):
            super().__init__()
            self.first = layers.Dense(5)
            self.drop = layers.Dropout(0.1)
            self.flat = layers.Flatten()
            self.act = layers.Activation("tanh")
            self.last = layers.Dense(units)
            self.unused = layers.Dense(9)

        def call(self, x, training=False):
            x = self.drop(self.first(x), training=training)
            return self.last(self.act(self.flat(x)))

    return Iris


@case()
def of_subclass(library):
    x, y = data()
    model_class = subclass(library)
    model = model_class()
    yield "new", summary(model)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
    yield "fitted", summary(model, show_trainable=True)
    model = model_class()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=20, verbose=0)
    yield "fitted_on_whole_batches", summary(model)
    model = model_class()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.evaluate(x, y, verbose=0)
    yield "evaluated", summary(model)
    model = model_class()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(x[:8], y[:8])
    yield "trained_on_batch", summary(model)
    model = model_class()
    model.predict(x, verbose=0)
    yield "predicted", summary(model)
    model = model_class()
    model(library.tensor(x[:7]))
    model(library.tensor(x[:9]))
    yield "called", summary(model)
    model = model_class()
    model.first(library.tensor(x[:7]))
    yield "one_layer_called", summary(model)


@case()
def of_nested(library):
    layers = library.keras.layers
    sequential = library.keras.Sequential
    iris = subclass(library)
    x, y = data()

    inner = sequential([layers.Dense(4), layers.Dense(4)], name="inner")
    model = sequential([layers.Input((4,)), inner, iris(4), layers.Dense(3)])
    yield "closed", summary(model)
    yield "open", summary(model, expand_nested=True)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
    yield "fitted", summary(model, expand_nested=True, show_trainable=True)

    inner = sequential([layers.Dense(4), sequential([layers.Dense(2)])], name="inner")
    model = sequential([inner, layers.Dense(3)])
    yield "deferred", summary(model, expand_nested=True)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
    yield "deferred_fitted", summary(model, expand_nested=True)

    class Outer(library.keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = sequential([layers.Dense(4), layers.Dense(4)])
            self.known = sequential([layers.Input((4,)), layers.Dense(4)])
            self.iris = iris()

        def call(self, x):
            return self.iris(self.known(self.inner(x)))

    model = Outer()
    yield "outer", summary(model, expand_nested=True)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
    yield "outer_fitted", summary(model, expand_nested=True)


@case()
def of_custom_layers(library):
    """Layers with and without build, and with several outputs."""
    layers = library.keras.layers

    class Scale(layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight(shape=(input_shape[-1],), name="scale")
            self.step = self.add_weight(shape=(), trainable=False, name="step")

        def call(self, x):
            return x * self.scale

    class Pair(layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    class Twice(layers.Layer):
        def call(self, x):
            return [x, x]

    model = library.keras.Sequential([layers.Input((4,)), Scale(), Pair()])
    yield "sequential", summary(model, expand_nested=True, show_trainable=True)
    model.add(Twice())
    yield "two_outputs", summary(model)
