"""`station daemon` in a process of its own: what it takes up, and how it is told to end."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.line.ticket import Stage, Ticket
from station.line.tickets import Tickets
from station.trace import Event, MadeSafe, Resumed
from tests.station.command_line import Said, finished, process
from tests.station.lines import WHIP

WITHIN = 30.0
"""Seconds in which a process must have come so far, on a machine that is busy with other things."""


def hand_in(folder: Path, *serials: str, product: str = WHIP, sequence: str = "") -> None:
    """Tickets that wait when the daemon starts."""
    tickets = Tickets.open(folder)
    for serial in serials:
        waiting = Ticket(
            f"T{serial}", product, serial, "", sequence, 5, "test", serial, "2026-01-01T00:00:00Z", Stage.QUEUED
        )
        asyncio.run(tickets.add(waiting))
    tickets.close()


def outcomes(folder: Path) -> list[tuple[str, str | None]]:
    """Serial number and verdict of every run, in the order in which they began."""
    with Ledger.open(folder) as ledger:
        return [(row.serial, row.verdict) for row in reversed(asyncio.run(ledger.runs()))]


def until(there: Callable[[], bool]) -> None:
    """Wait for something to have happened."""
    end = time.perf_counter() + WITHIN
    while not there():
        assert time.perf_counter() < end, "it did not happen"
        time.sleep(0.05)


def runs(folder: Path) -> int:
    """How many runs the ledger has."""
    if not (folder / "ledger.sqlite").exists():
        return 0
    with Ledger.open(folder) as ledger:
        return asyncio.run(ledger.count())


def told(folder: Path, *signals: signal.Signals, wait: int = 1, between: float = 0.3) -> Said:
    """A daemon that is sent signals once so many runs have begun."""
    daemon = process("daemon", "--sim", "--data", folder)
    until(lambda: runs(folder) >= wait)
    for each in signals:
        daemon.send_signal(each)
        time.sleep(between)
    return finished(daemon, WITHIN)


def test_it_tests_what_waits_and_drains_when_told(tmp_path: Path) -> None:
    """SIGTERM: what runs comes to its end, each unit once, exit code 0; the socket's folder holds nothing of it any more."""
    hand_in(tmp_path, "SN1", "SN2")
    said = told(tmp_path, signal.SIGTERM, wait=2)
    assert (said.code, said.out) == (0, "")
    assert "draining" in said.err
    assert sorted(outcomes(tmp_path)) == [("SN1", "PASSED"), ("SN2", "PASSED")]


def test_told_twice_it_aborts_and_makes_safe(tmp_path: Path) -> None:
    """F090, F091: the second SIGTERM ends what runs as ABORTED, in order; a third changes nothing."""
    hand_in(tmp_path, "SN1", product="PDU-3P-24", sequence="pdu-burn-in")
    said = told(tmp_path, signal.SIGTERM, signal.SIGTERM, signal.SIGTERM, between=0.2)
    assert said.code == 0, said.err
    assert outcomes(tmp_path) == [("SN1", "ABORTED")]
    tickets = Tickets.open(tmp_path)
    (ticket,) = asyncio.run(tickets.latest(None, 5))
    tickets.close()
    assert (ticket.stage, ticket.verdict) == (Stage.DONE, "ABORTED")
    assert "SIGTERM" in ticket.reason


def test_a_second_one_on_the_same_data_is_refused(tmp_path: Path) -> None:
    """F099: by name, and the first goes on."""
    hand_in(tmp_path, "SN1", product="PDU-3P-24", sequence="pdu-burn-in")
    first = process("daemon", "--sim", "--data", tmp_path)
    until(lambda: runs(tmp_path) >= 1)
    second = finished(process("daemon", "--sim", "--data", tmp_path))
    assert second.code == 3
    assert "one daemon has it" in second.err
    for _ in range(2):
        first.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert finished(first, WITHIN).code == 0


def test_killed_nothing_is_lost_and_nothing_tested_twice(tmp_path: Path) -> None:
    """F089: the run that went on is INTERRUPTED, its ticket says so, and what waited is tested by the next daemon."""
    hand_in(tmp_path, "SN1", product="PDU-3P-24", sequence="pdu-check")
    first = process("daemon", "--sim", "--data", tmp_path)
    until(lambda: runs(tmp_path) >= 1)
    time.sleep(0.3)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    hand_in(tmp_path, "SN2")
    assert told(tmp_path, signal.SIGTERM, wait=2).code == 0
    assert outcomes(tmp_path) == [("SN1", "INTERRUPTED"), ("SN2", "PASSED")]
    tickets = Tickets.open(tmp_path)
    found = {each.serial: each.verdict for each in asyncio.run(tickets.latest(None, 5))}
    tickets.close()
    assert found == {"SN1": "INTERRUPTED", "SN2": "PASSED"}


def test_killed_in_a_burn_in_it_goes_on_with_the_same_run(tmp_path: Path) -> None:
    """Killed, and started again: made safe and measured first, then the same run goes on under its ticket; aborted, it has one record."""
    hand_in(tmp_path, "SN1", product="PDU-3P-24", sequence="pdu-burn-in")
    first = process("daemon", "--sim", "--data", tmp_path)
    until(lambda: runs(tmp_path) >= 1)
    time.sleep(1.0)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    second = process("daemon", "--sim", "--data", tmp_path)
    until(lambda: any(isinstance(each, Resumed) for each in trace(tmp_path)))
    for _ in range(2):
        second.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    assert finished(second, WITHIN).code == 0
    assert outcomes(tmp_path) == [("SN1", "ABORTED")]
    safe = [each for each in trace(tmp_path) if isinstance(each, MadeSafe)]
    assert [("PASSED", "found at the next start"), ("PASSED", "")] == [(each.verdict, each.why) for each in safe]


def trace(folder: Path) -> list[Event]:
    """All that the ledger has of its last run."""
    with closing(History(folder)) as history:
        run = history.last()
        return history.events(run) if run else []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--seed", "3"], "belong to --sim"),
        (["--station", "no-such-station"], "no-such-station"),
        (["--sim", "--fault", "melted:W1"], "melted"),
    ],
)
def test_what_it_cannot_serve_it_says(tmp_path: Path, given: list[str], said: str) -> None:
    """F096: exit code 2, nothing was opened."""
    refused = finished(process("daemon", "--data", tmp_path, *given))
    assert refused.code == 2
    assert said in refused.err
