"""The rows of the fault catalogues that concern a master of Modbus, each by its id."""

import asyncio
import struct
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest

from drivers.errors import BadReply, Declined, LinkError, LinkTimeout, WrongInstrument
from drivers.links.bus import MOST_WAITING, TURN_WITHIN
from drivers.links.register_link import BUSY_PAUSES, RegisterLink
from drivers.links.rtu_bus import TURNAROUND, RtuBus
from tests.drivers.fake_slave import (
    BOTH,
    SERIAL,
    UNIT,
    Asked,
    FakeSlave,
    Framing,
    bus_of,
    late,
    opened,
    says,
    silence,
    usual,
)
from tests.drivers.fake_wire import Late, virtual

FRAMINGS = pytest.mark.parametrize("framing", BOTH)
IDENTITY = (3, SERIAL, 2)
A, B = (3, 10, 1), (3, 20, 1)


async def timed_out(exchange: Coroutine[Any, Any, object]) -> None:
    """It gets no answer in time."""
    with pytest.raises(LinkTimeout):
        await exchange


async def cancelled(exchange: Coroutine[Any, Any, object], after: float) -> None:
    """It is cancelled from outside, as an abort does."""
    task = asyncio.get_running_loop().create_task(exchange)
    await asyncio.sleep(after)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@virtual
@FRAMINGS
async def test_F036_a_late_answer_is_never_the_next_one(framing: Framing) -> None:
    """After a timeout a read of another shape comes first, on a serial line after a silence longer than any reply."""
    link, wire = await opened(framing)
    wire.then(late(1.4))
    await timed_out(link.read_holding(10))
    lost = link.now()
    assert (20,) == await link.read_holding(20)
    assert [IDENTITY, A, IDENTITY, B] == wire.asked
    assert (1, 1) == (link.counters.timeouts, link.counters.resyncs)
    if framing == "rtu":
        assert wire.sent_at[2] - lost >= link.unit.within


@virtual
async def test_F036_the_sentinel_has_another_shape_than_what_was_lost() -> None:
    """What was lost looks like the identity, so the last good read of another shape is asked."""
    link, wire = await opened("rtu")
    await link.read_input(40, 3)
    wire.then(silence)
    await timed_out(link.read_holding(10, 2))
    assert (20,) == await link.read_holding(20)
    assert [(4, 40, 3), B] == wire.asked[-2:]


@virtual
async def test_F036_where_all_answers_look_alike_silence_must_follow() -> None:
    """An answer slower than every promise takes the sentinel's place; the sentinel's own then gives it away."""
    link, wire = await opened("rtu")
    wire.then(late(2.6), late(0.9))
    await timed_out(link.read_holding(SERIAL, 2))
    assert (12, 13) == await link.read_holding(12, 2)
    assert [IDENTITY] * 4 + [(3, 12, 2)] == wire.asked
    link, wire = await opened("rtu")
    wire.then(silence, lambda asked: [*usual(asked), (0.5, asked.framed(asked.good))])
    await timed_out(link.read_holding(12, 2))
    assert (14, 15) == await link.read_holding(14, 2)
    assert [IDENTITY, IDENTITY, (3, 14, 2)] == wire.asked[-3:]


@virtual
async def test_F036_a_late_answer_in_the_sentinels_place_is_not_believed() -> None:
    """It has the wrong shape, and the bus is silent once more."""
    link, wire = await opened("rtu")
    wire.then(late(2.6), late(0.5))
    await timed_out(link.read_holding(10))
    assert (20,) == await link.read_holding(20)
    assert [IDENTITY, A, IDENTITY, IDENTITY, B] == wire.asked


@virtual
async def test_F036_one_unit_that_is_silent_does_not_poison_the_others() -> None:
    """The bus falls silent for everybody; only the one that lost an answer must be found again."""
    wire = FakeSlave("rtu")
    bus = RtuBus("line", wire, 19200)
    one, two = RegisterLink("one", bus, 1, within=0.5), RegisterLink("two", bus, 2, within=0.5)
    for each in (one, two):
        await each.open()
        await each.read_holding(SERIAL, 2)
    wire.then(late(0.8))
    await timed_out(one.read_holding(10))
    assert (20,) == await two.read_holding(20)
    assert 0 == two.counters.ignored == two.counters.timeouts
    assert (30,) == await one.read_holding(30)
    assert [A, B, IDENTITY, (3, 30, 1)] == wire.asked[2:]


