"""Conditions: what is well with a station and what is not, each with what to do about it."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How bad it is. A warning costs nothing yet; an alarm does, or keeps runs from beginning."""

    OK = 0
    WARNING = 1
    ALARM = 2


@dataclass(frozen=True, slots=True)
class Condition:
    """`name` is one word of its part (`broker`, `disk`, `guardian`); `remedy` says what to do, and is empty where all is well."""

    name: str
    level: Level
    text: str
    remedy: str = ""
