"""A step that the engine has given up can never talk to an instrument again."""

import asyncio

import pytest

from drivers.errors import LinkError, Revoked
from drivers.links.dialogue import LineLink
from drivers.links.lease import LEASE, Lease
from tests.drivers.fake_wire import FakeWire, table, virtual


async def open_link(*rows: str) -> tuple[LineLink, FakeWire]:
    """An open link whose instrument answers each of `rows` with 1.0 after half a second."""
    wire = FakeWire(table(*((row, [(0.5, b"1.0\n")]) for row in rows)))
    link = LineLink("ohms", wire)
    await link.open()
    return link, wire


@virtual
async def test_a_revoked_lease_says_nothing_more() -> None:
    """Neither a question, nor a command, nor an open ear; and it is a LinkError like any other."""
    link, wire = await open_link()
    lease = Lease()
    lease.revoke()
    lease.revoke()
    with lease.hold():
        for exchange in (link.query("A?"), link.write("A"), link.listen()):
            with pytest.raises(Revoked):
                await exchange
    assert issubclass(Revoked, LinkError)
    assert [] == wire.sent


@virtual
async def test_no_lease_and_a_good_lease_may_talk() -> None:
    """Making safe runs without a lease."""
    link, _ = await open_link("A?", "B?")
    lease = Lease()
    assert "1.0" == await link.query("A?")
    with lease.hold():
        assert lease is LEASE.get()
        assert "1.0" == await link.query("B?")
    assert (None, False) == (LEASE.get(), lease.revoked)


@virtual
async def test_a_step_that_waits_for_its_turn_is_stopped_too() -> None:
    """The lease is looked at again when the turn comes, and again after a resynchronisation."""
    link, wire = await open_link("A?", "B?", "C?")
    lease = Lease()
    loop = asyncio.get_running_loop()
    first = loop.create_task(link.query("A?"))
    await asyncio.sleep(0)
    with lease.hold():
        waiting = [loop.create_task(link.query("B?")), loop.create_task(link.write("B"))]
    await asyncio.sleep(0.1)
    lease.revoke()
    assert "1.0" == await first
    assert [Revoked, Revoked] == [type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)]
    assert ["A?"] == wire.sent
    assert "1.0" == await link.query("C?")


@virtual
async def test_what_a_step_has_started_is_under_its_lease() -> None:
    """A task inherits the lease of who started it, however long it lives."""
    link, wire = await open_link()
    lease = Lease()

    async def straggler() -> None:
        await asyncio.sleep(10.0)
        await link.write("OUTP ON")

    with lease.hold():
        task = asyncio.get_running_loop().create_task(straggler())
    lease.revoke()
    with pytest.raises(Revoked):
        await task
    assert [] == wire.sent
