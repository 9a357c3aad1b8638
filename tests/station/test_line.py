"""The line: what is handed in is tested once, in order, wherever it fits; and it does what it is told."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from station.condition import Level
from station.config.station_file import Station
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.ticket import Stage, Ticket
from station.line.tickets import Tickets
from station.line.views import SlotView
from station.order import Order
from station.orders import Request
from station.service import Begun, Listener, RefusalError
from station.store import StoreError
from station.trace import StepStarted
from tests.station.line_work import ended, on_line, whip
from tests.station.lines import WHIP


def test_a_unit_is_tested_and_its_ticket_says_so(tmp_path: Path) -> None:
    """From the desk to the ledger: one ticket, one run, one verdict."""

    async def use(line: Line) -> Ticket:
        (ticket,) = await ended(line, await line.submit(whip(), source="api"))
        return ticket

    ticket = on_line(tmp_path, use)
    assert (ticket.stage, ticket.verdict, ticket.reason) == (Stage.DONE, "PASSED", "")
    with Ledger.open(tmp_path) as ledger:
        (row,) = asyncio.run(ledger.runs())
        assert (row.id, row.serial, row.verdict) == (ticket.run, "SN1", "PASSED")


def test_a_bad_unit_is_found(tmp_path: Path) -> None:
    """The verdict of the run is the ticket's."""

    async def use(line: Line) -> list[str]:
        return [each.verdict for each in await ended(line, await line.submit(whip(slot="A"), source="api"))]

    assert on_line(tmp_path, use, faults=("open:A/W3",)) == ["FAILED"]


def test_the_most_urgent_goes_first_and_equals_as_they_came(tmp_path: Path) -> None:
    """With one slot, in the order of priority and then of coming."""

    async def use(line: Line) -> list[str]:
        line.pause()
        given = [("SN1", 5), ("SN2", 1), ("SN3", 9), ("SN4", 5)]
        tickets = [await line.submit(whip(serial, "A"), source="api", priority=urgency) for serial, urgency in given]
        line.go_on()
        done = await ended(line, *tickets)
        return [each.serial for each in sorted(done, key=lambda each: each.run)]

    assert on_line(tmp_path, use) == ["SN3", "SN1", "SN4", "SN2"]


def test_one_that_must_wait_lets_others_pass(tmp_path: Path) -> None:
    """A unit for a busy slot keeps nobody from a free one."""

    async def use(line: Line) -> list[str]:
        line.pause("A")
        first = await line.submit(whip("SN1", "A"), source="api", priority=9)
        second = await line.submit(whip("SN2"), source="api")
        (done,) = await ended(line, second)
        waiting = (await line.ticket(first.ticket)).stage
        line.go_on("A")
        await ended(line, first)
        return [waiting, done.verdict]

    assert on_line(tmp_path, use) == ["queued", "PASSED"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request("NO-SUCH", "SN1"), "no product"),
        (Request(WHIP, "sn 1; rm"), "sn 1; rm"),
        (Request(WHIP, "SN1\0"), "SN1"),
        (Request(WHIP, "SN1/cmd"), "SN1/cmd"),
        (Request(WHIP, "A" * 65536), "AAA"),
        (Request(WHIP, ""), "serial"),
        (Request(WHIP, "SN1", "Z"), "no slot 'Z'"),
        (Request(WHIP, "SN1", None, "no-such"), "no sequence 'no-such'"),
    ],
)
def test_what_cannot_be_tested_is_refused_at_the_desk(tmp_path: Path, request_: Request, said: str) -> None:
    """B004, B020, B040: with what was found and what is allowed; nothing of it is kept."""

    async def use(line: Line) -> tuple[str, int]:
        with pytest.raises(RefusalError) as refused:
            await line.submit(request_, source="api")
        return str(refused.value), len(await line.tickets())

    text, kept = on_line(tmp_path, use)
    assert said in text
    assert len(text) < 1000
    assert kept == 0


