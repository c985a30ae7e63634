"""The names of `tf` itself that minikeras.compat has: values, dtypes, printed text."""

import importlib

import numpy as np

from parity.case import EXACT, case, ulp


def names_of(library):
    """The module that a script would have imported as tf."""
    name = "tensorflow" if library.name == "keras" else "minikeras.compat.tensorflow"
    return importlib.import_module(name)


CONVERTED = {
    "float": 0.1,
    "whole float": 1.0,
    "large float": 1e20,
    "int": 3,
    "int of 64 bits": 2**40,
    "smallest int32": -(2**31),
    "bool": True,
    "floats": [0.1, 0.25],
    "bools": [True, False],
    "ints and floats": [1, 2.5],
    "bool after float": [1.0, True],
    "matrix": [[1.0, 2.0], [3.0, 4.5]],
    "cube": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
    "nothing": [],
    "rows of nothing": [[], []],
    "not finite": [np.inf, -np.inf, np.nan],
    "nan": float("nan"),
    "tuple": (1, 2.0),
    "python range": range(3),
    "float64 array": np.array([0.1, 0.2]),
    "float64 scalar": np.float64(0.1),
    "int64 array": np.arange(3),
    "int64 scalar": np.int64(3),
    "bool scalar": np.bool_(True),
    "big-endian array": np.array([1.5], ">f4"),
    "float64 first": [np.float64(1), 2.0],
    "float64 later": [2.0, np.float64(1)],
    "float32 first": [np.float32(1), 2.0],
    "int64 scalars": [np.int64(1), 2],
    "int64 arrays": [np.array([1, 2]), np.array([2, 3])],
    "uint8": np.array([7], "uint8"),
    "float16": np.float16(2.719),
    "long": np.arange(2000, dtype="int32"),
    "empty": np.zeros((0, 3), "float32"),
}


@case()
def conversion(library):
    tf = names_of(library)
    for key, value in CONVERTED.items():
        tensor = tf.constant(value)
        yield f"{key}: value", tensor
        yield f"{key}: str", str(tensor)
        yield f"{key}: repr", repr(tensor)
    yield "dtype", tf.constant([1, 2], tf.float32)
    yield "dtype of an array", tf.constant(np.array([1.5, 2.5]), tf.int32)
    yield "dtype wraps", tf.constant(300, tf.uint8)
    yield "dtype by name", tf.convert_to_tensor([1, 2], "float64")
    yield "hint", tf.convert_to_tensor([1], dtype_hint=tf.float32)
    yield "shape fills", tf.constant(0, shape=(2, 3))
    yield "shape reshapes", tf.constant([1, 2, 3, 4], shape=[2, 2])
    yield "list of tensors", tf.convert_to_tensor([tf.constant(1.0), tf.constant(2.0)])
    yield "name", tf.constant([1], name="c")
    yield "is_tensor", [tf.is_tensor(x) for x in (1, tf.constant(1), tf.Variable(1))]
    yield "isinstance", isinstance(tf.constant(1), tf.Tensor)


DTYPES = "float16 float32 float64 half double int8 int16 int32 int64".split()
DTYPES += "uint8 uint16 uint32 uint64 bool".split()


@case()
def dtypes(library):
    tf = names_of(library)
    x = tf.constant([1.0])
    for name in DTYPES:
        dtype = getattr(tf, name)
        yield f"{name}: text", [str(dtype), repr(dtype), dtype.name, f"{dtype}"]
        facts = [dtype.size, dtype.is_floating, dtype.is_integer, dtype.is_bool]
        yield f"{name}: facts", [int(fact) for fact in facts]
        yield f"{name}: NumPy type", dtype.as_numpy_dtype.__name__
        others = ["float32", np.float32, np.dtype("int64"), x.dtype, tf.bool, None]
        yield f"{name}: equals", [bool(dtype == other) for other in others]
        yield f"{name}: equalled by", bool(x.dtype == dtype)
        yield f"{name}: as_dtype", repr(tf.as_dtype(name))
    yield "limits", [float(tf.float32.max), float(tf.float32.min), int(tf.uint8.max)]
    yield "float", repr(tf.as_dtype(float))
    yield "dictionary", {tf.float32: "a"}[tf.as_dtype("float32")]


