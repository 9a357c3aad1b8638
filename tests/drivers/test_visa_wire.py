"""The VISA wire through pyvisa-py, against VXI-11 and HiSLIP devices that answer in real time, and against none."""

import asyncio
import gc
import socket
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import ClassVar

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout
from drivers.links.address import parse, wire_for
from drivers.links.dialogue import LineLink
from drivers.links.thread import PrivateThread
from drivers.links.visa import MARGIN, VisaWire
from sim.lan.hislip import on_hislip
from sim.lan.vxi11 import on_vxi11
from sim.leads import Leads
from sim.port import Port
from sim.quantity import Quantity
from sim.scpi import Obeying, QueuedScpi
from tests.sim.fake_leads import FakeLeads

pytest.importorskip("pyvisa_py", reason="the extra `visa` is not installed")

Serve = Callable[[Port, str], AbstractAsyncContextManager[str]]
WITHIN = 0.4


class Slow(QueuedScpi):
    """Says a number, at once or later than anybody waits."""

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self.said = 0

    def _count(self) -> str:
        self.said += 1
        return str(self.said)

    async def _test(self) -> str:
        await asyncio.sleep(WITHIN + MARGIN + 0.3)
        return "0"

    async def _late(self) -> str:
        await asyncio.sleep(WITHIN * 1.5)
        return "a late answer"

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: f"ACME,SLOW,{self.leads.serial(self.device)},1",
        "*TST?": _test,
        "COUNt?": _count,
        "LATE?": _late,
        "OHMS?": lambda self: f"{self.leads.sense(self.device, Quantity.FOUR_WIRE):.6E}",
        "LONG?": lambda _: "x" * 40_000,
    }


@pytest.fixture(autouse=True)
def unclosed_sockets_of_others() -> Iterator[None]:
    """pyvisa-py 0.8.1 leaves the sockets of openings that failed to the garbage collector; they are collected here."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(params=[on_vxi11, on_hislip], ids=["vxi-11", "hislip"])
def serve(request: pytest.FixtureRequest) -> Serve:
    """How the device is reached."""
    chosen: Serve = request.param
    return chosen


@asynccontextmanager
async def linked(serve: Serve, leads: FakeLeads) -> AsyncIterator[LineLink]:
    """A link to a served device, open."""
    async with serve(Port(Slow("it", leads)), "127.0.0.1") as address:
        link = LineLink("it", wire_for(parse(address), within=WITHIN), within=WITHIN)
        try:
            await link.open()
            yield link
        finally:
            link.close()
            await asyncio.sleep(0.05)


async def test_a_question_is_answered_whole(serve: Serve) -> None:
    """However long the answer is, END is its end."""
    async with linked(serve, FakeLeads()) as link:
        assert "ACME,SLOW,MY123,1" == await link.query("*IDN?")
        assert "1.000000E-01" == await link.query("OHMS?")
        assert 40_000 == len(await link.query("LONG?"))
        assert ["1", "2", "3"] == [await link.query("COUN?") for _ in range(3)]


async def test_a_question_may_be_given_longer_than_the_others(serve: Serve) -> None:
    """A self test takes longer than any other reply of its model; the library's own time limit goes with the question's."""
    async with linked(serve, FakeLeads()) as link:
        assert "0" == await link.query("*TST?", within=5.0)
        assert "1" == await link.query("COUN?")
        assert (0, 0) == (link.counters.timeouts, link.counters.reconnects)


async def test_f002_a_late_answer_is_never_the_next_questions(serve: Serve) -> None:
    """After a timeout the device is cleared and says who it is; what it answered late is gone."""
    async with linked(serve, FakeLeads()) as link:
        await link.query("*IDN?")
        for number in ("1", "2"):
            with pytest.raises(LinkTimeout):
                await link.query("LATE?")
            try:
                assert number == await link.query("COUN?")
            except LinkError:  # the clear was refused: then the connection is a new one
                assert number == await link.query("COUN?")
        assert 2 == link.counters.timeouts


async def test_what_a_cancelled_question_asked_is_not_answered_to_the_next(serve: Serve) -> None:
    """An abort in the middle of an exchange leaves nothing behind."""
    async with linked(serve, FakeLeads()) as link:
        await link.query("*IDN?")
        task = asyncio.get_running_loop().create_task(link.query("LATE?"))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        try:
            assert "1" == await link.query("COUN?")
        except LinkError:
            assert "1" == await link.query("COUN?")


async def test_another_instrument_at_the_same_place_is_noticed(serve: Serve) -> None:
    """F056: who answers after a reconnect must be who answered before."""
    leads = FakeLeads()
    async with linked(serve, leads) as link:
        await link.query("*IDN?")
        leads.plate = "OTHER"
        link.wire.close()
        with pytest.raises(LinkError):
            await link.query("COUN?")
        with pytest.raises(Exception, match="another instrument than before"):
            await link.query("COUN?")


async def test_an_unknown_command_has_no_answer_and_an_error(serve: Serve) -> None:
    """Silence is a timeout, whatever the library makes of it; the error is in the queue."""
    async with linked(serve, FakeLeads()) as link:
        await link.query("*IDN?")
        with pytest.raises(LinkTimeout):
            await link.query("NONSENSE?")
        assert '-113,"Undefined header"' == await link.query("SYST:ERR?")


async def test_a_question_that_interrupts_another_is_told_so() -> None:
    """IEEE 488.2: an answer that was not fetched is gone, and the error queue has -410; none that was asked for, -420."""
    async with linked(on_vxi11, FakeLeads()) as link:
        await link.query("*IDN?")
        await link.write("COUN?")
        assert "2" == await link.query("COUN?")
        assert '-410,"Query INTERRUPTED"' == await link.query("SYST:ERR?")
        with pytest.raises(OSError, match="Timeout"):
            await link.wire.receive()
        assert '-420,"Query UNTERMINATED"' == await link.query("SYST:ERR?")


async def test_a_reply_that_is_no_text_is_bad(serve: Serve) -> None:
    """What the wire spoils does not become a number."""
    leads = FakeLeads()
    async with linked(serve, leads) as link:
        await link.query("*IDN?")
        leads.trouble = "garbled"
        with pytest.raises(BadReply):
            await link.query("OHMS?")


async def test_nobody_there_is_a_refusal_in_time() -> None:
    """A port where nothing listens, a name that means nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for resource in (f"TCPIP::127.0.0.1,{port}::inst0::INSTR", f"TCPIP::127.0.0.1::hislip0,{port}::INSTR"):
        link = LineLink("it", VisaWire(resource), within=WITHIN)
        with pytest.raises(LinkError):
            await link.open()
        link.close()


