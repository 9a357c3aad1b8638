"""The JUnit file of `station run --junit FILE`: written whatever becomes of the run."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from station.faces.cli.options import Said
from station.service import Listener
from station.trace import Event, Found


class JunitFile:
    """Use it as a context manager; without a file it does nothing.

    The file of an earlier run is removed first: it must never stand for this one. A run that ends without a record is
    written too, as an error with its reason.
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
        if self._file is None or self._done or not isinstance(error, Exception):
            return
        from station.reporting import write_refusal

        write_refusal(self._file, self._product, self._serial, str(error))
