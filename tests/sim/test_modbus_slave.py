"""The slave's side of Modbus: its answers, its exceptions, its frames and their times, as the protocol has them."""

import asyncio
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import clock
from sim.modbus.pdu import obey
from sim.modbus.rtu import crc
from sim.wires import MemoryWire
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Master, Plain, framed, master_of


def said(request: str) -> str:
    """What a fresh slave says, in hexadecimal."""
    return obey(Plain(FakeLeads()), bytes.fromhex(request)).hex(" ")


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        pytest.param("03 0001 0002", "03 04 00 01 00 02", id="holding registers"),
        pytest.param("04 012b 0001", "04 02 01 2b", id="the last input register"),
        pytest.param("01 0000 0009", "01 02 00 00", id="nine coils are two bytes"),
        pytest.param("02 0000 000a", "02 02 55 01", id="the first input is the lowest bit"),
        pytest.param("05 0003 ff00", "05 00 03 ff 00", id="a coil on is echoed"),
        pytest.param("06 0005 abcd", "06 00 05 ab cd", id="a register is echoed"),
        pytest.param("0f 0000 000a 02 cd01", "0f 00 00 00 0a", id="ten coils"),
        pytest.param("10 0001 0002 04 000a0102", "10 00 01 00 02", id="two registers"),
        pytest.param("16 0004 00f2 0025", "16 00 04 00 f2 00 25", id="a mask is echoed"),
        pytest.param("17 0001 0002 0001 0001 02 00ff", "17 04 00 ff 00 02", id="the write comes before the read"),
        pytest.param(
            "2b 0e 01 00", "2b 0e 01 81 00 00 03 00 05 4d 61 6b 65 72 01 05 50 4c 41 49 4e 02 02 56 31", id="who"
        ),
        pytest.param("2b 0e 04 01", "2b 0e 04 81 00 00 01 01 05 50 4c 41 49 4e", id="one object"),
    ],
)
def test_requests_are_obeyed(request_: str, reply: str) -> None:
    """The examples of section 6, with this slave's values."""
    assert reply == said(request_)


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        pytest.param("63", "e3 01", id="B103: a function that nobody has"),
        pytest.param("63 0000 0000", "e3 01", id="B103: whatever follows it"),
        pytest.param("00", "80 01", id="function 0"),
        pytest.param("2b 0d 01 00", "ab 01", id="another type than device identification"),
        pytest.param("03 0000 0000", "83 03", id="B104: no registers"),
        pytest.param("03 0000 007e", "83 03", id="B104: 126 registers"),
        pytest.param("04 ffff 0000", "84 03", id="the quantity is looked at before the address"),
        pytest.param("01 0000 07d1", "81 03", id="B104: 2001 coils"),
        pytest.param("02 0000 0000", "82 03", id="no inputs"),
        pytest.param("05 0000 0001", "85 03", id="neither on nor off"),
        pytest.param("05 00ff 1234", "85 03", id="... looked at before the address"),
        pytest.param("0f 0000 0009 01 ff", "8f 03", id="nine coils in one byte"),
        pytest.param("0f 0000 0000 00", "8f 03", id="no coils to write"),
        pytest.param("10 0000 0002 02 0001", "90 03", id="two registers in two bytes"),
        pytest.param("10 0000 0002 04 0001", "90 03", id="B105: a count of bytes that is not there"),
        pytest.param("10 0000 0000 00", "90 03", id="no registers to write"),
        pytest.param("17 0000 007e 0000 0001 02 0000", "97 03", id="126 registers in exchange"),
        pytest.param("03 00", "83 03", id="cut short"),
        pytest.param("03", "83 03", id="the function alone"),
        pytest.param("06 0000 0000 00", "86 03", id="too long"),
        pytest.param("2b 0e 05 00", "ab 03", id="no such kind of identification"),
        pytest.param("2b 0e 04 07", "ab 02", id="no such object"),
        pytest.param("03 ffff 0002", "83 02", id="B106: addresses do not begin again at 0"),
        pytest.param("03 012b 0002", "83 02", id="one beyond the last register"),
        pytest.param("01 000f 0002", "81 02", id="one beyond the last coil"),
        pytest.param("05 0010 ff00", "85 02", id="no such coil"),
        pytest.param("06 0009 0001", "86 02", id="B107: a register that may not be written"),
        pytest.param("10 0008 0002 04 00010001", "90 02", id="B107: ... among others"),
        pytest.param("16 0009 0000 0000", "96 02", id="B107: ... by a mask"),
        pytest.param("03 000a 0001", "83 04", id="a register whose sensor is broken"),
    ],
)
def test_exceptions_are_those_of_the_protocol(request_: str, reply: str) -> None:
    """Modbus application protocol 1.1b3, sections 6 and 7; B103 to B107 of the bad inputs."""
    assert reply == said(request_)


