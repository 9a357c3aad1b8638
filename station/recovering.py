"""Recovering: what a line does before anything else when it starts. What a dead process left is made safe, and measured to be.

A run that may go on waits for it; every other one is INTERRUPTED, and says why. Whoever is killed in here leaves all of it to be
found again.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sequences.verdict import Verdict
from station.config.problems import BadDocuments
from station.ledger.errors import LedgerError
from station.ledger.recovery import died
from station.left import Left, not_resumed
from station.order import Order
from station.resuming import last_known
from station.service import RefusalError, Service
from station.trace import Event, MadeSafe, RunStarted, StepStarted

FOUND = "found at the next start"
NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found. `resumable` runs wait for `Service.resume`; those in `ended` are INTERRUPTED.

    `locked` are the slots that are not confirmed safe, and why: nothing may begin there.
    """

    resumable: tuple[Left, ...]
    ended: tuple[str, ...]
    locked: Mapping[str, str]


NOTHING = Recovered((), (), NOBODY)
"""A line that nobody has left anything."""


async def recover(
    service: Service, order_again: Callable[[RunStarted], Order], deeds: Mapping[str, str] = NOBODY
) -> Recovered:
    """Deal with every run that a dead process left, all slots at once. The ledger was opened `adopting`.

    `order_again` looks up, in another thread, what a run was begun with; it raises RefusalError or BadDocuments where that is
    not there any more. `deeds` says by run what the guardian has done.
    """
    async with asyncio.TaskGroup() as group:
        tasks = {
            run: group.create_task(_one(service, run, order_again, deeds.get(run, "")), name=f"recover {run}")
            for run in service.ledger.interrupted
        }
    found = {run: task.result() for run, task in tasks.items()}
    return Recovered(
        tuple(left for left, _, _ in found.values() if left is not None),
        tuple(run for run, (left, _, _) in found.items() if left is None),
        {slot: refusal for _, slot, refusal in found.values() if refusal},
    )


async def _one(
    service: Service, run: str, order_again: Callable[[RunStarted], Order], deed: str
) -> tuple[Left | None, str, str]:
    """One run: what is left of it if it may go on, its slot, and why that is not safe."""
    loop = asyncio.get_running_loop()
    events = tuple(await service.ledger.events(run))
    started = events[0]
    if not isinstance(started, RunStarted):
        raise LedgerError(f"the trace of run {run} does not begin with RunStarted")
    why = "; ".join(filter(None, (died(_where(events)), deed)))
    began = loop.time()
    try:
        order = await loop.run_in_executor(None, order_again, started)
    except (RefusalError, BadDocuments) as gone:
        refusals: tuple[str, ...] = (f"nobody knows how to make slot {started.slot} safe: {gone}",)
    except Exception as broken:  # noqa: BLE001 (a sequence may be others' code; every other slot must be made safe)
        why_not = f"{type(broken).__name__}: {broken}"
        refusals = (f"nobody knows how to make slot {started.slot} safe: {why_not}",)
    else:
        refusals = await service.secure(order)
    safe = MadeSafe(
        last_known(events), (Verdict.ERROR if refusals else Verdict.PASSED).name, loop.time() - began, refusals, FOUND
    )
    service.ledger.append(run, safe)
    no = "; ".join(refusals)
    if not refusals:
        left = Left(started, order, (*events, safe), why)
        no = left.objection(service.wall())
        if not no:
            await service.ledger.sync()
            return left, started.slot, ""
    service.ledger.append(run, not_resumed(started, events, why, no))
    await service.ledger.sync(run)
    return None, started.slot, "; ".join(refusals)


def _where(events: tuple[Event, ...]) -> str:
    return next((each.step for each in reversed(events) if isinstance(each, StepStarted)), "")
