"""A device that is a map: identified, read by name, written where the map says so, and never a wrong number."""

import asyncio
import math
from pathlib import Path

import pytest

from drivers.errors import BadReply, Declined, LinkTimeout, Refused, Unsupported, WrongInstrument
from drivers.maps.bank import MapBank
from drivers.maps.map import RegisterMap
from drivers.reading import Reading, State
from drivers.roles import Identity, RegisterBank
from station.config.library import shipped
from station.config.registers.reading import read_map
from tests.drivers.fake_words import FakeWords

SMALL = read_map(Path(__file__).parents[1] / "documents/registers/small-unit.toml")


def small() -> tuple[MapBank, FakeWords]:
    """The small unit, with its model and serial number."""
    device = FakeWords.having(SMALL.registers.values())
    device.put(0, *(0x534D, 0x414C, 0x4C2D, 0x3100))  # SMALL-1
    device.put(4, *(0x534E, 0x3037, 0x2020, 0x2020))  # SN07, padded with blanks
    device.put(8, 3)
    return MapBank(device, SMALL), device


def number(value: object) -> float:
    """The number that a reading is."""
    assert isinstance(value, Reading)
    assert value.is_number
    return value.value


async def test_it_says_who_it_is() -> None:
    """The registers of the identity, each by itself, the serial number first: it never changes; then the probe."""
    bank, device = small()
    assert Identity("Nobody", "SMALL-1", "SN07", "3") == await bank.identify()
    assert [("read_holding", at, count) for at, count in ((4, 4), (0, 4), (8, 1), (0, 4))] == device.asked
    assert isinstance(bank, RegisterBank)
    assert "small-unit" == bank.map_name


async def test_another_device_is_not_taken_for_it() -> None:
    """The probe register holds something else, or is not there."""
    bank, device = small()
    device.put(0, 0x4F54)
    with pytest.raises(WrongInstrument, match="0x0000, where small-unit has 'SMALL-1'"):
        await bank.identify()
    device.holding.clear()
    with pytest.raises(WrongInstrument, match="no register at 0x0000"):
        await bank.self_check()


async def test_a_garbled_identity_is_a_bad_reply() -> None:
    """Not a name with strange letters."""
    bank, device = small()
    device.put(4, 0xFFFF)
    with pytest.raises(BadReply):
        await bank.identify()


async def test_values_are_decoded_with_unit_uncertainty_and_time() -> None:
    """Half of the last digit, k = 2; the loop's time; who said it."""
    bank, device = small()
    device.put(0x10, 51988, 2981, 0xFFFF, 0x3FC0, 0, 0x0100, 0x0000, 0xDEAD, 0xBEEF, 0x0002, 0x0001)
    values = await bank.values(["Volts", "Kelvin", "Amperes", "Joules", "Counter", "Bytes", "Alarms"])
    step = 2 / 1024 / math.sqrt(12)
    assert Reading(50.76953125, "V", pytest.approx(step), 12.5, "it") == values["Volts"]  # type: ignore[arg-type]
    assert [24.95, -0.1, 1.5, 1.0] == [number(values[each]) for each in ("Kelvin", "Amperes", "Joules", "Counter")]
    assert "deadbeef" == values["Bytes"]
    assert {"Hot": True, "Leak": True} == values["Alarms"]
    assert [("read_holding", 0x10, 11)] == device.asked


async def test_input_registers_have_a_function_of_their_own() -> None:
    """They are never part of a request for holding registers."""
    bank, device = small()
    device.inputs[0x200] = 7
    device.put(0x10, 1024)
    values = await bank.values(["Inlet", "Volts"])
    assert (7.0, 1.0) == (number(values["Inlet"]), number(values["Volts"]))
    assert [("read_holding", 0x10, 1), ("read_input", 0x200, 1)] == device.asked


@pytest.mark.parametrize("words", [(0x7FC0, 0), (0xFFFF, 0xFFFF), (0x7F80, 0)])
async def test_nan_is_no_reading(words: tuple[int, int]) -> None:
    """B109: never a number."""
    bank, device = small()
    device.put(0x13, *words)
    (value,) = (await bank.values(["Joules"])).values()
    assert isinstance(value, Reading)
    assert (State.NO_READING, False, True) == (value.state, value.is_number, math.isnan(value.value))


async def test_a_text_that_is_none_is_no_reading() -> None:
    """And the others of the same request are still read."""
    bank, device = small()
    device.put(0, 0xFFFF)
    values = await bank.values(["Model", "Serial"])
    assert isinstance(values["Model"], Reading)
    assert State.NO_READING is values["Model"].state
    assert "SN07" == values["Serial"]


async def test_a_register_that_the_device_has_not_is_read_apart_once() -> None:
    """The others of its request stay readable; afterwards nobody asks for it again."""
    bank, device = small()
    del device.holding[0x15], device.holding[0x16]  # Counter
    names = ["Volts", "Kelvin", "Amperes", "Joules", "Counter", "Bytes", "Alarms"]
    for _ in range(2):
        device.asked.clear()
        values = await bank.values(names)
        counter = values["Counter"]
        assert isinstance(counter, Reading)
        assert State.NO_READING is counter.state
        assert all(number(values[each]) == 0.0 or each == "Kelvin" for each in ("Volts", "Amperes", "Joules", "Kelvin"))
    assert [("read_holding", 0x10, 5), ("read_holding", 0x17, 4)] == device.asked


