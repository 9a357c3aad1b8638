"""The JUnit file of `station run --junit FILE`: written whatever becomes of the run."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from station.faces.cli.options import Said
from station.ledger.errors import LedgerError
from station.service import Listener
from station.trace import Event, Found


class JunitFile:
    """Use it as a context manager; without a file it does nothing.

    The file of an earlier run is removed first: it must never stand for this one. What ends without a record is written too, as
    an error with its reason.
    """

    def __init__(self, file: Path | None, product: str, serial: str) -> None:
        self._file, self._product, self._serial = file, product, serial
        self._found: list[Found] = []
        self._done = False

    def listener(self, also: Listener) -> Listener:
        """Hears a run's findings, and passes every event on."""

        def tell(event: Event) -> None:
            if isinstance(event, Found):
                self._found.append(event)
            also(event)

        return tell

    def write(self, record: dict[str, Any]) -> None:
        """Write the run. Raises OSError."""
        self._done = True
        if self._file is not None:
            from station.reporting import write_junit

            write_junit(self._file, record, self._found)

    def __enter__(self) -> Self:
        if self._file is not None:
            if not self._file.parent.is_dir():
                raise Said(f"--junit: there is no folder {self._file.parent}", 2)
            self._file.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None or self._done or error is None:
            return
        from station.reporting import write_unrecorded

        match error:
            case KeyboardInterrupt():
                verdict, reason = "ABORTED", "stopped from the keyboard"
            case LedgerError() | OSError():
                verdict, reason = "ERROR", str(error)
            case _:
                verdict, reason = "REFUSED", str(error)
        write_unrecorded(self._file, self._product, self._serial, verdict, reason)