def test_nothing_is_written_when_not_all_can_be() -> None:
    """Neither the registers before a read-only one, nor those of an exchange whose read fails."""
    slave = Plain(FakeLeads())
    obey(slave, bytes.fromhex("10 0008 0002 04 ffff ffff"))
    obey(slave, bytes.fromhex("17 000a 0001 0001 0001 02 ffff"))
    assert list(range(300)) == slave.words


@given(st.binary(min_size=1, max_size=253))
def test_every_request_has_an_answer_that_fits(request_: bytes) -> None:
    """Of the same function, or its exception; never longer than a PDU may be."""
    reply = obey(Plain(FakeLeads()), request_)
    assert request_[0] | 0x80 == reply[0] | 0x80
    assert 2 <= len(reply) <= 253


def test_the_checksum_is_that_of_the_specification() -> None:
    """Read one register of unit 1, as every manual prints it; and a frame of the ATEQ F6 manual."""
    assert bytes.fromhex("840a") == crc(bytes.fromhex("010300000001"))
    assert bytes.fromhex("ddfa") == crc(bytes.fromhex("01050001ff00"))


READ = bytes((3, 0, 1, 0, 1))
REPLY = framed(bytes((3, 2, 0, 1)))


def heard_of(pieces: Sequence[bytes], gap: float = 0.0, units: Sequence[int] = (1,)) -> bytes:
    """All that comes back within ten seconds for bytes that are sent in pieces."""

    async def main() -> bytes:
        wire = MemoryWire(*(Plain(FakeLeads(), unit) for unit in units))
        await wire.open()
        for piece in pieces:
            await wire.send(piece)
            if gap:
                await asyncio.sleep(gap)
        await asyncio.sleep(10)
        heard = wire.pending()
        wire.close()
        return heard

    return clock.run(main())


@given(st.integers(1, 7))
def test_a_frame_in_pieces_is_a_frame(cut: int) -> None:
    """Wherever it is cut, as long as no silence falls into it."""
    frame = framed(READ)
    assert REPLY == heard_of([frame[:cut], frame[cut:]], gap=0.001)


def test_silence_ends_a_frame() -> None:
    """Half a frame is forgotten after 3.5 characters, and the next one is heard."""
    assert REPLY == heard_of([framed(READ)[:5], framed(READ)], gap=0.1)
    assert b"" == heard_of([framed(READ)[:5], framed(READ)[5:]], gap=0.1)


@given(st.binary(max_size=20))
def test_noise_does_not_cost_the_next_good_frame(noise: bytes) -> None:
    """Whatever came before it without a pause: bytes that look like the head of a long frame among them."""
    assert heard_of([noise + framed(READ)]).endswith(REPLY)


def test_frames_of_others_and_broken_ones_are_passed_over() -> None:
    """Another unit's, one with a wrong checksum, one of a function without a length: then ours is answered."""
    broken = framed(READ)[:-1] + b"\x00"
    assert REPLY == heard_of([framed(READ, 2), broken, framed(READ)], gap=0.1)
    assert framed(bytes((0xE3, 1))) == heard_of([framed(b"\x63\x00\x01")])
    assert b"" == heard_of([framed(READ, 2) + broken])


def test_many_units_share_a_line() -> None:
    """Each answers for itself, an absent one not at all."""
    slaves = [Plain(FakeLeads(), unit) for unit in (1, 2, 247)]
    slaves[1].words[1] = 77

    async def talk(master: Master) -> list[bytes | None]:
        return [await master.ask(READ, unit) for unit in (1, 2, 247, 3)]

    assert [b"\x03\x02\x00\x01", b"\x03\x02\x00\x4d", b"\x03\x02\x00\x01", None] == master_of(slaves, talk)


