"""Moments: wall-clock times with their zone."""

from datetime import UTC, datetime


def moment(iso: str) -> str:
    """`2026-07-31 09:14:05 UTC`, or `... +02:00`; a text that is no time stays as it is."""
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if when.tzinfo is None:
        return iso
    zone = "UTC" if when.utcoffset() == UTC.utcoffset(None) else f"{when:%z}"
    zone = zone if zone == "UTC" else f"{zone[:3]}:{zone[3:5]}"
    return f"{when:%Y-%m-%d %H:%M:%S} {zone}"