async def test_f019_one_that_accepts_and_says_nothing_does_not_stop_the_loop() -> None:
    """Opening happens apart and has an end; meanwhile everything else goes on."""
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = LineLink("it", VisaWire(f"TCPIP::127.0.0.1::hislip0,{port}::INSTR"), within=WITHIN)
    opening = asyncio.get_running_loop().create_task(link.open())
    turns = 0
    while not opening.done():
        await asyncio.sleep(0.05)
        turns += 1
    assert isinstance(opening.exception(), LinkError)
    assert turns > 20
    link.close()
    for writer in held:
        writer.close()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("visa:TCPIP0::10.0.0.21::inst0::INSTR", "VisaAddress"),
        ("visa:TCPIP::meter.local::hislip0::INSTR", "VisaAddress"),
        ("visa:TCPIP::10.0.0.21::INSTR", "VisaAddress"),
        ("visa:USB0::0x2A8D::0x1301::MY5900001::INSTR", "VisaAddress"),
        ("visa:GPIB0::22::INSTR", "VisaAddress"),
        ("visa:TCPIP::10.0.0.21::5025::SOCKET", "TcpAddress"),
    ],
)
def test_resources_are_told_apart(text: str, kind: str) -> None:
    """A raw socket is the TCP wire's, which can see what has arrived; the rest is VISA's."""
    assert kind == type(parse(text)).__name__


async def test_a_private_thread_does_one_thing_after_the_other() -> None:
    """Also when whoever asked has gone: the next call waits for the last one."""
    thread, order = PrivateThread("test"), list[str]()
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def first() -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(5)
        order.append("first")

    task = loop.create_task(thread.run(first))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert thread.busy
    second = loop.create_task(thread.run(lambda: order.append("second")))
    release.set()
    await second
    assert (["first", "second"], False) == (order, thread.busy)
    thread.stop(lambda: None)
