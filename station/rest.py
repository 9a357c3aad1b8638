"""Rest: a slot in which nobody tests is made safe, and measured to be. What may be charged is, until it was measured not to be."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast

from drivers.errors import InstrumentError
from drivers.roles import Instrument
from sequences.sequence import Keeping, Pause, Resting
from station.bench import Bench
from station.order import Order, fixture_of, safe_plan
from station.safety import SafePlan, make_safe

MEASURES = 120.0
"""Seconds in which a fixture has measured that it is at rest."""


async def bring_to_rest(
    order: Order, bench: Bench, deadlines: Mapping[str, float], in_use_elsewhere: Callable[[str], bool]
) -> tuple[str, ...]:
    """Make safe what of the slot's instruments can be reached, and measure; what is not confirmed, as sentences.

    What warns of a danger stays as it is until it was measured that there is none. An instrument is asked whether it is well
    only in the end: one whose output is on is not, and that is what is to be put right.
    """
    troubles = await bench.reach(order.instruments, in_use_elsewhere)
    refusals = [trouble.text for trouble in troubles]
    missing = {trouble.instrument for trouble in troubles}
    reached = {name: bench.instruments[name] for name in order.instruments if name not in missing}
    plan = safe_plan(order, deadlines)
    try:
        fixture = fixture_of(order, {name: cast("Instrument", _Absent(name)) for name in missing} | reached)
        refusals += await _rested(order, fixture, plan, reached)
    except Exception as broken:  # noqa: BLE001 (a fixture may be others' code; what is on is switched off all the same)
        refusals.append(f"{order.slot.name} was not measured to be at rest: {type(broken).__name__}: {broken}")
        refusals += await make_safe(plan.among(reached), reached)
    refusals += [trouble.text for trouble in await bench.open(reached, in_use_elsewhere)]
    return tuple(refusals)


async def _rested(order: Order, fixture: Any, plan: SafePlan, reached: Mapping[str, Instrument]) -> list[str]:  # noqa: ANN401 (each family has its own)
    """Make safe as the fixture says, and measure; what is not confirmed."""
    if not isinstance(fixture, Resting):
        return list(await make_safe(plan.among(reached), reached))
    fixture.doubt()
    warning = _kept(fixture, order)
    refusals = [*await make_safe(_at_once(plan.among(reached.keys() - warning.keys())), reached)]
    refusals += await _unrest(fixture)
    still = _kept(fixture, order)
    if freed := warning.keys() - still.keys():
        refusals += await make_safe(plan.among(freed), reached)
    return [*refusals, *(f"{name} {why}" for name, why in still.items())]


async def _unrest(fixture: Resting) -> list[str]:
    """What a fixture has measured not to be at rest, or why it could not measure."""
    try:
        async with asyncio.timeout(MEASURES):
            return list(await fixture.rests())
    except TimeoutError:
        return [f"it was not measured to be at rest within {MEASURES:g} s"]
    except Exception as error:  # noqa: BLE001 (whatever broke, nothing was measured)
        return [f"it was not measured to be at rest: {error}"]


def _at_once(plan: SafePlan) -> SafePlan:
    """The same without the pauses after which nothing comes."""
    stages = list(plan.stages)
    while stages and isinstance(stages[-1], Pause):
        stages.pop()
    return SafePlan(tuple(stages), plan.deadlines)


def _kept(fixture: Any, order: Order) -> dict[str, str]:  # noqa: ANN401 (each family has its own)
    """The instruments that the fixture leaves as they are, and why."""
    said = fixture.kept() if isinstance(fixture, Keeping) else {}
    return {name: why for role, why in said.items() for name in order.slot.roles[role]}


class _Absent:
    """Stands for an instrument that was not reached: whoever asks anything of it is told so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, _: str) -> NoReturn:
        raise InstrumentError(self._name, "was not reached")
