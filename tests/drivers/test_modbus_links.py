"""Links to Modbus units: the rest of what a master promises. The catalogues' rows are in test_modbus_faults."""

import asyncio
import contextlib
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import BadReply, Declined, InstrumentError, LinkError
from drivers.links import pdus
from drivers.links.functions import Function
from drivers.links.lease import Lease
from drivers.links.question import (
    Misfit,
    Question,
    reading_bits,
    reading_words,
    writing_coil,
    writing_register,
    writing_registers,
)
from drivers.links.register_link import RegisterLink
from drivers.links.registers import Registers
from drivers.links.rtu_bus import RtuBus
from sim.clock import run
from sim.modbus.rtu import crc
from tests.drivers.fake_slave import BOTH, SERIAL, UNIT, Asked, FakeSlave, Framing, opened, usual
from tests.drivers.fake_wire import Late, virtual

FRAMINGS = pytest.mark.parametrize("framing", BOTH)
IDENTITY = (3, SERIAL, 2)


@virtual
async def test_a_wrong_check_sum_is_counted() -> None:
    """One bit is enough."""
    link, wire = await opened("rtu")
    wire.then(lambda asked: [(0.01, asked.framed(asked.good)[:-1] + b"\x00")])
    with pytest.raises(BadReply, match="the check sum is wrong"):
        await link.read_holding(10)
    assert 1 == link.counters.crc_errors
    assert (20,) == await link.read_holding(20)


@virtual
async def test_two_replies_are_no_answer() -> None:
    """On a serial line nobody can tell which of them was asked for."""
    link, wire = await opened("rtu")
    wire.then(lambda asked: [(0.01, 2 * asked.framed(asked.good))])
    with pytest.raises(BadReply, match="more than one reply"):
        await link.read_holding(10)
    wire.then(lambda asked: [*usual(asked), (0.3, asked.framed(b"\x03\x02\x00\x63"))])
    assert (20,) == await link.read_holding(20)
    await asyncio.sleep(0.5)
    assert (30,) == await link.read_holding(30)


@virtual
async def test_a_line_that_does_not_stop_talking_is_given_up() -> None:
    """The question times out on time, and so does the silence that never comes."""
    link, wire = await opened("rtu")
    wire.then(lambda _: [(n / 100, bytes((UNIT + 1, 3))) for n in range(6000)])
    with pytest.raises(InstrumentError):
        await link.read_holding(10)
    began = link.now()
    with pytest.raises(LinkError, match="does not stop talking"):
        await link.read_holding(20)
    assert link.now() - began < 10


@virtual
async def test_silence_is_kept_between_frames() -> None:
    """3.5 characters, or 1.75 ms above 19,200 Bd, after the last byte of either side; and what a model wants besides."""
    for baudrate, gap in ((9600, 3.5 * 11 / 9600), (19200, 3.5 * 11 / 19200), (115200, 0.00175)):
        wire = FakeSlave("rtu")
        bus = RtuBus("line", wire, baudrate)
        link = RegisterLink("meter", bus, UNIT, within=1.0)
        await link.open()
        for _ in range(3):
            await link.read_holding(10)
        pauses = [b - a - wire.takes for a, b in zip(wire.sent_at, wire.sent_at[1:], strict=False)]
        assert [pytest.approx(gap)] * 2 == pauses
        patient = RegisterLink("slow", bus, UNIT + 1, within=1.0, after_query=0.3, after_command=0.7)
        await patient.open()
        await patient.read_holding(10)
        await patient.write_register(10, 1)
        await patient.read_holding(10)
        pauses = [b - a - wire.takes for a, b in zip(wire.sent_at[-3:], wire.sent_at[-2:], strict=False)]
        assert [pytest.approx(0.3), pytest.approx(0.7)] == pauses


@virtual
async def test_what_comes_in_the_gap_before_a_question_is_not_its_answer() -> None:
    """A second reply just after the first, while the line has to be silent before the next question."""
    link, wire = await opened("rtu")
    wire.then(lambda asked: [*usual(asked), (0.011, asked.framed(asked.good))])
    assert (10,) == await link.read_holding(10)
    assert (20,) == await link.read_holding(20)


