"""Pressure decay: what a falling pressure says of a leak, with its uncertainty.

P x Tref / T is what would be read at one temperature; its slope, by least squares, times the volume is the leak. Standard
is 25 degrees Celsius and 101,325 Pa, as the flow controllers count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from sequences.arithmetic import square

ATMOSPHERE = 101_325.0
STANDARD = 298.15
ZERO = 273.15
FEWEST = 5
"""Samples of which a slope can be made."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Pressure and temperature of one moment, from one exchange."""

    pascal: Reading
    celsius: Reading

    @property
    def kelvin(self) -> float:
        """Absolute temperature."""
        return self.celsius.value + ZERO


@dataclass(frozen=True, slots=True)
class Trend:
    """A pressure at one temperature over a while: pascals per second, and how sure (k = 2).

    `drift` is by how many kelvins the temperature went meanwhile; `pascal` and `kelvin` are means.
    """

    slope: float
    spread: float
    pascal: float
    kelvin: float
    drift: float
    seconds: float
    at: float
    by: str

    def leak(self, litres: float, litres_spread: float) -> Reading:
        """Standard cubic centimetres per minute out of a volume. Negative where the pressure rises."""
        per = litres * 1000.0 * 60.0 / ATMOSPHERE * STANDARD / self.kelvin
        value = -self.slope * per
        return Reading(value, "sccm", math.hypot(self.spread * per, value * litres_spread / litres), self.at, self.by)


def trend(samples: Sequence[Sample], tracks: float) -> Trend:
    """The trend of a series. `tracks`: kelvins by which the thermometer may have lost the gas between its two ends.

    The uncertainty is that of the fit (its scatter), that of the temperature, and that of the sensor's gain; its zero
    cancels. Raises InstrumentError for a sensor that has no number, or that repeats itself.
    """
    if len(samples) < FEWEST:
        raise InstrumentError("the bench", f"{len(samples)} samples are too few for a slope")
    name = samples[0].pascal.by
    if any(not each.pascal.is_number or not each.celsius.is_number for each in samples):
        raise InstrumentError(name, "gave no number while the pressure was watched")
    if len({(each.pascal.value, each.celsius.value) for each in samples}) == 1:
        raise InstrumentError(name, "says the same again and again: it is frozen")
    times = [each.pascal.at - samples[0].pascal.at for each in samples]
    reference = samples[0].kelvin
    pascals = [each.pascal.value * reference / each.kelvin for each in samples]
    slope, scatter = line(times, pascals)
    warming, _ = line(times, [each.kelvin for each in samples])
    seconds = times[-1]
    mean = sum(pascals) / len(pascals)
    drift = warming * seconds
    lost = math.hypot(tracks, 0.05 * drift)
    gain = samples[0].pascal.uncertainty / mean
    spread = math.hypot(2.0 * scatter, 2.0 * mean / reference * lost / seconds, slope * gain)
    return Trend(slope, spread, mean, reference, drift, seconds, samples[-1].pascal.at, name)


def line(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float]:
    """The slope of the best straight line, and its standard deviation."""
    count = len(xs)
    x0, y0 = sum(xs) / count, sum(ys) / count
    width = sum(square(x - x0) for x in xs)
    slope = sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)) / width
    rest = sum(square(y - y0 - slope * (x - x0)) for x, y in zip(xs, ys, strict=True))
    return slope, math.sqrt(rest / max(count - 2, 1) / width)


def volume(charge: Reading, before: Sample, after: Sample) -> Reading:
    """Litres that a charge of standard litres has filled from one pressure to another, both at rest.

    The sensor's zero cancels; its gain and the charge's uncertainty remain.
    """
    rise = after.pascal.value / after.kelvin - before.pascal.value / before.kelvin
    if not charge.is_number or rise <= 0.0:
        return Reading(math.nan, "l", math.nan, charge.at, charge.by, State.NO_READING)
    litres = charge.value * ATMOSPHERE / STANDARD / rise
    gain = after.pascal.uncertainty / after.pascal.value
    spread = litres * math.hypot(charge.uncertainty / charge.value, gain)
    return Reading(litres, "l", spread, after.pascal.at, f"{charge.by}+{after.pascal.by}")


def combined(value: float, unit: str, uncertainty: float, *readings: Reading) -> Reading:
    """A value that follows from several readings: as fresh as the oldest, and said by all of their instruments.

    What one of them could not say, the whole cannot.
    """
    by = "+".join(dict.fromkeys(name for each in readings for name in each.by.split("+")))
    at = min(each.at for each in readings)
    silent = next((each for each in readings if not each.is_number or each.state is State.AT_LEAST), None)
    if silent is not None or not math.isfinite(value):
        state = silent.state if silent is not None and silent.state is not State.AT_LEAST else State.NO_READING
        return Reading(math.nan, unit, math.nan, at, by, state)
    return Reading(value, unit, uncertainty, at, by)
