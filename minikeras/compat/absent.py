"""What TensorFlow and Keras have and minikeras lacks, and what to do instead.

Names below `keras` stand here as a script finds them there, all others below `tf.`.
"""

from minikeras.models.absent import SAVING

_NO_DEVICE = "There is one device, the processor, and nothing to set: leave it out."
_READ_FIRST = "Read the files into arrays first (NumPy, Pillow), and pass these to fit."

INSTEAD = {
    "keras.applications": "There are no trained networks: build one from layers.",
    "keras.callbacks.OrbaxCheckpoint": (
        "ModelCheckpoint and BackupAndRestore write files that both libraries read."
    ),
    "keras.callbacks.RemoteMonitor": (
        "A LambdaCallback can send the logs: on_epoch_end=lambda epoch, logs: …"
    ),
    "keras.mixed_precision": "A layer has one dtype: leave it out.",
    "keras.preprocessing.image": _READ_FIRST,
    "keras.utils.image_dataset_from_directory": _READ_FIRST,
    "tf.compat": "The names are those of TensorFlow 2: write the script for tf.keras.",
    "tf.config": _NO_DEVICE,
    "tf.data": (
        "Pass the arrays to fit: fit(x, y, batch_size=…, shuffle=…). Data that do not "
        "fit into memory come from a generator or a keras.utils.PyDataset."
    ),
    "tf.device": _NO_DEVICE,
    "tf.distribute": _NO_DEVICE,
    "tf.errors": "Python's own errors are raised: catch ValueError.",
    "tf.executing_eagerly": "Everything is eager.",
    "tf.image": _READ_FIRST,
    "tf.io": _READ_FIRST,
    "tf.lite": SAVING,
    "tf.Module": "Subclass keras.Model or keras.layers.Layer.",
    "tf.saved_model": SAVING,
    "tf.summary": "keras.callbacks.TensorBoard writes what TensorBoard shows.",
    "tf.test": _NO_DEVICE,
    "tf.train": SAVING,
}

# TensorFlow's and Keras's own that look like a slip of another name that is here.
OWN = frozenset(
    """AdaptiveAveragePooling1D AdaptiveAveragePooling2D OptimizerMap acos asin bfloat16
    crelu custom_gradient dsplit dstack dtype erfc fabs fliplr flipud fmax fmin fmod
    gather_nd hsplit identity_n imag isin nanargmax nanargmin nancumprod nancumsum
    nanmax nanmedian nanmin nanquantile no_gradient py_function qint16 qint32 qint8
    quint16 quint8 rearrange reduce_std shape_n signal sinc unstack vsplit
    weighted_cross_entropy_with_logits""".split()
)
