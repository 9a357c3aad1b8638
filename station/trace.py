"""The trace: a run as a stream of frozen events. It goes to the ledger first; everything else reads it.

`at` is in seconds since the run began. Events hold no NaN: a reading that is not a number has value None and its state.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has an id. `started` is the wall clock (ISO 8601, UTC); `simulated` is None on real hardware.

    The last three came later: a ledger of before has none of them.
    """

    run: str
    started: str
    station: str
    slot: str
    serial: str
    part_number: str
    revision: str
    product_digest: str
    sequence: str
    sequence_digest: str
    instruments: dict[str, str]
    simulated: dict[str, Any] | None
    steps: tuple[str, ...]
    program: str = ""
    """The version of the program."""
    documents: dict[str, str] = field(default_factory=dict)
    """The fingerprints of the files that it was prepared from, by kind and name: `jigs/whip-panel.toml`."""
    orders: dict[str, dict[str, str]] = field(default_factory=dict)
    """What lay in every slot of the simulated world, in order, this run's own included; empty when it was alone."""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step's attempt begins; attempts count from 1."""

    at: float
    step: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A reading was judged, by a decision rule. Traces from before there was a choice do not name it: it was `u`."""

    at: float
    step: str
    name: str
    point: str
    value: float | None
    unit: str
    uncertainty: float | None
    state: str
    by: str
    low: float | None
    high: float | None
    accept_low: float | None
    accept_high: float | None
    verdict: str
    rule: str = "u"


@dataclass(frozen=True, slots=True)
class Sampled:
    """A chunk of a waveform: `times` in seconds since the run began, and as many values (None where there was none)."""

    at: float
    step: str
    name: str
    point: str
    unit: str
    times: tuple[float, ...]
    values: tuple[float | None, ...]
    verdict: str = ""
    """The worst of its samples; traces from before it was told do not name it."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """A step whose soak counts after an interruption has soaked so many `seconds` in this attempt: every sample of them has
    passed, and is recorded.
    """

    at: float
    step: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Observed:
    """A reading that is evidence, not judged."""

    at: float
    step: str
    name: str
    value: float | None
    unit: str
    uncertainty: float | None
    state: str
    by: str


@dataclass(frozen=True, slots=True)
class Prompted:
    """A person was asked."""

    at: float
    step: str
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The person's answer, after the strict grammar of scans."""

    at: float
    step: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where and why the unit is bad."""

    at: float
    step: str
    cause: str
    where: str
    text: str
    confidence: float
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step's attempt has a verdict. `exchanges` are the raw bytes of the last exchanges, kept when it is an ERROR."""

    at: float
    step: str
    attempt: int
    verdict: str
    reason: str
    exchanges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeSafe:
    """The bench was made safe, or `refusals` say which instruments were not confirmed safe."""

    at: float
    verdict: str
    seconds: float
    refusals: tuple[str, ...]
    why: str = ""
    """Why it was not the run itself that did so; empty where it was."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A run whose process had died goes on in another one.

    `gap` are the seconds since the last that was known of it, `step` where it then was; `earned` are the seconds of soak that
    count, `turns` those that need not be done again. `resumed` is the wall clock.
    """

    at: float
    resumed: str
    step: str
    gap: float
    earned: float
    turns: int
    reason: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run's verdict: PASSED, FAILED, ERROR, ABORTED; INTERRUPTED is written at the next start; REFUSED never ran.

    An ERROR that follows another end puts it right: it had reached the file though its writing was reported as failed.
    """

    at: float
    ended: str
    verdict: str
    reason: str


Event = (
    RunStarted
    | StepStarted
    | Measured
    | Sampled
    | Soaked
    | Observed
    | Prompted
    | Answered
    | Found
    | StepEnded
    | MadeSafe
    | Resumed
    | RunEnded
)
