"""Schemas: JSON Schema (2020-12) of every payload, as `station show schema/mqtt-NAME` prints it."""

from typing import Any, Final

from station.contract import COUNT, DIALECT, INSTANT, PERHAPS, TEXT, closed, listed
from station.line.ticket import LEAST_URGENT, MOST_URGENT
from station.mqtt.command import Verb
from station.mqtt.commanding import SCHEMA as ANSWERED
from station.mqtt.payloads import EVENT, GONE, RECEIPT, RESULT, SLOT, STATE, TELEMETRY
from station.mqtt.signing import SCHEMA as SIGNED
from station.record import SCHEMA as RECORD


def _schema(title: str, name: str, properties: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": title, **closed({"schema": {"const": name}, **properties}, **more)}


_RUN: Final = {"type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"}
_RUN_OR_NONE: Final = {"type": "string", "pattern": "^([0-7][0-9A-HJKMNP-TV-Z]{25})?$"}
_SHA256: Final = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "description": "SHA-256 of the payload as it was received",
}
_ID: Final = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
_UTC: Final = {"type": "string", "format": "date-time", "pattern": "Z$"}
_LEVEL: Final = {"enum": ["ok", "warning", "alarm"]}
_HERE: Final = {"station": TEXT, "site": TEXT}

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "state": {
        "$schema": DIALECT,
        "title": "What a line is doing",
        "anyOf": [
            closed(
                {
                    "schema": {"const": STATE},
                    "state": {"enum": ["serving", "paused", "draining", "ended"]},
                    **_HERE,
                    "at": INSTANT,
                    "version": TEXT,
                    "started": INSTANT,
                    "simulated": {"type": "boolean"},
                    "queued": COUNT,
                    "running": COUNT,
                    "conditions": listed(closed({"name": TEXT, "level": _LEVEL, "text": TEXT, "remedy": TEXT})),
                }
            ),
            closed({"schema": {"const": STATE}, "state": {"const": GONE}, **_HERE})
            | {"description": "the last will: nobody knows what it is doing, least of all that it does nothing"},
        ],
    },
    "slot": _schema(
        "A slot of a line",
        SLOT,
        {
            "slot": TEXT,
            "at": INSTANT,
            "jig": TEXT,
            "mode": {"enum": ["free", "busy", "paused", "locked"]},
            "reason": TEXT,
            "ticket": TEXT,
            "run": _RUN_OR_NONE,
            "serial": TEXT,
            "product": TEXT,
            "step": TEXT,
            "since": TEXT,
        },
    ),
    "event": _schema(
        "An event of a run",
        EVENT,
        {
            "run": _RUN,
            "slot": TEXT,
            "serial": TEXT,
            "number": COUNT,
            "type": TEXT,
            "event": {"type": "object", "description": "as the page of events says for its type"},
        },
    ),
    "telemetry": _schema(
        "What is measured in a slot",
        TELEMETRY,
        {
            "slot": TEXT,
            "at": INSTANT,
            "values": listed(
                closed({"name": TEXT, "value": PERHAPS | {"description": "null: there is no reading"}, "unit": TEXT})
            ),
        },
    ),
    "result": _schema(
        "A result",
        RESULT,
        {
            "result": _RUN | {"description": "the id of the run, and of the result: the same for ever"},
            "site": TEXT,
            "record": {key: each for key, each in RECORD.items() if key != "$schema"},
        },
    ),
    "receipt": _schema(
        "What a receiver says of a result",
        RECEIPT,
        {
            "result": _RUN,
            "digest": _SHA256,
            "accepted": {"type": "boolean", "description": "false: he will never take it, and reason says why"},
        },
        optional={"reason": TEXT},
    ),
    "command": _schema(
        "What a line shall do",
        SIGNED,
        {
            "id": _ID | {"description": "the commander's own; the same one is taken once"},
            "do": {"enum": [str(each) for each in Verb]},
            "station": TEXT,
            "by": TEXT | {"description": "the commander, as his key is called"},
            "issued": _UTC,
            "expires": _UTC,
            "mac": {"type": "string", "description": "HMAC-SHA256 over everything else: station/mqtt/signing.py"},
        },
        optional={
            **dict.fromkeys(("slot", "product", "serial", "sequence", "reason"), TEXT),
            "ticket": _RUN,
            "run": _RUN,
            "priority": {"type": "integer", "minimum": LEAST_URGENT, "maximum": MOST_URGENT},
        },
    ),
    "answer": _schema(
        "What became of a command",
        ANSWERED,
        {"command": _ID, "by": TEXT, "accepted": {"type": "boolean"}},
        optional={"ticket": _RUN, "why": TEXT, "text": TEXT},
    ),
}
"""By name."""
