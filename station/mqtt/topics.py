"""Topics: the tree under which a station is found at a broker. No level of it is made of anything that was not looked at here.

No topic names a serial number: what is told of a unit says so in its payload.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from station.config.station_file import Station

MOST_BYTES: Final = 1024
"""Of a whole topic. MQTT itself would allow 65,535."""
_PLAIN = re.compile(rb"[A-Za-z0-9._-]")


def level(text: str) -> str:
    """One level of a topic: the text itself where it is letters, digits, `.`, `_` and `-`; anything else as %XX, as in a URL.

    So `/`, `+`, `#` and a leading `$` stay what somebody called something, and name no other branch. Raises ValueError for
    what no name may hold: nothing at all, or a character that cannot be printed.
    """
    if not text or not text.isprintable():
        raise ValueError(f"{text[:80]!a} cannot be part of a topic")
    raw = text.encode()
    return "".join(chr(each) if _PLAIN.match(bytes([each])) else f"%{each:02X}" for each in raw)


def topic(*levels: str) -> str:
    """A topic of these names. Raises ValueError for one that is none, and for a topic that is too long."""
    joined = "/".join(level(each) for each in levels)
    if len(joined) > MOST_BYTES:
        raise ValueError(f"a topic of {len(joined)} bytes; {MOST_BYTES} at most")
    return joined


def is_topic(text: str) -> bool:
    """Whether something may be published there: no level is empty, is a wildcard, or holds what cannot be printed."""
    levels = text.split("/")
    return len(text.encode()) <= MOST_BYTES and all(
        each and each.isprintable() and not {"+", "#"} & set(each) for each in levels
    )


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one station; each begins with `top`, which is ROOT/SITE/STATION."""

    top: str

    @classmethod
    def of(cls, root: str, station: Station) -> Self:
        """Those of a station whose file has no problems."""
        return cls(topic(root, station.site, station.name))

    @property
    def state(self) -> str:
        """What the line is doing; retained, and the last will."""
        return f"{self.top}/state"

    @property
    def result(self) -> str:
        """Results, until they are received."""
        return f"{self.top}/result"

    @property
    def receipt(self) -> str:
        """Where receivers say that they have a result."""
        return f"{self.top}/receipt"

    @property
    def command(self) -> str:
        """Commands: one level below, the kind of the request."""
        return f"{self.top}/command"

    @property
    def answer(self) -> str:
        """What became of a command."""
        return f"{self.top}/answer"

    def slot(self, name: str) -> str:
        """A slot; retained."""
        return f"{self.top}/slot/{level(name)}"

    def event(self, slot: str) -> str:
        """What happens in a slot."""
        return f"{self.top}/event/{level(slot)}"

    def telemetry(self, slot: str) -> str:
        """What is measured in a slot."""
        return f"{self.top}/telemetry/{level(slot)}"
