"""The engine: carries out one run of one sequence on one slot, and lets it earn its verdict.

The order of everything. RunStarted; the groups' setup, main and cleanup; findings where only limits have spoken; the bench
made safe, exactly once, on every path; RunEnded. A run that was interrupted goes on with Resumed, and begins with its cleanup:
what was hot is cool again. A step that fails does not stop main; a step that errs does; neither
stops cleanup. An abort goes straight to making safe. A verdict starts as ERROR and is earned.
"""

import asyncio
import math
from collections.abc import Iterable, Sequence
from typing import Any

from drivers.roles import Operator
from sequences.sequence import Group, Keeping, Loop, Node
from sequences.step import Step
from sequences.verdict import Verdict, worst
from station.attempt import Attempt, Plan, Walk
from station.job import Job
from station.prompts import TracedOperator
from station.resuming import Credit
from station.safety import make_safe, see_through
from station.taking import Taking
from station.trace import (
    Answered,
    Event,
    Found,
    MadeSafe,
    Measured,
    Prompted,
    RunEnded,
    StepEnded,
    StepStarted,
)
from station.unexplained import unexplained

PATIENCE = 5.0
"""Seconds that a run waits for more instruments while it holds some; then it makes safe, and lets go of all."""

UNKEPT = "the record could not be kept"


