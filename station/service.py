"""The service: what every face asks for. Put an order together, run it, abort it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Self

from sequences.verdict import Verdict
from station.beginning import named, refusals, run_started
from station.bench import Bench, Seat, Trouble
from station.config.station_file import Station
from station.engine import Run
from station.guard import Guard, GuardError, Unguarded
from station.job import Job
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.left import Left
from station.order import Order, fixture_of, safe_plan, shared_instruments
from station.pulse import Pulse
from station.record import Folding
from station.rest import bring_to_rest
from station.safety import make_safe
from station.trace import Event, MadeSafe, RunEnded, RunStarted
from station.turns import Turns
from station.walls import WallClock, iso, real_wall

Listener = Callable[[Event], None]
Begun = Callable[[str], Awaitable[None]]


async def _nobody(_: str) -> None:
    """Nobody waits for the id of the run."""


class RefusalError(Exception):
    """A run that must not start, and why. Nothing was energised."""


class NotNowError(RefusalError):
    """What is all right, and will be taken at another time: the disk is full, too many wait, the line drains."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """How a simulated bench was made. `unit` numbers the units of a population; 0 is the one that is as drawn."""

    seed: int
    faults: tuple[str, ...] = ()
    unit: int = 0

    @property
    def said(self) -> dict[str, Any]:
        """As a record says it."""
        unit = {"unit": self.unit} if self.unit else {}
        return {"seed": self.seed, "faults": list(self.faults)} | unit

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """What a record says, again."""
        return cls(said["seed"], tuple(said["faults"]), said.get("unit", 0))


@dataclass(eq=False)
class Service:
    """One station at work: its bench, its ledger, and the runs that are going on, by slot."""

    station: Station
    bench: Bench
    ledger: Ledger
    wall: WallClock = real_wall
    simulated: Simulated | None = None
    together: tuple[Order, ...] = ()
    """What lies in the slots of a simulated world."""
    guard: Guard = field(default_factory=Unguarded)
    """Who makes the bench safe when this process cannot."""
    pulse: Pulse = field(default_factory=Pulse)
    """Whether every run gets on."""
    turns: Turns = field(default_factory=Turns)
    running: dict[str, Run | None] = field(default_factory=dict)
    serials: set[str] = field(default_factory=set)
    _orders: dict[str, Order] = field(default_factory=dict)
    _asked: dict[str, list[Callable[[Run], None]]] = field(default_factory=dict)

    async def run(self, order: Order, listener: Listener = lambda _: None, begun: Begun = _nobody) -> dict[str, Any]:
        """Test one unit; the folded record, on the disk before it is returned. Raises RefusalError for a slot in use.

        `begun` is awaited with the run's id before anything of it is told or done.

        A calibration that has run out, a wrong instrument, an unconfirmed netlist: the record says REFUSED. An instrument
        that does not answer: ERROR.
        """
        with self._occupied(order):
            await self.ledger.admit()
            began = self.wall()
            run_id = await self.ledger.begin(lambda count: self._name(began, count))
            await begun(run_id)
            return await self._run(order, run_id, listener)

    async def resume(self, left: Left, listener: Listener = lambda _: None, begun: Begun = _nobody) -> dict[str, Any]:
        """Go on with an interrupted run, in the same record; where something speaks against it, it is INTERRUPTED and says what.

        It was made safe, and measured to be, before. Raises RefusalError for a slot in use.
        """
        with self._occupied(left.order):
            await self.ledger.admit()
            await begun(left.run)
            return await self._run(left.order, left.run, listener, left)

    async def give_up(self, left: Left, reason: str) -> None:
        """End an interrupted run as INTERRUPTED that nobody goes on with, and say why not."""
        self.ledger.append(left.run, left.ended(reason))
        await self.ledger.sync(left.run)

    @contextmanager
    def _occupied(self, order: Order) -> Iterator[None]:
        """The slot and the unit are in use. Raises RefusalError where they are already."""
        slot = order.slot.name
        if slot in self.running:
            raise RefusalError(f"slot {slot} is in use")
        if order.serial in self.serials:
            raise RefusalError(f"{order.serial} is being tested in another slot")
        self.running[slot] = None
        self._orders[slot] = order
        self.serials.add(order.serial)
        try:
            yield
        finally:
            del self.running[slot], self._orders[slot]
            self.serials.discard(order.serial)
            self._asked.pop(slot, None)

    def abort(self, reason: str, slot: str | None = None) -> None:
        """Abort one slot's run, or all."""
        self._ask(lambda run: run.abort(reason), slot)

    def stop(self, reason: str, slot: str | None = None) -> None:
        """Let the step that is going on end, then stop: one slot, or all."""
        self._ask(lambda run: run.stop(reason), slot)

    def take_over(self, station: Station, seats: Mapping[str, Seat]) -> None:
        """Another configuration, for the runs that begin from now on."""
        self.station, self.bench.seats = station, seats

    async def secure(self, order: Order) -> tuple[str, ...]:
        """Make a slot safe in which nothing is tested, and measure that it is; what was not confirmed, as sentences."""
        async with self.turns.turn(frozenset(order.instruments), object()):
            try:
                return await bring_to_rest(order, self.bench, self._deadlines(), partial(self._is_elsewhere, order))
            except Exception as broken:  # noqa: BLE001 (a fixture may be others' code; every other slot must be made safe)
                return (f"{order.slot.name} is not confirmed safe: {type(broken).__name__}: {broken}",)

    def _ask(self, what: Callable[[Run], None], slot: str | None) -> None:
        """Ask something of one slot's run, or of all; one whose instruments are still being opened hears it when it begins."""
        for name, run in self.running.items():
            if slot in {None, name} and run is not None:
                what(run)
            elif slot in {None, name}:
                self._asked.setdefault(name, []).append(what)

    async def _run(self, order: Order, run_id: str, listener: Listener, left: Left | None = None) -> dict[str, Any]:
        folding, ends = Folding(), list[RunEnded]()
        for event in left.events if left is not None else ():
            folding.take(event)

        def tell(event: Event) -> None:
            if isinstance(event, RunEnded):  # nobody is shown a verdict before it is sure to be kept
                ends.append(event)
                self.ledger.append(run_id, event)
                return
            folding.take(event)
            self.ledger.append(run_id, event)
            listener(event)

        reasons = refusals(order, self.bench.seats, self.wall().date(), simulated=self.simulated is not None)
        troubles = [] if reasons else await self.bench.open(order.instruments, partial(self._is_elsewhere, order))
        said = self.simulated.said if self.simulated else None
        started = run_started(run_id, iso(self.wall()), self.station, order, self.bench, said, self.together)
        reasons += [trouble.text for trouble in troubles]
        reasons += self._objections(left, started) if left is not None and not reasons else []
        reasons += [] if reasons else await self._unguarded(order, run_id)
        if left is not None and reasons:
            await self._never_resumed(left, tell, reasons)
        elif reasons:
            await self._never_ran(order, started, tell, reasons, troubles)
        else:
            try:
                run = self.running[order.slot.name] = Run(self._job(order, started, tell, left))
                for what in self._asked.pop(order.slot.name, ()):
                    what(run)
                verdict, reason = await run.execute()
            finally:  # it has been made safe, whatever ended it
                self.pulse.over(order.slot.name)
                await self.guard.disarm(order.slot.name)
            # The ledger had the last word: what it could not keep is an ERROR, whatever the steps have earned.
            at, when = asyncio.get_running_loop().time() - run.zero, iso(self.wall())
            told = ends[-1] if ends else RunEnded(at, when, verdict.name, reason)
            ends.append(replace(told, verdict=verdict.name, reason=reason))
        listener(ends[-1])
        folding.take(ends[-1])
        return folding.record()

    async def _unguarded(self, order: Order, run_id: str) -> list[str]:
        """Have somebody ready to make the slot safe; why nobody is."""
        try:
            await self.guard.arm(order.slot.name, run_id, safe_plan(order, self._deadlines()))
        except GuardError as error:
            return [str(error)]
        return []

    def _objections(self, left: Left, now: RunStarted) -> list[str]:
        """Why a run that was interrupted does not go on now."""
        no = left.objection(self.wall()) or left.changed(now)
        return [no] if no else []

    async def _never_resumed(self, left: Left, tell: Listener, reasons: list[str]) -> None:
        """Record that a run does not go on. Nothing has been energised since it was made safe."""
        tell(left.ended("; ".join(reasons)))
        await self.ledger.sync(left.run)

    async def _never_ran(
        self, order: Order, started: RunStarted, tell: Listener, reasons: list[str], troubles: list[Trouble]
    ) -> None:
        """Record a run that could not start, and make safe whatever could be reached."""
        loop = asyncio.get_running_loop()
        with suppress(LedgerError):  # of events before it: it is kept, and so is the end, whatever else is not
            tell(started)
        began = loop.time()
        if troubles:
            refusals = await self._make_safe(order, troubles)
            with suppress(LedgerError):
                tell(MadeSafe(0.0, (Verdict.ERROR if refusals else Verdict.PASSED).name, loop.time() - began, refusals))
        verdict = "ERROR" if any(not each.refused for each in troubles) else "REFUSED"
        tell(RunEnded(loop.time() - began, iso(self.wall()), verdict, "; ".join(reasons)))
        await self.ledger.sync(started.run)

    async def _make_safe(self, order: Order, troubles: list[Trouble]) -> tuple[str, ...]:
        """Make safe what of a slot could be reached; what was not confirmed."""
        names = set(order.instruments).difference(trouble.instrument for trouble in troubles)
        reached = {name: each for name, each in self.bench.instruments.items() if name in names}
        return await make_safe(safe_plan(order, self._deadlines()).among(reached), reached, self._is_held)

    def _job(self, order: Order, started: RunStarted, tell: Listener, left: Left | None = None) -> Job:
        instruments = {name: self.bench.instruments[name] for name in order.instruments}
        fixture = fixture_of(order, instruments)
        return Job(
            started=started,
            test=order.sequence,
            structure=order.product.structure,
            fixture=fixture,
            limits=order.limits,
            roles=order.slot.roles,
            instruments=instruments,
            plan=safe_plan(order, self._deadlines()),
            turns=self.turns,
            shared=shared_instruments(self.station),
            tell=tell,
            settled=lambda: self.ledger.sync(started.run),
            wall=lambda: iso(self.wall()),
            recent=self.bench.recent,
            credit=left.credit(self.wall()) if left is not None else None,
            why=left.why if left is not None else "",
            expect=partial(self.pulse.expect, order.slot.name),
        )

    def _deadlines(self) -> dict[str, float]:
        return {name: seat.safe_within for name, seat in self.bench.seats.items()}

    def _is_elsewhere(self, order: Order, name: str) -> bool:
        """Whether another slot's run has an instrument too."""
        return any(name in each.instruments for each in self._orders.values() if each is not order)

    def _is_held(self, name: str) -> bool:
        return self.turns.holder(name) is not None

    def _name(self, began: datetime, count: int) -> str:
        """The id of a run that begins now, after `count` others; called from the ledger's thread."""
        seed = None if self.simulated is None or self.wall is real_wall else self.simulated.seed
        return named(began, self.station.name, seed, count)
