"""A link whose connection is lost, refused or hanging: told once, tried again more and more rarely, never to a stranger."""

import asyncio

import pytest

from drivers.errors import LinkError, WrongInstrument
from drivers.links.backoff import Backoff
from drivers.links.dialogue import LineLink
from tests.drivers.fake_wire import FakeWire, table, virtual
from tests.drivers.talking import ONE, TWO, A, B, cancel_after, opened, refused, timed_out


@virtual
async def test_a_lost_connection_is_told_once_and_then_restored() -> None:
    """Whoever asks when it breaks hears of it; the next exchange reconnects and asks for the identity again."""
    link, wire = await opened((A, [(0.0, b"")]), (B, TWO))
    await refused(link, A, "connection lost")
    assert "2.0" == await link.query(B)
    assert [2, 1] == [wire.opened, link.counters.reconnects]
    assert ["*IDN?", A, "*IDN?", B] == wire.sent


@virtual
async def test_a_connection_that_breaks_between_two_exchanges_is_told_too() -> None:
    """The settings of the instrument may be gone: no exchange goes on as if nothing had been."""
    link, wire = await opened((A, ONE))
    wire.close()
    await refused(link, A, "connection lost")
    assert "1.0" == await link.query(A)


@virtual
async def test_another_instrument_after_a_reconnect_is_refused() -> None:
    """Another serial number at the same address is never asked anything but who it is."""
    link, wire = await opened((A, [(0.0, b"")]))
    await refused(link, A, "connection lost")
    wire.answer = lambda _: [(0.001, b"ACME,X,2,1\n")]
    for _ in range(2):
        with pytest.raises(WrongInstrument, match="ACME,X,2,1"):
            await link.query(B)
    assert B not in wire.sent
    wire.answer = table((B, TWO))
    assert "2.0" == await link.query(B)


@virtual
async def test_an_instrument_that_does_not_come_to_its_senses_is_disconnected() -> None:
    """A peer that has frozen is connected afresh, however alive its connection seems."""
    link, wire = await opened((A, []))
    wire.answer = lambda _: []
    await timed_out(link, A)
    await refused(link, B, "does not come to its senses")
    wire.answer = table((B, TWO))
    assert "2.0" == await link.query(B)
    assert 2 == wire.opened


@virtual
async def test_reconnecting_backs_off() -> None:
    """One attempt an exchange, waiting longer each time, up to a bound; the same name gives the same waits."""
    waits = []
    for _ in range(2):
        link, wire = await opened((A, ONE))
        wire.close()
        wire.refusals = 9
        for _ in range(10):
            await refused(link, A, "connection lost|no connection")
        assert "1.0" == await link.query(A)
        waits.append([b - a for a, b in zip(wire.attempts[1:], wire.attempts[2:], strict=False)])
    assert pytest.approx(waits[0]) == waits[1]
    assert waits[0][:3] == sorted(waits[0][:3])
    assert all(0.0 < wait <= 5.0 for wait in waits[0])
    assert max(waits[0]) > 2.0


def test_a_backoff_grows_and_forgets() -> None:
    """Twice as long after each failure, at least half of that, never above the bound; success starts over."""
    backoff = Backoff("a", first=1.0, most=8.0)
    lengths = []
    for _ in range(2000):
        backoff.attempt(0.0)
        lengths.append(backoff.left(0.0))
    assert 0.5 <= lengths[0] <= 1.0
    assert all(4.0 <= length <= 8.0 for length in lengths[3:])
    backoff.succeeded()
    backoff.attempt(0.0)
    assert backoff.left(0.0) <= 1.0
    assert 0.0 == backoff.left(100.0)


@virtual
async def test_a_connection_that_hangs_is_given_up() -> None:
    """Opening has a deadline, and a cancelled opening leaves nothing half open."""
    wire = FakeWire()
    wire.hangs = True
    link = LineLink("ohms", wire)
    with pytest.raises(LinkError, match="no connection within 10 s"):
        await link.open()
    await cancel_after(1.0, link.open())
    assert 0 == wire.opened


@virtual
async def test_a_closed_link_stays_closed() -> None:
    """Nothing is asked before open or after close."""
    link, wire = await opened((A, ONE))
    link.close()
    link.close()
    await refused(link, A, "not open")
    await refused(LineLink("other", FakeWire()), A, "not open")
    assert ["*IDN?"] == wire.sent


@virtual
async def test_opening_twice_connects_once() -> None:
    """Opening an open link changes nothing."""
    link, wire = await opened()
    await link.open()
    assert 1 == wire.opened


@virtual
async def test_what_was_left_by_the_last_client_is_drained_at_opening() -> None:
    """Late bytes that an adapter has kept are no answer to the first question."""
    wire = FakeWire(table((A, ONE)))
    link = LineLink("ohms", wire, within=1.0)
    opening = asyncio.get_running_loop().create_task(link.open())
    await asyncio.sleep(0)
    wire.comes(b"9.9\n", after=0.03)
    await opening
    assert "1.0" == await link.query(A)
