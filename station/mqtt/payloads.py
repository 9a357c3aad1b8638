"""Payloads: what is told at a broker, as JSON with a published schema, and receipts, read as what strangers wrote."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from station.condition import Condition
from station.contract import COUNT, DIALECT, INSTANT, PERHAPS, TEXT, closed, listed
from station.line.ticket import LEAST_URGENT, MOST_URGENT
from station.line.views import SlotView, Status
from station.mqtt.command import Verb
from station.mqtt.commanding import SCHEMA as ANSWERED
from station.mqtt.signing import SCHEMA as SIGNED
from station.outbox import Receipt
from station.record import SCHEMA as RECORD
from station.runid import is_run_id
from station.trace import Event

STATE, SLOT, EVENT, TELEMETRY, RESULT, RECEIPT = (
    f"rackproof.{name}/1" for name in ("state", "slot", "event", "telemetry", "result", "receipt")
)
MOST_RECEIPT: Final = 4096
"""Bytes of a receipt."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_GONE: Final = "gone"


def state_of(status: Status, at: str) -> bytes:
    """What the line is doing."""
    return _told(
        STATE,
        state=status.mode,
        station=status.station,
        site=status.site,
        at=at,
        version=status.version,
        started=status.started,
        simulated=status.simulated,
        queued=status.queued,
        running=status.running,
        conditions=[_condition(each) for each in status.conditions],
    )


def gone(station: str, site: str) -> bytes:
    """The last will: nobody knows what the line is doing."""
    return _told(STATE, state=_GONE, station=station, site=site)


def slot_of(view: SlotView, at: str) -> bytes:
    """A slot, as it shows."""
    shown: dict[str, Any] = orjson.loads(orjson.dumps(view))
    return _told(SLOT, slot=shown.pop("name"), at=at, **shown)


def event_of(body: Mapping[str, Any]) -> bytes:
    """An event of a run, as the line's news have it."""
    named = {key: body[key] for key in ("run", "slot", "serial", "number", "type")}
    event: Event = body["event"]
    return _told(EVENT, **named, event=event)


def telemetry_of(slot: str, at: str, values: Iterable[tuple[str, float | None, str]]) -> bytes:
    """The newest values of a slot: names, values and units."""
    told = [{"name": name, "value": value, "unit": unit} for name, value, unit in values]
    return _told(TELEMETRY, slot=slot, at=at, values=told)


def result_of(record: Mapping[str, Any], site: str) -> bytes:
    """A result: the folded record of a run."""
    return _told(RESULT, result=record["run"], site=site, record=record)


def receipt_from(payload: bytes) -> Receipt:
    """What a receiver says. Raises ValueError, in words, for whatever is not exactly a receipt."""
    if len(payload) > MOST_RECEIPT:
        raise ValueError(f"a receipt of {len(payload)} bytes; {MOST_RECEIPT} at most")
    try:
        said = json.loads(payload, object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError) as odd:
        raise ValueError(f"no JSON: {odd}") from None
    match said:
        case {"schema": str(schema), "result": str(result), "digest": str(digest), "accepted": bool(accepted), **rest}:
            reason = rest.pop("reason", "")
        case _:
            raise ValueError("no receipt: schema, result, digest and accepted are needed")
    if rest or schema != RECEIPT or not isinstance(reason, str):
        raise ValueError(f"no {RECEIPT}")
    if not (is_run_id(result) and _DIGEST.fullmatch(digest)):
        raise ValueError("result is no id of a run, or digest no SHA-256")
    return Receipt(result, digest, accepted, "".join(each for each in reason[:200] if each.isprintable()))


def _told(schema: str, **rest: Any) -> bytes:  # noqa: ANN401 (whatever JSON has)
    return orjson.dumps({"schema": schema, **rest})


def _condition(condition: Condition) -> dict[str, str]:
    return {
        "name": condition.name,
        "level": condition.level.name.lower(),
        "text": condition.text,
        "remedy": condition.remedy,
    }


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a key is there twice")
    return named


def _never(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _schema(title: str, name: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 (of a schema)
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
            closed({"schema": {"const": STATE}, "state": {"const": _GONE}, **_HERE})
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
"""JSON Schemas (2020-12) of the payloads, as `station show schema/NAME` prints them."""
