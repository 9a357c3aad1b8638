"""Taking: the engine's pen in a step's hand. Judges each reading, records it, and knows what is still missing."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from drivers.reading import Reading, State
from sequences.finding import Finding
from sequences.limits import Limit
from sequences.measurement import Point
from sequences.verdict import Verdict, worst
from station.trace import Event, Found, Measured, Observed, Sampled, Soaked

CHUNK = 512
"""Samples of one waveform that are recorded together."""
LATEST = 3600.0
"""Seconds after which samples are recorded, however few: what the memory of a process alone knows dies with it. Of a step whose
soak counts after an interruption they are recorded sooner: see `soaked`.
"""
FRESH = 1e-6
"""Seconds by which a reading may seem older than its step, for rounding."""


class MisuseError(Exception):
    """A sequence did what its declaration does not allow. The station could not judge; it is never the unit's fault."""


@dataclass(slots=True)
class _Wave:
    """The samples of a point that are not recorded yet, and the worst of all: verdict and distance to its limit."""

    limit: Limit
    worst: Reading
    verdict: Verdict
    margin: float
    times: list[float] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    odd: Verdict = Verdict.SKIPPED
    """The worst verdict of those that are not recorded yet."""


@dataclass(slots=True)
class Taking:
    """One attempt of one step; implements sequences.take.Take.

    `expected` are the points that must be taken, `instruments` the names that may have read them; `began` is the loop's
    time at which the attempt began: an older reading is somebody else's answer.
    """

    step: str
    expected: frozenset[Point]
    limits: Mapping[Point, Limit]
    instruments: frozenset[str]
    tell: Callable[[Event], None]
    clock: Callable[[], float]
    pause: Callable[[float], "asyncio.Future[None] | object"]
    zero: float
    began: float = 0.0
    verdict: Verdict = Verdict.SKIPPED
    reasons: list[str] = field(default_factory=list)
    taken: set[Point] = field(default_factory=set)
    waves: dict[Point, _Wave] = field(default_factory=dict)
    earned: float = 0.0
    earns: bool = False
    """Its soak counts after an interruption."""
    lasted: float = -1.0
    """Seconds of its soak that were recorded."""
    before: Sequence[Observed] = ()
    """What was observed last in each part before this one."""

    def __call__(self, point: Point, reading: Reading) -> Verdict:
        """Judge and record; see sequences.take.Take."""
        if point in self.waves:
            raise MisuseError(f"{point} is being sampled, it cannot be taken as well")
        verdict = self._judge(point, reading)
        self._record(point, reading, verdict)
        return verdict

    def limit(self, point: Point) -> Limit:
        """The limit that holds for `point`."""
        return self.limits[point]

    def sample(self, point: Point, reading: Reading) -> Verdict:
        """Judge and keep in the point's waveform; what is outside its limits is recorded at once."""
        wave, was = self.waves.get(point), Verdict.PASSED
        if wave is None:
            verdict, _ = self._verdict(point, reading)
            if point in self.taken:
                raise MisuseError(f"{point} was taken already, it cannot be sampled as well")
            limit = self.limits[point]
            wave = self.waves[point] = _Wave(limit, reading, verdict, _margin(limit, reading))
        else:
            verdict, _ = self._judged(point, wave.limit, reading)
            margin, was = _margin(wave.limit, reading), max(wave.verdict, was)
            if verdict > wave.verdict or (verdict == wave.verdict and margin < wave.margin):
                wave.worst, wave.verdict, wave.margin = reading, verdict, margin
        wave.times.append(reading.at - self.zero)
        wave.values.append(reading.value if reading.is_number else None)
        if verdict is not wave.odd:
            wave.odd = max(wave.odd, verdict)
        # One that is worse than all before it is told at once: nobody may go on with this run as if it had not been.
        if verdict > was or len(wave.times) >= CHUNK or wave.times[-1] - wave.times[0] >= LATEST:
            self._chunk(point, wave)
        return verdict

    def soaked(self, seconds: float) -> None:
        """What has been soaked is recorded, and counts if nothing of it was outside its limits."""
        if not self.earns:
            return
        if seconds <= self.lasted:
            raise MisuseError("it soaks twice, and what it has earned would be taken off both")
        self.lasted = seconds
        for point, wave in self.waves.items():
            self._chunk(point, wave)
        if self.verdict <= Verdict.PASSED and all(each.verdict is Verdict.PASSED for each in self.waves.values()):
            self.tell(Soaked(self.clock() - self.zero, self.step, seconds))

    def recall(self, name: str) -> tuple[Reading, ...]:
        """What was observed in the parts before this one."""
        return tuple(
            Reading(each.value, each.unit, each.uncertainty or 0.0, each.at, each.by, State(each.state))
            for each in self.before
            if each.name == name and each.value is not None
        )

    def observe(self, name: str, reading: Reading) -> None:
        """Keep as evidence."""
        value, uncertainty = _numbers(reading)
        self.tell(
            Observed(
                self.clock() - self.zero, self.step, name, value, reading.unit, uncertainty, reading.state, reading.by
            )
        )

    def found(self, finding: Finding) -> None:
        """A located fault; whoever finds one cannot pass."""
        self.verdict = max(self.verdict, Verdict.FAILED)
        self.tell(
            Found(
                self.clock() - self.zero,
                self.step,
                finding.cause,
                finding.where,
                finding.text,
                finding.confidence,
                finding.marks,
            )
        )

    async def until(self, when: float) -> None:
        """Sleep with the shared instruments given back; see sequences.take.Take."""
        await self.pause(when)  # type: ignore[misc]  # the engine's coroutine function

    def close(self) -> None:
        """The step's body has ended well: take the waveforms' worst samples, and miss what was never taken."""
        waves, self.waves = self.waves, {}
        for point, wave in waves.items():
            self._chunk(point, wave)
            self._record(point, wave.worst, self._judge(point, wave.worst))
        missing = self.expected - self.taken
        if missing:
            names = sorted(str(point) for point in missing)
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            self.fail(f"never taken: {', '.join(names[:3])}{more}")
        elif not self.expected:
            self.verdict = max(self.verdict, Verdict.PASSED)

    def mute(self) -> None:
        """Record nothing more: whoever holds this pen has been given up."""
        self.tell = lambda _: None

    def fail(self, reason: str) -> None:
        """The station could not judge."""
        self.verdict = Verdict.ERROR
        self.reasons.append(reason)

    def _judge(self, point: Point, reading: Reading) -> Verdict:
        verdict, why = self._verdict(point, reading)
        if why:
            self.reasons.append(f"{point}: {why}")
        self.verdict = worst((self.verdict, verdict))
        return verdict

    def _verdict(self, point: Point, reading: Reading) -> tuple[Verdict, str]:
        if point not in self.expected:
            raise MisuseError(f"{point} was not declared by this step")
        return self._judged(point, self.limits[point], reading)

    def _judged(self, point: Point, limit: Limit, reading: Reading) -> tuple[Verdict, str]:
        if reading.at < self.began - FRESH:
            return Verdict.ERROR, f"the reading is {self.began - reading.at:.3f} s older than the step: stale"
        if reading.by not in self.instruments and not self.instruments.issuperset(reading.by.split("+")):
            return Verdict.ERROR, f"the reading came from {reading.by or 'nobody'}, which is not on this slot"
        verdict, why = limit.judge(reading)
        if verdict is Verdict.FAILED and point.measurement.of_station:
            return Verdict.ERROR, f"{reading.value:.4g} {reading.unit} is outside the station's own limit"
        return verdict, why

    def _record(self, point: Point, reading: Reading, verdict: Verdict) -> None:
        if point in self.taken:
            raise MisuseError(f"{point} was taken twice in one attempt")
        self.taken.add(point)
        limit = self.limits[point]
        value, uncertainty = _numbers(reading)
        # A bound has its uncertainty off already, and where there is no number there is none to take off.
        spread = 0.0 if uncertainty is None or reading.state is State.AT_LEAST else uncertainty
        low, high = limit.acceptance(spread)
        self.tell(
            Measured(
                self.clock() - self.zero, self.step, point.measurement.name, point.where, value, reading.unit, uncertainty,
                reading.state, reading.by, limit.low, limit.high, low, high, verdict.name, limit.rule.value,
            )
        )  # fmt: skip

    def _chunk(self, point: Point, wave: _Wave) -> None:
        if wave.times:
            name, unit = point.measurement.name, point.measurement.unit
            self.tell(
                Sampled(
                    self.clock() - self.zero, self.step, name, point.where, unit, tuple(wave.times), tuple(wave.values),
                    wave.odd.name,
                )
            )  # fmt: skip
            wave.odd = Verdict.SKIPPED
            wave.times.clear()
            wave.values.clear()


def _margin(limit: Limit, reading: Reading) -> float:
    """How far inside its acceptance limits a reading is; what is no number is further outside than any."""
    if not reading.is_number:
        return -math.inf
    low, high = limit.acceptance(reading.uncertainty)
    return min(
        math.inf if low is None else reading.value - low,
        math.inf if high is None else high - reading.value,
    )


def _numbers(reading: Reading) -> tuple[float | None, float | None]:
    return (reading.value, reading.uncertainty) if reading.is_number else (None, None)
