"""Trials: runs of one prepared unit in many simulated worlds, one after another, through the line's own engine and ledger."""

from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.opening import Prepared, Setup, prepare, run_virtually
from station.orders import Request
from station.service import Listener, Simulated


class Trials:
    """What is prepared once, and a ledger in a temporary folder that all its runs share. Close it, or use it in a `with`."""

    def __init__(self, request: Request, station: str | None = None) -> None:
        """Look everything up. Raises BadDocuments, or RefusalError with what is allowed."""
        with ExitStack() as undo:
            folder = Path(undo.enter_context(TemporaryDirectory(prefix="rackproof-")))
            self.prepared: Prepared = prepare(Setup(station, folder, Simulated(0)), [request])
            self.ledger = Ledger.open(folder)
            self._close = undo.pop_all()

    def run(self, simulated: Simulated, listener: Listener = lambda _: None) -> dict[str, Any]:
        """The record of one run in virtual time. Raises RefusalError for a fault that is impossible here."""
        (record,) = run_virtually(self.prepared.simulating(simulated), self.ledger, [listener])
        return record

    def close(self) -> None:
        """Let go of the ledger and of its folder."""
        with suppress(LedgerError):
            self.ledger.close()
        self._close.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
