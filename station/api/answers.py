"""The answers: for each route, what is asked of the line and of its ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.responses import Response

from station.api.asked import OddRequest
from station.api.openapi import document
from station.condition import Condition
from station.ledger.errors import LedgerError, NoSuchRun
from station.ledger.history import Which
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.ticket import Stage
from station.line.views import Status
from station.orders import Request
from station.runid import is_run_id
from station.service import RefusalError

Metrics = Callable[[], tuple[bytes, str]]
DONE: Final[dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was understood: the names in its path, its fields, and who asks."""

    named: dict[str, str]
    given: dict[str, Any]
    source: str

    @property
    def slot(self) -> str | None:
        """The slot in its path; None where all are meant."""
        return self.named.get("slot")

    @property
    def run(self) -> str:
        """The run in its path. Raises OddRequest for what is written otherwise than an id."""
        if not is_run_id(self.named["run"]):
            raise OddRequest(404, "there is no such run", "run", allowed="an id of 26 letters and digits")
        return self.named["run"]

    @property
    def reason(self) -> str:
        """Why, and who says so."""
        return f"{self.given['reason']} ({self.source})"


@dataclass(frozen=True, slots=True)
class Answers:
    """Each method answers the route that names it. They raise OddRequest, RefusalError and LedgerError."""

    line: Line
    ledger: Ledger
    metrics_of: Metrics | None

    async def status(self, asked: Asked) -> Response:
        """The line now."""
        del asked
        status = self.line.status()
        return told({**_fields(status), "conditions": list(map(said, status.conditions))})

    async def conditions(self, asked: Asked) -> Response:
        """What is well and what is not."""
        del asked
        return told({"conditions": [said(each()) for each in self.line.watched]})

    async def slots(self, asked: Asked) -> Response:
        """Every slot now."""
        del asked
        return told({"slots": self.line.slots()})

    async def submit(self, asked: Asked) -> Response:
        """Hand a unit in."""
        want, source = asked.given, asked.source
        request = Request(want["product"], want["serial"], want["slot"], want["sequence"])
        known = await self.line.kept.known(source, want["key"]) if want["key"] else None
        ticket = await self.line.submit(request, source=source, key=want["key"], priority=want["priority"])
        return told(ticket, 201 if known is None else 200)

    async def tickets(self, asked: Asked) -> Response:
        """The newest first."""
        stage = asked.given["stage"]
        return told({"tickets": await self.line.tickets(Stage(stage) if stage else None, asked.given["limit"])})

    async def ticket(self, asked: Asked) -> Response:
        """One of them."""
        try:
            return told(await self.line.ticket(asked.named["ticket"]))
        except RefusalError as no:
            raise OddRequest(404, str(no), "ticket") from None

    async def withdraw(self, asked: Asked) -> Response:
        """Take one back."""
        return told(await self.line.withdraw(asked.named["ticket"], asked.reason))

    async def abort(self, asked: Asked) -> Response:
        """Give up one slot's run, or all."""
        self.line.abort(asked.reason, asked.slot)
        return told(DONE)

    async def stop(self, asked: Asked) -> Response:
        """Stop after the step."""
        self.line.stop(asked.reason, asked.slot)
        return told(DONE)

    async def pause(self, asked: Asked) -> Response:
        """Begin nothing new."""
        self.line.pause(asked.slot)
        return told(DONE)

    async def go_on(self, asked: Asked) -> Response:
        """Undo pause."""
        self.line.go_on(asked.slot)
        return told(DONE)

    async def release(self, asked: Asked) -> Response:
        """Unlock a slot."""
        await self.line.release(asked.named["slot"], asked.reason)
        return told(DONE)

    async def drain(self, asked: Asked) -> Response:
        """Come to an end."""
        del asked
        self.line.drain()
        return told(DONE)

    async def reload(self, asked: Asked) -> Response:
        """Read the configuration again."""
        del asked
        return told({"problems": await self.line.reload()})

    async def runs(self, asked: Asked) -> Response:
        """Rows of the ledger."""
        which = Which(serial=asked.given["serial"], slot=asked.given["slot"])
        return told({"runs": await self.ledger.runs(which, asked.given["limit"])})

    async def run(self, asked: Asked) -> Response:
        """One record."""
        run = asked.run
        if any(each.run == run for each in self.line.slots()):
            raise OddRequest(409, "the run goes on", "run", run, "a run that has ended")
        try:
            record = await self.ledger.record(run)
        except NoSuchRun:
            raise OddRequest(404, "there is no such run", "run", run) from None
        except LedgerError as going:
            raise OddRequest(409, str(going), "run", run, "a run that has ended") from None
        return told(record)

    async def openapi(self, asked: Asked) -> Response:
        """What can be asked."""
        del asked
        return told(document())

    async def metrics(self, asked: Asked) -> Response:
        """For Prometheus."""
        del asked
        if self.metrics_of is None:
            raise OddRequest(404, "this daemon has no metrics")
        text, kind = self.metrics_of()
        return Response(text, media_type=kind)


def told(what: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(what), status, media_type="application/json")


def said(condition: Condition) -> dict[str, str]:
    """A condition, its level by name."""
    return {**_fields(condition), "level": condition.level.name.lower()}


def _fields(of: Status | Condition) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__dataclass_fields__}
