"""The payload of Sparkplug B: `org.eclipse.tahu.protobuf.Payload`, as far as this program speaks it, written and read.

Written as protobuf's own library writes it, byte for byte. Read more strictly than protobuf asks: a field that comes twice,
has another wire type, or a number that does not fit, is refused. Fields that are not known are passed over.
"""

from dataclasses import dataclass
from typing import Final

from station.mqtt.sparkplug.values import Carrier, Datatype, Value, carried, carrier_of
from station.mqtt.sparkplug.wire import (
    FIXED32,
    FIXED64,
    Fields,
    PayloadError,
    put_double,
    put_float,
    put_number,
    put_run,
    put_text,
)

MOST_BYTES: Final = 1 << 18
"""Of a payload that is read."""
MOST_METRICS: Final = 4096
"""In a payload that is read."""
UNIT: Final = "engUnit"
"""The property that says a metric's unit, as hosts know it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """`value` is as it is on the wire, in the field `carrier`: see `carried` and `meant`. Without one it says nothing."""

    name: str | None = None
    alias: int | None = None
    timestamp: int | None = None
    datatype: int | None = None
    is_historical: bool | None = None
    is_null: bool | None = None
    unit: str | None = None
    carrier: Carrier | None = None
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """Times are milliseconds since 1970, UTC."""

    timestamp: int | None = None
    metrics: tuple[Metric, ...] = ()
    seq: int | None = None
    uuid: str | None = None


def encode(payload: Payload) -> bytes:
    """The bytes. Raises PayloadError for a number that has no place in its field, or a text that is none."""
    out = bytearray()
    put_number(out, 1, payload.timestamp)
    for metric in payload.metrics:
        put_run(out, 2, _metric(metric))
    put_number(out, 3, payload.seq)
    put_text(out, 4, payload.uuid)
    return bytes(out)


def decode(raw: bytes) -> Payload:
    """The payload. Raises PayloadError for bytes that are none, and for one that is too long; nothing else."""
    if len(raw) > MOST_BYTES:
        raise PayloadError(f"a payload of {len(raw)} bytes; {MOST_BYTES} at most")
    fields = Fields(raw)
    metrics = fields.runs(2)
    if len(metrics) > MOST_METRICS:
        raise PayloadError(f"{len(metrics)} metrics; {MOST_METRICS} at most")
    return Payload(fields.number(1), tuple(_read(each) for each in metrics), fields.number(3), fields.text(4))


def _metric(metric: Metric) -> bytearray:
    out = bytearray()
    put_text(out, 1, metric.name)
    put_number(out, 2, metric.alias)
    put_number(out, 3, metric.timestamp)
    put_number(out, 4, metric.datatype, 32)
    put_number(out, 5, metric.is_historical)
    put_number(out, 7, metric.is_null)
    if metric.unit is not None:
        put_run(out, 9, _unit(metric.unit))
    _carry(out, metric.carrier, metric.value)
    return out


def _carry(out: bytearray, carrier: Carrier | None, value: Value | None) -> None:
    match carrier, value:
        case None, None:
            pass
        case Carrier.INT, int(number):
            put_number(out, 10, number, 32)
        case Carrier.LONG, int(number):
            put_number(out, 11, number)
        case Carrier.FLOAT, float(number):
            put_float(out, 12, number)
        case Carrier.DOUBLE, float(number):
            put_double(out, 13, number)
        case Carrier.BOOLEAN, bool(number):
            put_number(out, 14, number)
        case Carrier.STRING, str(text):
            put_text(out, 15, text)
        case Carrier.BYTES, bytes(raw):
            put_run(out, 16, raw)
        case _:
            raise PayloadError(f"{value!r:.40} in {carrier!r}")


def _unit(unit: str) -> bytearray:
    value, properties = bytearray(), bytearray()
    put_number(value, 1, Datatype.STRING)
    put_text(value, 8, unit)
    put_text(properties, 1, UNIT)
    put_run(properties, 2, value)
    return properties


def _read(raw: bytes) -> Metric:
    fields = Fields(raw)
    there = [carrier for carrier in Carrier if carrier in fields]
    if len(there) > 1:
        raise PayloadError("a metric with two values")
    carrier = there[0] if there else None
    return Metric(
        fields.text(1),
        fields.number(2),
        fields.number(3),
        fields.number(4, 32),
        fields.flag(5),
        fields.flag(7),
        _read_unit(fields.run(9)),
        carrier,
        None if carrier is None else _value(fields, carrier),
    )


def _value(fields: Fields, carrier: Carrier) -> Value | None:
    match carrier:
        case Carrier.INT:
            return fields.number(carrier, 32)
        case Carrier.LONG:
            return fields.number(carrier)
        case Carrier.FLOAT:
            return fields.real(carrier, FIXED32)
        case Carrier.DOUBLE:
            return fields.real(carrier, FIXED64)
        case Carrier.BOOLEAN:
            return fields.flag(carrier)
        case Carrier.STRING:
            return fields.text(carrier)
        case Carrier.BYTES:
            return fields.run(carrier)


def _read_unit(raw: bytes | None) -> str | None:
    """The unit among a metric's properties; of the others nothing is kept."""
    if raw is None:
        return None
    fields = Fields(raw)
    pairs = dict(zip(fields.runs(1), fields.runs(2), strict=False))
    return Fields(pairs[UNIT.encode()]).text(8) if UNIT.encode() in pairs else None


def metric(
    name: str | None,
    alias: int | None,
    at: int,
    datatype: Datatype,
    value: Value | None,
    *,
    typed: bool = True,
    unit: str = "",
    historical: bool = False,
) -> Metric:
    """A metric of a type; None is null. Raises PayloadError when the value is none of that type."""
    past = True if historical else None
    kind = int(datatype) if typed else None
    if value is None:
        return Metric(name, alias, at, kind, past, is_null=True, unit=unit or None)
    return Metric(name, alias, at, kind, past, None, unit or None, carrier_of(datatype), carried(datatype, value))
