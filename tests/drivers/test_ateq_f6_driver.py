"""The ATEQ F6's driver, against the public pages of its Modbus manual, exchange by exchange."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cooling_roles import LeakTester
from drivers.errors import (
    BadReply,
    Declined,
    InstrumentError,
    LinkError,
    LinkTimeout,
    Refused,
    Unsupported,
    WrongInstrument,
)
from drivers.leak.ateq_f6 import MODELS, AteqF6
from drivers.links.functions import READ_HOLDING, WRITE_COIL, WRITE_REGISTERS, Function
from drivers.links.scripted import RegisterExchange, ScriptedRegisters, What, scripted_registers
from drivers.roles import Identity
from drivers.words import Order, swapped, words_of_int32
from tests.drivers.fake_wire import virtual

END, ALARM, PRESSURE_ERROR = 0x20, 0x08, 0x10
PA, PA_S, MBAR = 6, 8, 3
SELECT: RegisterExchange = (WRITE_REGISTERS, 0x0200, (0x0200,), None)
"""Program 3 is sent as 2, low byte first: `02 00` on the wire (manual, page 57)."""
START: RegisterExchange = (WRITE_COIL, 1, True, None)
RESET: RegisterExchange = (WRITE_COIL, 0, True, None)


def now(
    status: int, *, program: int = 2, waiting: int = 0, step: int = 4, pascals: float = 0.0, unit: int = PA
) -> RegisterExchange:
    """The real-time words: each low byte first, longs low word first and times 1000."""
    words = tuple(swapped(word) for word in (program, waiting, 1, status, step))
    return (READ_HOLDING, 0x2201, 9, words + long(pascals) + long(unit))


def last(
    relays: int = 1,
    *,
    program: int = 2,
    alarm: int = 0,
    pascals: float = 524000.0,
    unit: int = PA,
    leak: float = -0.108,
    leak_unit: int = PA_S,
) -> RegisterExchange:
    """The block of the last result."""
    words = tuple(swapped(word) for word in (program, 1, relays, alarm))
    return (READ_HOLDING, 0x2301, 12, words + long(pascals) + long(unit) + long(leak) + long(leak_unit))


def long(value: float) -> tuple[int, int]:
    """A number as the tester sends it."""
    return words_of_int32(round(value * 1000), Order.DCBA)


CYCLE: tuple[RegisterExchange, ...] = (SELECT, now(END), START, now(END), now(0), now(0), now(END, waiting=1))


class Ticking(ScriptedRegisters):
    """A script with a clock that goes; its last exchange can be played again and again."""

    def now(self) -> float:
        """The loop's time."""
        return asyncio.get_running_loop().time()

    def _play(self, function: Function, address: int, what: What) -> tuple[int, ...] | tuple[bool, ...] | None:
        if len(self._left) == 1:
            self._left *= 2
        return super()._play(function, address, what)


def endless(*exchanges: RegisterExchange) -> AteqF6:
    """The driver on a tester that stays as the last exchange has it."""
    return AteqF6(Ticking(exchanges, "leak"))


@virtual
async def test_a_cycle_that_goes_on_already_is_ended_first() -> None:
    """Whoever has begun it: its END, and its result of the same program, would be taken for those of ours."""
    going_on = (SELECT, now(0, pascals=3e5), RESET, now(END), *CYCLE[1:])
    with scripted_registers(*going_on, last()) as link:
        assert (await AteqF6(link).test(3, within=60.0)).passed


def test_it_is_a_leak_tester() -> None:
    """The catalogue's entry; what is not public is said."""
    (model,) = MODELS
    with scripted_registers() as link:
        assert isinstance(model.connect(link), LeakTester)
    assert ("ateq-f6", (LeakTester,), "registers", ("modbus-rtu",)) == (
        model.name,
        model.roles,
        model.speaks,
        model.links,
    )
    assert "engineering practice" in model.accuracy
    assert any("units" in gap for gap in model.gaps)


@virtual
async def test_a_cycle() -> None:
    """Select, read back, start, see it begin and end, then the last result: in pascals, and in the program's unit."""
    with scripted_registers(*CYCLE, last(), at=9.0, name="leak") as link:
        result = await AteqF6(link).test(3, within=60.0)
    assert (524_000.0, "Pa", 9.0, "leak") == (
        result.pressure.value,
        result.pressure.unit,
        result.pressure.at,
        result.pressure.by,
    )
    assert (-0.108, "Pa/s", True) == (result.leak.value, result.leak.unit, result.passed)
    assert result.leak.uncertainty > 0.1