@case()
def casts(library):
    tf = names_of(library)
    far = [1.7, -1.7, 0.0, -0.0, 1e20, -1e20, np.inf, np.nan]
    for target in ("int32", "int64", "bool", "float16", "float64"):
        yield f"to {target}", tf.cast(tf.constant(far), getattr(tf, target))
    yield "to float", tf.cast([1, 2], float)
    yield "of bool", tf.cast([True, False], tf.float32)
    yield "to the same", tf.cast(1.5, tf.float32)
    yield "to a narrow int", tf.cast(tf.constant([-1, 300]), tf.uint8)
    yield "overflow", tf.cast(np.float64(1e300), tf.float32)
    x = tf.Variable([1.5, 2.5])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.cast(x, tf.float64) * tf.constant([2.0, 3.0], tf.float64))
    yield "gradient", tape.gradient(y, x)


@case()
def one_hot(library):
    tf = names_of(library)
    yield "plain", tf.one_hot([0, 2], 3)
    yield "text", str(tf.one_hot([0, 2], 3))
    yield "outside", tf.one_hot([0, 5, -1], 3)
    yield "scalar", tf.one_hot(1, 3)
    yield "matrix", tf.one_hot([[0], [1]], depth=2)
    yield "first axis", tf.one_hot([0, 2], 3, axis=0)
    yield "middle axis", tf.one_hot([[0, 2], [1, 1]], 3, axis=1)
    yield "int", tf.one_hot([0, 2], 3, dtype=tf.int32)
    yield "values", tf.one_hot([1], 3, on_value=5.0, off_value=-1.0)
    yield "int values", tf.one_hot([1], 3, on_value=5, off_value=-1)
    yield "on value", tf.one_hot([1], 2, on_value=7)
    yield "bool", tf.one_hot([1], 3, on_value=True, off_value=False, dtype=tf.bool)
    yield "uint8", tf.one_hot(np.array([1], "uint8"), 2)
    yield "int64", tf.one_hot(np.array([1, 0]), 2)


MATRIX = [[1.0, -2.0, 5.0], [3.0, 5.0, -4.0]]


@case()
def reductions(library):
    tf = names_of(library)
    integers = tf.constant([[-1, -2, -2], [4, 4, 3]])
    for name in ("sum", "mean", "max", "min", "prod"):
        reduce = getattr(tf, f"reduce_{name}")
        assert reduce is getattr(tf.math, f"reduce_{name}")
        for key, options in {
            "all": {},
            "axis 0": {"axis": 0},
            "last axis": {"axis": -1, "keepdims": True},
            "both": {"axis": [0, 1]},
            "no axis": {"axis": []},
            "tensor axis": {"axis": tf.constant(1)},
            "NumPy axis": {"axis": np.int64(0)},
        }.items():
            yield f"{name} {key}", reduce(MATRIX, **options)
            yield f"{name} {key} of ints", reduce(integers, **options)
        yield f"{name} of uint8", reduce(tf.constant([250, 10], tf.uint8))
        yield f"{name} of nan", reduce([1.0, np.nan])
        x = tf.Variable([[1.0, 2.0], [4.0, 8.0]])
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.square(reduce(x, axis=1)))
        yield f"{name} gradient", tape.gradient(y, x)
    yield "sum of nothing", tf.reduce_sum([])
    yield "product of nothing", tf.reduce_prod([])
    yield "int mean of nothing", tf.reduce_mean(tf.zeros([0], tf.int32))
    yield "all", [tf.reduce_all([True, False]), tf.reduce_all([[True], [True]], axis=1)]
    yield "any", [tf.reduce_any([True, False]), tf.reduce_any([[False]], axis=0)]
    for name in ("argmax", "argmin"):
        find = getattr(tf, name)
        yield f"{name}", find([1.0, 3.0, 2.0])
        yield f"{name} default axis", find([[1, 3], [5, 2]])
        yield f"{name} last axis", find(MATRIX, axis=-1)
        yield f"{name} tie", find([2, 2])
        yield f"{name} int32", find([1, 2], output_type=tf.int32)
        yield f"{name} passes nan over", find([np.nan, 1.0, 3.0])
        yield f"{name} text", str(find([[1, 3], [5, 2]], 1))


