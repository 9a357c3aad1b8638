"""A cable as its product file writes it: connectors, wires, joints, pairs."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.parts import MOST_PINS, MOST_WIRES, Connector, Span, expanded, odd_gauge, odd_length, odd_text
from sequences.cabling.places import PLACE
from sequences.family import Problem


@dataclass(frozen=True)
class Cable:
    """The structure of a cabling product."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
    connectors: dict[str, Connector]
    """What the jig mates with, by name."""
    wires: list[Span]
    """The conductors."""
    joints: list[str] = field(default_factory=list)
    """Splices and other inner nodes that no jig reaches; ranges allowed."""
    pairs: dict[str, list[str]] = field(default_factory=dict)
    """Twisted pairs: a name, and the two wires."""
    gauge: str | None = None
    """The gauge of every wire that has none of its own."""
    length: float | None = None
    """The length in metres of every wire that has none of its own."""
    confirmed_by: str | None = None
    """Who has confirmed a netlist that was learned from a golden unit; empty text: nobody yet, and no unit can pass."""

    @cached_property
    def netlist(self) -> Netlist:
        """The cable as wires and nets. Raises ValueError where a wire or a pair cannot be read: `problems` says it all."""
        found: list[Problem] = []
        wires = [wire for _, wire in self._drawn(found)]
        if found:
            raise ValueError(f"{found[0][0]}: {found[0][1]}")
        pairs = {name: (first, second) for name, (first, second) in self.pairs.items()}
        labels = {
            f"{name}.{pin}": label
            for name, connector in self.connectors.items()
            for pin, label in connector.labels.items()
        }
        return Netlist(self._pins(), tuple(wires), pairs, labels)

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = [*odd_gauge(("gauge",), self.gauge), *odd_length(("length",), self.length)]
        found += self._odd_connectors()
        if sum(len(connector.names) for connector in self.connectors.values()) > MOST_WIRES:
            return [*found, (("connectors",), f"more than {MOST_WIRES} pins")]
        drawn = self._drawn(found)
        found += self._odd_wires(drawn, self._joints(found))
        if len({at for at, _ in drawn}) == len(self.wires):
            found += self._odd_pairs({wire.name for _, wire in drawn})
        return found or self._unproven({wire.name: at for at, wire in drawn})

    def refusal(self) -> str:
        """Why no unit can be tested against this netlist yet; empty when it can."""
        if self.confirmed_by is not None and not self.confirmed_by.strip():
            return "its netlist was learned from a golden unit and nobody has confirmed it yet (confirmed_by is empty)"
        return ""

    def lacks(self, point: str) -> str:
        """What the drawing must say for a path to have a nominal resistance; empty when it says all."""
        path = self.netlist.path.get(point)
        if path is None:
            return f"there is no path {point}"
        silent = [wire for wire in self.netlist.carrying(path) if wire.ohms is None]
        needs = [
            what
            for what, known in (
                ("a gauge", all(wire.gauge for wire in silent)),
                ("a length", all(wire.length is not None for wire in silent)),
            )
            if not known
        ]
        return f"{', '.join(wire.name for wire in silent)} needs {' and '.join(needs)}" if silent else ""

    def _pins(self) -> tuple[str, ...]:
        return tuple(f"{name}.{pin}" for name, connector in self.connectors.items() for pin in connector.names)

    def _drawn(self, found: list[Problem]) -> list[tuple[int, Wire]]:
        """Every wire and the index of its span. What cannot be read is left out, and added to `found`."""
        drawn: list[tuple[int, Wire]] = []
        for at, span in enumerate(self.wires):
            odd = [
                *odd_gauge(("wires", at, "gauge"), span.gauge),
                *odd_length(("wires", at, "length"), span.length),
                *odd_text(("wires", at, "color"), span.color),
            ]
            names, ends = span.places(("wires", at), odd)
            found += odd
            if not odd:
                gauge = span.gauge or (self.gauge if span.kind == "wire" else None)
                length = span.length if span.length is not None else (0.0 if span.kind == "mate" else self.length)
                drawn += [
                    (at, Wire(name, a, b, gauge, length, span.kind)) for name, a, b in zip(names, *ends, strict=True)
                ]
            if len(drawn) > MOST_WIRES:
                found.append((("wires", at), f"more than {MOST_WIRES} wires"))
                break
        return drawn

    def _joints(self, found: list[Problem]) -> dict[str, int]:
        """Every joint and the index at which it is declared."""
        joints: dict[str, int] = {}
        for at, name in enumerate(self.joints):
            for joint in expanded(("joints", at), name, found):
                if "." in joint or joint in self.connectors:
                    found.append(
                        (("joints", at), f"{joint} names a connector or its pin: a joint needs a name of its own")
                    )
                if joint in joints:
                    found.append((("joints", at), f"{joint} is declared twice"))
                joints[joint] = at
            if len(joints) > MOST_WIRES:
                found.append((("joints", at), f"more than {MOST_WIRES} joints"))
                break
        return joints

    def _odd_connectors(self) -> list[Problem]:
        found: list[Problem] = []
        for name, connector in self.connectors.items():
            here = ("connectors", name)
            names = connector.names
            if not PLACE.fullmatch(name) or "." in name:
                found.append((here, f"{name!r} is no connector's name: a letter, then letters, digits and _"))
            if not 1 <= len(names) <= MOST_PINS:
                count = connector.pins if isinstance(connector.pins, int) else len(names)
                found.append(((*here, "pins"), f"found {count} pins; allowed: 1 to {MOST_PINS}"))
                continue
            twice = [pin for pin, uses in Counter(names).items() if uses > 1]
            found += [((*here, "pins"), f"pin {pin} is named twice") for pin in twice]
            found += [
                ((*here, "pins"), f"{pin!r} is no pin's name") for pin in names if not PLACE.fullmatch(f"J.{pin}")
            ]
            known = set(names)
            found += [
                ((*here, "labels", pin), f"there is no pin {pin}") for pin in connector.labels if pin not in known
            ]
            found += odd_text((*here, "title"), connector.title)
            found += [odd for pin, label in connector.labels.items() for odd in odd_text((*here, "labels", pin), label)]
        if not self.connectors:
            found.append((("connectors",), "a cable has at least one connector"))
        return found

    def _odd_wires(self, drawn: list[tuple[int, Wire]], joints: dict[str, int]) -> list[Problem]:
        found: list[Problem] = []
        known = {*self._pins(), *joints}
        seen: dict[str, int] = {}
        used: set[str] = set()
        for at, wire in drawn:
            here = ("wires", at)
            if wire.name in seen:
                found.append(((*here, "name"), f"{wire.name} is declared twice"))
            seen[wire.name] = at
            if "." in wire.name:
                found.append(((*here, "name"), f"{wire.name} is the name of a pin, not of a wire"))
            found += [
                ((*here, "ends", index), f"{wire.name} ends at {end}, which is neither a pin nor a joint")
                for index, end in enumerate((wire.a, wire.b))
                if end not in known
            ]
            if wire.a == wire.b:
                found.append(((*here, "ends"), f"{wire.name} begins and ends at {wire.a}"))
            used |= {wire.a, wire.b}
        if not self.wires and not self.refusal():
            found.append((("wires",), "a cable has at least one wire (or confirmed_by = '', and they are learned)"))
        if len({at for at, _ in drawn}) == len(self.wires):
            found += [
                (("joints", at), f"no wire ends at joint {name}") for name, at in joints.items() if name not in used
            ]
        return found

    def _odd_pairs(self, wires: set[str]) -> list[Problem]:
        found: list[Problem] = []
        paired: dict[str, str] = {}
        for name, pair in self.pairs.items():
            here = ("pairs", name)
            if not PLACE.fullmatch(name) or "." in name:
                found.append((here, f"{name!r} is no pair's name: a letter, then letters, digits and _"))
            if len(pair) != 2 or pair[0] == pair[1]:
                found.append((here, "a pair is two wires"))
            for at, wire in enumerate(dict.fromkeys(pair)):
                if wire not in wires:
                    found.append(((*here, at), f"there is no wire {wire}"))
                if wire in paired:
                    found.append(((*here, at), f"{wire} is in pair {paired[wire]} already"))
                paired[wire] = name
        return found

    def _unproven(self, span: dict[str, int]) -> list[Problem]:
        """What a good unit could not be told by: wires that no current reaches, pairs whose wires are one net."""
        netlist = self.netlist
        net_of = netlist.net_with
        return [
            *((("wires", span[name]), what) for name, what in netlist.blind_spots().items()),
            *(
                (("pairs", name), f"{first} and {second} are joined, so no pair")
                for name, (first, second) in netlist.pairs.items()
                if net_of.get(first) is not None and net_of.get(first) == net_of.get(second)
            ),
        ]