@virtual
async def test_F037_another_transaction_is_ignored() -> None:
    """And counted; the question times out in time."""
    link, wire = await opened("tcp")
    wire.then(lambda asked: [(0.01, asked.framed(asked.good, transaction=asked.transaction + 1))])
    began = link.now()
    with pytest.raises(LinkTimeout, match="1 frames came that are no answer to it"):
        await link.read_holding(10)
    assert (1, 1.0) == (link.counters.ignored, link.now() - began)
    assert (20,) == await link.read_holding(20)


@virtual
@FRAMINGS
@pytest.mark.parametrize("reply", [b"\x03\x02\x00\x63", b"\x03\x06\x00\x63\x00\x63\x00\x63", b"\x03\x00"])
async def test_F038_a_reply_of_another_length_is_no_answer(framing: Framing, reply: bytes) -> None:
    """Two registers were asked for; one, three or none are none at all, whatever their check sum."""
    link, wire = await opened(framing)
    wire.then(says(reply))
    with pytest.raises(BadReply) as caught:
        await link.read_holding(10, 2)
    assert reply.hex(" ")[:5] in str(caught.value)
    assert (20, 21) == await link.read_holding(20, 2)


@virtual
@FRAMINGS
@pytest.mark.parametrize("code", [1, 2, 3, 4, 8, 10, 11])
async def test_F039_an_exception_is_declined_once(framing: Framing, code: int) -> None:
    """Nothing is asked twice, and nothing is poisoned, unless a gateway has lost its device."""
    link, wire = await opened(framing)
    wire.then(says(bytes((0x83, code))))
    with pytest.raises(Declined) as caught:
        await link.read_holding(10)
    assert code == caught.value.code
    assert f"({code:#04x})" in str(caught.value)
    assert [IDENTITY, A] == wire.asked
    assert (code == 11) == link.is_poisoned
    assert (20,) == await link.read_holding(20)


@virtual
@FRAMINGS
async def test_F039_a_device_that_is_busy_is_asked_again(framing: Framing) -> None:
    """Reads after busy and after acknowledge, writes after busy only; and not for ever."""
    link, wire = await opened(framing)
    wire.then(says(b"\x83\x06"), says(b"\x83\x05"))
    assert (10,) == await link.read_holding(10)
    wire.then(says(b"\x86\x06"))
    await link.write_register(10, 1)
    wire.then(says(b"\x86\x05"))
    with pytest.raises(Declined, match="acknowledge"):
        await link.write_register(10, 2)
    before = len(wire.asked)
    wire.then(*[says(b"\x83\x06")] * 20)
    with pytest.raises(Declined, match="busy"):
        await link.read_holding(10)
    assert len(BUSY_PAUSES) + 1 == len(wire.asked) - before


@virtual
async def test_F040_a_frozen_peer_is_given_up_though_its_connection_stays() -> None:
    """After two timeouts the connection is closed and made anew, and the device must be the same one."""
    link, wire = await opened("tcp")
    wire.deaf = True
    await timed_out(link.read_holding(10))
    with pytest.raises(LinkError):
        await link.read_holding(10)
    assert 2 == wire.opened
    wire.deaf = False
    assert (20,) == await link.read_holding(20)
    assert [IDENTITY, B] == wire.asked[-2:]


@virtual
@FRAMINGS
async def test_F041_after_a_restart_the_device_must_be_the_same(framing: Framing) -> None:
    """The first question after a lost connection fails, so that settings are never lost unseen; then identity first."""
    link, wire = await opened(framing)
    wire.close()
    with pytest.raises(LinkError, match="connection lost"):
        await link.read_holding(10)
    assert (20,) == await link.read_holding(20)
    assert [IDENTITY, B] == wire.asked[-2:]
    assert 1 == link.counters.reconnects
    wire.close()
    wire.words[SERIAL] = 4711
    with pytest.raises(LinkError):
        await link.read_holding(10)
    for _ in range(3):
        with pytest.raises(WrongInstrument, match="another device than before"):
            await link.read_holding(10)
    assert 10 not in [address for _, address, _ in wire.asked[3:]]