@virtual
async def test_what_comes_while_the_device_is_left_alone_is_not_an_answer() -> None:
    """Also when another task has asked meanwhile, and the pause begins anew."""
    wire = FakeSlave("rtu")
    link = RegisterLink("meter", RtuBus("line", wire, 19200), UNIT, within=1.0, after_query=0.06)
    await link.open()
    await link.read_holding(SERIAL, 2)
    wire.then(usual, lambda asked: [*usual(asked), (0.05, asked.framed(asked.good))])
    assert [(10,), (20,), (30,)] == await asyncio.gather(*map(link.read_holding, (10, 20, 30)))


@virtual
async def test_made_safe_a_write_leaves_at_once_over_a_line_in_doubt() -> None:
    """A lost answer makes the line fall silent for long; who makes safe is not kept waiting: the write leaves first, and again
    when its echo can be believed. A step's write waits, and so does one to a device that may be another.
    """
    wire = FakeSlave("rtu")
    bus = RtuBus("line", wire, 19200)
    one, two = RegisterLink("one", bus, 1, within=1.0), RegisterLink("two", bus, 2, within=1.0)
    for each in (one, two):
        await each.open()
        await each.read_holding(SERIAL, 2)

    async def sent_within(lease: Lease | None) -> tuple[float, int]:
        assert (10,) == await one.read_holding(10)
        wire.then(lambda _: [])
        with pytest.raises(LinkError):
            await one.read_holding(10)
        began, before = two.now(), len(wire.frames)
        with lease.hold() if lease else contextlib.nullcontext():
            await two.write_coil(3, on=False)
        return wire.sent_at[before] - began, len(wire.frames) - before

    waited, times = await sent_within(None)
    assert waited < 0.01
    assert 2 == times
    waited, times = await sent_within(Lease())
    assert waited > 1.0
    assert 1 == times
    assert (20,) == await two.read_holding(20)
    wire.close()
    with pytest.raises(LinkError):
        await two.write_coil(3, on=False)
    before = len(wire.asked)
    await two.write_coil(3, on=False)
    assert [IDENTITY, (5, 3, 0)] == wire.asked[before:]


@virtual
@FRAMINGS
async def test_every_function_is_spoken(framing: Framing) -> None:
    """Bits are as many as were asked for, without the padding."""
    link, wire = await opened(framing)
    assert (4, 5) == await link.read_input(4, 2)
    assert (True, False, True) == await link.read_coils(1, 3)
    assert (False,) * 1 + (True, False) * 4 == await link.read_discrete(2, 9)
    assert (True,) == await link.read_coils(11)
    await link.write_registers(7, (1, 2, 3))
    await link.write_coil(8, on=True)
    await link.write_coil(8, on=False)
    assert [(16, 7, 3), (5, 8, 0xFF00), (5, 8, 0)] == wire.asked[-3:]
    assert len(await link.read_holding(0, 125)) == 125
    assert len(await link.read_coils(0, 2000)) == 2000


@virtual
@FRAMINGS
async def test_a_closed_link_says_nothing(framing: Framing) -> None:
    """Not before open, not after close; the wire goes with the last unit."""
    link, wire = await opened(framing)
    other = RegisterLink("other", link.bus, UNIT + 1, within=1.0)
    with pytest.raises(LinkError, match="not open"):
        await other.read_holding(1)
    await other.open()
    link.close()
    link.close()
    assert (1,) == await other.read_holding(1)
    other.close()
    assert not wire._up
    with pytest.raises(LinkError, match="not open"):
        await link.read_holding(1)
    await link.open()
    assert (1,) == await link.read_holding(1)
    assert IDENTITY == wire.asked[-2]


