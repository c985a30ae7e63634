"""What a comparison found: what the table, the JSON file and the page show."""

import math
from dataclasses import asdict, dataclass, field

EXACT, ROUNDING, REAL = "exact", "rounding", "real difference"


@dataclass
class Entry:
    """One entry of a tensor: its value in tf.keras, minikeras and the float64 run."""

    index: list[int]
    keras: float
    minikeras: float
    float64: float | None = None


@dataclass
class Miss:
    """A result that parts by more than rounding: where, what, its worst entries."""

    tensor: str
    note: str
    worst: list[Entry] = field(default_factory=list)


@dataclass
class Row:
    """The worst of a case's results of one quantity, and how many there are.

    `verdict` is EXACT (bit for bit), ROUNDING or REAL; `allowed` says in words how
    large a difference may be, `absolute` and `ulps` how large the largest is.
    """

    case: str
    quantity: str
    count: int = 0
    absolute: float = 0.0
    ulps: float = 0.0
    allowed: str = ""
    verdict: str = EXACT
    misses: list[Miss] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.misses


@dataclass
class Curve:
    """A training run's loss by step; `allowed` is what rounding explains of
    |keras - minikeras| there."""

    steps: list[int] = field(default_factory=list)
    keras: list[float] = field(default_factory=list)
    minikeras: list[float] = field(default_factory=list)
    float64: list[float | None] = field(default_factory=list)
    allowed: list[float] = field(default_factory=list)


@dataclass
class Heat:
    """How far the tensors of one kind lie apart, in units in the last place of each
    tensor's largest entry: `ulps[tensor][step]`, None where there is none."""

    kind: str
    tensors: list[str] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    ulps: list[list[float | None]] = field(default_factory=list)


@dataclass
class Trace:
    """A training run step by step."""

    run: str
    loss: Curve = field(default_factory=Curve)
    heat: list[Heat] = field(default_factory=list)


@dataclass
class Findings:
    """`versions` names what was compared: tf.keras's and minikeras's libraries, CPU."""

    versions: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)

    @property
    def agree(self) -> bool:
        return all(row.agrees for row in self.rows)

    def to_dict(self) -> dict:
        """What JSON can hold: NaN and infinities become None."""
        content = asdict(self)
        for row, written in zip(self.rows, content["rows"], strict=True):
            written["agrees"] = row.agrees
        return {**_finite(content), "agree": self.agree}


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