@virtual
@FRAMINGS
async def test_F041_what_has_no_name_may_change_meanwhile(framing: Framing) -> None:
    """Where the first read changes by itself, its form is enough: after a lost answer, and after a lost connection."""
    wire = FakeSlave(framing)
    link = RegisterLink("relays", bus_of(wire), UNIT, within=1.0, steady=False)
    await link.open()
    await link.read_holding(SERIAL, 2)
    wire.then(silence)
    await timed_out(link.read_holding(10))
    wire.words[SERIAL] = 4711
    assert (20,) == await link.read_holding(20)
    wire.close()
    with pytest.raises(LinkError):
        await link.write_coil(3, on=False)
    wire.words[SERIAL] = 4712
    await link.write_coil(3, on=False)
    assert [IDENTITY, (5, 3, 0)] == wire.asked[-2:]


@virtual
@FRAMINGS
async def test_F042_reconnecting_is_no_busy_loop(framing: Framing) -> None:
    """Each attempt waits longer than the one before, up to a bound."""
    link, wire = await opened(framing)
    wire.close()
    wire.refusals = 10
    for _ in range(10):
        with pytest.raises(LinkError):
            await link.read_holding(10)
    waits = [after - before for before, after in zip(wire.attempts[1:], wire.attempts[2:], strict=False)]
    assert all(0.04 < wait <= 5.0 for wait in waits)
    assert max(waits) > 2.0


@virtual
@FRAMINGS
@pytest.mark.parametrize("after", [0.0, 0.005, 0.01, 0.02, 0.3])
async def test_F043_a_cancelled_question_leaves_nothing_for_the_next(framing: Framing, after: float) -> None:
    """At any moment; and the next one is asked as soon as the owed answer has come."""
    link, wire = await opened(framing)
    wire.then(late(0.05))
    task = asyncio.get_running_loop().create_task(link.read_holding(10))
    await asyncio.sleep(after)
    task.cancel()
    await asyncio.wait({task})
    began = link.now()
    assert (20,) == await link.read_holding(20)
    assert link.now() - began < 0.2


@virtual
@FRAMINGS
async def test_F043_a_cancelled_question_whose_answer_never_comes(framing: Framing) -> None:
    """Then only silence and the sentinel are believed."""
    link, wire = await opened(framing)
    wire.then(silence)
    await cancelled(link.read_holding(10), 0.02)
    assert link.is_poisoned
    began = link.now()
    assert (20,) == await link.read_holding(20)
    assert [IDENTITY, A, IDENTITY, B] == wire.asked
    if framing == "rtu":
        assert link.now() - began > link.unit.within


@virtual
@FRAMINGS
async def test_F043_making_safe_after_a_cancelled_question_does_not_wait(framing: Framing) -> None:
    """A write is sent as soon as the wire is free, and its echo is checked; reads still wait for the sentinel."""
    link, wire = await opened(framing)
    wire.then(late(0.05))
    await cancelled(link.read_holding(10), 0.02)
    began = link.now()
    await link.write_coil(3, on=False)
    assert link.now() - began < 0.1
    assert (5, 3, 0) == wire.asked[-1]


@virtual
@FRAMINGS
async def test_F044_what_was_written_is_read_from_the_device(framing: Framing) -> None:
    """A device that echoes a write and keeps its old word is found out by reading: nothing is remembered for it."""
    link, wire = await opened(framing)
    wire.then(lambda asked: [(0.01, asked.framed(asked.pdu))])
    await link.write_register(10, 1)
    assert (10,) == await link.read_holding(10)


@virtual
@FRAMINGS
async def test_F045_words_come_in_the_order_of_the_wire(framing: Framing) -> None:
    """High byte first in each word, words by address; who makes numbers of them says which word is the high one."""
    link, wire = await opened(framing)
    wire.then(says(b"\x03\x04\x42\xc8\x00\x01"))
    assert (0x42C8, 0x0001) == await link.read_holding(10, 2)


@virtual
@FRAMINGS
async def test_F046_addresses_are_those_on_the_wire(framing: Framing) -> None:
    """From 0, without 40001."""
    link, wire = await opened(framing)
    await link.read_holding(0)
    await link.write_register(0xFFFF, 5)
    assert [(3, 0, 1), (6, 0xFFFF, 5)] == wire.asked[-2:]