@pytest.mark.parametrize("relays", [0x02, 0x04, 0x06])
@virtual
async def test_a_reject_is_a_result(relays: int) -> None:
    """Too much or too little: its judgement, with what it measured."""
    with scripted_registers(*CYCLE, last(relays, leak=12.0, leak_unit=PA)) as link:
        result = await AteqF6(link).test(3, within=60.0)
    assert (False, 12.0, "Pa") == (result.passed, result.leak.value, result.leak.unit)


@virtual
async def test_the_end_of_an_earlier_cycle_is_never_taken() -> None:
    """I30: an END that stays from before the start is no end; a cycle that does not begin is Refused, without a result."""
    stale = now(END, waiting=1)
    with pytest.raises(Refused, match="did not begin"):
        await endless(SELECT, stale, START, stale).test(3, within=60.0)


@virtual
async def test_an_end_without_a_new_result_is_no_end() -> None:
    """I30: the FIFO must hold one more than before; a full one stays full."""
    waits = (now(0, waiting=2), now(END, waiting=2), now(END, waiting=3))
    with scripted_registers(SELECT, now(END, waiting=2), START, *waits, last()) as link:
        assert (await AteqF6(link).test(3, within=60.0)).passed
    full = (now(0, waiting=8), now(END, waiting=8))
    with scripted_registers(SELECT, now(END, waiting=8), START, *full, last()) as link:
        assert (await AteqF6(link).test(3, within=60.0)).passed
    with pytest.raises(Refused, match="no new result"):
        await endless(SELECT, now(END), START, now(0), now(END)).test(3, within=60.0)


@virtual
async def test_a_cycle_that_does_not_end_is_refused() -> None:
    """Its time is over: no result, whatever the registers hold."""
    began = asyncio.get_running_loop().time()
    with pytest.raises(Refused, match="within 60 s"):
        await endless(SELECT, now(END), START, now(0)).test(3, within=60.0)
    assert pytest.approx(60.0, abs=0.2) == asyncio.get_running_loop().time() - began


@virtual
async def test_another_program_is_refused() -> None:
    """F044: a selection that was acknowledged and not taken is seen before the start; so is a result of another program."""
    with scripted_registers(SELECT, now(END, program=1)) as link, pytest.raises(Refused, match="has 2"):
        await AteqF6(link).test(3, within=60.0)
    with scripted_registers(*CYCLE, last(program=1)) as link, pytest.raises(BadReply, match="is of 2"):
        await AteqF6(link).test(3, within=60.0)
    with scripted_registers() as link:
        for program in (0, 129, -1):
            with pytest.raises(Unsupported):
                await AteqF6(link).test(program, within=60.0)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(last(0x08), id="alarm"),
        pytest.param(last(0x09), id="alarm and pass"),
        pytest.param(last(0x01, alarm=4), id="alarm code and pass"),
    ],
)
@virtual
async def test_an_alarm_is_no_judgement(block: RegisterExchange) -> None:
    """An alarm is Refused, even with a pass beside it."""
    with scripted_registers(*CYCLE, block) as link, pytest.raises(Refused, match="alarm"):
        await AteqF6(link).test(3, within=60.0)


@pytest.mark.parametrize("status", [END | ALARM, END | PRESSURE_ERROR, END | 0x80, END | 0x100, END | 0x200])
@virtual
async def test_a_cycle_that_ended_with_an_error_has_no_result(status: int) -> None:
    """Alarm, pressure error, calibration errors: no result is read at all."""
    script = (SELECT, now(END), START, now(0), now(status, waiting=1))
    with scripted_registers(*script) as link, pytest.raises(Refused, match="ended with"):
        await AteqF6(link).test(3, within=60.0)


@pytest.mark.parametrize("relays", [0x00, 0x03, 0x05, 0x07, 0x40])
@virtual
async def test_two_minds_or_none_are_a_bad_reply(relays: int) -> None:
    """Pass and fail, or neither, is no judgement."""
    with scripted_registers(*CYCLE, last(relays)) as link, pytest.raises(BadReply, match="neither pass nor fail"):
        await AteqF6(link).test(3, within=60.0)


@pytest.mark.parametrize(
    ("block", "error"),
    [
        pytest.param(last(unit=MBAR), Unsupported, id="I26 pressure in another unit"),
        pytest.param(last(unit=PA_S), Unsupported, id="I26 pressure in Pa/s"),
        pytest.param(last(leak_unit=MBAR), Unsupported, id="I26 leak in another unit"),
        pytest.param((READ_HOLDING, 0x2301, 12, (0x0200, 0x0100, 0x0100, 0, 0, 0, 0, 0x1770, 0, 0, 0, 0x1F40)), BadReply,
                     id="I27 longs high byte first"),
    ],
)  # fmt: skip
@virtual
async def test_a_unit_that_is_not_known_is_refused(block: RegisterExchange, error: type[InstrumentError]) -> None:
    """I26, I27: the code of the unit is checked, and its thousand shows the order of bytes."""
    with scripted_registers(*CYCLE, block) as link, pytest.raises(error):
        await AteqF6(link).test(3, within=60.0)


