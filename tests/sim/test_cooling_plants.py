"""The physics of gas, coolant and heat, against formulas and against themselves."""

import itertools
import math
from dataclasses import dataclass, replace

import pytest

from sequences.cooling import coolant as fits
from sim.ambient import Ambient
from sim.cooling.coolant import PG25, WATER
from sim.cooling.gas import ATMOSPHERE, STANDARD, Vessel, pinholes, through
from sim.cooling.hydraulics import Pump, operating_point
from sim.cooling.leak_plant import ManifoldPlant
from sim.cooling.loop_plant import LoopPlant
from sim.cooling.spec import Branch, LeakBench, LoopBench, LoopSlot, Manifold, ManifoldSlot, Port, PumpingUnit
from sim.here import Here
from sim.quantity import Quantity

NAMES = tuple(f"qd{at}" for at in range(1, 9))
BENCH = LeakBench(
    "bench",
    "p",
    "f",
    "gun",
    {name: Port("v", at) for at, name in enumerate(("fill", "isolate", "vent", "leak", "through"))},
    {name: Port(f"c{at // 4}", at % 4) for at, name in enumerate(NAMES)},
    Port("v", 0),
    Port("v", 1),
    0.25,
    0.04,
    5.0,
    500_000.0,
)
MANIFOLD = ManifoldSlot(
    "M",
    BENCH,
    Manifold(1.25, dict.fromkeys(NAMES, Branch(30.0, 100.0)), {f"branch{at}": f"qd{at}" for at in range(1, 9)}),
)
LOOP = LoopSlot(
    "L",
    LoopBench(
        "loop", "cdu", "chiller", "meter", "p", "gun", Port("h", 0), Port("h", 0), Port("h", 1), Port("h", 2),
        Port("v", 0), Port("v", 1), Port("v", 2), 18_000.0,
    ),
    PumpingUnit(("pump1", "pump2", "pump3"), 120.0, 0.04, 4800.0, 130.0, 0.10, 0.8),
)  # fmt: skip


@dataclass
class Hall:
    """A hall whose clock is moved by hand."""

    at: float = 0.0

    @property
    def here(self) -> Here:
        """The surroundings."""
        return replace(Here.still(3), now=lambda: self.at)


def bench(*on: str, mated: bool = True) -> tuple[Hall, ManifoldPlant]:
    """A bench with some of its valves and couplings on."""
    hall = Hall()
    plant = ManifoldPlant(MANIFOLD, hall.here)
    if mated:
        plant.mate()
    turn(plant, *on)
    return hall, plant


def turn(plant: ManifoldPlant, *names: str, on: bool = True) -> None:
    """Switch valves and couplings."""
    ports = {**BENCH.valves, **BENCH.couplings}
    for name in names:
        plant.drive(ports[name].device, Quantity.OUTPUT, str(ports[name].number), float(on))


def pressure(plant: ManifoldPlant) -> float:
    """What the jig's sensor finds."""
    found = plant.sense("p", Quantity.PASCAL, "")
    assert found is not None
    return found


def fill(hall: Hall, plant: ManifoldPlant, seconds: float, flow: float = 8.0) -> None:
    """Fill, stop, and wait until everything has one temperature."""
    plant.drive("f", Quantity.LITRES_PER_MINUTE, "", flow)
    hall.at += seconds
    plant.sense("p", Quantity.PASCAL, "")
    plant.drive("f", Quantity.LITRES_PER_MINUTE, "", 0.0)
    hall.at += 60.0


def test_a_choked_orifice_follows_the_pressure_before_it() -> None:
    """Half the pressure, half the flow, while it is choked; nothing against the air alone."""
    assert pytest.approx(0.005) == pinholes([5.0], 5e5, 5e5, ATMOSPHERE)
    assert pytest.approx(0.003) == pinholes([5.0], 5e5, 3e5, ATMOSPHERE)
    assert 0.0 == pinholes([5.0], 5e5, ATMOSPHERE, ATMOSPHERE)
    assert pytest.approx(0.008) == pinholes([5.0, 3.0], 5e5, 5e5, ATMOSPHERE)
    assert 0.0 < pinholes([5.0], 5e5, 1.2e5, ATMOSPHERE) < 0.0012


def test_a_vessel_loses_gas_exponentially() -> None:
    """Ten steps of a tenth are one step; and the pressure is the gas law's."""
    one, ten = (Vessel(6.0) for _ in range(2))
    for vessel, steps in ((one, 1), (ten, 10)):
        for _ in range(steps):
            vessel.pass_time(100.0 / steps, 0.0, 1e-6, 1.5, STANDARD)
    assert pytest.approx(one.amount, rel=1e-3) == ten.amount
    assert pytest.approx(4 * ATMOSPHERE) == Vessel(6.0).pascal(1.5, STANDARD)


