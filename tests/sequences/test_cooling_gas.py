"""Pressure decay, flow against pressure, and the coolant's properties: the arithmetic of the cooling sequences."""

import random

import pytest

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from sequences.cooling import coolant
from sequences.cooling.gas import ATMOSPHERE, STANDARD, ZERO, Sample, combined, line, trend, volume
from sequences.cooling.resistance import Curve, fit

PG25 = (
    (10, 1022.9, 3896, 3.558),
    (20, 1019.3, 3921, 2.445),
    (25, 1017.2, 3933, 2.071),
    (30, 1014.9, 3945, 1.776),
    (40, 1009.9, 3969, 1.353),
    (45, 1007.2, 3981, 1.199),
    (50, 1004.4, 3992, 1.073),
    (60, 998.4, 4016, 0.878),
)
"""Degrees Celsius, kg/m3, J/(kg K), mPa s: CoolProp 8.0, INCOMP::MPG[0.25], 3 bar."""


def sample(at: float, pascal: float, celsius: float = 25.0) -> Sample:
    """One exchange with the pressure sensor."""
    return Sample(Reading(pascal, "Pa", 500.0, at, "p"), Reading(celsius, "degC", 2.0, at, "p"))


def decay(
    pascal: float, seconds: float, start: float = 500_000.0, warming: float = 0.0, noise: float = 0.0
) -> list[Sample]:
    """A pressure that falls by `pascal` in `seconds`, while the temperature goes by `warming`; one sample a second."""
    chance = random.Random(1)  # noqa: S311 (no secret)
    count = int(seconds)
    return [
        sample(
            at,
            (start - pascal * at / seconds) * (STANDARD + warming * at / seconds) / STANDARD + chance.gauss(0.0, noise),
            STANDARD - ZERO + warming * at / seconds,
        )
        for at in range(count + 1)
    ]


@pytest.mark.parametrize(
    ("litres", "pascal", "seconds", "leak"),
    [(0.5, 10.0, 30.0, 0.099), (2.0, 10.0, 60.0, 0.197), (20.0, 50.0, 300.0, 1.97)],
)
def test_a_falling_pressure_is_a_leak(litres: float, pascal: float, seconds: float, leak: float) -> None:
    """The worked examples of the domain: 500 cc and 10 Pa in 30 s are 0.099 cc/min, and so on."""
    read = trend(decay(pascal, seconds), 0.0).leak(litres, 0.0)
    assert "sccm" == read.unit
    assert pytest.approx(leak, rel=0.01) == read.value


@pytest.mark.parametrize(
    ("litres", "seconds", "expanded"), [(2.0, 60.0, 0.675), (2.0, 300.0, 0.135), (0.5, 30.0, 0.337)]
)
def test_a_thermometer_that_loses_10_millikelvins_makes_a_leak_uncertain(
    litres: float, seconds: float, expanded: float
) -> None:
    """The budgets of the domain: at 5 bar absolute 0.01 K are 17 Pa, and so many cc/min."""
    read = trend(decay(0.0, seconds, noise=0.1), 0.01).leak(litres, 0.0)
    assert pytest.approx(expanded, rel=0.03) == read.uncertainty


def test_warmth_is_no_leak() -> None:
    """A tight vessel that cools by 0.1 K, which is 170 Pa, leaks nothing; the drift is told."""
    seen = trend(decay(0.0, 180.0, warming=-0.1, noise=2.0), 0.01)
    assert pytest.approx(0.0, abs=0.1) == seen.leak(1.5, 0.0).value
    assert pytest.approx(-0.1, abs=0.001) == seen.drift


def test_noise_makes_a_leak_uncertain_and_the_truth_lies_within() -> None:
    """A scatter of 100 Pa on 500 Pa in three minutes."""
    read = trend(decay(500.0, 180.0, noise=100.0), 0.01).leak(1.5, 0.02)
    truth = 60 * 1500 * 500 / 180 / ATMOSPHERE
    assert abs(read.value - truth) < read.uncertainty
    assert 0.2 < read.uncertainty < 0.8


def test_a_sensor_that_repeats_itself_or_says_nothing_measures_no_leak() -> None:
    """Frozen, silent, or looked at too seldom: an error, never a tight unit."""
    with pytest.raises(InstrumentError, match="frozen"):
        trend([sample(at, 5e5) for at in range(30)], 0.01)
    silent = Sample(Reading(float("nan"), "Pa", 0.0, 3.0, "p", State.NO_READING), sample(3.0, 5e5).celsius)
    with pytest.raises(InstrumentError, match="no number"):
        trend([*decay(10.0, 30.0), silent], 0.01)
    with pytest.raises(InstrumentError, match="too few"):
        trend(decay(10.0, 3.0), 0.01)


def test_a_charge_tells_the_volume() -> None:
    """6 standard litres fill 1.5 l from one atmosphere to five."""
    charge = Reading(6.0, "l", 0.06, 10.0, "f")
    read = volume(charge, sample(0.0, ATMOSPHERE), sample(11.0, 5 * ATMOSPHERE))
    assert "f+p" == read.by
    assert pytest.approx(1.5, rel=1e-4) == read.value
    assert pytest.approx(0.015, rel=0.05) == read.uncertainty
    assert State.NO_READING is volume(charge, sample(0.0, 5e5), sample(11.0, 5e5)).state


def test_what_one_instrument_could_not_say_the_whole_cannot() -> None:
    """And it is as old as the oldest of them."""
    good = Reading(1.0, "l/min", 0.1, 5.0, "a")
    bad = Reading(float("nan"), "Pa", float("nan"), 4.0, "b", State.OVER_RANGE)
    read = combined(3.0, "W", 0.5, good, bad)
    assert (State.OVER_RANGE, 4.0, "a+b", False) == (read.state, read.at, read.by, read.is_number)


def test_a_line_goes_through_its_points() -> None:
    """Slope exactly, without scatter."""
    assert pytest.approx((-2.5, 0.0)) == line([0.0, 1.0, 2.0, 3.0], [10.0, 7.5, 5.0, 2.5])


def test_a_drop_has_a_turbulent_and_a_laminar_part() -> None:
    """They are found again from three flows; and the flow from a drop."""
    curve = Curve(30.0, 100.0)
    flows = [5.0, 8.0, 16.0]
    found = fit(flows, [curve.drop(flow) for flow in flows])
    assert pytest.approx((30.0, 100.0)) == tuple(found)
    assert pytest.approx(12.0) == curve.flow(curve.drop(12.0))
    with pytest.raises(ValueError, match="two different"):
        fit([5.0, 5.0], [1.0, 2.0])


@pytest.mark.parametrize("row", PG25, ids=lambda row: f"{row[0]} degC")
def test_pg25_is_what_the_table_says(row: tuple[float, float, float, float]) -> None:
    """Density to 0.12 kg/m3, heat capacity to 1 J/(kg K), viscosity to 0.2 %."""
    celsius, density, heat, viscosity = row
    assert pytest.approx(density, abs=0.12) == coolant.density(celsius)
    assert pytest.approx(heat, abs=1.0) == coolant.heat_capacity(celsius)
    assert pytest.approx(viscosity, rel=0.002) == 1000 * coolant.viscosity(celsius)


def test_a_kilowatt_takes_one_and_a_half_litres() -> None:
    """PG25 at 25 degrees: 1 kW over 10 K is 1.5 l/min."""
    assert pytest.approx(1000.0, rel=0.002) == coolant.watts(1.5, 10.0, 25.0)
