"""The grammar between a daemon and its guardian: one JSON object a line, and nothing else is understood."""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from sequences.sequence import Pause
from station.guardian.words import (
    LONGEST_PAUSE,
    Arm,
    Armed,
    Beat,
    Chair,
    Disarm,
    GrammarError,
    Heard,
    Here,
    Leave,
    Rescue,
    Unable,
    Word,
    require,
)

LONGEST = 256 * 1024
"""Bytes of the longest line."""
MOST = 4096
"""Instruments and stages of one slot."""
_WORDS: dict[str, type[Word]] = {
    each.word: each for each in (Here, Arm, Armed, Unable, Disarm, Beat, Heard, Rescue, Leave)
}
_KINDS: dict[object, type | tuple[type, ...]] = {str: str, int: int, float: (int, float)}


def line(word: Word) -> bytes:
    """A word as a line. Raises GrammarError for one that is too long."""
    said = json.dumps({"say": word.word} | asdict(word), allow_nan=False, separators=(",", ":")).encode() + b"\n"
    require(len(said) <= LONGEST, f"{len(said)} bytes are too many")
    return said


def read(said: bytes) -> Word:
    """The word that a line says. Raises GrammarError."""
    require(len(said) <= LONGEST and said.endswith(b"\n"), "no whole line")
    try:
        told = json.loads(said, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise GrammarError(f"no JSON: {said[:60]!r}") from None
    require(isinstance(told, dict), f"no object: {said[:60]!r}")
    word = told.pop("say", None)
    require(isinstance(word, str) and word in _WORDS, f"no word: {said[:60]!r}")
    kind = _WORDS[word]
    if kind is Arm:
        return _arm(told)
    made: Word = _plain(kind, told)
    return made


def _arm(told: dict[str, Any]) -> Arm:
    require(set(told) == {"slot", "run", "stages", "chairs"}, "an arm has a slot, a run, stages and chairs")
    slot, run, stages, chairs = told["slot"], told["run"], told["stages"], told["chairs"]
    require(_is_text(slot) and _is_text(run), "a slot or a run is no text")
    require(isinstance(chairs, list) and len(chairs) <= MOST, "chairs are a list")
    require(isinstance(stages, list) and len(stages) <= MOST, "stages are a list")
    made = tuple(_plain(Chair, each) for each in chairs)
    names = {each.name for each in made}
    require(len(names) == len(made), "two chairs have one name")
    return Arm(slot, run, tuple(_stage(each, names) for each in stages), made)


def _stage(told: object, names: set[str]) -> tuple[str, ...] | Pause:
    if isinstance(told, dict):
        require(set(told) == {"seconds", "needs"}, "a pause has seconds and needs")
        seconds = told["seconds"]
        require(isinstance(seconds, int | float) and not isinstance(seconds, bool), "seconds are a number")
        require(0.0 <= seconds <= LONGEST_PAUSE, "no pause is so long")
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
    require(set(told) == set(wanted), f"a {kind.__name__} has {', '.join(wanted) or 'nothing'}")
    for name, each in told.items():
        right = _KINDS[wanted[name]]
        require(isinstance(each, right) and not isinstance(each, bool), f"{name} of a {kind.__name__} is {each!r:.40}")
        require(not isinstance(each, str) or _is_text(each), f"{name} of a {kind.__name__} is too long")
        require(not isinstance(each, int) or 0 <= each < 2**63, f"{name} of a {kind.__name__} is {each!r:.40}")
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
