"""Small runs of the engine in virtual time, and the steps that its tests have in common."""

import asyncio
from collections.abc import Callable

from drivers.errors import LinkTimeout
from sequences.measurement import Measurement
from sequences.sequence import Sequence
from sequences.step import step
from sequences.take import Take
from sequences.verdict import Verdict
from sim import clock
from station.engine import Run
from station.trace import RunEnded
from tests.station.fakes import FakeMeter, Recorder, job

VOLTS = Measurement("volts", "V", "a voltage")
SPREAD = Measurement("spread", "V", "a voltage at places", over=lambda _: ("a", "b", "c"))


@step(VOLTS, timeout=1)
async def it_is_measured(meter: FakeMeter, take: Take) -> None:
    """Take it."""
    take(VOLTS.whole, await meter.read())


@step(timeout=1)
async def it_is_cleaned(meter: FakeMeter) -> None:
    """Cleanup."""
    meter.log.append("cleaned")


def run(test: Sequence, *meters: FakeMeter) -> tuple[Verdict, str, Recorder]:
    """Run a sequence in virtual time."""
    recorder, named = Recorder(), {each.name: each for each in meters or (FakeMeter(),)}
    verdict, reason = clock.run(Run(job(test, recorder, named)).execute())
    assert [verdict.name] == [event.verdict for event in recorder.of(RunEnded)]
    return verdict, reason, recorder


@step(VOLTS, timeout=1)
async def its_link_is_dead(take: Take) -> None:
    """Lose the link."""
    raise LinkTimeout("meter", "no answer within 2 s")


@step(VOLTS, timeout=1)
async def it_hangs(take: Take) -> None:
    """Never come back."""
    await asyncio.sleep(3600)


async def abort_later(running: Run, seconds: float) -> None:
    """The operator presses stop, `seconds` from now."""
    await asyncio.sleep(seconds)
    running.abort("the operator pressed stop")


def executed(
    test: Sequence, meters: dict[str, FakeMeter], then: Callable[[Run], object] | None = None, **more: object
) -> tuple[Verdict, str, Recorder, float]:
    """Run a sequence in virtual time, do something to it half a second later; verdict, reason, events, and how long it took."""
    recorder = Recorder()

    async def main() -> tuple[Verdict, str, float]:
        running = Run(job(test, recorder, meters, **more))  # type: ignore[arg-type]  # the keywords of `job`
        loop = asyncio.get_running_loop()
        if then is not None:
            loop.call_later(0.5, then, running)
        verdict, reason = await running.execute()
        return verdict, reason, loop.time()

    verdict, reason, took = clock.run(main())
    return verdict, reason, recorder, took


def measured_by(meter: FakeMeter) -> object:
    """A step that measures with a given meter, whatever the bench has."""

    @step(VOLTS, timeout=1)
    async def it_is_measured_by_another(take: Take) -> None:
        """Take with a given meter."""
        take(VOLTS.whole, await meter.read())

    return it_is_measured_by_another