@case()
def arrays(library):
    tf = names_of(library)
    yield "zeros", [tf.zeros(3), tf.zeros([2, 1], tf.int32), tf.zeros([], "float64")]
    yield "ones", [tf.ones((2, 2)), tf.ones(tf.constant([2]), tf.int64)]
    yield "fill", [tf.fill([2, 2], 3.0), tf.fill([2], 1)]
    yield "like", [tf.zeros_like([1, 2]), tf.ones_like(MATRIX, dtype=tf.float64)]
    yield "eye", [tf.eye(2), tf.eye(2, 3, dtype=tf.int32), tf.eye(2, batch_shape=[2])]
    yield "range", [tf.range(3), tf.range(2, 10, 3), tf.range(0.0, 1.0, 0.25)]
    yield "range of mixed", [tf.range(0, 1, 0.5), tf.range(np.int64(3))]
    yield "range with dtype", tf.range(3, dtype=tf.float32)
    yield "shape", [tf.shape(MATRIX), tf.shape(1.0), tf.shape([1], out_type=tf.int64)]
    yield "size and rank", [tf.size(MATRIX), tf.rank(MATRIX)]
    yield "reshape", [tf.reshape(MATRIX, [3, -1]), tf.reshape(MATRIX, (6,))]
    yield (
        "transpose",
        [tf.transpose(MATRIX), tf.transpose(tf.zeros([2, 3, 4]), [0, 2, 1])],
    )
    yield "newaxis", tf.constant(MATRIX)[:, tf.newaxis]
    yield "expand_dims", [tf.expand_dims([1, 2], 0), tf.expand_dims([1, 2], axis=-1)]
    yield "squeeze", [tf.squeeze([[1, 2]]), tf.squeeze([[[1]]], axis=0)]
    yield "concat", [tf.concat([[1, 2], [3]], 0), tf.concat([MATRIX, MATRIX], axis=1)]
    yield "stack", [tf.stack([[1, 2], [3, 4]]), tf.stack([1.0, 2.0], axis=0)]
    yield "split", [*tf.split(MATRIX, 2), *tf.split(MATRIX, [1, -1], axis=1)]
    yield "concat takes the tensor's dtype", tf.concat([tf.constant([1.0]), [2]], 0)
    yield "gather", [tf.gather([1, 2, 3], [2, 0]), tf.gather(MATRIX, [1], axis=1)]
    yield "where", [tf.where([True, False], 1.0, 2.0), tf.where([True, False, True])]
    yield "identity", [tf.identity([1.0]), tf.stop_gradient([1.0])]


UNARY = "abs negative sign square sqrt exp sin cos tanh sigmoid round".split()


@case(
    tolerance=EXACT,
    per_key={
        "exp": ulp(2, "Eigen's exp and NumPy's are each within 1 ulp"),
        "log": ulp(2, "Eigen's log and NumPy's are each within 1 ulp"),
        "sin": ulp(2, "two polynomials for sin, each within 1 ulp"),
        "cos": ulp(2, "two polynomials for cos, each within 1 ulp"),
        "tanh": ulp(2, "Eigen's tanh is a rational function, NumPy's within 1 ulp"),
        "sigmoid": ulp(2, "exp differs by 1 ulp, then a sum and a quotient"),
    },
)
def elementwise(library):
    tf = names_of(library)
    x = tf.constant([-3.0, -1.5, -0.5, 0.0, 0.5, 1.0, 2.5, 7.0])
    for name in UNARY:
        function = getattr(tf, name)
        assert function is getattr(tf.math, name)
        yield name, function(x)
        yield f"{name} of a list", function([0.25])
        yield f"{name} of float64", function(tf.constant([0.5], tf.float64)).dtype.name
    yield "log", tf.math.log(x)
    for name in ("abs", "square", "sign"):
        yield f"{name} of ints", getattr(tf, name)([-3, 0, 2])


BINARY = "add subtract multiply divide maximum minimum".split()
BINARY += "equal not_equal greater greater_equal less less_equal".split()


