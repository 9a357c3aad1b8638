"""The drivers for volts, amperes and safety work the emulators of their models, and no trouble becomes a number."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from drivers.errors import InstrumentError, LinkError, Refused
from drivers.links.dialogue import LineLink
from drivers.loads.chroma_63800 import MODELS as LOAD
from drivers.model import Model
from drivers.multimeters.keysight_34461a import MODELS as MULTIMETER
from drivers.power_meters.yokogawa_wt310 import MODELS as POWER_METER
from drivers.reading import Reading
from drivers.safety.gwinstek_gpt9804 import MODELS as SAFETY
from drivers.sources.chroma_61800 import MODELS as SOURCE
from drivers.switches.keysight_daq970a import MODELS as MAINFRAMES
from sim.emulators.chroma_61845 import EMULATORS as SOURCES
from sim.emulators.chroma_63804 import EMULATORS as LOADS
from sim.emulators.gwinstek_gpt9804 import EMULATORS as SAFETIES
from sim.emulators.keysight_34461a import EMULATORS as MULTIMETERS
from sim.emulators.keysight_daq970a import EMULATORS as DAQS
from sim.emulators.yokogawa_wt310 import EMULATORS as POWER_METERS
from sim.quantity import Quantity
from sim.wires import MemoryWire
from tests.drivers.fake_wire import virtual
from tests.sim.fake_leads import FakeLeads

MODELS = {each.name: each for each in (*MULTIMETER, *POWER_METER, *SOURCE, *LOAD, *SAFETY, *MAINFRAMES)}
MAKERS: dict[str, Callable[..., Any]] = {**SOURCES, **LOADS, **SAFETIES, **MULTIMETERS, **DAQS, **POWER_METERS}
TROUBLES = ["silent", "late", "short", "garbled", "nan", "closed"]


def world() -> FakeLeads:
    """Mains, a load, a unit that is well insulated, a closed interlock."""
    there = {
        (Quantity.AC_VOLTS, ""): 230.0,
        (Quantity.AC_VOLTS, "301"): 230.0,
        (Quantity.AC_VOLTS, "302"): 0.5,
        (Quantity.DC_VOLTS, ""): 51.0,
        (Quantity.AMPS, ""): 5.0,
        (Quantity.AMPS, "1"): 5.0,
        (Quantity.WATTS, ""): 1100.0,
        (Quantity.HERTZ, ""): 50.0,
        (Quantity.TEMPERATURE, "303"): 40.0,
        (Quantity.BOND_OHMS, ""): 0.045,
        (Quantity.LEAK_AMPS, ""): 0.002,
        (Quantity.INSULATION, ""): 5e8,
        (Quantity.INPUT, "interlock"): 1.0,
    }
    return FakeLeads(ohms=12.0, there=there)


async def connected(name: str, leads: FakeLeads) -> tuple[LineLink, Any]:
    """The driver of a model on its emulator, over a link in memory."""
    model: Model = MODELS[name]
    if "34970a" in name:
        leads.plugged = ("34904A", "34904A", "34901A")
    link = LineLink(
        name,
        MemoryWire(MAKERS[name](name, leads)),
        ends_with=model.ends_with,
        replies_end_with=model.replies_end_with,
        within=model.within,
    )
    await link.open()
    driver = model.connect(link)
    await driver.identify()
    return link, driver


async def _multimeter(driver: Any) -> list[tuple[Reading, float]]:
    await driver.prepare(100.0)
    return [
        (await driver.resistance(), 12.0),
        (await driver.dc_volts(60.0), 51.0),
        (await driver.ac_volts(300.0), 230.0),
    ]


async def _circuit(driver: Any) -> list[tuple[Reading, float]]:
    await driver.prepare(volts=300.0, amps=10.0)
    it = await driver.electrical()
    return [(it.volts, 230.0), (it.amps, 5.0), (it.watts, 1100.0), (it.hertz, 50.0)]


async def _source(driver: Any) -> list[tuple[Reading, float]]:
    await driver.energise((230.0, 0.0, 120.0), hertz=50.0, limit=20.0)
    return [
        (await driver.volts(1), 230.0),
        (await driver.volts(2), 0.0),
        (await driver.volts(3), 120.0),
        (await driver.amps(1), 5.0),
    ]


async def _load(driver: Any) -> list[tuple[Reading, float]]:
    await driver.draw(5.0, power_factor=0.9)
    return [(await driver.volts(), 230.0), (await driver.amps(), 5.0)]


async def _safety(driver: Any) -> list[tuple[Reading, float]]:
    bond = await driver.ground_bond(amperes=25.0, seconds=1.0, highest=0.1)
    ac = await driver.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0005)
    dc = await driver.withstand(volts=2000.0, hertz=0.0, seconds=1.0, highest=0.005, lowest=0.0)
    insulation = await driver.insulation(volts=500.0, seconds=1.0, lowest=1e8)
    proofs = (bond, ac, dc, insulation)
    assert all(each.passed for each in proofs)
    stimuli = zip((each.stimulus for each in proofs), (25.0, 1500.0, 2000.0, 500.0), strict=True)
    return [*stimuli, (bond.result, 0.045), (ac.result, 0.002), (dc.result, 0.002), (insulation.result, 5e8)]


async def _scanner(driver: Any) -> list[tuple[Reading, float]]:
    low, high = await driver.scan_ac_volts((302, 301))
    (warm,) = await driver.scan_thermocouples((303,))
    return [(low, 0.5), (high, 230.0), (warm, 40.0)]


USES: dict[str, Callable[[Any], Awaitable[list[tuple[Reading, float]]]]] = {
    "keysight-34461a": _multimeter,
    "yokogawa-wt310": _circuit,
    "chroma-61845": _source,
    "chroma-63804": _load,
    "gwinstek-gpt9804": _safety,
    "keysight-daq970a": _scanner,
    "keysight-34970a": _scanner,
}


@virtual
@pytest.mark.parametrize("name", USES)
async def test_it_does_what_its_role_says(name: str) -> None:
    """Well, every reading within its own uncertainty of the truth, made safe twice, the second time at once."""
    link, driver = await connected(name, world())
    assert all(isinstance(driver, role) for role in MODELS[name].roles)
    await driver.self_check()
    for read, truth in await USES[name](driver):
        assert read.is_number
        assert abs(read.value - truth) <= read.uncertainty
    await driver.make_safe()
    began = link.now()
    await driver.make_safe()
    assert link.now() - began < 0.2


@virtual
@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_on_the_wire_is_never_a_number(name: str, trouble: str) -> None:
    """After a first good use; and when the trouble is over, it makes safe and the next use is right.

    A NaN among the values of one update leaves the others as they are.
    """
    leads = world()
    _, driver = await connected(name, leads)
    await USES[name](driver)
    leads.trouble = trouble
    for _ in range(2):
        try:
            reads = await USES[name](driver)
        except InstrumentError:
            continue
        numbers = [(read, truth) for read, truth in reads if read.is_number]
        assert all(trouble == "nan" and abs(read.value - truth) <= read.uncertainty for read, truth in numbers)
    leads.trouble = ""
    for _ in range(4):
        try:
            await driver.make_safe()
            again = await USES[name](driver)
        except LinkError:
            continue
        break
    assert all(abs(read.value - truth) <= read.uncertainty for read, truth in again)


@virtual
async def test_made_safe_nothing_is_energised() -> None:
    """Neither by a source, nor a load, nor a safety tester."""
    for name in ("chroma-61845", "chroma-63804", "gwinstek-gpt9804"):
        leads = world()
        _, driver = await connected(name, leads)
        await USES[name](driver)
        await driver.make_safe()
        left = {each: value for each, value in leads.driven.items() if each[0] is not Quantity.POWER_FACTOR}
        assert left
        assert not any(left.values())


@virtual
async def test_an_open_interlock_and_a_bad_unit() -> None:
    """Refused, and nothing was put out; a unit that leaks too much fails by the tester's own judgement."""
    leads = world()
    _, driver = await connected("gwinstek-gpt9804", leads)
    leads.there[Quantity.LEAK_AMPS, ""] = 0.02
    proof = await driver.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0005)
    assert not proof.passed
    leads.there[Quantity.LEAK_AMPS, ""] = 0.00001
    proof = await driver.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0005)
    assert not proof.passed
    leads.there[Quantity.INPUT, "interlock"] = 0.0
    leads.driven.clear()
    with pytest.raises(Refused):
        await driver.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0005)
    assert not any(leads.driven.values())
