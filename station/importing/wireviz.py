"""WireViz documents. The one door to the package wireviz, which reads them; nothing is drawn and no file is written."""

import io
from collections import defaultdict
from collections.abc import Iterator
from contextlib import redirect_stdout
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

from station.config.problems import BadDocuments, Place, Problem, shown
from station.importing.harness import Conductor, DrawnConnector, DrawnHarness, Mated, Pin
from station.importing.sizes import gauge_of, metres_of
from station.importing.wireviz_check import NOT_NEEDED, odd_document
from station.importing.words import one_line
from station.importing.yaml_text import YamlDocument, door, read_yaml

_NO = {"", "no", "off", "false", "n", "none"}
"""What people write for a cable without a shield, where YAML 1.2 sees a text."""


def read_wireviz(file: Path) -> DrawnHarness:
    """The harness of a file. Raises BadDocuments."""
    document = read_yaml(file)
    wireviz, classes = door("wireviz.wireviz", file), door("wireviz.DataClasses", file)
    if problems := list(odd_document(document, classes.Connector, classes.Cable)):
        raise BadDocuments(problems)
    heard, harness = _parsed(document, wireviz)
    if problems := list(_odd_wires(document, harness)):
        raise BadDocuments(problems)
    cables = [_Cable(name, each) for name, each in harness.cables.items()]
    metadata = document.value.get("metadata")
    revisions = metadata.get("revisions") if isinstance(metadata, dict) else None
    return DrawnHarness(
        title=one_line(document.texts.get(("metadata", "title"), "")),
        part_number=document.texts.get(("metadata", "pn"), ""),
        revision=list(revisions)[-1] if isinstance(revisions, dict) and revisions else "",
        connectors=tuple(_connector(name, each) for name, each in harness.connectors.items()),
        conductors=tuple(conductor for cable in cables for conductor in cable.conductors()),
        mates=tuple(_mates(document, harness)),
        cables={cable.name: cable.described for cable in cables},
        notes=(*heard, *(note for cable in cables for note in cable.notes())),
    )


def _parsed(document: YamlDocument, wireviz: ModuleType) -> tuple[list[str], Any]:
    """What wireviz has said, and its harness."""
    value: dict[str, Any] = {"connections": document.value["connections"]}
    for section in ("connectors", "cables"):
        entries = document.value.get(section) or {}
        value[section] = {
            name: {key: each for key, each in (entry or {}).items() if key not in NOT_NEEDED}
            for name, entry in entries.items()
        }
    if separator := document.texts.get(("options", "template_separator")):
        value["options"] = {"template_separator": separator}
    heard = io.StringIO()

    def parse(sets: int) -> Any:  # noqa: ANN401 (wireviz is untyped)
        some = value | {"connections": value["connections"][:sets]}
        with redirect_stdout(heard):
            return wireviz.parse(deepcopy(some), return_types="harness")

    count = len(value["connections"])
    try:
        harness = parse(count)
    except Exception as odd:  # noqa: BLE001 (wireviz raises bare Exceptions, and whatever odd input makes its code raise)
        where: Place = ("connections", _culprit(parse, count) - 1)
        raise BadDocuments([document.problem(where, one_line(f"wireviz: {odd}"))]) from None
    return [one_line(line) for line in heard.getvalue().splitlines()], harness


def _culprit(parse: Any, count: int) -> int:  # noqa: ANN401 (a closure)
    """The least number of connection sets that wireviz refuses: the last one of them is to blame."""
    good, bad = 0, count
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            parse(middle)
        except Exception:  # noqa: BLE001 (as above)
            bad = middle
        else:
            good = middle
    return bad


