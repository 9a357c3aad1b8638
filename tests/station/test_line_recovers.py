"""A line whose process died: its tickets, its slots and its interrupted runs, as the next one finds them."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sim import clock
from station.bench import Bench
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.placing import Placing
from station.line.ticket import Stage, Ticket
from station.line.tickets import Tickets
from station.line.views import SlotView
from station.opening import load_station
from station.resuming import last_known
from station.seats import seats_of
from station.service import Service, Simulated
from station.simulating import sim_wires, world_of
from station.trace import Event, RunStarted
from tests.station.interrupted_lines import GAP, began, cut, good, hot_loop, leave
from tests.station.lines import SERIAL

HOURS = "it_holds_for_hours"
RECOVERED = 200.0
"""Seconds after which a loop is certainly safe: its pumps run on for 90."""
TICKET = Ticket("T1", "RPU-SHORT@A", SERIAL, "", "", 5, "test", "", "2026-01-01T00:00:00Z", Stage.RUNNING)


def restarted(
    folder: Path, left: list[Event], *faults: str, ticket: bool = True, drained: float = RECOVERED
) -> tuple[list[Ticket], list[SlotView], dict[str, str]]:
    """The tickets, the slots in the end, and the locks, of a line that is started over what was left."""
    prepared = hot_loop(folder)
    started = left[0]
    assert isinstance(started, RunStarted)
    data = folder / "data"
    leave(data, left)
    tickets = Tickets.open(data)
    if ticket:
        asyncio.run(tickets.add(replace(TICKET, run=started.run)))
    now = datetime.fromisoformat(started.started) + timedelta(seconds=last_known(left) + GAP)

    async def main(ledger: Ledger) -> tuple[list[Ticket], list[SlotView], dict[str, str]]:
        loop, where, simulated = asyncio.get_running_loop(), prepared.station, Simulated(0, faults)
        world = world_of(where, prepared.orders, simulated, loop.time)
        bench = Bench(seats_of(where), sim_wires(where, world))
        service = Service(where, bench, ledger, lambda: now + timedelta(seconds=loop.time()), simulated)
        load = partial(load_station, prepared.setup.station, simulated=True)
        line = Line(service, Placing(where, prepared.library, load), tickets)
        try:
            loop.call_later(drained, line.drain)  # it ends when what goes on has ended
            await line.run()
            return await line.tickets(), line.slots(), dict(tickets.locks)
        finally:
            bench.close()

    try:
        with Ledger.open(data, adopting=True) as ledger:
            return clock.run(main(ledger))
    finally:
        tickets.close()


def test_an_interrupted_run_goes_on_under_its_ticket(tmp_path: Path) -> None:
    """The ticket that was running is done by the same run, in the same slot; the slot is free then."""
    whole = good(hot_loop)
    left = cut(whole, began(whole, HOURS) + 2000.0)
    (ticket,), (slot,), locks = restarted(tmp_path, left)
    assert (Stage.DONE, left[0].run, "PASSED") == (ticket.stage, ticket.run, ticket.verdict)  # type: ignore[union-attr]  # it is a RunStarted
    assert ("free", {}) == (slot.mode, locks)


def test_what_is_not_confirmed_safe_is_locked(tmp_path: Path) -> None:
    """The ticket is done, INTERRUPTED; nothing begins in the slot, and its view says why."""
    whole = good(hot_loop)
    (ticket,), (slot,), locks = restarted(tmp_path, cut(whole, began(whole, HOURS) + 2000.0), "heater-welded")
    assert (Stage.DONE, "INTERRUPTED") == (ticket.stage, ticket.verdict)
    assert "locked" == slot.mode
    assert "the heater: takes" in locks["L"]


def test_a_run_that_no_ticket_asked_for_is_not_gone_on_with(tmp_path: Path) -> None:
    """Somebody ran it by hand: it is made safe, and INTERRUPTED."""
    whole = good(hot_loop)
    left = cut(whole, began(whole, HOURS) + 2000.0)
    assert ([], {}) == restarted(tmp_path, left, ticket=False)[::2]
    with Ledger.open(tmp_path / "data") as ledger:
        (row,) = asyncio.run(ledger.runs())
    assert "INTERRUPTED" == row.verdict
    assert row.reason.endswith("not resumed: no ticket of this line asked for it")


def test_told_to_end_while_it_recovers_it_leaves_the_run_to_the_next_daemon(tmp_path: Path) -> None:
    """What is safe is not switched on again by a line that is ending; the next one goes on with it, and it is one run."""
    whole = good(hot_loop)
    left = cut(whole, began(whole, HOURS) + 2000.0)
    (ticket,), (slot,), locks = restarted(tmp_path, left, drained=1.0)
    assert (Stage.RUNNING, "free", {}) == (ticket.stage, slot.mode, locks)
    with Ledger.open(tmp_path / "data", adopting=True) as ledger:
        assert [left[0].run] == list(ledger.interrupted)  # type: ignore[union-attr]  # it is a RunStarted