@pytest.mark.parametrize("framing", ["rtu", "mbap"])
def test_a_broadcast_is_obeyed_by_all_and_answered_by_none(framing: str) -> None:
    """Unit 0, on a line and behind a gateway."""
    slaves = [Plain(FakeLeads(), unit, framing) for unit in (1, 2)]

    async def talk(master: Master) -> bytes | None:
        return await master.ask(struct.pack(">BHH", 6, 5, 99), 0)

    assert None is master_of(slaves, talk)
    assert [99, 99] == [each.words[5] for each in slaves]


@pytest.mark.parametrize(("baudrate", "parity", "bits"), [(9600, "N", 10), (19200, "E", 11), (115200, "E", 11)])
def test_a_line_takes_its_time(baudrate: int, parity: str, bits: int) -> None:
    """The request's eight characters, the turnaround, the reply's seven."""
    slave = Plain(FakeLeads())
    slave.baudrate, slave.parity = baudrate, parity

    async def talk(master: Master) -> float:
        await master.ask(READ)
        return asyncio.get_running_loop().time()

    assert pytest.approx(15 * bits / baudrate + slave.turnaround) == master_of(slave, talk)


class Shy(Plain):
    """Wants 60 ms of silence."""

    silence = 0.06


def test_a_slave_that_is_asked_too_early_does_not_answer() -> None:
    """59 ms after its reply is too early, 61 ms is not."""

    async def talk(master: Master) -> list[bool]:
        heard = [await master.ask(READ) is not None]
        for pause in (0.059, 0.061):
            await asyncio.sleep(pause)
            heard.append(await master.ask(READ) is not None)
        return heard

    assert [True, False, True] == master_of(Shy(FakeLeads()), talk)


def exchange(sent: bytes, units: Sequence[int] = (1,)) -> tuple[bytes, bool]:
    """What comes back on TCP, and whether the connection has ended."""

    async def main() -> tuple[bytes, bool]:
        wire = MemoryWire(*(Plain(FakeLeads(), unit, "mbap") for unit in units))
        await wire.open()
        await wire.send(sent)
        heard = wire.pending()
        try:
            async with asyncio.timeout(1):
                ended = await wire.receive() == b""
        except TimeoutError:
            ended = False
        wire.close()
        return heard, ended

    return clock.run(main())


def test_pipelined_requests_are_answered_in_order() -> None:
    """Each with its own transaction."""
    heard, ended = exchange(framed(READ, 1, 7) + framed(b"\x63", 1, 9) + framed(READ, 1, 8))
    assert (framed(b"\x03\x02\x00\x01", 1, 7) + framed(b"\xe3\x01", 1, 9) + framed(b"\x03\x02\x00\x01", 1, 8)) == heard
    assert not ended


@pytest.mark.parametrize("length", [0, 1, 255, 65535])
def test_a_length_that_cannot_be_ends_the_connection(length: int) -> None:
    """B098: nobody waits for 64 KiB."""
    assert (b"", True) == exchange(struct.pack(">HHHB", 1, 0, length, 1))


def test_another_protocol_is_passed_over() -> None:
    """B097: what is not Modbus is not answered, what follows is."""
    other = struct.pack(">HHHB", 1, 1, 6, 1) + READ
    assert (framed(b"\x03\x02\x00\x01", 1, 2), False) == exchange(other + framed(READ, 1, 2))


def test_units_behind_a_gateway() -> None:
    """An absent one is exception 0B; a device on its own answers for 0 and 255 as well."""
    absent = exchange(framed(READ, 5, 1), units=(1, 2))[0]
    assert framed(b"\x83\x0b", 5, 1) == absent
    for unit in (0, 255):
        assert framed(b"\x03\x02\x00\x01", unit, 1) == exchange(framed(READ, unit, 1))[0]


@given(st.lists(st.integers(1, 12), max_size=6))
def test_tcp_is_a_stream(cuts: list[int]) -> None:
    """However the bytes are cut, the answers are the same."""
    whole = framed(READ, 1, 1) + framed(READ, 1, 2)

    async def main() -> bytes:
        wire = MemoryWire(Plain(FakeLeads(), 1, "mbap"))
        await wire.open()
        rest = whole
        for cut in cuts:
            await wire.send(rest[:cut])
            rest = rest[cut:]
        await wire.send(rest)
        heard = wire.pending()
        wire.close()
        return heard

    assert framed(b"\x03\x02\x00\x01", 1, 1) + framed(b"\x03\x02\x00\x01", 1, 2) == clock.run(main())
