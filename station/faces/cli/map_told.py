"""What `station show` tells of a map of registers."""

from typing import Any

from drivers.maps.map import Format, Register, RegisterMap
from station.config.registers.models import MapModel

HEAD = ("address", "name", "words", "format", "unit", "flags by bit, or what else is to know")


def map_document(found: MapModel) -> dict[str, Any]:
    """All facts of a map."""
    known = found.map
    return {
        "kind": known.kind,
        "file": found.document.name,
        "source": known.source,
        "serial line": f"{known.baudrate} Bd, parity {known.parity}",
        "unit addresses": ", ".join(
            f"{first}-{last}" if first != last else f"{first}" for first, last in known.addresses
        ),
        "known by": _probe(known),
        "longest request": f"{known.max_span} words",
        "made safe by": [f"{name} = {value:g}" for name, value in known.safe.items()],
        "registers": [_facts(each) for each in known.by_address],
    }


def map_table(known: RegisterMap) -> tuple[tuple[str, ...], ...]:
    """The registers as people read them."""
    rows = (
        (f"{each.address:#06x}", each.name, str(each.length), _format(each), each.unit, "  ".join(_notes(each)))
        for each in known.by_address
    )
    return (HEAD, *rows)


def _probe(known: RegisterMap) -> str:
    probe = known.probe
    expected = "" if probe.expected is None else f", which holds {probe.expected!a}"
    return f"{probe.address:#06x}, {probe.length} word{'s' if probe.length != 1 else ''}{expected}"


def _format(each: Register) -> str:
    if each.format is not Format.FIXED:
        return f"{'signed ' if each.signed else ''}{each.format}"
    shift = f"{each.shift:g} + " if each.shift else ""
    scale = f"{each.scale:g} x " if each.scale != 1 else ""
    parts = f" / 2^{each.precision}" if each.precision else ""
    return f"{shift}{scale}{'signed ' if each.signed else ''}integer{parts}"


def _notes(each: Register) -> list[str]:
    notes = [f"{bit}:{flag}" for flag, bit in each.flags.items()]
    notes += ["little endian"] if each.little else []
    notes += ["input register"] if each.input else []
    notes += ["writable"] if each.writable else []
    return notes


def _facts(each: Register) -> dict[str, Any]:
    return {
        "name": each.name,
        "address": each.address,
        "words": each.length,
        "format": str(each.format),
        "precision": each.precision,
        "scale": each.scale,
        "shift": each.shift,
        "signed": each.signed,
        "endian": "little" if each.little else "big",
        "unit": each.unit,
        "flags": dict(each.flags),
        "writable": each.writable,
        "input": each.input,
    }
