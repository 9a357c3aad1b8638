"""Sparkplug's payload: the same bytes as protobuf's own library, read back, and whatever else there is refused."""

import re
import struct
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from station.mqtt.sparkplug.payload import MOST_BYTES, Metric, Payload, decode, encode, metric
from station.mqtt.sparkplug.values import Carrier, Datatype, carried, carrier_of, meant
from station.mqtt.sparkplug.wire import PayloadError

KINDS = descriptor_pb2.FieldDescriptorProto
_METRIC = {
    "name": (1, KINDS.TYPE_STRING), "alias": (2, KINDS.TYPE_UINT64), "timestamp": (3, KINDS.TYPE_UINT64),
    "datatype": (4, KINDS.TYPE_UINT32), "is_historical": (5, KINDS.TYPE_BOOL), "is_null": (7, KINDS.TYPE_BOOL),
    "properties": (9, ".t.PropertySet"), "int_value": (10, KINDS.TYPE_UINT32), "long_value": (11, KINDS.TYPE_UINT64),
    "float_value": (12, KINDS.TYPE_FLOAT), "double_value": (13, KINDS.TYPE_DOUBLE), "boolean_value": (14, KINDS.TYPE_BOOL),
    "string_value": (15, KINDS.TYPE_STRING), "bytes_value": (16, KINDS.TYPE_BYTES),
}  # fmt: skip
SHAPE: dict[str, dict[str, tuple[Any, ...]]] = {
    "PropertyValue": {"type": (1, KINDS.TYPE_UINT32), "string_value": (8, KINDS.TYPE_STRING)},
    "PropertySet": {"keys": (1, KINDS.TYPE_STRING, "many"), "values": (2, ".t.PropertyValue", "many")},
    "Metric": _METRIC,
    "Payload": {
        "timestamp": (1, KINDS.TYPE_UINT64), "metrics": (2, ".t.Metric", "many"), "seq": (3, KINDS.TYPE_UINT64),
        "uuid": (4, KINDS.TYPE_STRING),
    },
}  # fmt: skip
"""The field numbers of sparkplug_b.proto (Eclipse Tahu), as far as they are spoken here."""


PUBLISHED = Path(__file__).parents[3] / "shared" / "schemas" / "sparkplug-b" / "sparkplug_b.proto"
"""Eclipse Tahu's own file; not part of the project, and not everywhere."""


def stranger() -> Any:
    """The class that protobuf's library makes of them."""
    file = descriptor_pb2.FileDescriptorProto(name="t.proto", package="t", syntax="proto2")
    for message, members in SHAPE.items():
        described = file.message_type.add(name=message)
        for name, (number, kind, *many) in members.items():
            label = KINDS.LABEL_REPEATED if many else KINDS.LABEL_OPTIONAL
            field = described.field.add(name=name, number=number, label=label)
            if isinstance(kind, str):
                field.type, field.type_name = KINDS.TYPE_MESSAGE, kind
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Payload"))


STRANGER = stranger()
FIELDS = {Carrier(number): name for name, (number, _) in _METRIC.items() if number >= 10}
U64, U32, TEXT = st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1), st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.skipif(not PUBLISHED.exists(), reason="sparkplug_b.proto is not on this machine")
def test_the_shape_is_the_published_one() -> None:
    """Every name, number and type is that of Tahu's file."""
    text = PUBLISHED.read_text("utf-8")
    names = {number: name.removeprefix("TYPE_").lower() for name, number in KINDS.Type.items()}
    for message, members in SHAPE.items():
        body = re.split(rf"message {message} {{", text)[1]
        body = body if message == "Payload" else re.split(r"\n    }\n", body)[0]
        body = re.split(r"\n    }\n", body)[-1] if message == "Payload" else body
        for name, (number, kind, *_) in members.items():
            wanted = kind.rpartition(".")[2] if isinstance(kind, str) else names[kind]
            assert re.search(rf"\b{wanted}\s+{name}\s+= {number};", body), f"{message}.{name}"


def maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """That, or nothing."""
    return st.none() | of


VALUES: dict[Carrier, st.SearchStrategy[Any]] = {
    Carrier.INT: U32, Carrier.LONG: U64, Carrier.FLOAT: st.floats(width=32, allow_nan=False),
    Carrier.DOUBLE: st.floats(allow_nan=False), Carrier.BOOLEAN: st.booleans(), Carrier.STRING: TEXT, Carrier.BYTES: st.binary(),
}  # fmt: skip
CARRIED = st.just((None, None)) | st.sampled_from(list(Carrier)).flatmap(
    lambda carrier: st.tuples(st.just(carrier), VALUES[carrier])
)
METRICS = st.builds(
    lambda carried, **rest: Metric(carrier=carried[0], value=carried[1], **rest),
    CARRIED, name=maybe(TEXT), alias=maybe(U64), timestamp=maybe(U64), datatype=maybe(U32), is_historical=maybe(st.booleans()),
    is_null=maybe(st.booleans()), unit=maybe(TEXT),
)  # fmt: skip
PAYLOADS = st.builds(Payload, maybe(U64), st.lists(METRICS, max_size=5).map(tuple), seq=maybe(U64), uuid=maybe(TEXT))


