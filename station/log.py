"""The log: a line of JSON for whatever whoever looks after the station should know. structlog's only door.

The record is the ledger's. A log that cannot be written stops nobody: lines that the disk does not take are dropped and
counted, and one line that comes again and again is written a few times a minute.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import orjson

from station.condition import Condition
from station.pen import Pen
from station.trace import Event, MadeSafe, RunEnded, RunStarted, StepEnded
from station.walls import iso, real_wall

if "rich" not in sys.modules:  # structlog takes it for its console, if it is there: 5 MB that a daemon has no use for
    sys.modules["rich"] = None  # type: ignore[assignment]  # as the import system says that there is none
    try:
        import structlog
    finally:
        del sys.modules["rich"]
else:
    import structlog

FILE = "station.log"
OFTEN = 20
"""Lines of the same kind about the same slot within one minute; what comes after them is counted."""
_PRIORITY = {"critical": b"<2>", "error": b"<3>", "warning": b"<4>"}


class Item(Protocol):
    """One of the news of a line (`station.line.news`)."""

    @property
    def kind(self) -> str:
        """What it is about."""
        ...

    @property
    def body(self) -> Mapping[str, Any]:
        """What it says."""
        ...


class Log:
    """The log of a process. `echo` is told the lines that a person must see, with a priority as journald reads it."""

    def __init__(self, pen: Pen, echo: Callable[[bytes], None] | None = None) -> None:
        self._pen, self._echo = pen, echo
        self._minute = -1
        self._seen: dict[tuple[str, str], int] = {}
        self.held_back = 0
        """Lines that were not written, because many of their kind had been."""
        self.logger: Any = structlog.wrap_logger(
            structlog.BytesLogger(_Paper(self._write)),  # type: ignore[arg-type]  # it writes and flushes, nothing else
            processors=[
                structlog.processors.add_log_level,
                self._stamp,
                structlog.processors.JSONRenderer(orjson.dumps),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )
        self._runs: dict[str, _OneRun] = {}

    @property
    def dropped(self) -> int:
        """Lines that the disk did not take."""
        return self._pen.dropped

    def new_run(self) -> Callable[[Event], None]:
        """What logs a run when it is told its events."""
        return _OneRun(self.logger)

    def hear(self, item: Item) -> None:
        """Log one of the news of a line."""
        body = item.body
        match item.kind:
            case "event":
                self._event(body["run"], body["event"])
            case "ticket":
                ticket = body["ticket"]
                told = {
                    "source": ticket.source,
                    "ticket": ticket.ticket,
                    "uut": ticket.serial,
                    "product": ticket.product,
                }
                said = f"ticket {ticket.stage.value}"
                self.logger.info(
                    said,
                    slot=ticket.slot,
                    run=ticket.run,
                    **told,
                    verdict=ticket.verdict,
                    reason=ticket.reason,
                )
            case "slot":
                if body["slot"].mode == "locked":
                    self.logger.critical("slot locked", slot=body["slot"].name, reason=body["slot"].reason)
            case "intake":  # what was taken has a ticket, which is told
                if not body["taken"]:
                    self.logger.warning("refused at the door", **_plain(body))
            case "condition":
                self._condition(body["condition"])
            case "trouble" | "refused":
                self.logger.warning(item.kind, **_plain(body))
            case _:
                self.logger.info(item.kind, **_plain(body))

    def _event(self, run: str, event: Event) -> None:
        if run not in self._runs:
            self._runs[run] = _OneRun(self.logger)
        self._runs[run](event)
        if isinstance(event, RunEnded):
            del self._runs[run]

    def _condition(self, now: Condition) -> None:
        write = (self.logger.info, self.logger.warning, self.logger.error)[now.level]
        write("condition", condition=now.name, is_now=now.level.name, text=now.text, remedy=now.remedy)

    def erred(self, what: str, why: str) -> None:
        """Log a mistake of ours in an answer."""
        self.logger.error("answer erred", what=what, why=why)

    def _stamp(self, logger: object, name: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
        """When; and whether it is written at all."""
        del logger, name
        now = real_wall()
        if (minute := int(now.timestamp()) // 60) != self._minute:
            self._minute, self._seen = minute, {}
        key = (str(entry.get("event", "")), str(entry.get("slot", "")))
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        if seen > OFTEN and entry["level"] != "critical":
            self.held_back += 1
            raise structlog.DropEvent
        more = {"held_back": self.held_back} if seen == OFTEN else {}
        return {"at": iso(now), **entry, **more}

    def _write(self, line: bytes) -> None:
        self._pen.put(line)
        if self._echo is not None:
            for level, priority in _PRIORITY.items():
                if f'"level":"{level}"'.encode() in line:
                    self._echo(priority + line)


@contextmanager
def run_log(folder: Path) -> Iterator[Callable[[], Callable[[Event], None]]]:
    """The log in a data folder, open until the block ends: gives a new listener for each run."""
    with Pen(folder / FILE, notice=_dropped) as pen:
        yield Log(pen).new_run


@contextmanager
def line_log(folder: Path, echo: Callable[[bytes], None] | None = None) -> Iterator[Log]:
    """The log of a daemon, open until the block ends."""
    with Pen(folder / FILE, notice=_dropped) as pen:
        yield Log(pen, echo)


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


class _Paper:
    """What structlog writes to."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write

    def flush(self) -> None:
        """Nothing is held back."""


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """As much of it as JSON has, under names that structlog does not use itself."""
    return {
        f"{name}_" if name in {"event", "level", "at"} else name: value
        for name, value in body.items()
        if isinstance(value, str | int | float | None)
    }


def _dropped(count: int) -> bytes:
    return orjson.dumps({"at": iso(real_wall()), "level": "warning", "event": "lines dropped", "count": count}) + b"\n"
