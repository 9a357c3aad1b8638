"""The guard of a run: armed before anything is energised, disarmed when all is safe; without one nothing begins."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from station.guard import GuardError
from station.safety import SafePlan
from station.service import Service
from station.trace import Event, MadeSafe, StepStarted
from tests.station.test_service import prepared, serve


class Told:
    """A guard that writes down what it is told."""

    def __init__(self, refuses: str = "") -> None:
        self.said: list[str] = []
        self.refuses = refuses

    async def arm(self, slot: str, run: str, plan: SafePlan) -> None:
        """Armed, unless it refuses."""
        assert run
        if self.refuses:
            raise GuardError(self.refuses)
        self.said.append(f"armed {slot} {sorted(name for each in plan.stages for name in each)}")  # type: ignore[union-attr]  # no pauses here

    async def disarm(self, slot: str) -> None:
        """Disarmed."""
        self.said.append(f"disarmed {slot}")

    def hear(self, event: Event) -> None:
        """The steps between."""
        if isinstance(event, StepStarted | MadeSafe) and self.said[-1] != type(event).__name__:
            self.said.append(type(event).__name__)


ARMED = "armed A ['mux_a1', 'mux_a2', 'ohms', 'scan_a']"


def test_a_slot_is_armed_before_the_first_step_and_disarmed_when_it_is_safe(tmp_path: Path) -> None:
    """Once each, whatever the run is worth."""
    ready, guard = prepared(tmp_path), Told()

    async def use(service: Service) -> str:
        service.guard = guard
        return str((await service.run(ready.orders[0], guard.hear))["verdict"])

    assert "PASSED" == serve(ready, use)
    assert [ARMED, "StepStarted", "MadeSafe", "disarmed A"] == guard.said


def test_without_a_guard_nothing_begins(tmp_path: Path) -> None:
    """REFUSED, with why; no step was begun."""
    ready, guard = prepared(tmp_path), Told("no guardian: nobody is there")

    async def use(service: Service) -> dict[str, object]:
        service.guard = guard
        return await service.run(ready.orders[0])

    record = serve(ready, use)
    assert ("REFUSED", "no guardian: nobody is there") == (record["verdict"], record["reason"])
    assert ([], []) == (record["steps"], guard.said)


@pytest.mark.parametrize("after", [0.0, 0.001, 1.5])
def test_a_run_whose_task_is_cancelled_is_disarmed_too(tmp_path: Path, after: float) -> None:
    """It has made safe before it raises."""
    ready, guard = prepared(tmp_path), Told()

    async def use(service: Service) -> bool:
        service.guard = guard
        going = asyncio.get_running_loop().create_task(service.run(ready.orders[0], guard.hear))
        while not guard.said:  # noqa: ASYNC110 (a process of its own changes it, and sends no event)
            await asyncio.sleep(0.001)
        await asyncio.sleep(after)
        going.cancel()
        with suppress(asyncio.CancelledError):
            await going
        return service.pulse.alive(float("inf"))

    assert serve(ready, use)
    assert (ARMED, "disarmed A") == (guard.said[0], guard.said[-1])
