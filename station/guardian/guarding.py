"""Guarding: the daemon's side of its guardian. Keeps one alive, tells it what is armed, and notices when it is not heard."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from station.bench import Bench
from station.condition import Condition, Level
from station.guard import GuardError
from station.guardian import grammar
from station.guardian.begun import Begun, begin
from station.guardian.chairs import arm_of
from station.guardian.words import Arm, Armed, Beat, Disarm, GrammarError, Leave, Rescue, Unable, Word
from station.pulse import Pulse
from station.safety import SafePlan

BEAT = 0.25
"""Seconds between two beats."""
MISSED = 6
"""Beats in a row that are not answered: the guardian is frozen."""
ARMS_WITHIN = 5.0
"""Seconds in which a guardian must be ready for a run."""
LOST_AFTER = 3.0
"""Seconds without a guardian after which what is armed is made safe by the daemon itself."""
BEGIN_AGAIN = 0.2


class LostError(Exception):
    """The guardian is dead, frozen, or does not speak sense."""


@dataclass(eq=False)
class Guarding:
    """Has the slots of a bench guarded: a `station.guard.Guard`."""

    data: Path
    bench: Bench
    pulse: Pulse
    lost: Callable[[str], None]
    lives: int = 0
    """How many guardians there have been."""
    _armed: dict[str, Arm] = field(default_factory=dict)
    _answers: dict[str, "asyncio.Future[str]"] = field(default_factory=dict)
    _begun: Begun | None = None
    _trouble: str = "it has not begun yet"
    _missed: int = 0

    async def run(self) -> None:
        """Keep a guardian until cancelled: one that is lost is replaced at once, and told of everything that is armed."""
        loop = asyncio.get_running_loop()
        since, told = loop.time(), False
        while True:
            try:
                begun = await begin(self.data)
            except (OSError, ValueError, GrammarError, TimeoutError) as error:
                self._trouble = str(error) or "it does not begin"
                if self._armed and not told and loop.time() > since + LOST_AFTER:
                    told = True
                    self.lost(f"nobody stands guard: {self._trouble}")
                await asyncio.sleep(BEGIN_AGAIN)
                continue
            self.lives += 1
            try:
                await self._keep(begun)
            except LostError as error:
                self._trouble = str(error)
            except asyncio.CancelledError:
                await begun.end(grammar.line(Leave()) if not self._armed else b"")
                raise
            finally:
                self._begun = None
                since, told = loop.time(), False
            await begun.kill()

    async def arm(self, slot: str, run: str, plan: SafePlan) -> None:
        """Return when the guardian has everything that it needs for this slot. Raises GuardError."""
        try:
            arm = arm_of(self.bench, slot, run, plan)
            grammar.line(arm)
        except GrammarError as odd:
            raise GuardError(f"nobody would make {slot} safe if this process died: {odd}") from None
        self._armed[slot] = arm
        answer = self._answers[slot] = asyncio.get_running_loop().create_future()
        why = f"no guardian: {self._trouble}" if self._begun is None else "the guardian does not answer"
        try:
            self._say(arm)
            async with asyncio.timeout(ARMS_WITHIN):
                why = await answer
        except TimeoutError:
            pass
        except BaseException:
            await self.disarm(slot)
            raise
        finally:
            self._answers.pop(slot, None)
        if why:
            await self.disarm(slot)
            raise GuardError(f"nobody would make {slot} safe if this process died: {why}")

    async def disarm(self, slot: str) -> None:
        """It is safe."""
        if self._armed.pop(slot, None) is not None:
            self._say(Disarm(slot))

    def rescue(self, why: str) -> None:
        """Let the guardian end this process and make safe everything that is armed, now."""
        self._say(Rescue(why[:1000]))

    def condition(self) -> Condition:
        """Whether anybody stands guard."""
        if self._begun is None:
            remedy = "see guardian.log in the data folder's guardian/; nothing begins until there is one"
            return Condition("guardian", Level.ALARM, f"nobody stands guard: {self._trouble}", remedy)
        again = (
            f"; it has been replaced {self.lives - 1} times, at last because {self._trouble}" if self._trouble else ""
        )
        level, guarded = Level.WARNING if again else Level.OK, ", ".join(self._armed) or "no slot now"
        remedy = "see guardian.log in the data folder's guardian/" if again else ""
        return Condition("guardian", level, f"it guards {guarded}{again}", remedy)

    @property
    def pid(self) -> int:
        """The guardian's; 0 where there is none."""
        return self._begun.pid if self._begun is not None else 0

    @property
    def armed(self) -> int:
        """The slots that it would make safe now."""
        return len(self._armed) if self._begun is not None else 0

    async def _keep(self, begun: Begun) -> None:
        """Raises LostError when the guardian is not heard any more, or does not speak sense."""
        self._begun, self._missed = begun, 0
        if self.lives == 1:
            self._trouble = ""
        for each in self._armed.values():
            self._say(each)
        loop = asyncio.get_running_loop()
        beating = loop.create_task(self._beat(), name="beats")
        hearing = loop.create_task(self._hear(begun), name="the guardian's answers")
        try:
            await asyncio.wait({beating, hearing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (beating, hearing):
                if task.done():
                    task.result()
        finally:
            for task in (beating, hearing):
                task.cancel()
            await asyncio.wait({beating, hearing})
            for task in (beating, hearing):
                _ = task.cancelled() or task.exception()

    async def _beat(self) -> None:
        """A beat while the engine gets on. Beats are counted, not seconds: a daemon that was frozen has counted none."""
        loop, number = asyncio.get_running_loop(), 0
        while True:
            if late := self.pulse.overdue(loop.time()):
                self.rescue(f"the engine does not get on: {', '.join(late)}")
            elif self._missed >= MISSED:
                raise LostError(f"the guardian was silent for {MISSED * BEAT:g} s")
            else:
                number += 1
                self._missed += 1
                self._say(Beat(number))
            await asyncio.sleep(BEAT)

    async def _hear(self, begun: Begun) -> None:
        while True:
            try:
                said = await begun.reader.readline()
                if not said:
                    raise LostError("the guardian has ended")
                word = grammar.read(said)
            except (OSError, ValueError, GrammarError) as error:
                raise LostError(f"the guardian was lost: {error}") from None
            self._missed = 0
            match word:
                case Armed(slot, run):
                    self._answer(slot, run, "")
                case Unable(slot, run, why):
                    self._answer(slot, run, why)
                case _:
                    pass

    def _answer(self, slot: str, run: str, why: str) -> None:
        """What the guardian says of a slot. One that is being tested, and that it cannot make safe, is nobody's to make safe."""
        answer, arm = self._answers.get(slot), self._armed.get(slot)
        if arm is None or arm.run != run:
            return
        if answer is not None and not answer.done():
            answer.set_result(why)
        elif why:
            self.lost(f"nobody stands guard over {slot}: {why}")

    def _say(self, word: Word) -> None:
        if self._begun is not None:
            self._begun.say(grammar.line(word))
