"""Maps of registers in three forms: our own TOML, OpenBMC's rackmon, and the device profiles of phosphor-modbus.

Only what an emulator plays is read; whether a document is sound is for others to say. rackmon tells nothing of what may be
written: everything but texts may. A profile's settings may be written, and nothing else; its two words or more are integers
of that length.
"""

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sim.maps.facts import FIXED, FLAGS, FLOAT, INTEGER, RAW, TEXT, Entry, Facts, parity_of

_RACKMON = {"STRING": TEXT, "INTEGER": INTEGER, "LONG": INTEGER, "FLOAT": FIXED, "FLAGS": FLAGS, "RAW": RAW, "HEX": RAW}
_PROFILE = {"String": TEXT, "Integer": INTEGER, "FixedPoint": FIXED, "Float32": FLOAT}
_SECTIONS = ("Inventory", "Sensor", "Status", "Metric", "Firmware", "Config")


@cache
def read(file: Path) -> Facts:
    """The facts of a document. Raises ValueError when it has none of the three forms.

    A document is read once: ask for it before a loop runs, and the loop need not wait for the disk.
    """
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".toml":
        document = tomllib.loads(text)
        if "map" in document:
            return _own(document)
    else:
        document = json.loads(text)
        if "registers" in document:
            return _rackmon(document)
        if "ProbeRegister" in document:
            return _profile(document)
    raise ValueError(f"{file}: no map of registers")


def _own(document: dict[str, Any]) -> Facts:
    head = document["map"]
    entries = tuple(
        Entry(
            name,
            each["at"],
            each.get("words", 2 if each["format"] == FLOAT else 1),
            each["format"],
            each.get("precision", 0),
            each.get("scale", 1.0),
            each.get("shift", 0.0),
            each.get("signed", False),
            each.get("endian") == "little",
            each.get("unit", ""),
            each.get("writable", False),
        )
        for name, each in document["registers"].items()
    )
    usual = (("model", head["name"].upper()), ("firmware", "V1.00"))
    texts = {head[key]: text for key, text in usual if head.get(key)}
    if isinstance(expected := head.get("expected"), str) and head.get("probe"):
        texts[head["probe"]] = expected
    numbers = {head["probe"]: float(expected)} if isinstance(expected, int) and head.get("probe") else {}
    inputs = {4} if any(each.get("input") for each in document["registers"].values()) else set()
    line = (head.get("baudrate", 19200), parity_of(head.get("parity", "E")))
    return Facts(head["name"], entries, *line, texts, numbers, head.get("serial", ""), frozenset({3, 6, 16, *inputs}))


def _rackmon(document: dict[str, Any]) -> Facts:
    entries = []
    for each in document["registers"]:
        kind = _RACKMON[each.get("format", "HEX")]
        entries.append(
            Entry(
                each["name"].strip(),
                each["begin"],
                each.get("length", 1),
                kind,
                each.get("precision", 0),
                each.get("scale", 1.0),
                each.get("shift", 0.0),
                each.get("sign", False),
                each.get("endian", "B") == "L",
                writable=kind != TEXT,
            )
        )
    serial = next((each.name for each in entries if each.kind == TEXT and "serial" in each.name.lower()), "")
    models = [each.name for each in entries if each.kind == TEXT and "model" in each.name.lower()]
    texts = dict.fromkeys(models, document["name"])
    parity = parity_of(document.get("parity", "EVEN"))
    return Facts(document["name"], tuple(entries), document.get("baudrate", 19200), parity, texts, {}, serial)


def _profile(document: dict[str, Any]) -> Facts:
    entries = tuple(_profiled(document))
    probe = document["ProbeRegister"]
    offset, expected = int(probe["Offset"], 16), probe["ExpectedValue"]
    there = next((each for each in entries if each.address == offset), None)
    if there is None:
        kind = TEXT if isinstance(expected, str) else INTEGER
        there = Entry("probe", offset, probe["Size"], kind)
        entries += (there,)
    texts = {each.name: document["DeviceModel"] for each in entries if each.name == "Model"}
    numbers: dict[str, float] = {}
    if isinstance(expected, str):
        texts[there.name] = expected
    else:
        numbers[there.name] = float(expected)
    serial = next((each.name for each in entries if each.name == "SerialNumber"), "")
    parity = parity_of(document["Parity"])
    return Facts(document["DeviceModel"], entries, document["BaudRate"], parity, texts, numbers, serial)


def _profiled(document: dict[str, Any]) -> Iterator[Entry]:
    for section in _SECTIONS:
        for each in document.get(f"{section}Registers", ()):
            usual = {"Inventory": "String", "Firmware": "String"}.get(section, "Integer")
            kind = FLAGS if "Bits" in each else _PROFILE[each.get("Format", usual)]
            yield Entry(
                each.get("Name", each.get("Type", each["Offset"])),
                int(each["Offset"], 16),
                each.get("Size", len(each.get("Default", ())) or 1),
                kind,
                each.get("Precision", 0),
                each.get("Scale", 1.0),
                each.get("Shift", 0.0),
                each.get("IsSigned", False),
                writable=section == "Config",
            )