def test_who_uses_his_key_again_is_given_the_same_ticket(tmp_path: Path) -> None:
    """Handed in twice because the answer was lost: tested once; another source's key is another's."""

    async def use(line: Line) -> list[Ticket]:
        one = await line.submit(whip(), source="folder", key="job-1")
        again = await line.submit(whip(), source="folder", key="job-1")
        await ended(line, one)
        late = await line.submit(whip(), source="folder", key="job-1")
        other = await line.submit(whip("SN2"), source="api", key="job-1")
        return [one, again, late, other]

    one, again, late, other = on_line(tmp_path, use)
    assert one.ticket == again.ticket == late.ticket != other.ticket
    assert late.stage is Stage.DONE


def test_a_unit_that_waits_already_has_no_twin(tmp_path: Path) -> None:
    """Of two at once, one is refused: it says which ticket it has."""

    async def use(line: Line) -> list[str]:
        line.pause()
        asked = (line.submit(whip(), source=f"api{n}") for n in range(3))
        said = await asyncio.gather(*asked, return_exceptions=True)
        line.go_on()
        return [type(each).__name__ for each in said]

    assert sorted(on_line(tmp_path, use)) == ["RefusalError", "RefusalError", "Ticket"]


def test_a_ticket_that_waits_can_be_withdrawn(tmp_path: Path) -> None:
    """It is never tested; one that has ended cannot be, and one that never was is told so."""

    async def use(line: Line) -> list[str]:
        line.pause()
        ticket = await line.submit(whip(), source="api")
        gone = await line.withdraw(ticket.ticket, "wrong unit")
        line.go_on()
        for each in (ticket.ticket, "NONE"):
            with pytest.raises(RefusalError, match="withdrawn" if each != "NONE" else "no ticket"):
                await line.withdraw(each, "again")
        return [gone.stage, gone.reason, *(each.run for each in await line.tickets())]

    assert on_line(tmp_path, use) == ["withdrawn", "wrong unit", ""]


def test_one_slot_is_aborted_and_the_other_goes_on(tmp_path: Path) -> None:
    """ABORTED with the reason; the bench is made safe."""

    async def use(line: Line) -> list[tuple[str, str]]:
        tickets = [await line.submit(whip(f"SN{slot}", slot), source="api") for slot in "AD"]
        async for item in line.news.since(0):
            if item.kind == "event" and item.body["type"] == "StepStarted" and item.body["slot"] == "A":
                line.abort("smoke", "A")
                break
        with pytest.raises(RefusalError, match="no slot 'Q'"):
            line.abort("smoke", "Q")
        return [(each.verdict, each.reason) for each in await ended(line, *tickets)]

    (first, why), (second, _) = on_line(tmp_path, use)
    assert (first, second) == ("ABORTED", "PASSED")
    assert "smoke" in why


def test_stopped_after_its_step(tmp_path: Path) -> None:
    """The step that goes on ends; nothing after it is done."""

    async def use(line: Line) -> Ticket:
        ticket = await line.submit(whip(slot="A"), source="api")
        async for item in line.news.since(0):
            if item.kind == "event" and item.body["type"] == "StepStarted":
                line.stop("end of the shift")
                break
        (done,) = await ended(line, ticket)
        return done

    done = on_line(tmp_path, use)
    assert done.verdict == "ABORTED"
    assert "end of the shift" in done.reason


def test_drained_it_takes_nothing_and_what_waits_is_there_at_the_next_start(tmp_path: Path) -> None:
    """What had been acknowledged is tested by the next daemon."""

    async def leave(line: Line) -> str:
        line.pause()
        ticket = await line.submit(whip(), source="api")
        line.drain()
        with pytest.raises(RefusalError, match="draining"):
            await line.submit(whip("SN2"), source="api")
        with pytest.raises(RefusalError, match="draining"):
            line.go_on()
        return ticket.ticket

    async def find(line: Line) -> Ticket:
        (ticket,) = await line.tickets()
        (done,) = await ended(line, ticket)
        return done

    left = on_line(tmp_path, leave)
    found = on_line(tmp_path, find)
    assert (found.ticket, found.verdict) == (left, "PASSED")


