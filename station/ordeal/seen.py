"""Seen: what everybody but the ledger's file saw of one ordeal."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.ordeal.disturbance import Disturbance
from station.ordeal.witness import Cooled
from station.trace import Event, RunEnded

Shown = tuple[float, Event]
"""What the listener was shown, and when by the loop's time."""


@dataclass(slots=True)
class Seen:
    """What was seen of one ordeal, by everybody but the ledger's file."""

    shown: list[Shown] = field(default_factory=list)
    record: dict[str, Any] | None = None
    raised: str = ""
    """Why there is no record: who starts a run was told this."""
    struck: list[tuple[float, Disturbance]] = field(default_factory=list)
    """The disturbances that struck while the run went on, and when; of troubles, those whose time has come."""
    refused: int = 0
    """Commits that the disk has refused."""
    cut: Path | None = None
    """Where the files lie as they were when the power was cut."""
    shown_before: int = 0
    """Events that had been shown by then, that one included."""
    second: list[str] = field(default_factory=list)
    """What came of second starts."""
    energised: dict[str, list[str]] = field(default_factory=dict)
    """What is on after the run, by instrument."""
    cooled: Cooled | None = None
    left: list[str] = field(default_factory=list)
    """Tasks that go on, instruments that are held, links that are open, exceptions that nobody has taken."""

    @property
    def verdict(self) -> str:
        """The verdict that was shown; empty for none."""
        return next((event.verdict for _, event in reversed(self.shown) if isinstance(event, RunEnded)), "")
