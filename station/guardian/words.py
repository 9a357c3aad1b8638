"""The words between a daemon and its guardian: one JSON object a line, and nothing else is understood.

The guardian begins with Here. Then the daemon says Arm and Disarm for each slot, a Beat several times a second, Rescue when
everything is to be made safe now, Leave when nothing is armed and it goes. The guardian says Armed or Unable, and Heard.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from drivers.links.address import parse
from sequences.sequence import Pause

VERSION = 1
LONGEST = 256 * 1024
"""Bytes of the longest line."""
MOST = 4096
"""Instruments and stages of one slot."""
LONGEST_PAUSE = 24 * 3600.0


class GrammarError(Exception):
    """A line that nobody here says."""


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
        _require(self.name and self.model, "an instrument has no name or no model")
        _require(0.0 < self.within <= LONGEST_PAUSE, f"no deadline of {self.name} is {self.within:g} s")
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
_WORDS: dict[str, type[Word]] = {
    each.word: each for each in (Here, Arm, Armed, Unable, Disarm, Beat, Heard, Rescue, Leave)
}
_KINDS: dict[object, type | tuple[type, ...]] = {str: str, int: int, float: (int, float)}


def line(word: Word) -> bytes:
    """A word as a line. Raises GrammarError for one that is too long."""
    said = json.dumps({"say": word.word} | asdict(word), allow_nan=False, separators=(",", ":")).encode() + b"\n"
    _require(len(said) <= LONGEST, f"{len(said)} bytes are too many")
    return said


def read(said: bytes) -> Word:
    """The word that a line says. Raises GrammarError."""
    _require(len(said) <= LONGEST and said.endswith(b"\n"), "no whole line")
    try:
        told = json.loads(said, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise GrammarError(f"no JSON: {said[:60]!r}") from None
    _require(isinstance(told, dict), f"no object: {said[:60]!r}")
    word = told.pop("say", None)
    _require(isinstance(word, str) and word in _WORDS, f"no word: {said[:60]!r}")
    kind = _WORDS[word]
    if kind is Arm:
        return _arm(told)
    made: Word = _plain(kind, told)
    return made


def _arm(told: dict[str, Any]) -> Arm:
    _require(set(told) == {"slot", "run", "stages", "chairs"}, "an arm has a slot, a run, stages and chairs")
    slot, run, stages, chairs = told["slot"], told["run"], told["stages"], told["chairs"]
    _require(_is_text(slot) and _is_text(run), "a slot or a run is no text")
    _require(isinstance(chairs, list) and len(chairs) <= MOST, "chairs are a list")
    _require(isinstance(stages, list) and len(stages) <= MOST, "stages are a list")
    made = tuple(_plain(Chair, each) for each in chairs)
    names = {each.name for each in made}
    _require(len(names) == len(made), "two chairs have one name")
    return Arm(slot, run, tuple(_stage(each, names) for each in stages), made)


def _stage(told: object, names: set[str]) -> tuple[str, ...] | Pause:
    if isinstance(told, dict):
        _require(set(told) == {"seconds", "needs"}, "a pause has seconds and needs")
        seconds = told["seconds"]
        _require(isinstance(seconds, int | float) and not isinstance(seconds, bool), "seconds are a number")
        _require(0.0 <= seconds <= LONGEST_PAUSE, "no pause is so long")
        return Pause(float(seconds), _names(told["needs"], names))
    return _names(told, names)


def _names(told: object, known: set[str]) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(_is_text(each) and each in known for each in told):
        raise GrammarError("a stage names what is in no chair")
    return tuple(told)


def _plain(kind: type[Any], told: object) -> Any:  # noqa: ANN401 (one of `kind`)
    """One whose fields are texts and numbers."""
    if not isinstance(told, dict):
        raise GrammarError(f"no {kind.__name__}")
    wanted = {each.name: each.type for each in fields(kind)}
    _require(set(told) == set(wanted), f"a {kind.__name__} has {', '.join(wanted) or 'nothing'}")
    for name, each in told.items():
        right = _KINDS[wanted[name]]
        _require(isinstance(each, right) and not isinstance(each, bool), f"{name} of a {kind.__name__} is {each!r:.40}")
        _require(not isinstance(each, str) or _is_text(each), f"{name} of a {kind.__name__} is too long")
        _require(not isinstance(each, int) or 0 <= each < 2**63, f"{name} of a {kind.__name__} is {each!r:.40}")
    return kind(**told)


def _is_text(each: object) -> bool:
    return isinstance(each, str) and len(each) <= 4096


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, each in pairs:
        if name in told:
            raise ValueError(f"{name} twice")
        told[name] = each
    return told


def _no_number(said: str) -> float:
    raise ValueError(said)


def _require(so: object, why: str) -> None:
    if not so:
        raise GrammarError(why)