@virtual
@FRAMINGS
async def test_the_last_bytes_are_kept(framing: Framing) -> None:
    """What went out and what came in, for the trace of an ERROR."""
    link, wire = await opened(framing)
    out, came = link.recent[-2:]
    assert ("out", wire.frames[-1], "in") == (out.direction, out.data, came.direction)
    assert came.data.startswith(out.data[:1])


@virtual
async def test_a_link_is_registers() -> None:
    """It keeps the contract that drivers are written against."""
    link: Registers = (await opened("tcp"))[0]
    assert ("meter", True) == (link.name, link.now() > 0)


@virtual
async def test_a_turn_that_is_given_up_goes_to_the_next() -> None:
    """Whether it is given up before it comes, as it comes, or just after."""
    link, wire = await opened("tcp")
    wire.takes = 0.1
    for after in (0.05, 0.1, 0.15, 0.2):
        tasks = [asyncio.get_running_loop().create_task(link.read_holding(10 + n)) for n in range(4)]
        await asyncio.sleep(after)
        tasks[1].cancel()
        tasks[2].cancel()
        await asyncio.wait(tasks)
        assert [(10,), (13,)] == [tasks[0].result(), tasks[3].result()]
    assert (5,) == await link.read_holding(5)


ADDRESSES = st.integers(0, 0xFFFF - 125)
WORDS = st.integers(0, 0xFFFF)


@given(st.binary(max_size=300))
def test_check_sums_are_those_of_a_second_witness(data: bytes) -> None:
    """Pymodbus and the sim have each their own code for it."""
    assert crc(data) == pdus.check_sum(data)


@given(st.integers(0, 0xFFFF), st.integers(0, 255), st.binary(min_size=1, max_size=253))
def test_frames_over_tcp_are_those_of_pymodbus(transaction: int, unit: int, pdu: bytes) -> None:
    """Ours are joined by hand because that is quicker."""
    from pymodbus.framer import FramerSocket
    from pymodbus.pdu import DecodePDU

    framer = FramerSocket(DecodePDU(is_server=False))
    assert framer.encode(pdu, unit, transaction) == pdus.tcp_frame(transaction, unit, pdu)


