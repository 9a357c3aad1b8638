"""The plants of power against their formulas."""

import math
from dataclasses import dataclass, field

import pytest

from sim.ambient import Ambient
from sim.here import Here
from sim.noise import Streams
from sim.power.converter import DROOP, LOSS
from sim.power.heat import Warmth
from sim.power.insulation import Insulation
from sim.power.mains import lagging, neutral, phasor, unbalance
from sim.power.metering import Meter
from sim.power.pdu import PduPlant
from sim.power.psu import PsuPlant
from sim.power.spec import Bay, Outlet, PduSlot, PduUnit, PsuSlot, PsuUnit
from sim.quantity import Quantity

NAMES = ("hv", "hv_reference", "bond_reference", "voltmeter", "source", "reference")
RELAYS = {name: f"1.3.{at}" for at, name in enumerate(NAMES, start=1)}
RELAYS |= {f"pe{n}": f"1.1.{n}" for n in range(1, 7)} | {f"load{n}": f"1.2.{n}" for n in range(1, 7)}
BAY = Bay("bay", "hipot", "source", "load", "meter", "dmm", "mux", "io", "scan", RELAYS, 0.05, 2e6)
UNIT = PduUnit(tuple(Outlet(n, (n - 1) // 2 + 1, "B") for n in range(1, 7)), 50.0, "SN1", (1,))
SLOT = PduSlot(
    "P", BAY, UNIT, "pdu", "sensors", {f"10{n}": n for n in range(1, 7)}, {f"20{n}": n for n in range(1, 7)},
    {f"30{n}": n for n in range(1, 4)}, "304",
)  # fmt: skip
PSU_RELAYS = {
    **{name: f"1.3.{at}" for at, name in enumerate(NAMES, start=1)},
    "output": "1.4.1",
    "load": "1.2.1",
    "bond": "1.1.1",
}
PSU = PsuSlot(
    "S",
    Bay("bay", "hipot", "source", "load", "meter", "dmm", "mux", "io", "scan", PSU_RELAYS, 0.05, 2e6),
    PsuUnit(51.0, 59.0, 7400.0, {"output_volts": "V", "fan": "RPM", "outlet_temperature": "T"}, "SN1"),
    "psu",
)


@dataclass
class Clock:
    """A time that the test moves."""

    now: float = 0.0
    streams: Streams = field(default_factory=lambda: Streams(0))

    def here(self, seed: int = 0) -> Here:
        """The surroundings at that time."""
        return Here(seed, lambda: self.now, Ambient.seeded(seed), self.streams)


def close(plant: PduPlant | PsuPlant, *names: str) -> None:
    """Close contactors."""
    relays = plant.slot.bay.relays
    for name in names:
        plant.drive("mux", Quantity.RELAY, relays[name], 1.0)


def open_(plant: PduPlant | PsuPlant, *names: str) -> None:
    """Open contactors."""
    for name in names:
        plant.drive("mux", Quantity.RELAY, plant.slot.bay.relays[name], 0.0)


def pdu(clock: Clock | None = None, *, on: tuple[int, ...] = (1, 2, 3, 4, 5, 6), seed: int = 0) -> PduPlant:
    """A PDU that is fed with 230 V, some outlets on."""
    plant = PduPlant(SLOT, (clock or Clock()).here(seed))
    plant.mate()
    close(plant, "source")
    for phase in "123":
        plant.drive("source", Quantity.AC_VOLTS, phase, 230.0)
    for number in on:
        plant.drive("pdu", Quantity.OUTLET, str(number), 1.0)
    return plant


def test_phasors() -> None:
    """Equal currents of three phases leave nothing in the neutral; one alone comes back whole; 0.5 lags by 60 degrees."""
    currents = [lagging(phasor(230.0, phase), 10.0, 1.0) for phase in (1, 2, 3)]
    assert pytest.approx(0.0, abs=1e-9) == neutral(currents)
    assert 10.0 == pytest.approx(neutral(currents[:1]))
    assert math.sqrt(3) * 230.0 == pytest.approx(abs(phasor(230.0, 1) - phasor(230.0, 2)))
    power = phasor(230.0, 1) * lagging(phasor(230.0, 1), 10.0, 0.5).conjugate()
    assert (1150.0, 2300.0 * math.sin(math.radians(60))) == pytest.approx((power.real, power.imag))
    assert (0.0, 2.0) == pytest.approx((unbalance((5.0, 5.0, 5.0)), unbalance((3.0, 0.0, 0.0))))


@pytest.mark.parametrize("degrees", [0.1, 0.5, -1.0])
def test_an_error_of_phase_is_tan_phi_times_it(degrees: float) -> None:
    """At power factor 0.5 a tenth of a degree is 0.30 %, at 1 it is nothing."""
    meter, volts = Meter(1.0, degrees, 10.0), phasor(230.0, 1)
    errors = {pf: meter.watts(volts, lagging(volts, 5.0, pf)) / (230.0 * 5.0 * pf) - 1 for pf in (1.0, 0.5)}
    assert pytest.approx(0.0, abs=2e-4) == errors[1.0]
    assert math.tan(math.radians(60)) * math.radians(degrees) == pytest.approx(errors[0.5], rel=0.02)


def test_a_contact_warms_by_its_power() -> None:
    """T = P Rth (1 - e^(-t/tau)), in one step or in many, and back the same way."""
    one, many = Warmth(8.0, 300.0), Warmth(8.0, 300.0)
    one.heat(2.0, 0.0)
    many.heat(2.0, 0.0)
    for at in range(0, 601, 7):
        many.at(float(at))
    assert 16.0 * (1 - math.exp(-2)) == pytest.approx(one.at(600.0))
    assert one.at(600.0) == pytest.approx(many.at(600.0))
    one.heat(0.0, 600.0)
    assert 16.0 * (1 - math.exp(-2)) * math.exp(-1) == pytest.approx(one.at(900.0))


def test_leakage_is_that_of_the_capacitors() -> None:
    """4.7 nF and 47 nF at 230 V and 50 Hz draw 0.34 and 3.4 mA; what breaks down conducts."""
    assert 0.34e-3 == pytest.approx(Insulation(1e12, 4.7e-9).amps(230.0, 0.0), rel=0.01)
    assert 3.4e-3 == pytest.approx(Insulation(1e12, 47e-9).amps(230.0, 0.0), rel=0.01)
    assert Insulation(1e9, 1e-9, 1200.0).amps(1300.0, 0.0) > 0.05


def test_an_outlet_has_its_phase_when_its_relay_is_closed() -> None:
    """Sensed from its live contact to earth; open it picks up a little; exchanged with the neutral it has nothing."""
    plant = pdu(on=(1,))
    plant.drive("source", Quantity.AC_VOLTS, "2", 0.0)
    assert pytest.approx(230.0) == plant.sense("sensors", Quantity.AC_VOLTS, "101")
    assert (plant.sense("sensors", Quantity.AC_VOLTS, "102") or 0.0) < 1.0
    plant.strike("neutral-live-swapped", ("outlet1",), None)
    assert (plant.sense("sensors", Quantity.AC_VOLTS, "101") or 0.0) < 1.0
    assert [230.0, 0.0] == [plant.sense("sensors", Quantity.AC_VOLTS, each) for each in ("301", "302")]


def test_parallel_outlets_share_by_their_conductances() -> None:
    """Currents add up to the load's; a worn contact carries less, and yet is the hotter one."""
    clock = Clock()
    plant = pdu(clock)
    plant.strike("contact-worn", ("outlet1",), 0.1)
    close(plant, "load1", "load2")
    plant.drive("load", Quantity.AMPS, "", 16.0)
    each = [plant._flow().outlets[number] for number in (1, 2)]
    assert 16.0 == pytest.approx(abs(sum(each)))
    assert abs(each[0]) < abs(each[1])
    clock.now = 7200.0
    air = plant.sense("sensors", Quantity.TEMPERATURE, "304") or 0.0
    warm, cool = ((plant.sense("sensors", Quantity.TEMPERATURE, ch) or 0.0) - air for ch in ("201", "202"))
    assert 8.0 * abs(each[0]) ** 2 * plant.unit.sockets[1].contact == pytest.approx(warm, rel=1e-3)
    assert warm > 5 * cool


def test_outlets_of_two_phases_at_one_load_short_each_other() -> None:
    """Nothing useful comes out of that, and the source's voltage is not left at the load."""
    plant = pdu()
    close(plant, "load1", "load3")
    plant.drive("load", Quantity.AMPS, "", 5.0)
    assert (0.0, 0.0) == (plant.sense("load", Quantity.AC_VOLTS, ""), plant.sense("load", Quantity.AMPS, ""))


def test_the_reference_sees_the_outlet_while_its_contactor_is_closed() -> None:
    """Nothing otherwise: another slot may have it. Watts are U I cos phi; a turned clamp makes them negative."""
    plant = pdu()
    close(plant, "load1")
    plant.drive("load", Quantity.POWER_FACTOR, "", 0.5)
    plant.drive("load", Quantity.AMPS, "", 4.0)
    assert plant.sense("meter", Quantity.WATTS, "") is None
    close(plant, "reference")
    volts = plant.sense("meter", Quantity.AC_VOLTS, "") or 0.0
    assert 230.0 - 4.0 * plant.unit.sockets[1].contact * 0.5 == pytest.approx(volts, abs=0.05)
    assert volts * 4.0 * 0.5 == pytest.approx(plant.sense("meter", Quantity.WATTS, ""), rel=1e-3)
    plant.strike("reference-reversed", ("",), None)
    assert (plant.sense("meter", Quantity.WATTS, "") or 0.0) < 0


def test_the_tester_reaches_what_its_contactors_lead_to() -> None:
    """Bond, leak and insulation of the jig's own parts and of the unit; None where nothing is closed; a broken lead finds nothing."""
    plant = pdu()
    assert [None, None] == [plant.sense("hipot", each, "") for each in (Quantity.BOND_OHMS, Quantity.LEAK_AMPS)]
    close(plant, "bond_reference")
    assert 0.0515 == pytest.approx(plant.sense("hipot", Quantity.BOND_OHMS, ""))
    open_(plant, "bond_reference")
    close(plant, "pe3", "hv_reference")
    plant.strike("pe-open", ("outlet3",), None)
    assert math.inf == plant.sense("hipot", Quantity.BOND_OHMS, "")
    plant.drive("hipot", Quantity.TEST_AC_VOLTS, "", 1000.0)
    assert 0.0005 == pytest.approx(plant.sense("hipot", Quantity.LEAK_AMPS, ""))
    plant.strike("hv-lead-broken", ("",), None)
    assert 0.0 == plant.sense("hipot", Quantity.LEAK_AMPS, "")


def test_what_is_charged_drains_when_the_tester_lets_go() -> None:
    """The voltmeter sees it fall below a touchable voltage; before that it sees the test's own."""
    clock = Clock()
    plant = pdu(clock)
    close(plant, "hv", "voltmeter")
    plant.drive("hipot", Quantity.TEST_DC_VOLTS, "", 2121.0)
    assert 2121.0 == pytest.approx(plant.sense("dmm", Quantity.DC_VOLTS, ""))
    plant.drive("hipot", Quantity.TEST_DC_VOLTS, "", 0.0)
    clock.now = 1.0
    assert 2121.0 * math.exp(-5.0) == pytest.approx(plant.sense("dmm", Quantity.DC_VOLTS, ""))


def test_the_interlock_follows_the_cover_where_it_is_released() -> None:
    """Without release this slot says nothing to the tester; the lamp going out means that the unit is taken off."""
    plant = PduPlant(SLOT, Clock().here())
    assert (0.0, None) == (plant.sense("io", Quantity.INPUT, "0"), plant.sense("hipot", Quantity.INPUT, "interlock"))
    plant.mate()
    plant.drive("io", Quantity.OUTPUT, "0", 1.0)
    plant.drive("io", Quantity.OUTPUT, "1", 1.0)
    assert (1.0, 1.0) == (plant.sense("io", Quantity.INPUT, "0"), plant.sense("hipot", Quantity.INPUT, "interlock"))
    plant.strike("interlock-open", ("",), None)
    assert 0.0 == plant.sense("hipot", Quantity.INPUT, "interlock")
    plant.drive("io", Quantity.OUTPUT, "0", 0.0)
    assert not plant.mated


def test_the_same_label_makes_the_same_unit() -> None:
    """And another seed another one."""
    contacts = [pdu(seed=seed).unit.sockets[1].contact for seed in (0, 0, 1)]
    assert contacts[0] == contacts[1] != contacts[2]


def psu(clock: Clock, amps: float = 0.0) -> PsuPlant:
    """A supply that is fed with 277 V."""
    plant = PsuPlant(PSU, clock.here())
    plant.mate()
    close(plant, "source", "reference", "output", "load")
    plant.drive("source", Quantity.AC_VOLTS, "1", 277.0)
    plant.drive("load", Quantity.AMPS, "", amps)
    return plant


@pytest.mark.parametrize("amps", [0.0, 20.0, 40.0])
def test_a_supply_droops_and_loses(amps: float) -> None:
    """V = V0 - 0.5 I / rated; what goes in is what comes out, and a + b I + c I^2: 97.5 to 97.9 % at two thirds."""
    plant = psu(Clock(), amps)
    volts = plant.sense("dmm", Quantity.DC_VOLTS, "") or 0.0
    assert plant.unit.zero_volts - DROOP * amps / 59.0 == pytest.approx(volts)
    a, b, c = LOSS
    lost = (plant.sense("meter", Quantity.WATTS, "") or 0.0) - volts * amps
    assert a + b * amps + c * amps * amps == pytest.approx(lost, abs=0.002 * volts * amps + 1e-6)
    if amps == 40.0:
        assert 0.975 < volts * amps / (volts * amps + lost) < 0.98


def test_a_slow_fan_makes_the_air_warmer() -> None:
    """At 40 A and the nominal speed it leaves at 55 to 58 degrees, as six real ones did; a standing fan raises alarms."""
    clock = Clock()
    plant = psu(clock, 40.0)
    clock.now = 3600.0
    assert 53.0 < (plant.sense("psu", Quantity.REGISTER, "T") or 0.0) < 58.0
    plant.strike("fan-slow", ("",), 0.7)
    clock.now = 7200.0
    assert (plant.sense("psu", Quantity.REGISTER, "T") or 0.0) > 65.0
    assert 0.7 * plant.unit.rpm == pytest.approx(plant.sense("psu", Quantity.REGISTER, "RPM"), rel=1e-3)
    plant.strike("fan-failed", ("",), None)
    assert (0x0800, 0x0100) == (plant._alarms("alarms_general") & 0x0800, plant._alarms("alarms_temperature") & 0x0100)


def test_a_supply_without_mains_puts_nothing_out() -> None:
    """Nor does the plant know what a register of text holds that nobody has changed."""
    plant = psu(Clock(), 20.0)
    open_(plant, "source")
    assert (0.0, 0.0) == (plant.sense("dmm", Quantity.DC_VOLTS, ""), plant.sense("load", Quantity.AMPS, ""))
    assert plant.sense("psu", Quantity.REGISTER, "PSU_MFR_Model") is None
