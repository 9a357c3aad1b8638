"""The stage: one ordeal is carried out in virtual time, and everything that could be seen of it is written down."""

import asyncio
import gc
import inspect
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sim import clock
from station.bench import Bench
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.ordeal.disk import BadDisk, SteppedLedger
from station.ordeal.disturbance import BY_EVENT, DISKS, Disturbance, Kind
from station.ordeal.line import Product, product
from station.ordeal.ordeal import Ordeal
from station.ordeal.seen import Seen
from station.ordeal.witness import Witness, cooled
from station.seats import seats_of
from station.service import Listener, RefusalError, Service, Simulated
from station.simulating import sim_wires, world_of
from station.trace import Event, MadeSafe
from station.walls import simulated_wall

SETTLES = 2.0
"""Seconds after a run in which every relay and valve has come to rest."""
HANGS = 20_000.0
"""Seconds of the line's time in which every run of the shipped line has ended, whatever befalls it."""
RTC_DEAD = datetime(1970, 1, 1, tzinfo=UTC)


def carry_out(ordeal: Ordeal, folder: Path, show: Listener = lambda _: None) -> Seen:
    """Carry one ordeal out, with its ledger in the folder `data` of an empty one; it is closed, as far as its disk lets it be.

    `show` is told each event as any listener is, before anything befalls it.
    """
    disk = BadDisk()
    data = folder / "data"
    disk.at(data)
    stage = _Stage(ordeal, product(ordeal.part_number), disk, show)
    ledger: Ledger
    if ordeal.kinds & (BY_EVENT | {Kind.NO_ROOM}):
        ledger = stepped = SteppedLedger.open(data, disk)
        stepped.every = ordeal.gathered
    else:
        ledger = Ledger.open(data)
    stage.prepare_disk()
    try:
        clock.run(stage.play(ledger))
    finally:
        with suppress(LedgerError):  # as every face does: a record that could not be kept has made its run an ERROR
            ledger.close()
    stage.seen.refused = disk.refused
    gc.collect()  # now whoever has lost an exception says so
    return stage.seen


