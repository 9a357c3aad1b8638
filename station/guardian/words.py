"""The words between a daemon and its guardian.

The guardian begins with Here. Then the daemon says Arm and Disarm for each slot, a Beat several times a second, Rescue when
everything is to be made safe now, Leave when nothing is armed and it goes. The guardian says Armed or Unable, and Heard.
"""

from dataclasses import dataclass
from typing import ClassVar

from drivers.links.address import parse
from sequences.sequence import Pause

VERSION = 1
LONGEST_PAUSE = 24 * 3600.0


class GrammarError(Exception):
    """What nobody here says."""


def require(so: object, why: str) -> None:
    """Raises GrammarError where it is not so."""
    if not so:
        raise GrammarError(why)


@dataclass(frozen=True, slots=True)
class Chair:
    """An instrument of a slot, as the guardian must know it to reach it.

    `identity` is who answered there when the run began. Of a map of registers `file` is its document; of a model in a
    station's own code `folder` and `module` are where it is.
    """

    name: str
    model: str
    link: str
    within: float
    identity: str
    file: str = ""
    folder: str = ""
    module: str = ""

    def __post_init__(self) -> None:
        require(self.name and self.model, "an instrument has no name or no model")
        require(0.0 < self.within <= LONGEST_PAUSE, f"no deadline of {self.name} is {self.within:g} s")
        try:
            parse(self.link)
        except ValueError as odd:
            raise GrammarError(str(odd)) from None


Stages = tuple[tuple[str, ...] | Pause, ...]


@dataclass(frozen=True, slots=True)
class Here:
    """The guardian is ready to be told."""

    word: ClassVar[str] = "here"
    version: int
    pid: int


@dataclass(frozen=True, slots=True)
class Arm:
    """From now on this slot must be made safe in this order."""

    word: ClassVar[str] = "arm"
    slot: str
    run: str
    stages: Stages
    chairs: tuple[Chair, ...]


@dataclass(frozen=True, slots=True)
class Armed:
    """Everything that is needed for it is at hand."""

    word: ClassVar[str] = "armed"
    slot: str
    run: str


@dataclass(frozen=True, slots=True)
class Unable:
    """It could not be made safe, and why."""

    word: ClassVar[str] = "unable"
    slot: str
    run: str
    why: str


@dataclass(frozen=True, slots=True)
class Disarm:
    """It has been made safe."""

    word: ClassVar[str] = "disarm"
    slot: str


@dataclass(frozen=True, slots=True)
class Beat:
    """The engine gets on."""

    word: ClassVar[str] = "beat"
    number: int


@dataclass(frozen=True, slots=True)
class Heard:
    """The guardian hears, and does."""

    word: ClassVar[str] = "heard"
    number: int


@dataclass(frozen=True, slots=True)
class Rescue:
    """Make everything safe now."""

    word: ClassVar[str] = "rescue"
    why: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The daemon ends, in order."""

    word: ClassVar[str] = "leave"


Word = Here | Arm | Armed | Unable | Disarm | Beat | Heard | Rescue | Leave
