"""From-to lists: one wire a line, as CSV (RFC 4180) with the header wire,from,to,gauge,length,color,kind.

An end is a pin (`J1.3`) or, without a dot, a splice (`S1`). A kind is wire, shield or mate; a length is in metres unless
it says otherwise. gauge, length, color and kind may be left out.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sequences.cabling.cable import Cable
from sequences.cabling.parts import Connector, Kind, Span
from sequences.cabling.places import PLACE
from station.config.problems import BadDocuments, Problem, nearest, shown, spelled
from station.importing.joining import probed
from station.importing.sizes import gauge_of, metres_of
from station.importing.words import one_line

MOST_BYTES = 1024 * 1024
MOST_PINS = 2000
NEEDED, OPTIONAL = ("wire", "from", "to"), ("gauge", "length", "color", "kind")
_KINDS: dict[str, Kind] = {"": "wire", "wire": "wire", "shield": "shield", "mate": "mate"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")


def read_from_to(file: Path) -> tuple[Cable, list[str]]:
    """The cable of a list, and notes. Raises BadDocuments with every problem and its line."""
    rows = _Rows(spelled(file))
    wires = [wire for line, row in rows.read(_text(file)) if (wire := rows.wire(line, row)) is not None]
    if not wires and not rows.problems:
        rows.odd(1, "", "no wire", "one wire a line")
    if rows.problems:
        raise BadDocuments(rows.problems)
    ends = list(dict.fromkeys(end for wire in wires for end in wire.ends))
    joints = [end for end in ends if "." not in end]
    if clash := sorted({joint for joint in joints if any(end.startswith(f"{joint}.") for end in ends)}):
        raise BadDocuments([Problem(rows.name, 0, "", f"{each} is both a connector and a splice") for each in clash])
    return probed(Cable(_connectors(ends), wires, joints), [])


@dataclass
class _Rows:
    """The rows of one list, and what is wrong with them."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def odd(self, line: int, column: str, found: str, allowed: str = "") -> None:
        """Something is wrong at a line."""
        self.problems.append(Problem(self.name, line, column, found, allowed))

    def read(self, text: str) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows by column, and the lines on which they begin."""
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header: list[str] = []
        line = 1
        try:
            for row in reader:
                begins, line = line, reader.line_num + 1
                if not header:
                    header = [each.strip().lower() for each in row]
                    if not self._is_header(header):
                        return
                elif len(row) != len(header) and row:
                    self.odd(begins, "", f"{len(row)} fields", f"{len(header)}, as in the header")
                elif any(each.strip() for each in row):
                    yield begins, {key: each.strip() for key, each in zip(header, row, strict=True)}
        except csv.Error as odd:
            self.odd(line, "", f"is not CSV: {odd}")

    def wire(self, line: int, row: dict[str, str]) -> Span | None:
        """The wire of a row; None, and problems, for a bad one."""
        count = len(self.problems)
        name, gauge, length = row["wire"], row.get("gauge", ""), row.get("length", "")
        if not _NAME.fullmatch(name):
            self.odd(line, "wire", shown(name), "a letter, then letters, digits and _, at most 31")
        elif name in self.seen:
            self.odd(line, "wire", f"{name} is on line {self.seen[name]} already")
        self.seen.setdefault(name, line)
        for column in ("from", "to"):
            if not PLACE.fullmatch(row[column]):
                self.odd(line, column, shown(row[column]), "a pin like J1.3, or a splice like S1")
        if row["from"] == row["to"]:
            self.odd(line, "to", f"begins and ends at {shown(row['to'])}")
        if gauge and gauge_of(gauge) is None:
            self.odd(line, "gauge", shown(gauge), "24 AWG, 2/0 AWG or 0.25 mm2")
        if length and metres_of(length) is None:
            self.odd(
                line, "length", shown(length), "a number of metres above 0, at most 1000, or one with a unit: 250 mm"
            )
        kind = _KINDS.get(row.get("kind", "").lower())
        if kind is None:
            self.odd(line, "kind", shown(row["kind"]), "wire, shield or mate")
        if kind is None or len(self.problems) > count:
            return None
        ends = [row["from"], row["to"]]
        return Span(name, ends, gauge_of(gauge), metres_of(length), kind, one_line(row.get("color", "")))

    def _is_header(self, header: list[str]) -> bool:
        count, known = len(self.problems), (*NEEDED, *OPTIONAL)
        for each in header:
            if each not in known:
                self.odd(1, "", f"unknown column {shown(each)}", nearest(each, known))
        for each in NEEDED:
            if each not in header:
                self.odd(1, "", f"no column {each}", f"the header {','.join(known)}")
        if len(set(header)) != len(header):
            self.odd(1, "", "a column twice")
        return len(self.problems) == count


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as odd:
        raise BadDocuments([Problem(spelled(file), 0, "", f"cannot be read: {odd.strerror}")]) from None
    if len(raw) > MOST_BYTES:
        raise BadDocuments([Problem(spelled(file), 0, "", f"is larger than {MOST_BYTES // 1024**2} MiB")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as odd:
        line = raw.count(b"\n", 0, odd.start) + 1
        raise BadDocuments([Problem(spelled(file), line, "", "is not UTF-8 text")]) from None


def _connectors(ends: list[str]) -> dict[str, Connector]:
    """The connectors of the pins that are used; where they are numbered, the numbers between are empty cavities."""
    pins: dict[str, list[str]] = {}
    for connector, dot, pin in (end.partition(".") for end in ends):
        if dot:
            pins.setdefault(connector, []).append(pin)
    return {connector: Connector(_pins(used)) for connector, used in pins.items()}


def _pins(used: list[str]) -> int | list[str]:
    if all(re.fullmatch(r"[1-9][0-9]{0,3}", pin) for pin in used) and max(map(int, used)) <= MOST_PINS:
        return max(map(int, used))
    return sorted(used, key=lambda pin: [(not part.isdigit(), part.zfill(20)) for part in re.split(r"(\d+)", pin)])