def test_a_fill_takes_its_charge_and_warms_the_gas() -> None:
    """8 l/min for 45 s are 6 standard litres; the heat of it is gone a minute later."""
    hall, plant = bench("fill", "vent", *NAMES)
    start = pressure(plant)
    plant.drive("f", Quantity.LITRES_PER_MINUTE, "", 8.0)
    hall.at = 45.0
    warm = pressure(plant)
    plant.drive("f", Quantity.LITRES_PER_MINUTE, "", 0.0)
    hall.at = 105.0
    rise = 6.0 / 1.54 * ATMOSPHERE * (plant.rig.metal + 273.15) / STANDARD
    assert pytest.approx(rise, rel=0.02) == pressure(plant) - start
    assert warm > pressure(plant) * 1.005


@pytest.mark.parametrize(
    ("couplings", "leaks"), [(NAMES, False), ((), True), (("qd1", "qd2"), True), (("qd3",), False)]
)
def test_a_poppet_leaks_only_when_nothing_is_pushed_into_it(couplings: tuple[str, ...], leaks: bool) -> None:
    """5 sccm out of 1.5 l are 5.6 Pa a second."""
    hall, plant = bench("fill", "vent", *NAMES)
    plant.strike("gas-leak", ("qd3",), 5.0)
    fill(hall, plant, 45.0)
    turn(plant, *[name for name in NAMES if name not in couplings], on=False)
    hall.at += 30.0
    before = pressure(plant)
    warm = plant.rig.metal
    hall.at += 100.0
    fallen = before * (plant.rig.metal + 273.15) / (warm + 273.15) - pressure(plant)
    assert leaks == (pytest.approx(500.0, rel=0.2) == fallen)
    assert leaks or fallen < 60.0


def test_how_often_it_is_looked_at_changes_nothing() -> None:
    """Once in ten minutes, or six hundred times."""
    seen = []
    for looks in (1, 600):
        hall, plant = bench("fill", "vent", *NAMES)
        plant.strike("gas-leak", ("header",), 20.0)
        fill(hall, plant, 45.0)
        for _ in range(looks):
            hall.at += 600.0 / looks
            pressure(plant)
        seen.append(pressure(plant))
    assert pytest.approx(seen[0], rel=1e-4) == seen[1]


def test_creep_falls_ever_more_slowly() -> None:
    """Within twice the time it loses half as much per second."""
    hall, plant = bench("fill", "vent", *NAMES)
    plant.strike("creep", ("",), 0.5)
    fill(hall, plant, 45.0)
    seen = []
    for at in (100.0, 200.0, 400.0, 800.0):
        hall.at = at
        seen.append(pressure(plant))
    losses = [one - other for one, other in itertools.pairwise(seen)]
    assert losses[0] == pytest.approx(losses[1], rel=0.4)
    assert losses[1] == pytest.approx(losses[2], rel=0.4)


def test_air_finds_its_drop() -> None:
    """12 l/min through one branch make a x flow^2 + b x flow, at once."""
    hall, plant = bench("fill", "vent", "through", "qd2")
    before = pressure(plant)
    plant.drive("f", Quantity.LITRES_PER_MINUTE, "", 12.0)
    hall.at = 20.0
    assert pytest.approx(30.0 * 144 + 1200.0, rel=0.03) == pressure(plant) - before
    assert pytest.approx(12.0) == through(30.0, 100.0, 30.0 * 144 + 1200.0)


def test_without_a_unit_nothing_holds_behind_the_isolating_valve() -> None:
    """Shut, the jig holds by itself; open, it is open to the air."""
    hall, plant = bench("isolate", "fill", "vent", mated=False)
    fill(hall, plant, 8.0)
    assert pressure(plant) > 4e5
    turn(plant, "isolate", on=False)
    hall.at += 60.0
    assert pytest.approx(ATMOSPHERE, rel=1e-3) == pressure(plant)


def test_the_metal_follows_the_air_late() -> None:
    """With no lag it is the air; with a long one it hardly moves."""
    air = Ambient.seeded(5)
    assert [air.at(each) for each in (0.0, 500.0)] == pytest.approx([air.behind(each, 0.0) for each in (0.0, 500.0)])
    swings = [abs(air.behind(each, 36_000.0) - 23.0) for each in range(0, 7200, 100)]
    assert max(swings) < 0.02


@pytest.mark.parametrize("celsius", [10, 17, 25, 33, 45, 52, 60])
def test_both_witnesses_agree_on_pg25(celsius: float) -> None:
    """The plant's table and the sequences' fits: density and heat to 0.1 %, viscosity to 1 %."""
    assert pytest.approx(fits.density(celsius), rel=1e-3) == PG25.density(celsius)
    assert pytest.approx(fits.heat_capacity(celsius), rel=1e-3) == PG25.heat(celsius)
    assert pytest.approx(1000 * fits.viscosity(celsius), rel=1e-2) == PG25.viscosity(celsius)


def test_water_is_thinner_and_carries_more() -> None:
    """At 25 degrees: viscosity 0.43 times PG25's, 4.17 against 4.00 MJ/(m3 K)."""
    assert pytest.approx(0.43, abs=0.01) == WATER.viscosity(25.0) / PG25.viscosity(25.0)
    assert pytest.approx(4.17, abs=0.01) == WATER.density(25.0) * WATER.heat(25.0) / 1e6
    assert pytest.approx(4.00, abs=0.01) == PG25.density(25.0) * PG25.heat(25.0) / 1e6