class _Cable:
    """One cable of wireviz's, as conductors."""

    def __init__(self, name: str, cable: Any) -> None:  # noqa: ANN401 (wireviz is untyped)
        self.name, self._cable = name, cable
        self._shield = cable.shield is not False and str(cable.shield).strip().lower() not in _NO
        self._ends: dict[int | str, tuple[dict[Pin, None], dict[Pin, None]]] = defaultdict(lambda: ({}, {}))
        for each in cable.connections:
            starts, stops = self._ends[each.via_port]
            if each.from_name is not None:
                starts[each.from_name, str(each.from_pin)] = None
            if each.to_name is not None:
                stops[each.to_name, str(each.to_pin)] = None
        self._gauge = gauge_of(f"{cable.gauge} {cable.gauge_unit}") if cable.gauge is not None else None
        self._length = metres_of(f"{cable.length:.6f} {cable.length_unit}") if cable.length else None

    @property
    def described(self) -> str:
        """What it is, for a comment."""
        cable = self._cable
        kind = "bundle" if cable.category == "bundle" else "cable"
        words = [
            f"{kind} of {cable.wirecount}",
            cable.type,
            self._gauge,
            f"{self._length:g} m" if self._length else None,
        ]
        return one_line(", ".join(str(word) for word in words if word) + (", shielded" if self._shield else ""))

    def conductors(self) -> Iterator[Conductor]:
        """Its wires in order, then its shield; without those that nothing is connected with."""
        for number in self._numbers():
            if number in self._ends:
                starts, stops = self._ends[number]
                yield Conductor(
                    self.name,
                    "S" if number == "s" else str(number),
                    tuple(starts),
                    tuple(stops),
                    None if number == "s" else self._gauge,
                    self._length,
                    self._color(number),
                    shield=number == "s",
                )

    def notes(self) -> Iterator[str]:
        """What the person should know."""
        cable = self._cable
        for number in self._numbers():
            if number not in self._ends:
                yield f"{self.name}: {'its shield' if number == 's' else f'wire {number}'} is connected nowhere and is left out"
        if cable.gauge is not None and self._gauge is None:
            yield one_line(
                f"{self.name}: the gauge '{cable.gauge} {cable.gauge_unit}' is not understood and is left out"
            )
        if cable.length and self._length is None:
            yield one_line(
                f"{self.name}: the length '{cable.length} {cable.length_unit}' is not understood and is left out"
            )

    def odd(self) -> Iterator[tuple[int | str, str]]:
        """Wires that are connected, but that the cable does not have, and a sentence about each."""
        for number in self._ends:
            if number not in self._numbers():
                has = f"it has {self._cable.wirecount}{' and a shield' if self._shield else ', and no shield'}"
                yield number, f"{self.name} has no wire {shown(number)}: {has}"

    def _numbers(self) -> list[int | str]:
        return [*range(1, self._cable.wirecount + 1), *(["s"] if self._shield else [])]

    def _color(self, number: int | str) -> str:
        if number != "s":
            return one_line(str(self._cable.colors[int(number) - 1]))
        return one_line(self._cable.shield) if isinstance(self._cable.shield, str) else ""


def _odd_wires(document: YamlDocument, harness: Any) -> Iterator[Problem]:  # noqa: ANN401 (wireviz is untyped)
    for name, cable in harness.cables.items():
        for number, what in _Cable(name, cable).odd():
            yield document.problem(_used(document, name, number), what)


def _used(document: YamlDocument, name: str, number: int | str) -> Place:
    """The connection set that speaks of a component's pin or wire, else the first that speaks of the component."""
    sets = [
        (at, pins)
        for at, entries in enumerate(document.value["connections"])
        for each in entries
        for spoken, pins in (each.items() if isinstance(each, dict) else [])
        if str(spoken).rpartition(".")[2] == name
    ]
    exact = [at for at, pins in sets if str(number) in map(str, pins if isinstance(pins, list) else [pins])]
    return ("connections", *(exact or [at for at, _ in sets])[:1])


def _connector(name: str, connector: Any) -> DrawnConnector:  # noqa: ANN401 (wireviz is untyped)
    pins = tuple(str(pin) for pin in connector.pins)
    labels = {
        pin: one_line(str(label)) for pin, label in zip(pins, connector.pinlabels, strict=False) if label is not None
    }
    words = [connector.type, connector.subtype, connector.manufacturer, connector.mpn]
    title = one_line(", ".join(str(word) for word in words if word))
    return DrawnConnector(
        name,
        pins,
        {pin: label for pin, label in labels.items() if label},
        title,
        simple=connector.style == "simple",
        splice=connector.style == "simple" and "splice" in title.lower(),
        loops=tuple((str(a), str(b)) for a, b in connector.loops),
    )


def _mates(document: YamlDocument, harness: Any) -> Iterator[Mated]:  # noqa: ANN401 (wireviz is untyped)
    for each in harness.mates:
        if hasattr(each, "from_pin"):
            pins = [
                _pin(document, harness.connectors[name], pin)
                for name, pin in ((each.from_name, each.from_pin), (each.to_name, each.to_pin))
            ]
            yield Mated(each.from_name, each.to_name, (pins[0], pins[1]))
        else:
            yield Mated(each.from_name, each.to_name)


def _pin(document: YamlDocument, connector: Any, pin: int | str) -> str:  # noqa: ANN401 (wireviz is untyped)
    """A pin by its number or its label; wireviz looks labels up for wires only."""
    if pin in connector.pins:
        return str(pin)
    if pin in connector.pinlabels:
        return str(connector.pins[connector.pinlabels.index(pin)])
    where = _used(document, connector.name, pin)
    raise BadDocuments([document.problem(where, f"{connector.name} has no pin {shown(pin)}")])