@case(per_key={"pow": ulp(2, "two libraries' powf, each within 1 ulp")})
def two_operands(library):
    tf = names_of(library)
    x, n = tf.constant([1.5, 2.0, -3.0]), tf.constant([1, 2, -3])
    for name in BINARY:
        function = getattr(tf, name)
        yield f"{name}", function(x, tf.constant([2.0, 2.0, 2.0]))
        yield f"{name} number", function(x, 2)
        yield f"{name} float64 array", function(x, np.array([1.0, 2.0, 3.0]))
        yield f"{name} ints", function(n, 2)
        yield f"{name} lists", function([1, 2], [2, 1])
        yield f"{name} broadcast", function([[1.0], [2.0]], [1.0, 2.0])
    yield "pow", [tf.pow(x, 2), tf.pow([2.0], 3), tf.pow(2, 3)]
    yield "clip", [tf.clip_by_value(x, -1.0, 1.6), tf.clip_by_value([1, 5], 2, 3)]
    a, b = [[1.0, 2.0], [3.0, 4.0]], [[0.5], [2.0]]
    yield "matmul", tf.matmul(a, b)
    yield "matmul transposed", tf.matmul(a, b, transpose_a=True)
    yield "matmul transposed second", tf.matmul([[1.0, 2.0]], a, transpose_b=True)
    yield "matmul of ints", tf.matmul([[1, 2]], [[1], [2]])
    yield "matmul in batches", tf.matmul([a, a], [b, b])


@case(
    tolerance=ulp(2, "exp, tanh and log differ by 1 ulp, then a sum and a quotient"),
    per_key={"sparse": ulp(4, "half an ulp of 2.3, of which 0.35 is the rest")},
)
def activations(library):
    tf = names_of(library)
    x = tf.constant([-3.0, -0.9, 0.3, 1.5, 1.9, 8.0])
    for name in (
        "elu gelu leaky_relu log_softmax relu relu6 selu sigmoid silu softmax softplus "
        "softsign swish tanh"
    ).split():
        yield name, getattr(tf.nn, name)(x)
    yield "relu of ints", tf.nn.relu([-1, 2])
    yield "leaky_relu alpha", tf.nn.leaky_relu(x, alpha=0.5)
    yield "softmax axis", tf.nn.softmax([[1.0, 2.0], [3.0, 5.0]], axis=0)
    yield "float64", tf.nn.softmax(tf.constant([1.0, 2.0], tf.float64))
    logits, probabilities = [[1.0, 2.0, -1.0]], [[0.2, 0.5, 0.3]]
    yield (
        "softmax cross-entropy",
        tf.nn.softmax_cross_entropy_with_logits(labels=probabilities, logits=logits),
    )
    yield (
        "sparse cross-entropy",
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=logits),
    )
    yield (
        "sigmoid cross-entropy",
        tf.nn.sigmoid_cross_entropy_with_logits(labels=probabilities, logits=logits),
    )


@case(
    tolerance=ulp(2, "exp and tanh differ by 1 ulp or 2"),
    per_key={"text": EXACT, "shape": EXACT},
)
def tutorial(library):
    """What the tutorial prints, with the numbers compared apart from the text."""
    tf = names_of(library)
    for i, scores in enumerate(
        ([-0.9419267177581787, 1.944047451019287], [-0.9, 1.9, 0.3, 1.5])
    ):
        y = tf.constant(scores)
        for name in ("sigmoid", "softmax"):
            result = getattr(tf.nn, name)(y)
            yield f"{name} {i}", result
            numbers, _, rest = str(result).partition("]")
            yield f"text {name} {i}", [numbers[:11], rest, rest.count("shape")]


