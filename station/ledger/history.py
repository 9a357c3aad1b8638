"""The history: questions to a ledger, over a connection that cannot write. What it answers has been committed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from station.ledger import bodies, schema, thinning, waveform
from station.ledger.errors import LedgerError, NoSuchRun
from station.ledger.thinning import Thinned
from station.record import fold
from station.runid import ALPHABET
from station.trace import Event, Resumed, Sampled


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line about a run. `ended`, `verdict` and `line_time_s` are None while it goes on.

    `resumed` says how often it has gone on after its process had died.
    """

    id: str
    started: str
    ended: str | None
    station: str
    slot: str
    serial: str
    part_number: str
    revision: str
    sequence: str
    verdict: str | None
    reason: str
    line_time_s: float | None
    simulated: bool
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class Which:
    """Which runs: those with exactly these values; None is any. `since` is the ISO 8601 instant of the earliest start."""

    serial: str | None = None
    part_number: str | None = None
    revision: str | None = None
    sequence: str | None = None
    station: str | None = None
    slot: str | None = None
    verdict: str | None = None
    simulated: bool | None = None
    since: str | None = None


ANY = Which()
_COLUMNS = [each.name for each in fields(RunRow) if each.name != "resumed"]


@dataclass(frozen=True, slots=True)
class Waveform:
    """Every sample of one point of a run, over all attempts, in order. Times are in seconds since the run began."""

    unit: str
    times: tuple[float, ...]
    values: tuple[float | None, ...]


class History:
    """A ledger, to be read. Each question sees one moment of it; nobody is kept from writing meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / schema.FILE
        with self._reading():
            self.connection = schema.connect(self._path, write=False)
            schema.check(self.connection, self._path)

    def runs(self, which: Which = ANY, limit: int = 50) -> list[RunRow]:
        """The newest runs, newest first, in the order in which they began and not by any clock."""
        wanted = {each.name: getattr(which, each.name) for each in fields(which)}
        told = {name: value for name, value in wanted.items() if value is not None}
        tests = [f"{'started >=' if name == 'since' else f'{name} ='} ?" for name in told]
        where = f"WHERE {' AND '.join(tests)}" if tests else ""
        asked = f"SELECT {', '.join(_COLUMNS)} FROM run {where} ORDER BY n DESC LIMIT ?"  # noqa: S608 (our own column names)
        found = [dict(zip(_COLUMNS, row, strict=True)) for row in self._all(asked, *told.values(), limit)]
        resumed = self._resumed([row["id"] for row in found])
        return [
            RunRow(**row | {"simulated": bool(row["simulated"]), "resumed": resumed.get(row["id"], 0)}) for row in found
        ]

    def last(self) -> str | None:
        """The id of the run that began last."""
        return next((run for (run,) in self._all("SELECT id FROM run ORDER BY n DESC LIMIT 1")), None)

    def count(self) -> int:
        """How many runs there are."""
        ((runs,),) = self._all("SELECT count(*) FROM run")
        return int(runs)

    def after(self, number: int, limit: int = 500) -> list[tuple[int, str, bool]]:
        """Runs in the order in which they began, from the one after the `number`th on: its number, its id, whether it has ended."""
        asked = "SELECT n, id, ended IS NOT NULL FROM run WHERE n > ? ORDER BY n LIMIT ?"
        return [(n, run, bool(ended)) for n, run, ended in self._all(asked, number, limit)]

    def find(self, prefix: str, limit: int = 10) -> list[str]:
        """Ids of runs that begin so, newest first; in either case, as people type."""
        start = prefix.upper()
        if not set(start) <= set(ALPHABET):
            return []
        asked = "SELECT id FROM run WHERE id >= ?1 AND id < ?1 || '~' ORDER BY n DESC LIMIT ?2"
        return [run for (run,) in self._all(asked, start, limit)]

    def events(self, run: str) -> list[Event]:
        """The trace of a run, as it was told."""
        asked = (
            "SELECT kind, body, chunk FROM event LEFT JOIN waveform USING (run, number) WHERE run = ? ORDER BY number"
        )
        return self._decoded(run, self._all(asked, run))

    def record(self, run: str) -> dict[str, Any]:
        """The record of a run that has ended (`station.record.fold`). Raises LedgerError while it goes on."""
        asked = "SELECT kind, body, NULL FROM event WHERE run = ? AND kind <> ? ORDER BY number"
        try:
            return fold(self._decoded(run, self._all(asked, run, Sampled.__name__)))
        except ValueError as error:
            raise LedgerError(str(error)) from error

    def waveform(self, run: str, name: str, point: str = "") -> Waveform:
        """The samples of a point; none of them if it was never sampled."""
        asked = "SELECT unit, chunk FROM waveform WHERE run = ? AND name = ? AND point = ? ORDER BY number"
        found = self._all(asked, run, name, point)
        with self._reading():
            parts = [waveform.decode(chunk) for _, chunk in found]
        times = tuple(each for some, _ in parts for each in some)
        values = tuple(each for _, some in parts for each in some)
        return Waveform(found[0][0] if found else "", times, values)

    def thinned(self, run: str | None = None) -> Thinned:
        """What was given up of a run, or of all of them."""
        with self._reading():
            return thinning.thinned(self.connection, run)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def _resumed(self, runs: list[str]) -> dict[str, int]:
        """How often those of these runs have gone on that ever have."""
        places = ", ".join("?" * len(runs))
        asked = f"SELECT run, count(*) FROM event WHERE run IN ({places}) AND kind = ? GROUP BY run"  # noqa: S608 (all that is put in are question marks)
        return dict(self._all(asked, *runs, Resumed.__name__)) if runs else {}

    def _all(self, asked: str, *values: object) -> list[tuple[Any, ...]]:
        with self._reading():
            return self.connection.execute(asked, values).fetchall()

    @staticmethod
    def _decoded(run: str, found: list[tuple[Any, ...]]) -> list[Event]:
        if not found:
            raise NoSuchRun(f"there is no run {run} in this ledger")
        return [bodies.decode(*row) for row in found]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            raise LedgerError(f"{self._path} cannot be read: {error}") from error
