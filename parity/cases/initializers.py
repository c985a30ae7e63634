"""keras.initializers: first values and configs."""

import numpy as np

from parity.case import Tolerance, case, ulp

SHAPES = [(4, 3), (3, 3, 8, 16), (5,), (2, 3, 4)]
UNIFORM = ["RandomUniform", "GlorotUniform", "LecunUniform", "HeUniform"]
NORMAL = ["RandomNormal", "TruncatedNormal", "GlorotNormal", "LecunNormal", "HeNormal"]
NORMAL += ["VarianceScaling"]
SCALED = ["GlorotUniform", "GlorotNormal", "LecunNormal", "LecunUniform"]
SCALED += ["HeUniform", "HeNormal", "VarianceScaling"]

ROUNDED = "log, sin and cos of the C library, which may differ in the last bit"


def _values(library, names):
    initializers = library.keras.initializers
    for name in names:
        make = getattr(initializers, name)
        for shape in SHAPES:
            yield f"{name} {shape}", make(seed=7)(shape)
        seeded = make(seed=2**40 + 3)
        yield f"{name} twice", [seeded((4, 3)), seeded((4, 3))]
        yield f"{name} clone", seeded.clone()((4, 3))
        yield f"{name} unseeded", [make()((4, 3)), make()((4, 3))]
        counting = make(seed=library.keras.random.SeedGenerator(5))
        yield f"{name} generator", [counting((4, 3)), counting((4, 3))]
        yield f"{name} float64", make(seed=7)((4, 3), dtype="float64")
        yield f"{name} by name", initializers.get(name)((4, 3))
        yield (
            f"{name} by config",
            initializers.get({"class_name": name, "config": {"seed": 3}})((4, 3)),
        )


@case()
def uniform_kinds(library):
    yield from _values(library, UNIFORM)
    initializers = library.keras.initializers
    yield "range", initializers.RandomUniform(-1.3, 0.7, seed=1)((6, 7))
    yield "an MLP layer", initializers.GlorotUniform(seed=1)((784, 512))
    for mode in ("fan_in", "fan_out", "fan_avg"):
        scaled = initializers.VarianceScaling(0.7, mode, "uniform", seed=1)
        for shape in SHAPES:
            yield f"{mode} {shape}", scaled(shape)
    for name in ("GlorotUniform", "LecunUniform", "HeUniform"):
        axes = {"input_axes": [0, 2], "output_axes": [1]}
        yield f"{name} axes", getattr(initializers, name)(seed=1, **axes)((2, 3, 4))


@case(ulp(4, ROUNDED), per_key={"moved": ulp(4, ROUNDED + ", then a sum", 1e-7)})
def normal_kinds(library):
    yield from _values(library, NORMAL)
    initializers = library.keras.initializers
    yield "moved", initializers.RandomNormal(0.3, 0.5, seed=1)((6, 7))
    yield "moved, cut", initializers.TruncatedNormal(0.3, 0.5, seed=1)((6, 7))
    for mode in ("fan_in", "fan_out", "fan_avg"):
        for distribution in ("normal", "Truncated_Normal", "untruncated_normal"):
            scaled = initializers.VarianceScaling(0.7, mode, distribution, seed=1)
            for shape in SHAPES:
                yield f"{mode} {distribution} {shape}", scaled(shape)


@case(Tolerance("a normal draw (3 ulp), then QR", absolute=5e-7))
def orthogonal(library):
    Orthogonal = library.keras.initializers.Orthogonal
    for shape in [(4, 3), (3, 4), (5, 5), (3, 3, 8, 16), (2, 3, 4), (1, 1), (64, 32)]:
        yield f"{shape}", Orthogonal(seed=7)(shape)
        yield f"{shape} gain", Orthogonal(0.3, seed=8)(shape)
        yield f"{shape} float64", Orthogonal(seed=7)(shape, dtype="float64")
    yield "unseeded", [Orthogonal()((4, 3)), Orthogonal()((4, 3))]


