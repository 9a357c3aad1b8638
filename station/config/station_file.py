"""Station files: which instruments are at which addresses here, and which slots they serve."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from drivers.model import Model
from sequences.family import CONSOLE
from station.config.documents import Document
from station.config.instruments import CheckLink, InstrumentEntry, StationInstrument, instruments_of
from station.config.names import NAME, SPOKEN, is_title
from station.config.problems import BadDocuments, Flaw, shown
from station.config.shapes import STRICT, fitting, shape
from station.config.slots import FindJig, SlotEntry, StationSlot, slots_of
from station.config.unattended import DaemonEntry, MqttEntry, odd_daemon, odd_mqtt

AT_TERMINAL = StationInstrument(CONSOLE, CONSOLE, f"{CONSOLE}:", None, None, 0.2)
"""Who answers prompts at a slot that names no operator."""
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class StationHeader:
    """What the station is called, and where it looks for documents."""

    __pydantic_config__: ClassVar[Any] = STRICT
    name: str
    """The name by which records know it."""
    site: str
    """Where it stands."""
    language: str = "en"
    """The language of its screens: en, de, zh-TW, ..."""
    products: list[str] = field(default_factory=list)
    """Folders of products, relative to this file; they come before all others."""
    jigs: list[str] = field(default_factory=list)
    """Folders of jigs, relative to this file; they come before all others."""
    registers: list[str] = field(default_factory=list)
    """Folders of maps of registers, relative to this file: each is a model, without code."""
    code: list[str] = field(default_factory=list)
    """Folders of Python modules, relative to this file: sequences, drivers and emulators of one's own."""


@dataclass(frozen=True, slots=True)
class SimulatedEntry:
    """What `station sim serve` writes into its station file: the far ends are emulators, and records must say so."""

    __pydantic_config__: ClassVar[Any] = STRICT
    seed: int
    """The seed of everything that varies."""
    faults: list[str]
    """The faults that were put in."""
    unit: int = 0
    """The number in the population of what lies on the jigs; 0 is the unit as drawn."""


@dataclass(frozen=True, slots=True)
class StationDocument:
    """A station file."""

    __pydantic_config__: ClassVar[Any] = STRICT
    station: StationHeader
    """What the station is called, and where it looks for documents."""
    instruments: dict[str, InstrumentEntry]
    """The instruments by name."""
    slots: dict[str, SlotEntry]
    """The slots by name."""
    simulated: SimulatedEntry | None = None
    """Only where emulators answer at the links: written by `station sim serve`."""
    daemon: DaemonEntry | None = None
    """How the line runs by itself."""
    mqtt: MqttEntry | None = None
    """The broker."""


@dataclass(frozen=True)
class Station:
    """A station whose file has no problems."""

    header: StationHeader
    instruments: Mapping[str, StationInstrument]
    slots: Mapping[str, StationSlot]
    document: Document
    simulated: SimulatedEntry | None = None
    daemon: DaemonEntry = DaemonEntry()
    mqtt: MqttEntry | None = None
    models: Mapping[str, Model] = field(default_factory=dict)
    """The models of its instruments."""
    documents: Mapping[str, Document] = field(default_factory=dict)
    """The files that it was made from, its jigs' and its maps' too, by kind and name: `jigs/whip-panel.toml`."""

    @property
    def name(self) -> str:
        """The name by which records know it."""
        return self.header.name

    @property
    def site(self) -> str:
        """Where it stands."""
        return self.header.site

    @property
    def is_simulated(self) -> bool:
        """Whether nothing real is at any far end; a person at the terminal does not count."""
        return all(each.link.startswith(("sim:", f"{CONSOLE}:")) for each in self.instruments.values())


def folders(document: Document, key: str) -> tuple[Path, ...]:
    """The folders that a station file names under `products`, `jigs`, `registers` or `code`."""
    header, _ = shape(StationHeader, document.tables.get("station"))
    named: list[str] = getattr(header, key) if header else []
    return tuple(document.file.parent / each for each in named)


def station_of(document: Document, models: Mapping[str, Model], check_link: CheckLink, find_jig: FindJig) -> Station:
    """The station of a document. Raises BadDocuments with all that is wrong, in the files of its jigs too."""
    tables = document.tables
    written, flaws = shape(StationDocument, tables)
    header, _ = shape(StationHeader, tables.get("station"))
    if header is not None:
        flaws += _odd_header(header, document)
    if written is not None and not written.slots:
        flaws.append(Flaw(("slots",), "no slot", "one or more slots"))
    named = tables.get("instruments")
    entries = fitting(InstrumentEntry, named)
    unread = [name for name in named if name not in entries] if isinstance(named, dict) else []
    instruments, odd = instruments_of(entries, models, check_link, unread)
    flaws += odd
    if written is not None and written.daemon is not None:
        flaws += odd_daemon(written.daemon, instruments.each)
    if written is not None and written.mqtt is not None:
        flaws += odd_mqtt(written.mqtt)
    slots, odd, elsewhere = slots_of(fitting(SlotEntry, tables.get("slots")), instruments, models, find_jig)
    flaws += odd
    if flaws or elsewhere or document.odd_numbers:
        raise BadDocuments([*document.problems(flaws), *elsewhere])
    if header is None:
        raise AssertionError("what cannot be read has flaws")
    asked = any(CONSOLE in named for slot in slots.values() for named in slot.roles.values())
    each = {**({CONSOLE: AT_TERMINAL} if asked else {}), **instruments.each}
    used = {one.model: models[one.model] for one in each.values() if one.model in models}
    if written is None:
        return Station(header, each, slots, document, models=used)
    daemon = written.daemon or DaemonEntry()
    return Station(header, each, slots, document, written.simulated, daemon, written.mqtt, used)


def _odd_header(header: StationHeader, document: Document) -> Iterator[Flaw]:
    if not NAME.fullmatch(header.name):
        yield Flaw(("station", "name"), shown(header.name), SPOKEN[NAME])
    if not (header.site and is_title(header.site)):
        yield Flaw(("station", "site"), shown(header.site), "one printable line of 1 to 200 characters")
    if not _LANGUAGE.fullmatch(header.language):
        yield Flaw(("station", "language"), shown(header.language), "a language like en, de or zh-TW")
    for key in ("products", "jigs", "registers", "code"):
        for at, folder in enumerate(folders(document, key)):
            if not folder.is_dir():
                yield Flaw(("station", key, at), f"there is no folder {shown(str(folder))}")
