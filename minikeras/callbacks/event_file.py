"""The files that TensorBoard reads, written by what its own package has for that.

`tensorboard` brings the format (protocol buffers, records with checksums) and works
without TensorFlow; whoever looks at the files has it anyway. It is the extra
`tensorboard` and is imported when the first file is made. PyTorch writes its files by
the same modules.
"""

import io
import itertools
import os
import time
from functools import cache
from types import SimpleNamespace

import numpy as np

from minikeras.late import late_imports

BUCKETS = 30
IMAGES = 3  # of several, so many are kept, as in TensorFlow
_NUMBER = itertools.count()  # of the file in this process


@cache
@late_imports()
def library() -> SimpleNamespace:
    """What is needed of the package; ImportError if it is not installed."""
    try:
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter
        from tensorboard.util import tensor_util
    except ImportError as error:
        raise ImportError(
            "The callback TensorBoard writes its files by the package `tensorboard`, "
            "which is not installed: `pip install tensorboard`."
        ) from error
    return SimpleNamespace(
        Event=event_pb2.Event,
        Source=event_pb2.SourceMetadata,
        Summary=summary_pb2.Summary,
        Metadata=summary_pb2.SummaryMetadata,
        RecordWriter=RecordWriter,
        tensor=tensor_util.make_tensor_proto,
    )


class EventFile:
    """A new file in `folder`, opened for each event alone: so whatever was written is
    there for TensorBoard at once, and nothing is left to be closed."""

    def __init__(self, folder: str):
        import socket  # serves only file names

        os.makedirs(folder, exist_ok=True)
        place = f"{socket.gethostname()}.{os.getpid()}.{next(_NUMBER)}.v2"
        name = f"events.out.tfevents.{int(time.time()):010d}.{place}"
        self.path = os.path.join(folder, name)
        source = library().Source(writer="minikeras.callbacks.event_file")
        self._append(file_version="brain.Event:2", source_metadata=source)

    def scalar(self, tag: str, value, step) -> None:
        """One point of a curve."""
        number = np.asarray(value, "float32")
        if number.ndim:
            raise ValueError(
                f"TensorBoard takes single numbers as logs. Received: {tag}={value!r}"
            )
        self.write(tag, number, step, "scalars")

    def histogram(self, tag: str, values, step) -> None:
        self.write(tag, buckets(values), step, "histograms")

    def image(self, tag: str, images: np.ndarray, step) -> None:
        """Images (count, height, width, channels) of values from 0 to 1."""
        height, width = images.shape[1:3]
        texts = [str(width).encode(), str(height).encode()]
        texts += [_png(image) for image in images[:IMAGES]]
        self.write(tag, texts, step, "images")

    def write(self, tag: str, value, step, plugin: str, content: bytes = b"") -> None:
        """`value` as what the part of TensorBoard called `plugin` shows."""
        tb = library()
        data = tb.Metadata.PluginData(plugin_name=plugin, content=content)
        entry = tb.Summary.Value(
            tag=tag,
            metadata=tb.Metadata(plugin_data=data),
            tensor=tb.tensor(value),
        )
        self._append(step=int(step), summary=tb.Summary(value=[entry]))

    def _append(self, **fields) -> None:
        event = library().Event(wall_time=time.time(), **fields)
        with open(self.path, "ab") as file:
            library().RecordWriter(file).write(event.SerializeToString())


def buckets(values) -> np.ndarray:
    """(30, 3): left edge, right edge and count of buckets as wide as each other.

    Where all values are one, all edges are, and the last bucket has them.
    """
    x = np.asarray(values, "float64").ravel()
    if not x.size:
        return np.zeros((BUCKETS, 3))
    low, high = x.min(), x.max()
    if low == high:
        counts = np.array([0] * (BUCKETS - 1) + [x.size])
        edges = np.full(BUCKETS + 1, low)
    else:
        with np.errstate(invalid="ignore"):  # NaN falls into no bucket
            places = np.floor((x - low) / ((high - low) / BUCKETS)).astype("int64")
            edges = np.linspace(low, high, BUCKETS + 1)
        places = np.minimum(places, BUCKETS - 1)
        counts = np.bincount(places[places >= 0], minlength=BUCKETS)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def as_images(weight: np.ndarray) -> np.ndarray | None:
    """A weight as images (count, height, width, channels): a vector as a column, a
    matrix lying, each channel of three axes; None for what has no such picture."""
    x = np.squeeze(weight)
    if x.ndim == 1:
        x = x.reshape(1, -1, 1, 1)
    elif x.ndim == 2:
        x = (x.T if x.shape[0] > x.shape[1] else x)[None, :, :, None]
    elif x.ndim == 3:
        x = np.transpose(x, (2, 0, 1))[..., None]
    return x if x.ndim == 4 and x.shape[-1] in (1, 3, 4) else None


@late_imports()
def _png(image: np.ndarray) -> bytes:
    from PIL import Image  # comes with tensorboard

    # As TensorFlow rounds: 255.5 shares of equal size.
    pixels = np.clip(image * np.float32(255.5), 0, 255).astype("uint8")
    out = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(
        out, "PNG"
    )
    return out.getvalue()