def test_pumps_and_loop_meet() -> None:
    """One pump: the flow at which 120 - 0.04 Q^2 is 0.1 Q^2 + 0.8 Q; by affinity half the speed lifts a quarter."""
    flow, lift = operating_point([Pump(1.0, 120.0, 0.04)], 0.1, 0.8)
    assert pytest.approx(26.56, abs=0.01) == flow
    assert pytest.approx(120 - 0.04 * flow**2) == lift
    assert pytest.approx(30.0) == operating_point([Pump(0.5, 120.0, 0.04)], 1e6, 0.1)[1]
    assert (0.0, 0.0) == operating_point([Pump(0.0, 120.0, 0.04)], 0.1, 0.8)


def test_a_check_valve_that_is_open_lets_coolant_run_back() -> None:
    """The loop gets 20 to 40 % less from the one pump that runs."""
    shut, open_ = (
        operating_point([Pump(0.8, 120.0, 0.04), Pump(0.0, 120.0, 0.04, leaky)], 0.1, 0.8)[0] for leaky in (False, True)
    )
    assert 0.6 < open_ / shut < 0.85


def loop(*registers: tuple[str, float]) -> tuple[Hall, LoopPlant]:
    """A loop with a unit whose pumps run as some registers say."""
    hall = Hall()
    plant = LoopPlant(LOOP, hall.here)
    plant.mate()
    for number in (0, 1):
        plant.drive("v", Quantity.OUTPUT, str(number), 1.0)
    for name, value in registers:
        plant.drive("cdu", Quantity.REGISTER, name, value)
    return hall, plant


RUNNING = (("RPU_Control", float(1 << 9 | 1 << 1)), *((f"Manual_Control_Pump{at}_Duty_Set", 86.0) for at in (1, 2, 3)))


def register(plant: LoopPlant, name: str) -> float:
    """The value behind a register."""
    found = plant.sense("cdu", Quantity.REGISTER, name)
    assert found is not None
    return found


def test_pumps_run_when_they_are_told_to_and_only_then() -> None:
    """Duties alone do nothing: the manual bits let us command them."""
    _, still = loop(*RUNNING[1:])
    _, runs = loop(*RUNNING)
    assert (0.0, 4128.0) == (register(still, "RPU_Pump1_TACH_RPM"), register(runs, "RPU_Pump1_TACH_RPM"))
    assert register(still, "RPU_Coolant_Flow_Rate_LPM") < 0.1 < 20.0 < register(runs, "RPU_Coolant_Flow_Rate_LPM")


def test_heat_that_goes_in_is_in_the_coolant() -> None:
    """After an hour the rise over the flow is the heater's power, and the mean stands above the bath by what is carried."""
    hall, plant = loop(*RUNNING)
    plant.drive("chiller", Quantity.SETPOINT, "", 38.0)
    plant.drive("chiller", Quantity.RUN, "", 1.0)
    plant.drive("h", Quantity.OUTPUT, "0", 1.0)
    hall.at = 3600.0
    flow = register(plant, "RPU_Coolant_Flow_Rate_LPM")
    rise = register(plant, "RPU_Coolant_Inlet_Temp_C") - register(plant, "RPU_Coolant_Outlet_Temp_C")
    watts = 3 * (plant.sense("meter", Quantity.WATTS, "1") or math.nan)
    assert pytest.approx(watts, rel=0.02) == fits.watts(flow, rise, plant.loop.mean)
    assert pytest.approx(38.0 + (watts + 250) / 1500.0, abs=0.3) == plant.loop.mean
    assert 0.0 == plant.loop.dry_heat


def test_a_loop_does_not_care_how_often_it_is_looked_at() -> None:
    """Temperatures an hour later are the same."""
    seen = []
    for looks in (1, 300):
        hall, plant = loop(*RUNNING)
        plant.drive("h", Quantity.OUTPUT, "0", 1.0)
        for _ in range(looks):
            hall.at += 1200.0 / looks
            register(plant, "RPU_Coolant_Inlet_Temp_C")
        seen.append(plant.loop.mean)
    assert pytest.approx(seen[0], abs=0.05) == seen[1]


def test_heat_without_flow_is_noticed() -> None:
    """What no sequence may ever do leaves its trace in the plant."""
    hall, plant = loop()
    plant.drive("h", Quantity.OUTPUT, "0", 1.0)
    hall.at = 100.0
    register(plant, "RPU_Coolant_Inlet_Temp_C")
    assert pytest.approx(100.0) == plant.loop.dry_heat


def test_a_drip_wets_the_units_sensor_and_then_the_rope() -> None:
    """If the unit is told to look for leaks at all."""
    for settings, bits in ((0.0, 0.0), (float(1 << 1), float(1 << 4))):
        hall, plant = loop(("Leakage_Settings", settings))
        plant.strike("drip", ("internal",), None)
        rope = []
        for at in (30.0, 60.0, 120.0):
            hall.at = at
            rope.append(plant.sense("h", Quantity.INPUT, "1"))
        assert (bits, [1.0, 1.0, 0.0]) == (register(plant, "Leakage"), rope)
