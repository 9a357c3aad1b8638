"""The guard: who makes the bench safe when this process cannot. What the guardian is to a run."""

from typing import Protocol

from station.safety import SafePlan


class GuardError(Exception):
    """Nobody would make the bench safe if this process died: nothing may be energised."""


class Guard(Protocol):
    """Somebody outside this process who knows how to make each slot safe."""

    async def arm(self, slot: str, run: str, plan: SafePlan) -> None:
        """From now on `slot` must be made safe by `plan` if this process dies or hangs. Raises GuardError when nobody would."""
        ...

    async def disarm(self, slot: str) -> None:
        """It has been made safe, and nothing there is energised any more."""
        ...


class Unguarded:
    """Nobody: a simulation, or a run at a terminal whose operator is there."""

    async def arm(self, slot: str, run: str, plan: SafePlan) -> None:
        """Nothing to prepare."""

    async def disarm(self, slot: str) -> None:
        """Nothing to forget."""
