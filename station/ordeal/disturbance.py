"""Disturbances: what happens to the system around a run, and when."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What happens. The text is how it is written."""

    KILLED = "killed"
    """The process is killed, as nothing can be caught, while the listener is shown an event."""
    KILLED_AT_BEGIN = "killed-at-begin"
    """Killed in the ledger's thread when the id of the run has just been kept."""
    KILLED_AT_END = "killed-at-end"
    """Killed in the ledger's thread in the commit for which the verdict waits, before or after it is done."""
    POWER_CUT = "power-cut"
    """The machine loses its power while the listener is shown an event: what stands in files then is all that is left."""
    NO_ROOM = "no-room"
    """Too little room is left for a run to begin."""
    DISK_FULL = "disk-full"
    DISK_NEARLY_FULL = "disk-nearly-full"
    """Full until the ledger throws off its ballast."""
    FSYNC_FAILS = "fsync-fails"
    """The bytes reach the file; the sync says that it failed."""
    DISK_SLOW = "disk-slow"
    CLOCK_BACK = "clock-back"
    """The wall clock goes back by an hour."""
    CLOCK_FORWARD = "clock-forward"
    """The wall clock goes forward by a day."""
    CLOCK_1970 = "clock-1970"
    SUSPENDED = "suspended"
    """The machine sleeps: time goes on, nothing runs."""
    TROUBLE = "trouble"
    """An instrument or its link fails, in the words of the catalogue of faults."""
    ABORTED = "aborted"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    """The task that waits for the run is cancelled, as Ctrl-C does it."""
    SECOND_START = "second-start"
    """Somebody starts a run in the same slot, or of the same unit, meanwhile."""


KILLS = frozenset({Kind.KILLED, Kind.KILLED_AT_BEGIN, Kind.KILLED_AT_END})
DISKS = frozenset({Kind.DISK_FULL, Kind.DISK_NEARLY_FULL, Kind.FSYNC_FAILS, Kind.DISK_SLOW})
"""They last from one event of the run to another."""
HARMLESS = frozenset(
    {
        Kind.DISK_NEARLY_FULL,
        Kind.DISK_SLOW,
        Kind.CLOCK_BACK,
        Kind.CLOCK_FORWARD,
        Kind.CLOCK_1970,
        Kind.SECOND_START,
        Kind.POWER_CUT,
    }
)
"""They change no verdict; that of a run that loses its power is looked at apart."""
ASKED = frozenset({Kind.ABORTED, Kind.STOPPED, Kind.CANCELLED})
"""A person ends the run."""
BY_EVENT = KILLS | DISKS | {Kind.POWER_CUT}
"""What happens at an event of the run, not at a time of it."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One of them: at which second of the world's time, or at which event of the run, and until when where it ends again.

    `what` is the fault of a trouble as the catalogue writes it, and a small choice of the other kinds; `again` are more
    times at which the same is asked.
    """

    kind: Kind
    at: float
    until: float = float("inf")
    what: str = ""
    again: tuple[float, ...] = field(default=())

    def __str__(self) -> str:
        unit = "event " if self.kind in BY_EVENT else ""
        second = "" if self.kind in BY_EVENT else " s"
        until = f" until {unit}{self.until:g}{second}" if self.until != float("inf") else ""
        again = "".join(f", again at {each:g} s" for each in self.again)
        what = f" ({self.what})" if self.what else ""
        return f"{self.kind}{what} at {unit}{self.at:g}{second}{until}{again}"