@pytest.mark.parametrize("told", [False, True])
def test_a_ticket_whose_process_died_is_settled_by_the_ledger(tmp_path: Path, told: bool) -> None:
    """Killed before anything of the run was told: it is tested now. After: it is what the ledger says, and not tested again."""

    async def test(line: Line) -> Ticket:
        (done,) = await ended(line, await line.submit(whip(), source="api"))
        return done

    async def look(line: Line) -> Ticket:
        (ticket,) = await line.tickets()
        (done,) = await ended(line, ticket)
        return done

    first = on_line(tmp_path, test)
    tickets = Tickets.open(tmp_path)
    run = first.run if told else "0" * 26
    asyncio.run(tickets.change(first, stage=Stage.RUNNING, run=run, verdict=""))
    tickets.close()
    again = on_line(tmp_path, look)
    assert again.verdict == "PASSED"
    assert (again.run == first.run) is told
    with Ledger.open(tmp_path) as ledger:
        assert asyncio.run(ledger.count()) == (1 if told else 2)


def test_a_slot_in_which_something_was_not_confirmed_safe_is_locked(tmp_path: Path) -> None:
    """F092: nothing begins there any more, also after a restart, until it is confirmed and released."""

    async def use(line: Line) -> list[SlotView]:
        await ended(line, await line.submit(whip(slot="A"), source="api"))
        return line.slots()

    async def wait(line: Line) -> tuple[str, Level]:
        ticket = await line.submit(whip("SN2", "A"), source="api")
        with pytest.raises(RefusalError, match="stays locked"):
            await line.release("A", "looked at it")
        await asyncio.sleep(60)
        return (await line.ticket(ticket.ticket)).stage, line.condition().level

    async def mend(line: Line) -> str:
        (ticket,) = await line.tickets(Stage.QUEUED)
        await line.release("A", "mended")
        (done,) = await ended(line, ticket)
        return done.verdict

    silent = ("silent:mux_a1@1s",)
    (view, *_) = on_line(tmp_path, use, faults=silent)
    assert view.mode == "locked"
    assert "mux_a1" in view.reason
    assert on_line(tmp_path, wait, faults=("silent:mux_a1",)) == ("queued", Level.ALARM)
    assert on_line(tmp_path, mend) == "PASSED"


def test_another_daemon_on_the_same_data_is_refused(tmp_path: Path) -> None:
    """F099: one has the tickets."""
    tickets = Tickets.open(tmp_path)
    with pytest.raises(StoreError, match="one daemon has it"):
        Tickets.open(tmp_path)
    tickets.close()
    tickets.close()
    again = Tickets.open(tmp_path)
    again.close()


