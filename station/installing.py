"""Installing: what a station file says about the machine that its line runs on."""

from pathlib import Path

from drivers.links.address import Address, ModbusRtuAddress, SerialAddress, VisaAddress, parse
from sequences.family import Family
from sequences.sequence import Pause
from station.config.station_file import Station
from station.intake.folder import watched_folder
from station.opening import load_station
from station.safety import DEADLINE
from station.units import Installation


def installation_of(name: str | None, program: Path, data: Path, user: str) -> Installation:
    """The line of a station file. Raises BadDocuments, RefusalError, and ValueError for a path or a user that will not do."""
    station, library = load_station(name, simulated=False)
    links = [parse(each.link) for each in station.instruments.values()]
    return Installation(
        program=program,
        station=station.document.file.absolute(),
        data=data,
        user=user,
        writes=tuple(_writes(station, data)),
        reaches=frozenset(_kind(each) for each in links),
        safe=_longest(station, list(library.families.values())),
    )


def _writes(station: Station, data: Path) -> list[Path]:
    watched = watched_folder(station)
    return [watched] if watched is not None and not watched.is_relative_to(data) else []


def _kind(address: Address) -> str:
    match address:
        case SerialAddress() | ModbusRtuAddress():
            return "serial"
        case VisaAddress(resource) if resource.startswith("USB"):
            return "usb"
        case VisaAddress(resource) if resource.startswith("GPIB"):
            return "gpib"
        case _:
            return "net"


def _longest(station: Station, families: list[Family]) -> float:
    """No less than the longest that making any slot safe can take: each instrument by itself, twice where a pause needs it."""
    pauses = [
        sum(stage.seconds for stage in sequence.fixture.SAFE_ORDER if isinstance(stage, Pause))
        for family in families
        for sequence in family.sequences
    ]
    slots = [
        sum(
            station.instruments[name].safe_within or DEADLINE
            for names in slot.roles.values()
            for name in names
            if name in station.instruments
        )
        for slot in station.slots.values()
    ]
    return 2 * max(slots, default=0.0) + max(pauses, default=0.0)
