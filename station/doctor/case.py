"""A case: what is looked at, and where the machine keeps what is asked of it."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from station.condition import Condition, Level
from station.config.station_file import Station
from station.config.unattended import DaemonEntry, socket_of
from station.walls import real_wall


@dataclass(frozen=True)
class Case:
    """A station's file, if it could be read, its data folder, the time of day, and the machine's root."""

    data: Path
    station: Station | None = None
    now: datetime = field(default_factory=real_wall)
    root: Path = Path("/")

    @property
    def socket(self) -> Path:
        """Where the daemon listens, if it runs."""
        if self.station is None:
            return socket_of(DaemonEntry(), self.data, self.data)
        return socket_of(self.station.daemon, self.station.document.file.parent, self.data)

    def beside(self, name: str) -> Path:
        """A file that the station's file names."""
        return self.station.document.file.parent / name if self.station else Path(name)


def well(name: str, text: str) -> Condition:
    """All is well there."""
    return Condition(name, Level.OK, text)


def warning(name: str, text: str, remedy: str) -> Condition:
    """Nothing is lost yet."""
    return Condition(name, Level.WARNING, text, remedy)


def alarm(name: str, text: str, remedy: str) -> Condition:
    """It costs something, or keeps runs from beginning."""
    return Condition(name, Level.ALARM, text, remedy)