def test_a_disk_that_does_not_take_it_holds_the_line_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F071: nothing begins, the ticket waits, the condition says why, and it goes on by itself."""

    async def use(line: Line) -> tuple[Level, str]:
        real = line.kept.change

        async def full(*_: object, **__: object) -> Ticket:
            raise StoreError("line.sqlite could not be written: database or disk is full")

        monkeypatch.setattr(line.kept, "change", full)
        ticket = await line.submit(whip(), source="api")
        async for item in line.news.since(0):
            if item.kind == "trouble":
                break
        level = line.condition().level
        monkeypatch.setattr(line.kept, "change", real)
        (done,) = await ended(line, ticket)
        return level, done.verdict

    assert on_line(tmp_path, use) == (Level.ALARM, "PASSED")


def test_a_configuration_with_problems_leaves_the_old_one(tmp_path: Path) -> None:
    """It is read for the next runs; what is wrong with it is said by file and line."""

    async def use(line: Line) -> tuple[list[str], list[str]]:
        good = await line.reload()
        real = line.placing.load
        line.placing.load = lambda: (_ for _ in ()).throw(RefusalError("there is no station 'gone'"))
        bad = await line.reload()
        line.placing.load = real
        await ended(line, await line.submit(whip(), source="api"))
        return good, bad

    assert on_line(tmp_path, use) == ([], ["there is no station 'gone'"])


def test_a_slot_that_is_no_longer_in_the_file_ends_its_run_and_is_gone(tmp_path: Path) -> None:
    """The configuration is another for the next run; the one that goes on ends as it began."""

    async def use(line: Line) -> tuple[str, bool, bool]:
        ticket = await line.submit(whip(slot="A"), source="api")
        async for item in line.news.since(0):
            if item.kind == "event":
                break
        station, library = line.placing.station, line.placing.library
        rest = {name: slot for name, slot in station.slots.items() if name != "A"}
        line.placing.load = lambda: (replace(station, slots=rest), library)
        await line.reload()
        during = any(view.name == "A" for view in line.slots())
        (done,) = await ended(line, ticket)
        await asyncio.sleep(1)
        return done.verdict, during, any(view.name == "A" for view in line.slots())

    assert on_line(tmp_path, use) == ("PASSED", True, False)


@pytest.mark.parametrize("told", [False, True])
def test_an_accident_in_one_slot_ends_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: bool) -> None:
    """Whatever nobody expects: the slot is locked, the others go on, and no ticket says that it was well."""

    async def use(line: Line) -> tuple[list[tuple[str, str]], str]:
        real = line.service.run

        async def broken(order: Order, listener: Listener, begun: Begun) -> dict[str, Any]:
            if order.slot.name != "A":
                return await real(order, listener, begun)
            await begun("0" * 26)
            if told:
                listener(StepStarted(0.0, "it_begins", 1))
            raise KeyError("pdu")

        monkeypatch.setattr(line.service, "run", broken)
        bad = await line.submit(whip("SN1", "A"), source="api")
        (good,) = await ended(line, await line.submit(whip("SN2", "D"), source="api"))
        await asyncio.sleep(1)
        tickets = [await line.ticket(bad.ticket), good]
        return [(each.stage, each.verdict) for each in tickets], line.kept.locks["A"]

    tickets, why = on_line(tmp_path, use)
    assert tickets == [("running" if told else "refused", ""), ("done", "PASSED")]
    assert "KeyError" in why


def test_what_was_told_and_could_not_be_kept_is_not_tested_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger writes it as soon as the disk takes it: a second run of the same ticket would be a second record."""

    async def use(line: Line) -> list[Ticket]:
        async def unkept(_: Order, listener: Listener, begun: Begun) -> dict[str, Any]:
            await begun("0" * 26)
            listener(StepStarted(0.0, "it_begins", 1))
            raise LedgerError("the record could not be written: disk full")

        monkeypatch.setattr(line.service, "run", unkept)
        await ended(line, await line.submit(whip(), source="api"))
        return await line.tickets()

    (ticket,) = on_line(tmp_path, use)
    assert (ticket.stage, ticket.verdict) == (Stage.DONE, "ERROR")


def test_what_was_placed_by_a_configuration_that_is_gone_is_placed_again(tmp_path: Path) -> None:
    """Between looking a unit's slot up and beginning its run the configuration is read again: the new one counts."""

    async def use(line: Line) -> str:
        real, read = line.placing.place, list[Station]()

        def place(request: Request, free: Collection[str], folder: Path) -> Order | None:
            order = real(request, free, folder)
            if not read:  # as `reload` does in the loop, just now
                read.append(station := replace(line.placing.station))
                line.placing.adopt(station, line.placing.library)
                line.service.take_over(station, line.service.bench.seats)
            return order

        line.placing.place = place  # type: ignore[method-assign]  # one that is interrupted
        ticket = await line.submit(whip(), source="api")
        async for item in line.news.since(0):
            if item.kind == "event":
                break
        line.placing.place = real  # type: ignore[method-assign]  # as it was
        (done,) = await ended(line, ticket)
        return f"{len(read)} {done.verdict}"

    assert on_line(tmp_path, use) == "1 PASSED"


def test_a_unit_whose_files_break_the_reader_is_refused_and_the_line_goes_on(tmp_path: Path) -> None:
    """Whatever others' code raises when the unit is placed: that ticket says so, and the next one is tested."""

    async def use(line: Line) -> list[tuple[str, str]]:
        real = line.placing.place

        def place(request: Request, free: Collection[str], folder: Path) -> Order | None:
            if request.serial == "SN1":
                raise SystemError("AST constructor recursion depth mismatch")
            return real(request, free, folder)

        line.placing.place = place  # type: ignore[method-assign]  # one that breaks
        tickets = [await line.submit(whip(serial), source="api") for serial in ("SN1", "SN2")]
        return [(each.stage, each.reason) for each in await ended(line, *tickets)]

    bad, good = on_line(tmp_path, use)
    assert bad == ("refused", "SystemError: AST constructor recursion depth mismatch")
    assert good[0] == "done"