async def test_a_gap_that_was_reached_over_is_remembered_too() -> None:
    """Nobody wanted the missing register: the two beside it are read in two requests from then on."""
    bank, device = small()
    del device.holding[0x11]
    for asked in (4, 2):  # the request, three apart; then two requests
        device.asked.clear()
        assert {0.0} == {number(each) for each in (await bank.values(["Volts", "Amperes"])).values()}
        assert asked == len(device.asked)


async def test_any_other_exception_is_an_error() -> None:
    """A device that fails or is busy has not said that a register is missing."""
    bank, device = small()
    device.holding.clear()
    device.code = 4
    with pytest.raises(Declined):
        await bank.values(["Volts", "Kelvin"])


async def test_unknown_names_are_refused_with_the_nearest() -> None:
    """Before anything is asked."""
    bank, device = small()
    with pytest.raises(Unsupported, match="has no register 'Volt'; perhaps Volts"):
        await bank.values(["Volts", "Volt"])
    assert not device.asked


async def test_a_write_is_read_back() -> None:
    """One word by function 6, several by function 16; a device that does not keep it has refused."""
    bank, device = small()
    await bank.write("Duty", 40)
    await bank.write("Setting", 1.5)
    await bank.write("Label", "A1")
    assert [
        ("write_register", 0x100, 1),
        ("read_holding", 0x100, 1),
        ("write_registers", 0x101, 2),
        ("read_holding", 0x101, 2),
        ("write_registers", 0x103, 3),
        ("read_holding", 0x103, 3),
    ] == device.asked
    device.deaf.add(0x100)
    with pytest.raises(Refused, match="told that Duty is 50, it has 0028"):
        await bank.write("Duty", 50)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Volts", 1.0),
        ("Duty", 65536),
        ("Duty", "much"),
        ("Duty", math.nan),
        ("Duty.Manual", 1),
        ("Control.Manuel", 1),
        ("Control.Manual", 2),
        ("Label", "too long for it"),
        ("Nothing", 1),
    ],
)
async def test_what_may_not_be_written_is_not(name: str, value: float | str) -> None:
    """The map does not allow it, or it does not fit: nothing is said to the device."""
    bank, device = small()
    with pytest.raises(Unsupported):
        await bank.write(name, value)
    assert not [each for each in device.asked if each[0].startswith("write")]


async def test_a_flag_is_written_alone() -> None:
    """REGISTER.FLAG: the other bits stay as they are."""
    bank, device = small()
    device.put(0x106, 0x8020)
    await bank.write("Control.Manual", 1)
    assert 0x8220 == device.holding[0x106]
    await bank.write("Control.Stop", 0)
    assert 0x8200 == device.holding[0x106]
    device.deaf.add(0x106)
    with pytest.raises(Refused, match=r"Control\.Manual is 0, it has 1"):
        await bank.write("Control.Manual", 0)


async def test_make_safe_writes_what_the_map_says_in_its_order() -> None:
    """Also after one register has refused, and over a connection that was lost once."""
    bank, device = small()
    device.put(0x100, 80)
    device.put(0x106, 0x0200)
    device.silent = 1
    await bank.make_safe()
    assert (0, 0) == (device.holding[0x100], device.holding[0x106])
    device.put(0x100, 80)
    device.put(0x106, 0x0200)
    device.deaf.add(0x100)
    with pytest.raises(Refused, match="Duty"):
        await bank.make_safe()
    assert 0 == device.holding[0x106]
    device.silent = 2
    with pytest.raises(LinkTimeout):
        await bank.make_safe()


def test_make_safe_writes_nothing_where_the_map_says_nothing() -> None:
    """A supply is made safe by what feeds it."""
    known = read_map(shipped() / "registers/orv3-psu.toml")
    device = FakeWords.having(known.registers.values())
    asyncio.run(MapBank(device, known).make_safe())
    assert not device.asked


def fewest(known: RegisterMap) -> int:
    """A bound that no way of reading can beat: a request reaches over no gap, and over no more words than the map allows."""
    taken = sorted({(each.input, at) for each in known.registers.values() for at in range(each.address, each.end)})
    runs: list[list[tuple[bool, int]]] = []
    for kind, at in taken:
        if runs and runs[-1][-1] == (kind, at - 1):
            runs[-1].append((kind, at))
        else:
            runs.append([(kind, at)])
    return sum(math.ceil(len(run) / known.max_span) for run in runs)


@pytest.mark.parametrize(
    ("name", "registers", "requests"), [("orv3-rpu", 243, 16), ("orv3-psu", 50, 4), ("orv3-rpu2", 331, 29)]
)
def test_a_whole_map_is_read_in_the_fewest_requests(name: str, registers: int, requests: int) -> None:
    """The ORv3 RPU's 243 registers need 16."""
    known = read_map(shipped() / f"registers/{name}.toml")
    device = FakeWords.having(known.registers.values())
    values = asyncio.run(_all(MapBank(device, known)))
    assert registers == len(values) == len(known.registers)
    assert requests == fewest(known) == len(device.asked)


async def _all(bank: MapBank) -> dict[str, object]:
    return dict(await bank.values(list(bank.map.registers)))