@case()
def variables(library):
    tf = names_of(library)
    for key, variable in {
        "vector": tf.Variable([1.0, 2.0]),
        "number": tf.Variable(0.1),
        "int": tf.Variable(3),
        "named": tf.Variable([[1.5]], name="w"),
        "matrix": tf.Variable(tf.ones([2, 2])),
        "float64": tf.Variable(np.zeros(2)),
        "dtype": tf.Variable([1, 2], dtype=tf.float32),
        "function": tf.Variable(lambda: tf.zeros(2)),
        "not trainable": tf.Variable(1.0, trainable=False),
        "keyword": tf.Variable(initial_value=2.5),
    }.items():
        yield f"{key}: text", [str(variable), repr(variable), variable.name]
        yield f"{key}: value", variable
        yield f"{key}: trainable", variable.trainable
        yield f"{key}: dtype", bool(variable.dtype == tf.float32)
    v = tf.Variable([1.0, 2.0])
    v.assign([3.0, 4.0])
    yield "assign", v
    v.assign_sub(0.5 * tf.constant([1.0, 1.0]))
    yield "assign_sub", v
    v.assign_add(np.array([1.0, 2.0]))
    yield "assign_add", v
    yield "read_value", [v.read_value(), v + 1, 2 * v, -v, v[0]]
    yield "conversion", [tf.convert_to_tensor(v), tf.identity(v), tf.shape(v)]
    yield "conversion text", str(tf.convert_to_tensor(v))
    with tf.GradientTape(persistent=True) as tape:
        loss = tf.reduce_sum(tf.square(v) * tf.identity(v))
        alone = tf.reduce_sum(tf.stop_gradient(v) * v)
    yield "gradient", tape.gradient(loss, v)
    yield "gradients by name", tape.gradient(loss, {"a": v})["a"]
    yield "stopped gradient", tape.gradient(alone, v)
    other = tf.Variable([7.0])
    zero = tf.UnconnectedGradients.ZERO
    yield "unconnected", tape.gradient(loss, other)
    yield "zeros", tape.gradient(loss, other, unconnected_gradients=zero)


@case()
def functions(library):
    tf = names_of(library)

    @tf.function
    def double(x):
        return 2 * x

    @tf.function(jit_compile=False)
    def triple(x):
        return 3 * x

    yield "tf.function", [double(tf.constant(1.5)), triple(tf.constant(1.5))]
    yield "version", tf.__version__


@case()
def refused(library):
    """Calls that fail in TensorFlow must not pass here and give some number."""
    tf = names_of(library)
    x = tf.constant([1.0, 2.0])
    for key, call in {
        "None": lambda: tf.constant(None),
        "ragged": lambda: tf.constant([[1], [2, 3]]),
        "fraction as int": lambda: tf.constant(1.5, tf.int32),
        "dictionary": lambda: tf.constant({"a": 1}),
        "wrong size": lambda: tf.constant([1, 2, 3], shape=(2, 2)),
        "another dtype": lambda: tf.convert_to_tensor(x, dtype=tf.float64),
        "unknown dtype": lambda: tf.cast(x, "flaot32"),
        "int class": lambda: tf.as_dtype(int),
        "sigmoid of ints": lambda: tf.nn.sigmoid([1, 2]),
        "exp of ints": lambda: tf.exp(1),
        "sum of bools": lambda: tf.reduce_sum([True]),
        "float indices": lambda: tf.one_hot([1.0], 3),
        "negative depth": lambda: tf.one_hot([0], -1),
        "two dtypes": lambda: tf.add(x, tf.constant([1, 2])),
        "equal of two dtypes": lambda: tf.equal(tf.constant([1]), np.int64),
        "shapes": lambda: tf.add(x, [1.0, 2.0, 3.0]),
        "matmul of vectors": lambda: tf.matmul(x, x),
        "matmul of wrong sizes": lambda: tf.matmul([[1.0, 2.0]], [[1.0, 2.0]]),
        "reshape": lambda: tf.reshape([1, 2, 3], [2, 2]),
        "axis": lambda: tf.reduce_sum(x, axis=3),
        "repeated axis": lambda: tf.reduce_sum([x], axis=[1, 1]),
        "argmax axis": lambda: tf.argmax(x, axis=2),
        "squeeze": lambda: tf.squeeze([x], axis=1),
        "split": lambda: tf.split(x, [3, 4]),
        "unequal split": lambda: tf.split([1, 2, 3], 2),
        "float shape": lambda: tf.zeros([1.5]),
        "assign another shape": lambda: tf.Variable([1.0]).assign([1.0, 2.0]),
        "assign another dtype": lambda: tf.Variable([1.0]).assign(
            tf.constant([1.0], tf.float64)
        ),
        "any of ints": lambda: tf.reduce_any([1]),
        "where of two dtypes": lambda: tf.where([True], 1, 2.5),
    }.items():
        yield key, _fails(call)


def _fails(call) -> bool:
    try:
        call()
    except Exception:
        return True
    return False