@virtual
async def test_F047_a_broadcast_waits_for_no_reply() -> None:
    """On a serial line unit 0 is everybody: told, given time to obey, and never read. Over TCP it is a device."""
    wire = FakeSlave("rtu")
    wire.then(silence, silence)
    link = RegisterLink("all", RtuBus("line", wire, 19200), 0, within=1.0)
    await link.open()
    began = link.now()
    await link.write_register(5, 1)
    assert TURNAROUND <= link.now() - began < 2 * TURNAROUND
    await link.write_coil(5, on=True)
    assert [0, 0] == [frame[0] for frame in wire.frames]
    with pytest.raises(ValueError, match="nobody answers a broadcast"):
        await link.read_holding(0)
    direct = RegisterLink("direct", (await opened("tcp"))[0].bus, 0, within=1.0)
    await direct.open()
    assert (9,) == await direct.read_holding(9)


@virtual
async def test_F048_a_queue_has_a_depth_and_an_age() -> None:
    """What would wait too long, or behind too many, is refused before it is asked."""
    link, wire = await opened("tcp", within=100.0)
    wire.takes = 1.0
    tasks = [asyncio.get_running_loop().create_task(link.read_holding(10)) for _ in range(MOST_WAITING + 2)]
    await asyncio.wait(tasks)
    said = [str(error) for task in tasks if (error := task.exception()) is not None]
    assert 1 == len([each for each in said if f"{MOST_WAITING} questions wait" in each])
    assert pytest.approx(MOST_WAITING - TURN_WITHIN, abs=2) == len([each for each in said if "has had no time" in each])
    assert (10,) == await link.read_holding(10)


@virtual
async def test_F048_a_bus_serves_whoever_came_first() -> None:
    """Three units that ask all the time get equal shares."""
    wire = FakeSlave("rtu")
    bus = RtuBus("line", wire, 19200)
    links = [RegisterLink(f"unit{number}", bus, number, within=1.0) for number in (1, 2, 3)]
    for link in links:
        await link.open()

    async def poll(link: RegisterLink) -> None:
        for _ in range(20):
            await link.read_holding(10)

    async with asyncio.TaskGroup() as group:
        for link in links:
            group.create_task(poll(link))
    assert [1, 2, 3] * 20 == [frame[0] for frame in wire.frames]


@virtual
@FRAMINGS
async def test_B091_a_frame_of_another_unit_is_ignored(framing: Framing) -> None:
    """It is counted; the right one that follows is the answer, and without one the question times out."""
    link, wire = await opened(framing)

    def both(asked: Asked) -> Iterable[Late]:
        foreign = asked.framed(b"\x03\x02\x00\x63", unit=UNIT + 1)
        return [(0.01, foreign), (0.02, asked.framed(asked.good))]

    wire.then(both, lambda asked: [*both(asked)][:1])
    assert (10,) == await link.read_holding(10)
    await timed_out(link.read_holding(10))
    assert 2 == link.counters.ignored


@virtual
@FRAMINGS
async def test_B092_another_function_is_no_answer(framing: Framing) -> None:
    """Input registers are not holding registers."""
    link, wire = await opened(framing)
    wire.then(says(b"\x04\x02\x00\x63"))
    with pytest.raises(BadReply, match="the reply is of function 0x04, not 0x03"):
        await link.read_holding(10)
    assert (20,) == await link.read_holding(20)


@virtual
@FRAMINGS
@pytest.mark.parametrize("reply", [b"\x03\xfa\x00\x63\x00\x63", b"\x03\x01\x00\x63", b"\x03\x02\x00\x63\x00"])
async def test_B094_a_byte_count_that_lies(framing: Framing, reply: bytes) -> None:
    """No number comes of it, and nobody waits for the 250 bytes."""
    link, wire = await opened(framing)
    wire.then(says(reply))
    began = link.now()
    with pytest.raises(BadReply):
        await link.read_holding(10)
    assert link.now() - began < 0.1
    assert (20,) == await link.read_holding(20)


@virtual
@FRAMINGS
@pytest.mark.parametrize("function", [3, 6])
async def test_B095_an_unknown_exception_is_told_once(framing: Framing, function: int) -> None:
    """Declined with its number, and no storm of retries."""
    link, wire = await opened(framing)
    wire.then(says(bytes((function | 0x80, 0x7F))))
    with pytest.raises(Declined, match=r"an exception that the protocol does not know \(0x7f\)") as caught:
        await (link.read_holding(10) if function == 3 else link.write_register(10, 1))
    assert (0x7F, 2) == (caught.value.code, len(wire.asked))