class Run:
    """One run. `execute` once; `abort` and `stop` may be called at any time, from the loop's thread."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.step = ""
        self.zero = 0.0
        self._task: asyncio.Task[Any] | None = None
        self._abort = ""
        self._stop = ""
        self._passed: set[Step] = set()
        self._failures: list[Measured] = []
        self._judged = self._located = False
        self._spoiled: set[Step] = set()
        self._names = frozenset(job.instruments)
        self._credit = job.credit or Credit(0.0, 0.0, "")
        self._tried = dict(self._credit.attempts)
        self._asks = {step: self._asked(step) for step in job.test.every_step()}

    def abort(self, reason: str) -> None:
        """Give up at once: cancel the step, make safe, no cleanup. Asking again changes nothing."""
        if not self._abort:
            self._abort = reason
            if self._task is not None:
                self._task.cancel()

    def stop(self, reason: str) -> None:
        """Stop after the step that is going on; cleanup runs."""
        self._stop = self._stop or reason

    async def execute(self) -> tuple[Verdict, str]:
        """Carry the run out; its verdict and the reason. Cancelled from outside, it makes safe first and then raises."""
        loop = asyncio.get_running_loop()
        self._task, self.zero = asyncio.current_task(), loop.time() - self._credit.at
        verdict, reason, cancelled = Verdict.ERROR, "the run ended before it earned a verdict", False
        try:
            self._tell(self._credit.told(self.job.wall(), self.job.why) if self.job.credit else self.job.started)
            if self._abort:
                raise asyncio.CancelledError
            verdict, reason = await Walk(self._whole(), self).through()
            verdict, reason = self._earned(verdict, reason)
        except asyncio.CancelledError:
            verdict, reason, cancelled = Verdict.ABORTED, self._abort or "the run was cancelled", not self._abort
        except Exception as error:  # noqa: BLE001 (whatever broke, the bench is made safe and the verdict is ERROR)
            verdict, reason = Verdict.ERROR, f"{type(error).__name__}: {error}"
        (refusals, troubles), again = await see_through(self._end(verdict, reason))
        if refusals:
            verdict, reason = max(verdict, Verdict.ERROR), "; ".join(filter(None, (reason, *refusals)))
        if troubles:
            verdict, reason = Verdict.ERROR, f"{UNKEPT}: {troubles}"
        if cancelled or (again and not self._abort):
            raise asyncio.CancelledError(reason)
        if self._abort and self._task is not None:
            self._task.uncancel()
        return verdict, reason

    async def _end(self, verdict: Verdict, reason: str) -> tuple[tuple[str, ...], str]:
        """Make safe, then tell how it ended. A ledger that refuses must not keep the bench from being made safe."""
        loop, held = asyncio.get_running_loop(), self.job.turns.holder
        began = loop.time()
        self.expect(began + self.job.plan.longest)
        kept = self._kept()
        plan = self.job.plan.among(self.job.instruments.keys() - kept.keys())
        refusals = await make_safe(plan, self.job.instruments, lambda name: held(name) not in {None, self})
        refusals = (*refusals, *(f"{name} {why}" for name, why in kept.items()))
        self.expect(math.inf)
        seconds = loop.time() - began
        self.job.turns.give_back(self._names, self)
        safe = Verdict.ERROR if refusals else Verdict.PASSED
        reason = "; ".join(filter(None, (reason, *refusals)))
        trouble = self._told(MadeSafe(began - self.zero, safe.name, seconds, refusals))
        # Whatever the ledger's trouble was, the run has ended: without its end it would go on for ever in the record.
        ended, why = (Verdict.ERROR, f"{UNKEPT}: {trouble}") if trouble else (max(verdict, safe), reason)
        trouble = self._told(RunEnded(self._at(), self.job.wall(), ended.name, why)) or trouble
        try:
            await self.job.settled()
        except Exception as error:  # noqa: BLE001 (whatever the ledger's trouble, the bench is safe and the verdict ERROR)
            trouble = f"{type(error).__name__}: {error}"
        return refusals, trouble

    def _told(self, event: Event) -> str:
        """Tell an event; the ledger's trouble with it, or with those before it."""
        try:
            self._tell(event)
        except Exception as error:  # noqa: BLE001 (whatever the ledger raises, the events after this one must be told too)
            return f"{type(error).__name__}: {error}"
        return ""

    def _kept(self) -> dict[str, str]:
        """The instruments that the fixture leaves as they are, and why."""
        fixture = self.job.fixture
        roles = fixture.kept() if isinstance(fixture, Keeping) else {}
        return {name: why for role, why in roles.items() for name in self.job.roles[role]}

    def _earned(self, verdict: Verdict, reason: str) -> tuple[Verdict, str]:
        """What the steps' verdict is worth for the run."""
        if verdict is Verdict.FAILED and not self._located:
            for each in self._failures[:20]:
                self._tell(unexplained(self._at(), each))
        if verdict is Verdict.SKIPPED or (verdict is Verdict.PASSED and not self._judged):
            return Verdict.ERROR, "nothing was measured"
        declared = set(self.job.test.every_step())
        if verdict is Verdict.PASSED and not declared <= self._passed:
            left = ", ".join(sorted(step.title for step in declared - self._passed))
            return Verdict.ERROR, f"not everything was tested: {left}"
        return verdict, reason

    def _whole(self) -> Plan:
        """The sequence. One that was interrupted begins where a run that stops ends: cool, and measured to be discharged."""
        root = self.job.test.steps
        if self.job.credit is not None:
            verdict, reason = yield from self._nodes(root.cleanup, stop_at=None)
            if verdict > Verdict.PASSED or self._stop:
                return (verdict, reason) if verdict > Verdict.PASSED else (Verdict.ABORTED, self._stop)
        return (yield from self._group(root))

    def _group(self, group: Group) -> Plan:
        try:
            verdict, reason = yield from self._nodes(group.setup, stop_at=Verdict.FAILED)
            if verdict <= Verdict.PASSED:
                main, why = yield from self._nodes(group.main, stop_at=Verdict.ERROR)
                verdict, reason = worst((verdict, main)), reason or why
            else:
                self._skip(group.main, f"the setup of {group.name} did not pass")
        except asyncio.CancelledError:
            self._skip(group.cleanup, "aborted: the bench is made safe instead")
            raise
        cleanup, why = yield from self._nodes(group.cleanup, stop_at=None)
        return worst((verdict, cleanup)), reason or why

    def _nodes(self, nodes: Sequence[Node], *, stop_at: Verdict | None) -> Plan:
        """Run nodes in order until one is as bad as `stop_at`; cleanup (None) goes on whatever happens."""
        verdict, reason = Verdict.SKIPPED, ""
        for at, node in enumerate(nodes):
            if stop_at is not None and self._stop:
                self._skip(nodes[at:], self._stop)
                return Verdict.ABORTED, self._stop
            match node:
                case Step():
                    each, why = yield from self._step(node, node.name, "")
                case Loop():
                    each, why = yield from self._loop(node, stop_at)
                case Group():
                    each, why = yield from self._group(node)
            verdict, reason = worst((verdict, each)), reason or why
            if stop_at is not None and each >= stop_at:
                self._skip(nodes[at + 1 :], f"{getattr(node, 'name', 'the loop')} did not pass")
                break
        return verdict, reason

    def _loop(self, loop: Loop, stop_at: Verdict | None) -> Plan:
        verdict, reason = Verdict.SKIPPED, ""
        for item in loop.items(self.job.structure):
            if loop.resumes and self._credit.turns.issuperset(f"{step.name}[{item}]" for step in loop.steps):
                verdict = worst((verdict, Verdict.PASSED))
                self._passed.update(step for step in loop.steps if step not in self._spoiled)
                continue
            for step in loop.steps:
                each, why = yield from self._step(step, f"{step.name}[{item}]", item)
                verdict, reason = worst((verdict, each)), reason or why
                if stop_at is not None and (each >= stop_at or self._stop):
                    return verdict, reason
        return verdict, reason

    def _step(self, step: Step, name: str, item: str) -> Plan:
        unmet = [need.title for need in step.needs if need not in self._passed]
        if unmet:
            self._spoil(step)  # in an earlier turn of a loop it may have passed
            return self._skipped(name, f"needs '{unmet[0]}' to pass"), ""
        before = self._tried.get(name, 0)
        for number in range(1, step.retry.attempts + 1):
            verdict, reason = yield Attempt(step, name, item, before + number)
            # What a cancelled or broken step held stays held until it has been made safe: nobody knows how it was left.
            if verdict < Verdict.ERROR:
                self.job.turns.give_back(self._asks[step], self)
            if verdict not in step.retry.after:
                break
        self._counted(name, before + number)
        if verdict is Verdict.PASSED and step not in self._spoiled:
            self._passed.add(step)
        else:
            self._spoil(step)
        return verdict, f"{name.replace('_', ' ')}: {reason}" if reason else ""

    def _counted(self, name: str, attempts: int) -> None:
        """How many attempts a step has had, where the run has begun before."""
        if self.job.credit is not None:
            self._tried[name] = attempts

    def _spoil(self, step: Step) -> None:
        """It has not passed in every turn, so it has not passed."""
        self._spoiled.add(step)
        self._passed.discard(step)

    def expect(self, by: float) -> None:
        """Say by when this run will be heard of."""
        self.job.expect(by)

    async def begin(self, attempt: Attempt) -> Taking:
        """Wait for the step's instruments; its attempt begins."""
        holds = any(self.job.turns.holder(name) is self for name in self._names)
        # Who still holds what a broken step has left must not wait for ever: the one waited for may be waiting for it.
        async with asyncio.timeout(PATIENCE if holds else None):
            await self.job.turns.take(self._asks[attempt.step], self)
        self.step = attempt.name
        self._tell(StepStarted(self._at(), attempt.name, attempt.number))
        return self._taking(attempt.step, attempt.name, attempt.item)

    async def act(self, attempt: Attempt, taking: Taking) -> None:
        """What the step says."""
        await self._body(attempt.step, taking, attempt.item)

    def end(self, attempt: Attempt, verdict: Verdict, reason: str) -> None:
        """The attempt is over."""
        if verdict is Verdict.ABORTED:
            reason = " ".join(filter(None, (self._abort or "cancelled", reason)))
        recent = self.job.recent(self._asks[attempt.step]) if verdict is Verdict.ERROR else ()
        self._tell(StepEnded(self._at(), attempt.name, attempt.number, verdict.name, reason, recent))

    async def _body(self, step: Step, taking: Taking, item: str) -> None:
        given = {"take": taking, "item": item}
        asked = {name: given[name] if name in given else self._given(name, kind) for name, kind in step.asks}
        await step.body(**asked)
        taking.close()
        await self._rest(step)

    async def _rest(self, step: Step) -> None:
        """Before shared instruments go to another slot, this one lets go of them."""
        if not self.job.shared.isdisjoint(self._asks[step]):
            await self.job.fixture.rest()

    def _given(self, name: str, kind: object) -> object:
        """What a step's parameter stands for: the fixture, or something that the fixture has."""
        if kind is self.job.test.fixture:
            return self.job.fixture
        asked = getattr(self.job.fixture, name)
        if kind is not Operator:
            return asked
        step = self.step
        return TracedOperator(
            asked,
            lambda text: self._tell(Prompted(self._at(), step, text)),
            lambda text: self._tell(Answered(self._at(), step, text)),
        )

    def _taking(self, step: Step, name: str, item: str) -> Taking:
        loop = asyncio.get_running_loop()
        points = frozenset(
            each.of(item) if item and each.over is not None else each.of(where)
            for each in step.measurements
            for where in ((item,) if item and each.over is not None else each.points(self.job.structure))
        )
        names = self._asks[step]

        async def pause(when: float) -> None:
            await self._rest(step)
            self.job.turns.give_back(names, self)
            # Cancelled here, the step is over: it must not queue again for what nobody would ever give back.
            await _until(when)
            await self.job.turns.take(names, self)

        return Taking(
            name, points, self.job.limits, self._names, self._tell, loop.time, pause, self.zero, loop.time(),
            earned=self._credit.earned.get(name, 0.0), earns=step.earns is not None, before=self._credit.seen.get(name, ()),
        )  # fmt: skip

    def _asked(self, step: Step) -> frozenset[str]:
        """The instruments that a step may use: those of the roles it asks for, or all when it asks for the fixture."""
        if any(kind is self.job.test.fixture for _, kind in step.asks):
            return self._names
        return frozenset(each for name, _ in step.asks for each in self.job.roles.get(name, ()))

    def _skip(self, nodes: Iterable[Node], why: str) -> None:
        for node in nodes:
            match node:
                case Step():
                    self._skipped(node.name, why)
                case Loop():
                    self._skip(node.steps, why)
                case Group():
                    self._skip((*node.setup, *node.main, *node.cleanup), why)

    def _skipped(self, name: str, why: str) -> Verdict:
        number = self._tried.get(name, 0) + 1
        self._tell(StepStarted(self._at(), name, number))
        self._tell(StepEnded(self._at(), name, number, Verdict.SKIPPED.name, why))
        self._counted(name, number)
        return Verdict.SKIPPED

    def _tell(self, event: Event) -> None:
        match event:
            case Measured():
                self._judged = True
                if event.verdict == Verdict.FAILED.name:
                    self._failures.append(event)
            case Found():
                self._located = True
            case _:
                pass
        self.job.tell(event)

    def _at(self) -> float:
        return asyncio.get_running_loop().time() - self.zero


async def _until(when: float) -> None:
    """Sleep until exactly that time of the loop: a delay, added to the time again, would be rounded once more."""
    loop = asyncio.get_running_loop()
    if when <= loop.time():
        await asyncio.sleep(0)
        return
    woken = loop.create_future()
    timer = loop.call_at(when, lambda: None if woken.done() else woken.set_result(None))
    try:
        await woken
    finally:
        timer.cancel()
