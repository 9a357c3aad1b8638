"""The routes: what can be asked of a line, by whom, and what is answered. The server and its OpenAPI document are made of this."""

from dataclasses import dataclass
from typing import Final

from station.api.asked import Field, Fields
from station.line.ticket import LEAST_URGENT, MOST_URGENT, USUAL, Stage

REASON: Final = Field("reason", "why; it stands in the record", needed=True)
LIMIT: Final = Field("limit", "how many", bounds=(1, 500), usual=50)
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


@dataclass(frozen=True, slots=True)
class Route:
    """`does` names what answers it; `answer` the schema of the answer, or a media type; `role` who may ask."""

    method: str
    path: str
    does: str
    what: str
    role: str = "watch"
    body: Fields = ()
    query: Fields = ()
    answer: str = "Done"
    status: int = 200


ROUTES: Final = (
    Route("GET", "/v1/status", "status", "What the line is doing.", answer="Status"),
    Route("GET", "/v1/conditions", "conditions", "What is well and what is not, and what to do.", answer="Conditions"),
    Route("GET", "/v1/slots", "slots", "Every slot now.", answer="Slots"),
    Route(
        "POST", "/v1/tickets", "submit", "Hand a unit in. The same key again gives the same ticket, and 200.", "operate",
        body=(
            Field("product", "PN, or PN@REV", needed=True),
            Field("serial", "the unit's serial number", needed=True),
            Field("slot", "where; else any that fits", _NAME),
            Field("sequence", "another than the product's own", _NAME),
            Field("priority", "the higher goes first", bounds=(LEAST_URGENT, MOST_URGENT), usual=USUAL),
            Field("key", "the sender's own name for it, unique for the sender", usual=""),
        ),
        answer="Ticket", status=201,
    ),
    Route(
        "GET", "/v1/tickets", "tickets", "Tickets, the newest first.",
        query=(LIMIT, Field("stage", "only those", choices=tuple(Stage))), answer="Tickets",
    ),
    Route("GET", "/v1/tickets/{ticket}", "ticket", "One ticket.", answer="Ticket"),
    Route("DELETE", "/v1/tickets/{ticket}", "withdraw", "Take one back that still waits.", "operate", (REASON,), answer="Ticket"),
    Route("POST", "/v1/abort", "abort", "Give up every run; everything is made safe at once.", "operate", (REASON,)),
    Route("POST", "/v1/stop", "stop", "Let every step that goes on end, then stop.", "operate", (REASON,)),
    Route("POST", "/v1/pause", "pause", "Nothing new begins.", "operate"),
    Route("POST", "/v1/go-on", "go_on", "Undo pause, of the line and of all slots.", "operate"),
    Route("POST", "/v1/slots/{slot}/abort", "abort", "Give up what is tested in a slot.", "operate", (REASON,)),
    Route("POST", "/v1/slots/{slot}/stop", "stop", "Stop there after the step that goes on.", "operate", (REASON,)),
    Route("POST", "/v1/slots/{slot}/pause", "pause", "Nothing new begins there.", "operate"),
    Route("POST", "/v1/slots/{slot}/go-on", "go_on", "Undo that.", "operate"),
    Route(
        "POST", "/v1/slots/{slot}/release", "release", "Unlock a slot, if everything in it is confirmed safe.", "maintain",
        (REASON,),
    ),
    Route("POST", "/v1/drain", "drain", "Nothing new begins or comes in; the daemon ends when the last run has.", "maintain"),
    Route("POST", "/v1/reload", "reload", "Read the configuration again, for the next runs.", "maintain", answer="Reloaded"),
    Route("GET", "/v1/runs", "runs", "Runs of the ledger, the newest first.", query=(
        LIMIT, Field("serial", "only of that unit"), Field("slot", "only in that slot", _NAME),
    ), answer="Runs"),
    Route("GET", "/v1/runs/{run}", "run", "The record of a run that has ended.", answer="Record"),
    Route(
        "GET", "/v1/runs/{run}/events", "trace",
        "Server-sent events of one run's trace, from its beginning or after Last-Event-ID, until it has ended.",
        answer="text/event-stream",
    ),
    Route(
        "GET", "/v1/events", "events",
        "Server-sent events of all that happens, from now on or after Last-Event-ID. `snapshot` comes first, and where some "
        "are not kept any more: it has status, slots and tickets.", answer="text/event-stream",
    ),
    Route("GET", "/v1/openapi.json", "openapi", "This document.", answer="OpenApi"),
    Route("GET", "/metrics", "metrics", "Prometheus metrics.", answer="text/plain"),
)  # fmt: skip