class _Stage:
    def __init__(self, ordeal: Ordeal, product: Product, disk: BadDisk, show: Listener) -> None:
        self.ordeal, self.product, self.disk, self._show = ordeal, product, disk, show
        self.seen = Seen()
        self._wall = timedelta()
        self._going: asyncio.Task[dict[str, Any]] | None = None
        self._others: list[asyncio.Task[None]] = []

    def prepare_disk(self) -> None:
        """What ails the disk from the start, once the ledger is open."""
        for each in self.ordeal.disturbances:
            if each.kind is Kind.NO_ROOM:
                self.disk.room = False
                self.seen.struck.append((0.0, each))
            elif each.kind is Kind.KILLED_AT_BEGIN:
                self.disk.kill = "before" if each.what == "before" else "after"
        self._at_event(0)

    async def play(self, ledger: Ledger) -> None:
        """The run, and what befalls it."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._complain)
        prepared = self.product.prepared
        simulated = Simulated(self.ordeal.seed, self.ordeal.faults)
        witness = Witness(world_of(prepared.station, prepared.orders, simulated, loop.time))
        wires = sim_wires(prepared.station, witness)
        bench = Bench(seats_of(prepared.station), lambda name: witness.line(wires(name)))
        service = Service(prepared.station, bench, ledger, self._time_of_day, simulated)
        timers = [
            loop.call_at(when, self._befall, each, service)
            for each in self.ordeal.disturbances
            if each.kind not in BY_EVENT and each.kind is not Kind.NO_ROOM
            for when in (each.at, *each.again)
        ]
        self._going = loop.create_task(service.run(self.product.order, self._listen), name="the run")
        await asyncio.wait({self._going}, timeout=HANGS)
        for timer in timers:
            timer.cancel()
        self._end(self._going)
        if self._others:
            await asyncio.wait(self._others)
        await asyncio.sleep(SETTLES)
        self.seen.energised = witness.energised()
        self.seen.cooled = cooled(witness.plant(self.product.order.slot.name))
        bench.close()
        await asyncio.sleep(SETTLES)
        self._look_round(service, witness)

    def _end(self, going: "asyncio.Task[dict[str, Any]]") -> None:
        seen = self.seen
        if not going.done():
            seen.left.append(f"the run has not ended after {HANGS:g} s")
        elif going.cancelled():
            seen.raised = "cancelled"
        elif (error := going.exception()) is None:
            seen.record = going.result()
        elif isinstance(error, RefusalError | LedgerError):
            seen.raised = f"{type(error).__name__}: {error}"
        else:
            seen.raised = f"{type(error).__name__}: {error}"
            seen.left.append(f"an exception that nobody expects: {seen.raised}")

    def _look_round(self, service: Service, witness: Witness) -> None:
        left = self.seen.left
        me = asyncio.current_task()
        ours = (task for task in asyncio.all_tasks() if task is not me and not _is_of_the_sim(task))
        left += sorted(f"the task {task.get_name()} goes on" for task in ours)
        holders = {name: service.turns.holder(name) for name in service.bench.seats}
        left += [f"{name} is still held" for name, holder in holders.items() if holder is not None]
        left += ["a link is still open" for line in witness.lines if line.is_open]
        left += [f"slot {name} is still in use" for name in service.running]

    def _listen(self, event: Event) -> None:
        """The face: what it is shown it has shown, and then it may be too late."""
        self._show(event)
        number = len(self.seen.shown)
        self.seen.shown.append((asyncio.get_running_loop().time(), event))
        for each in self.ordeal.disturbances:
            if each.kind is Kind.KILLED and each.at == number:
                self.disk.die()
            if each.kind is Kind.KILLED_AT_END and isinstance(event, MadeSafe):
                self.disk.kill = "before" if each.what == "before" else "after"
            if each.kind is Kind.POWER_CUT and each.at == number and self.seen.cut is None:
                self._cut(each)
        self._at_event(number + 1)

    def _cut(self, each: Disturbance) -> None:
        """The power is gone, there; here the run goes on."""
        data = self.disk.folder
        self.seen.cut = data.parent / "cut"
        self.seen.shown_before = len(self.seen.shown)
        self.seen.struck.append((0.0, each))
        shutil.copytree(data, self.seen.cut, ignore=shutil.ignore_patterns("ballast", "*-shm"))

    def _at_event(self, number: int) -> None:
        """So many events were shown: the disk is as it then is. The last one that has begun and not ended counts."""
        now = [each for each in self.ordeal.disturbances if each.kind in DISKS and each.at <= number < each.until]
        ill = now[-1] if now else None
        if ill is not None and all(each is not ill for _, each in self.seen.struck):
            self.seen.struck.append((0.0, ill))
        self.disk.ill = ill.kind.value if ill is not None else ""  # type: ignore[assignment]  # one of DISKS

    def _befall(self, each: Disturbance, service: Service) -> None:
        going, loop = self._going, asyncio.get_running_loop()
        if going is None or going.done():
            return
        self.seen.struck.append((loop.time(), each))
        acts: dict[Kind, Callable[[], object]] = {
            Kind.CLOCK_BACK: lambda: self._shift(timedelta(hours=-1)),
            Kind.CLOCK_FORWARD: lambda: self._shift(timedelta(days=1)),
            Kind.CLOCK_1970: lambda: self._shift(RTC_DEAD - self._time_of_day()),
            Kind.ABORTED: lambda: service.abort("the operator aborts"),
            Kind.STOPPED: lambda: service.stop("the operator stops"),
            Kind.CANCELLED: going.cancel,
            Kind.SECOND_START: lambda: self._others.append(loop.create_task(self._start_again(each, service))),
            Kind.SUSPENDED: lambda: self._sleep(loop, float(each.what or 0.0)),
        }
        if each.kind in acts:
            acts[each.kind]()

    def _time_of_day(self) -> datetime:
        return simulated_wall() + self._wall

    def _shift(self, by: timedelta) -> None:
        self._wall += by

    def _sleep(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        if isinstance(loop, clock.VirtualLoop):
            loop.suspend(seconds)

    async def _start_again(self, each: Disturbance, service: Service) -> None:
        """Somebody starts the same slot again, or the same unit elsewhere."""
        order = self.product.order
        if order.slot.name not in service.running:
            return
        elsewhere = next(slot for name, slot in self.product.prepared.station.slots.items() if name != order.slot.name)
        twin = replace(order, slot=elsewhere) if each.what == "serial" else replace(order, serial="SN0002")
        try:
            await service.run(twin)
        except RefusalError as refused:
            self.seen.second.append(f"refused: {refused}")
        else:
            self.seen.second.append("started")

    def _complain(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.seen.left.append(f"the loop says: {context['message']} ({type(error).__name__}: {error})")


def _is_of_the_sim(task: "asyncio.Task[Any]") -> bool:
    """Whether an instrument is at it: that goes on measuring when nobody listens."""
    going = task.get_coro()
    frame = going.cr_frame if inspect.iscoroutine(going) else None
    return frame is not None and str(frame.f_globals["__name__"]).startswith("sim.")