def told(payload: Payload) -> bytes:
    """What protobuf's library writes for it."""
    theirs = STRANGER()
    for name in ("timestamp", "seq", "uuid"):
        if (value := getattr(payload, name)) is not None:
            setattr(theirs, name, value)
    for each in payload.metrics:
        one = theirs.metrics.add()
        for name in ("name", "alias", "timestamp", "datatype", "is_historical", "is_null"):
            if (value := getattr(each, name)) is not None:
                setattr(one, name, value)
        if each.unit is not None:
            one.properties.keys.append("engUnit")
            one.properties.values.add(type=12, string_value=each.unit)
        if each.carrier is not None:
            setattr(one, FIELDS[each.carrier], each.value)
    raw: bytes = theirs.SerializeToString()
    return raw


@given(PAYLOADS)
def test_the_bytes_are_those_of_protobuf(payload: Payload) -> None:
    """For every payload that we can say; and what either wrote, we read as it was meant."""
    raw = encode(payload)
    assert raw == told(payload)
    assert decode(raw) == payload


@given(
    st.binary(max_size=200) | PAYLOADS.map(encode).flatmap(lambda raw: st.integers(0, len(raw)).map(lambda n: raw[:n]))
)
def test_what_is_read_is_what_protobuf_reads(raw: bytes) -> None:
    """No bytes raise anything but PayloadError; what is taken, the library takes too, and reads the same in it."""
    try:
        payload = decode(raw)
    except PayloadError:
        return
    try:
        theirs = STRANGER.FromString(raw)
    except DecodeError as odd:  # pragma: no cover (the message of a failure)
        raise AssertionError(f"{raw!r} was taken, and protobuf does not take it") from odd
    assert payload.seq == (theirs.seq if theirs.HasField("seq") else None)
    assert [each.name for each in payload.metrics] == [
        each.name if each.HasField("name") else None for each in theirs.metrics
    ]


@given(st.sampled_from(list(Datatype)).flatmap(
    lambda kind: st.tuples(st.just(kind), {
        Carrier.INT: st.integers(-(2**33), 2**33), Carrier.LONG: st.integers(-(2**65), 2**65),
        **{each: VALUES[each] for each in Carrier if each > 11},
    }[carrier_of(kind)])
))  # fmt: skip
def test_a_value_comes_back_or_is_refused(pair: tuple[Datatype, Any]) -> None:
    """Signed ones too, which go as unsigned; one outside its type is refused, never wrapped."""
    kind, value = pair
    try:
        wire = carried(kind, value)
    except PayloadError:
        assert isinstance(value, int)
        return
    assert value == meant(kind, wire)
    raw = encode(Payload(metrics=(metric("m", None, 0, kind, value),)))
    assert decode(raw).metrics[0].value == wire


@pytest.mark.parametrize(
    "raw",
    [
        b"\x08", b"\x08\xff", b"\x12\x05ab", b"\x08" + b"\xff" * 10, b"\x08" + b"\x80" * 9 + b"\x02", b"\x00\x01", b"\x0b", b"\x0c",
        b"\x08\x01\x08\x02", b"\x09" + bytes(8), b"\x0a\x01a", b"\x22\x01\xff", b"\x12\x04\x50\x01\x58\x01",
        b"\x12\x06\x20\x80\x80\x80\x80\x10", b"\x12\x02\x28\x02", b"\x0f", b"\x12\x03\x0a\x01\xff", bytes(MOST_BYTES + 1),
    ],
)  # fmt: skip
def test_what_is_no_payload_is_refused(raw: bytes) -> None:
    """Cut off, too long a number, no field, a group, twice, another wire type, no UTF-8, two values, too large, too long."""
    with pytest.raises(PayloadError):
        decode(raw)


def test_fields_that_are_not_known_are_passed_over() -> None:
    """A body, a metadata, an extension: of every wire type."""
    unknown = b"\x2a\x03abc" + b"\x38\x05" + b"\x41" + bytes(8) + b"\x4d" + bytes(4)
    inside = b"\x0a\x01m" + b"\x42\x02\x0a\x00" + b"\x30\x01"
    raw = unknown + b"\x12" + bytes([len(inside)]) + inside + b"\x18\x07"
    assert Payload(metrics=(Metric("m"),), seq=7) == decode(raw)


def test_numbers_that_are_not_numbers_go_as_they_are() -> None:
    """NaN is told bit by bit as protobuf tells it; a value that is too large for a Float is refused."""
    for carrier, size in ((Carrier.FLOAT, "<f"), (Carrier.DOUBLE, "<d")):
        raw = encode(Payload(metrics=(Metric(carrier=carrier, value=float("nan")),)))
        assert raw == told(Payload(metrics=(Metric(carrier=carrier, value=float("nan")),)))
        assert raw.endswith(struct.pack(size, float("nan")))
    for wrong in (
        Metric(carrier=Carrier.FLOAT, value=1e300),
        Metric(carrier=Carrier.INT, value="1"),
        Metric(name="\ud800"),
        Metric(alias=-1),
    ):
        with pytest.raises(PayloadError):
            encode(Payload(metrics=(wrong,)))
