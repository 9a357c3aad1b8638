"""Payloads: what is told at a broker, as JSON with a published schema (`station.mqtt.schemas`), and receipts, read as what strangers wrote."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from station.condition import Condition
from station.line.views import SlotView, Status
from station.outbox.entry import Receipt
from station.runid import is_run_id
from station.trace import Event

STATE, SLOT, EVENT, TELEMETRY, RESULT, RECEIPT = (
    f"rackproof.{name}/1" for name in ("state", "slot", "event", "telemetry", "result", "receipt")
)
MOST_RECEIPT: Final = 4096
"""Bytes of a receipt."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
GONE: Final = "gone"


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
    return _told(STATE, state=GONE, station=station, site=site)


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


def _told(schema: str, **rest: object) -> bytes:
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
