"""The log: a line of JSON for each run that began or ended and each step that erred. structlog's only door.

The log is for whoever looks after the station; the record is the ledger's. A log that cannot be written stops nobody.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import structlog

from station.trace import Event, MadeSafe, RunEnded, RunStarted, StepEnded
from station.walls import iso, real_wall

FILE = "station.log"


@contextmanager
def run_log(folder: Path) -> Iterator[Callable[[], Callable[[Event], None]]]:
    """The log in a data folder, open until the block ends: gives a new listener for each run."""
    with (folder / FILE).open("ab", buffering=0) as file:
        logger = structlog.wrap_logger(
            structlog.BytesLogger(_Patient(file)),  # type: ignore[arg-type]  # it writes and flushes, nothing else
            processors=[structlog.processors.add_log_level, _stamp, structlog.processors.JSONRenderer(orjson.dumps)],
        )
        yield lambda: _OneRun(logger)


class _OneRun:
    """Binds what is the same in all lines of a run once."""

    def __init__(self, logger: Any) -> None:  # noqa: ANN401 (structlog's own loggers are untyped)
        self._log = logger

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._log = self._log.bind(station=event.station, slot=event.slot, run=event.run, uut=event.serial)
                self._log.info("run started", part_number=event.part_number, sequence=event.sequence)
            case StepEnded(verdict="ERROR"):
                self._log.error("step erred", step=event.step, attempt=event.attempt, reason=event.reason)
            case MadeSafe(verdict="ERROR"):
                self._log.critical("not confirmed safe", refusals=event.refusals)
            case RunEnded():
                self._log.info("run ended", verdict=event.verdict, reason=event.reason, seconds=round(event.at, 3))
            case _:
                pass


class _Patient:
    """A file whose troubles are nobody's: a full disk costs log lines, not runs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, line: bytes) -> None:
        try:
            self._file.write(line)
        except OSError:
            return

    def flush(self) -> None:
        """Nothing is held back."""


def _stamp(logger: Any, name: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:  # noqa: ANN401
    del logger, name
    return {"at": iso(real_wall()), **entry}
