"""The end of every burn-in: heater off, cool, watched; then the pumps, the chiller, and the valves."""

import asyncio
from collections.abc import Awaitable

from drivers.errors import InstrumentError
from sequences.cooling.loop_bench import COOLS, LoopBench
from sequences.step import step

LONGEST_COOL = 3600.0
COLD_BATH = 18.0


@step(timeout=2 * LONGEST_COOL)
async def the_loop_cools_and_stops(bench: LoopBench) -> None:
    """Heater, wait until everything is cool, pumps, chiller, valves. One that refuses does not keep the next from stopping.

    But while the heater is not known to be off, nothing else stops: it needs its flow.
    """
    wrong: list[Exception] = []
    await bench.cold()
    await _try(bench.chiller.aim(COLD_BATH), wrong)
    await _cool(bench, wrong)
    await _try(bench.stop_pumps(), wrong)
    await _try(bench.chiller.stop(), wrong)
    if not wrong:  # nothing moves or presses any more
        await _try(bench.gauge_is_true(), wrong)
    for valve in (bench.wiring.vent, bench.wiring.supply, bench.wiring.back):
        await _try(bench.valves.set_output(valve, on=False), wrong)
    await _try(bench.heater.set_output(bench.wiring.lamp, on=False), wrong)
    if wrong:
        raise ExceptionGroup("not everything stopped as it should", wrong)


async def _cool(bench: LoopBench, wrong: list[Exception]) -> None:
    """Wait until the last thermometer is cool; where nobody can say, for as long as a loop needs."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST_COOL
    try:
        while (await bench.glance()).hottest > bench.structure.burn.cool:
            if loop.time() > end:
                raise InstrumentError(
                    "the loop", f"is not below {bench.structure.burn.cool:g} degrees Celsius after an hour"
                )
            await asyncio.sleep(bench.structure.burn.every)
    except (InstrumentError, KeyError) as error:
        wrong.append(error)
        await asyncio.sleep(COOLS)


async def _try(work: Awaitable[None], wrong: list[Exception]) -> None:
    try:
        await work
    except InstrumentError as error:
        wrong.append(error)