@virtual
async def test_B097_another_protocol_is_ignored() -> None:
    """Counted, and passed over by its length."""
    link, wire = await opened("tcp")
    wire.then(lambda asked: [(0.01, asked.framed(b"\x03\x02\x00\x63", protocol=1) + asked.framed(asked.good))])
    assert (10,) == await link.read_holding(10)
    assert 1 == link.counters.ignored


@virtual
@pytest.mark.parametrize("length", [0, 1, 255, 65535])
async def test_B098_an_impossible_length_ends_the_connection(length: int) -> None:
    """At once, without waiting for 64 KiB; the next question makes a new one."""
    link, wire = await opened("tcp")
    wire.then(lambda asked: [(0.01, struct.pack(">HHHB", asked.transaction, 0, length, UNIT) + b"\x03\x02\x00\x63")])
    began = link.now()
    with pytest.raises(BadReply, match=f"a frame of length {length}"):
        await link.read_holding(10)
    assert link.now() - began < 0.1
    assert not wire._up
    assert (20,) == await link.read_holding(20)
    assert (2, [IDENTITY, B]) == (wire.opened, wire.asked[-2:])


@virtual
@FRAMINGS
async def test_B100_a_reply_byte_by_byte(framing: Framing) -> None:
    """5 ms apart it is a reply like any other; when the deadline passes in the middle of it, it is none."""
    link, wire = await opened(framing)

    def drip(pause: float) -> None:
        wire.then(lambda asked: [(pause * n, bytes((b,))) for n, b in enumerate(asked.framed(asked.good))])

    drip(0.005)
    assert (10,) == await link.read_holding(10)
    drip(0.4)
    await timed_out(link.read_holding(10))
    assert (20,) == await link.read_holding(20)


@virtual
@FRAMINGS
async def test_B101_late_by_a_little(framing: Framing) -> None:
    """1.3 s with a deadline of 1.0 s, over and over: each time an error, never the number of another address."""
    link, wire = await opened(framing)
    for address in range(20, 26):
        wire.then(late(1.3))
        await timed_out(link.read_holding(address))
        assert (address + 100,) == await link.read_holding(address + 100)


@virtual
@FRAMINGS
@pytest.mark.parametrize("count", [0, -1, 126])
async def test_B104_an_impossible_quantity_is_not_asked(framing: Framing, count: int) -> None:
    """A mistake of the driver, told to its author; nothing goes on the wire."""
    link, wire = await opened(framing)
    with pytest.raises(ValueError, match=r"is not in 1\.\.125"):
        await link.read_holding(10, count)
    with pytest.raises(ValueError, match=r"is not in 1\.\.2000"):
        await link.read_coils(10, 2001)
    with pytest.raises(ValueError, match=r"is not in 1\.\.123"):
        await link.write_registers(10, [0] * 124)
    assert [IDENTITY] == wire.asked


@virtual
@FRAMINGS
@pytest.mark.parametrize(("address", "count"), [(65535, 2), (65536, 1), (-1, 1), (65500, 37)])
async def test_B106_addresses_do_not_wrap(framing: Framing, address: int, count: int) -> None:
    """Neither are they asked for."""
    link, wire = await opened(framing)
    with pytest.raises(ValueError, match=r"are not in 0\.\.0xffff"):
        await link.read_holding(address, count)
    with pytest.raises(ValueError, match="no word of 16 bits"):
        await link.write_register(10, 65536)
    assert [IDENTITY] == wire.asked


@virtual
@FRAMINGS
async def test_B107_a_write_that_is_not_allowed_is_declined(framing: Framing) -> None:
    """And a write whose echo is another one is not taken as done."""
    link, wire = await opened(framing)
    wire.then(says(b"\x86\x02"), says(b"\x90\x02"))
    for write in (link.write_register(10, 1), link.write_registers(10, [1, 2])):
        with pytest.raises(Declined, match="illegal data address"):
            await write
    wire.then(says(struct.pack(">BHH", 6, 10, 2)), says(struct.pack(">BHH", 16, 10, 3)), says(b"\x05\x00\x0a\x00\x00"))
    for write in (link.write_register(10, 1), link.write_registers(10, [1, 2]), link.write_coil(10, on=True)):
        with pytest.raises(BadReply, match="the reply echoes"):
            await write