@given(st.integers(1, 125), ADDRESSES, st.data())
def test_words_go_and_come(count: int, address: int, data: st.DataObject) -> None:
    """Requests are spelled as the application protocol says, and what comes back is what was sent."""
    words = data.draw(st.lists(WORDS, min_size=count, max_size=count))
    payload = b"".join(word.to_bytes(2, "big") for word in words)
    place = address.to_bytes(2, "big")
    for function in (Function.READ_HOLDING, Function.READ_INPUT):
        question = reading_words(function, address, count)
        assert bytes((function,)) + place + bytes((0, count)) == question.pdu
        assert tuple(words) == question.values(bytes((function, 2 * count)) + payload)
    if count <= 123:
        assert b"\x10" + place + bytes((0, count, 2 * count)) + payload == writing_registers(address, words).pdu
    assert b"\x06" + place + payload[:2] == writing_register(address, words[0]).pdu
    assert [b"\x05" + place + b"\xff\x00", b"\x05" + place + b"\x00\x00"] == [
        writing_coil(address, on=on).pdu for on in (True, False)
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=2000), st.integers(0, 0xFFFF - 2000))
def test_bits_come(bits: list[bool], address: int) -> None:
    """The lowest bit of the first byte first; padding is nothing."""
    packed = sum(bit << place for place, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")
    for function in (Function.READ_COILS, Function.READ_DISCRETE):
        question = reading_bits(function, address, len(bits))
        assert question.pdu[3:] == len(bits).to_bytes(2, "big")
        assert tuple(bits) == question.values(bytes((function, len(packed))) + packed)


QUESTIONS = st.sampled_from(
    [
        reading_words(Function.READ_HOLDING, 10, 2),
        reading_bits(Function.READ_COILS, 10, 9),
        writing_register(10, 1),
        writing_registers(10, [1, 2]),
        writing_coil(10, on=True),
    ]
)


@given(QUESTIONS, st.binary(max_size=300))
def test_any_reply_is_the_right_one_or_a_misfit(question: Question, reply: bytes) -> None:
    """Never another error, and never fewer or more values than were asked for."""
    try:
        values = question.values(reply)
    except Misfit:
        return
    assert len(values) == (0 if question.is_write else question.count)
    assert reply[0] == question.function


def spoiled(reply: bytes, data: st.DataObject) -> bytes:
    """A reply after something has happened to it."""
    at = data.draw(st.integers(0, len(reply)))
    return data.draw(
        st.sampled_from(
            [
                reply[:at],
                reply[at:],
                reply + reply[:at],
                reply[:at] + data.draw(st.binary(max_size=4)) + reply[at:],
                reply[:at] + bytes((reply[at % len(reply)] ^ data.draw(st.integers(1, 255)),)) + reply[at + 1 :],
                data.draw(st.binary(max_size=300)),
            ]
        )
    )


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BOTH), st.data())
def test_whatever_comes_no_number_is_made_of_it(framing: Framing, data: st.DataObject) -> None:
    """A spoiled reply is an error of the link, or else the words are those that were sent; then the link comes back."""

    async def main() -> None:
        link, wire = await opened(framing, within=0.2)

        def say(asked: Asked) -> list[Late]:
            piece = spoiled(asked.framed(asked.good), data)
            sent.append(piece)
            cut = data.draw(st.integers(0, len(piece)))
            return [(0.01, part) for part in (piece[:cut],) if part] + [(0.02, part) for part in (piece[cut:],) if part]

        sent = list[bytes]()
        wire.then(say)
        with contextlib.suppress(BadReply, LinkError, Declined):
            got = await link.read_holding(10, 2)
            # TCP itself vouches for its bytes, Modbus over it has no check sum: what was sent then is what was meant
            assert got == ((10, 11) if framing == "rtu" else struct.unpack_from(">HH", sent[0], 9))
        for _ in range(4):
            with contextlib.suppress(BadReply, LinkError):
                assert (20, 21, 22) == await link.read_holding(20, 3)
                return
        pytest.fail("the link did not come back")

    run(main())


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(BOTH),
    st.lists(st.sampled_from(["good", "late", "silent", "cancel", "foreign", "twice"]), max_size=12),
)
def test_no_story_makes_a_wrong_number(framing: Framing, story: list[str]) -> None:
    """Every word of the fake slave is its address, so that an answer to another question shows."""

    async def main() -> None:
        link, wire = await opened(framing, within=0.3)
        says: dict[str, Any] = {
            "good": usual,
            "late": lambda asked: [(0.4, asked.framed(asked.good))],
            "silent": lambda _: [],
            "cancel": lambda asked: [(0.1, asked.framed(asked.good))],
            "foreign": lambda asked: [(0.01, asked.framed(asked.good, unit=UNIT + 1))],
            "twice": lambda asked: [*usual(asked), (0.2, asked.framed(asked.good))],
        }
        for at, what in enumerate(story):
            address = 10 * at + 10
            wire.then(says[what])
            task = asyncio.get_running_loop().create_task(link.read_holding(address, 1 + at % 3))
            await asyncio.sleep(0.05 if what == "cancel" else 5.0)
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and task.exception() is None:
                assert tuple(range(address, address + 1 + at % 3)) == task.result()
            elif not task.cancelled():
                assert isinstance(task.exception(), LinkError | BadReply)

    run(main())


def test_pymodbus_believes_what_we_do_not() -> None:
    """Why replies are read here: a count of bytes that is too small, or odd, is no error to its own classes."""
    from pymodbus.pdu.register_message import ReadHoldingRegistersResponse

    theirs = ReadHoldingRegistersResponse()
    theirs.decode(b"\x02\x00\x63\x00\x64")
    assert [0x63] == theirs.registers
    with pytest.raises(Misfit):
        reading_words(Function.READ_HOLDING, 0, 2).values(b"\x03\x02\x00\x63\x00\x64")