@case()
def fixed_values(library):
    initializers = library.keras.initializers
    for name in ("Zeros", "Ones", "Constant"):
        for shape in [*SHAPES, (), (0, 3)]:
            for dtype in (None, "float64", "float16", "int32"):
                initializer = getattr(initializers, name)()
                yield f"{name} {shape} {dtype}", initializer(shape, dtype=dtype)
    yield "Constant 2.5", initializers.Constant(2.5)((4, 3))
    yield "Constant 2.5 int32", initializers.Constant(2.5)((4, 3), dtype="int32")
    yield "Constant row", initializers.Constant(np.float32([1, 2, 3]))((4, 3))
    for shape in [(3, 3), (4, 2), (2, 4), (0, 3)]:
        yield f"Identity {shape}", initializers.Identity()(shape)
        yield f"Identity 0.3 {shape}", initializers.Identity(0.3)(shape)
        yield f"Identity float64 {shape}", initializers.Identity(0.3)(shape, "float64")
    given = np.arange(6.0).reshape(2, 3)
    yield "array", initializers.get(given)((2, 3))
    yield "array float64", initializers.get(given)((2, 3), dtype="float64")
    yield "tensor", initializers.get(library.tensor(given))((2, 3))
    for name in ("one", "zero", "ones", "zeros"):
        yield name, initializers.get(name)((2,))


@case(Tolerance("an angle near 2π·100 in float32, so the cosine moves", absolute=2e-7))
def stft(library):
    STFT = library.keras.initializers.STFT
    for side in ("real", "imag"):
        for scaling in ("density", "spectrum", None):
            for periodic in (False, True):
                key = f"{side} {scaling} {periodic}"
                yield key, STFT(side, "hann", scaling, periodic)((16, 1, 9))
    for name in ("hamming", "blackman", "nuttall", "blackmanharris", "flattop"):
        yield name, STFT(window=name)((17, 1, 9))
    for name in ("boxcar", "bartlett", "barthann", "bohman", "lanczos", "cosine"):
        yield name, STFT(window=name)((17, 1, 9))
    for length in (1, 2, 3, 8, 9):
        yield f"triang {length}", STFT(window="triang")((length, 1, 5))
        yield f"periodic {length}", STFT(window="triang", periodic=True)((length, 1, 5))
    yield "no window", STFT(window=None)((16, 1, 9))
    yield "own window", STFT(window=list(np.arange(1.0, 17.0)))((16, 1, 9))
    yield "float64", STFT()((16, 1, 9), dtype="float64")


@case()
def configs(library):
    keras = library.keras
    initializers = keras.initializers
    made = [
        initializers.Zeros(),
        initializers.Ones(),
        initializers.Constant(2.5),
        initializers.Identity(0.5),
        initializers.STFT("imag", "hamming", None, True),
        initializers.RandomUniform(-1.0, 2.0, seed=3),
        initializers.RandomNormal(1.0, 2.0),
        initializers.TruncatedNormal(1.0, 2.0, seed=3),
        initializers.VarianceScaling(0.5, "fan_out", "normal", 4, [0], [1]),
        initializers.Orthogonal(0.5, seed=3),
        initializers.RandomNormal(seed=keras.random.SeedGenerator(3, name="mine")),
        *[getattr(initializers, name)(seed=3, input_axes=[0]) for name in SCALED],
    ]
    for i, initializer in enumerate(made):
        config = initializers.serialize(initializer)
        yield f"{i} {config['class_name']}", config
        yield f"{i} keys", list(config["config"])
        yield f"{i} again", initializers.serialize(initializers.deserialize(config))
        yield f"{i} clone", initializer.clone().get_config()
    names = ["normal", "uniform", "one", "zero", "IdentityInitializer", "stft"]
    names += ["STFTInitializer", "OrthogonalInitializer", "he_normal", "lecun_uniform"]
    for name in names:
        yield name, initializers.serialize(initializers.get(name))
