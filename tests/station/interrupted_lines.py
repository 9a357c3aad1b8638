"""Runs of the simulated line that are cut off, and what the next process makes of them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim import clock
from station.ledger.ledger import Ledger
from station.opening import Prepared, Setup, prepare, run_orders, service_of
from station.orders import Request, order_again
from station.recovering import NOBODY, Recovered, recover
from station.resuming import last_known
from station.service import Service, Simulated
from station.trace import Event, RunStarted, Sampled, StepStarted
from tests.station.hot_loops import FIXTURES, SHORT, hot_line
from tests.station.lines import SERIAL, Record

PDU, LONG = "PDU-3P-24", "PDU-LONG"
HOURS = 48
"""That the outlets of the PDU with long turns carry their load."""
HOLDS = "it_holds_for_hours"
SET = "the_contacts_stay_cool[outlet3+outlet4]"
"""The second set's turn."""
GAP = 60.0
"""Seconds between a process's death and the next one's start."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run that was cut off: what was recovered, its record and its trace, and what is wrong with the ledger."""

    recovered: Recovered
    record: Record
    events: list[Event]
    problems: list[str]

    @property
    def said(self) -> tuple[str, str]:
        """Verdict and reason."""
        return self.record["verdict"], self.record["reason"]


def hot_loop(folder: Path, seconds: float = 3600.0, every: float = 15.0) -> Prepared:
    """A burn-in of a pumping unit."""
    return prepare(Setup(hot_line(folder, seconds, every), folder, Simulated(0)), [Request(SHORT, SERIAL)])


def pdu(folder: Path) -> Prepared:
    """The burn-in of a PDU whose sets carry their load for four hours each, looked at every two minutes."""
    text = (FIXTURES / "products" / f"{PDU}.toml").read_text()
    old = "hours = 8.0, amps = 8.0, together = 2, every = 10.0"
    assert old in text
    text = text.replace(PDU, LONG).replace(old, f"hours = {HOURS}.0, amps = 8.0, together = 2, every = 120.0")
    station = (FIXTURES / "stations" / "simulated-line.toml").read_text()
    station = station.replace('site = "nowhere"', 'site = "nowhere"\nproducts = ["../products"]')
    for name, content in ((f"products/{LONG}.toml", text), ("stations/simulated-line.toml", station)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    file = str(folder / "stations/simulated-line.toml")
    return prepare(Setup(file, folder, Simulated(0)), [Request(LONG, SERIAL, sequence="pdu-burn-in")])


@cache
def good(make: Callable[[Path], Prepared]) -> tuple[Event, ...]:
    """The whole trace of a unit that passes."""
    events: list[Event] = []
    with TemporaryDirectory() as folder:
        (record,) = run_orders(make(Path(folder)), [events.append])
    assert "PASSED" == record["verdict"], record["reason"]
    return tuple(events)


def cut(events: Sequence[Event], seconds: float) -> list[Event]:
    """What was told in the first seconds of a run."""
    return [each for each in events if isinstance(each, RunStarted) or each.at <= seconds]


def began(events: Sequence[Event], step: str) -> float:
    """When a step began for the first time."""
    return next(each.at for each in events if isinstance(each, StepStarted) and each.step == step)


def leave(folder: Path, events: Sequence[Event]) -> None:
    """A ledger of a process that has told so much, and no more."""
    started = events[0]
    assert isinstance(started, RunStarted)

    async def tell(ledger: Ledger) -> None:
        await ledger.begin(lambda _: started.run)
        for event in events:
            ledger.append(started.run, event)
        await ledger.sync()

    with Ledger.open(folder) as ledger:
        asyncio.run(tell(ledger))


def gone_on(
    folder: Path,
    prepared: Prepared,
    left: Sequence[Event],
    *,
    gap: float = GAP,
    faults: tuple[str, ...] = (),
    deeds: Any = NOBODY,
    change: Callable[[Service], None] = lambda _: None,
) -> Outcome:
    """Leave a run so, and let the next process recover it, and go on with it where it may."""
    if left:
        leave(folder, left)
    return started_again(folder, prepared, left, gap=gap, faults=faults, deeds=deeds, change=change)


def started_again(
    folder: Path,
    prepared: Prepared,
    left: Sequence[Event],
    *,
    gap: float = GAP,
    faults: tuple[str, ...] = (),
    deeds: Any = NOBODY,
    change: Callable[[Service], None] = lambda _: None,
) -> Outcome:
    """The next process, over a world in which everything is cold."""
    prepared = replace(prepared, setup=replace(prepared.setup, simulated=Simulated(0, faults)))
    started = left[0]
    assert isinstance(started, RunStarted)
    now = datetime.fromisoformat(started.started) + timedelta(seconds=last_known(left) + gap)

    async def main(ledger: Ledger) -> Outcome:
        service, loop = service_of(prepared, ledger), asyncio.get_running_loop()
        service.wall = lambda: now + timedelta(seconds=loop.time())
        change(service)
        again = partial(order_again, service.station, prepared.library)
        found = await recover(service, again, deeds)
        for each in found.resumable:
            await service.resume(each)
        service.bench.close()
        run = started.run
        return Outcome(found, await ledger.record(run), await ledger.events(run), await ledger.verify())

    with Ledger.open(folder, adopting=True) as ledger:
        return clock.run(main(ledger))


def soaked(events: list[Event], step: str) -> list[float]:
    """How long each attempt of a step has soaked, as its samples show it."""
    spans: list[list[float]] = []
    for event in events:
        if isinstance(event, StepStarted) and event.step == step:
            spans.append([])
        elif isinstance(event, Sampled) and event.step == step:
            spans[-1].extend(event.times)
    return [max(times) - min(times) if times else 0.0 for times in spans]


def must_have_passed(outcome: Outcome) -> None:
    """It passed in one record, which is sound, and every step passed in the end."""
    assert ("PASSED", "", []) == (*outcome.said, outcome.problems)
    assert {} == outcome.recovered.locked
    last = {each["name"]: each["verdict"] for each in outcome.record["steps"]}
    assert {"PASSED"} == set(last.values())
    at = [0.0 if isinstance(each, RunStarted) else each.at for each in outcome.events]
    assert sorted(at) == at
