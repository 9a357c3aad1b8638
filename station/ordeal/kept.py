"""Kept: what the ledger says after an ordeal, opened again by another owner, as the next start does it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.trace import Event


@dataclass(frozen=True, slots=True)
class Kept:
    """What is wrong with the ledger; its runs with their verdicts; the events and the record of the first run."""

    problems: tuple[str, ...]
    verdicts: tuple[tuple[str, str], ...] = ()
    events: tuple[Event, ...] = ()
    record: dict[str, Any] | None = None

    @property
    def verdict(self) -> str:
        """Of the first run; empty for none."""
        return self.verdicts[0][1] if self.verdicts else ""


def look(folder: Path) -> Kept:
    """Open the ledger, end what the dead have left, and read it all."""
    try:
        with Ledger.open(folder) as ledger:
            return asyncio.run(_read(ledger))
    except LedgerError as error:
        return Kept((f"it cannot be opened: {error}",))


async def _read(ledger: Ledger) -> Kept:
    problems = await ledger.verify()
    rows = (await ledger.runs())[::-1]
    verdicts = tuple((row.id, row.verdict or "going on") for row in rows)
    if not rows:
        return Kept(tuple(problems))
    try:
        record = await ledger.record(rows[0].id)
    except LedgerError as error:
        problems, record = [*problems, f"the record cannot be read: {error}"], None
    return Kept(tuple(problems), verdicts, tuple(await ledger.events(rows[0].id)), record)