@virtual
async def test_it_is_known_by_its_words() -> None:
    """F045, F046: it has no name; a status with unused bits, or no code of a unit, is another device or another order."""
    with scripted_registers(now(END), now(0, waiting=8)) as link:
        assert Identity("ATEQ", "F6", "", "") == await AteqF6(link).identify()
        await AteqF6(link).self_check()
    swapped_words = tuple(map(swapped, now(END)[3]))  # type: ignore[arg-type]
    for wrong in (
        (READ_HOLDING, 0x2201, 9, swapped_words),
        now(END, program=128),
        now(END, waiting=9),
        now(0x400),
        (READ_HOLDING, 0x2201, 9, (0, 0, 0, 0x2000, 0, 0, 0, 0x0070, 0x1700)),
    ):
        with scripted_registers(wrong) as link, pytest.raises(WrongInstrument):
            await AteqF6(link).identify()


@virtual
async def test_made_safe_its_cycle_has_ended() -> None:
    """Reset, then END or no pressure any more; a broken connection is tried a second time."""
    running = now(0, pascals=500e3)
    with scripted_registers(RESET, running, running, now(END)) as link:
        await AteqF6(link).make_safe()
    with scripted_registers(RESET, running, now(0, pascals=999.0)) as link:
        await AteqF6(link).make_safe()
    lost = LinkError("leak", "connection lost")
    with scripted_registers((WRITE_COIL, 0, True, lost), RESET, now(END)) as link:
        await AteqF6(link).make_safe()
    with scripted_registers(*((WRITE_COIL, 0, True, lost),) * 2) as link, pytest.raises(LinkError):
        await AteqF6(link).make_safe()


@virtual
async def test_where_reset_is_not_known_its_own_end_is_waited_for() -> None:
    """Then low pressure proves nothing: the cycle may only just have begun."""
    declined: RegisterExchange = (WRITE_COIL, 0, True, Declined("leak", "illegal data address", 2))
    with scripted_registers(declined, now(0), now(END)) as link:
        began = asyncio.get_running_loop().time()
        await AteqF6(link).make_safe()
        assert asyncio.get_running_loop().time() - began >= 2.0


@virtual
async def test_a_part_that_stays_under_pressure_is_told() -> None:
    """F044: a reset that was acknowledged and did nothing is Refused; pressure in an unknown unit is not believed low."""
    for stuck in (now(0, pascals=500e3), now(0, pascals=1.0, unit=MBAR)):
        with pytest.raises(Refused, match="no end of its cycle"):
            await endless(RESET, stuck).make_safe()


@virtual
async def test_a_silent_tester_has_no_result() -> None:
    """The link's errors come through, whenever they come."""
    silent = LinkTimeout("leak", "silent")
    script = (*CYCLE, last())
    for at in range(len(script)):
        function, address, what, _ = script[at]
        told = (*script[:at], (function, address, what, silent))
        with scripted_registers(*told) as link, pytest.raises(LinkTimeout):
            await AteqF6(link).test(3, within=60.0)


@given(st.lists(st.integers(0, 0xFFFF), min_size=12, max_size=12))
def test_any_words_are_a_result_or_an_error(words: list[int]) -> None:
    """A result has one judgement, the right program, no alarm, pascals, and a known unit; all else is an error."""

    @virtual
    async def ask() -> None:
        script = (*CYCLE, (READ_HOLDING, 0x2301, 12, tuple(words)))
        with scripted_registers(*script) as link, contextlib.suppress(BadReply, Refused, Unsupported):
            result = await AteqF6(link).test(3, within=60.0)
            assert 2 == swapped(words[0])
            assert result.pressure.is_number
            assert result.leak.unit in {"Pa", "Pa/s"}

    ask()


@given(st.lists(st.integers(0, 0xFFFF), min_size=9, max_size=9))
def test_any_words_are_this_tester_or_another(words: list[int]) -> None:
    """Never a crash."""

    @virtual
    async def ask() -> None:
        script: RegisterExchange = (READ_HOLDING, 0x2201, 9, tuple(words))
        with scripted_registers(script) as link, contextlib.suppress(WrongInstrument):
            await AteqF6(link).identify()

    ask()
