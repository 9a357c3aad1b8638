"""Names of pins and wires, and ranges of them: `J1.1-8` is eight pins, `W1-8` eight wires."""

import re

PLACE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}(?:\.[A-Za-z0-9_/]{1,20})?")
_RANGE = re.compile(r"(?P<stem>[^-]{1,60}?)(?P<first>[0-9]{1,5})-(?P<last>[0-9]{1,5})")
_POINTS = re.compile(r" *([0-9]{1,5})(?:-([0-9]{1,5}))? *")
MOST = 4096


def expand(text: str) -> tuple[str, ...]:
    """`J1.1-3` becomes J1.1, J1.2, J1.3 (downwards too: `J1.3-1`); a plain name stays alone. Raises ValueError.

    `J1.01-10` keeps its two digits.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        return (_checked(text),)
    first, last = int(match["first"]), int(match["last"])
    if abs(last - first) >= MOST:
        raise ValueError(f"{text!r} is a range of more than {MOST}")
    way = 1 if last >= first else -1
    width = max((len(end) for end in (match["first"], match["last"]) if end.startswith("0")), default=1)
    return tuple(_checked(f"{match['stem']}{number:0{width}}") for number in range(first, last + way, way))


def numbers(text: str) -> tuple[int, ...]:
    """`1-4,9` becomes 1, 2, 3, 4, 9. Raises ValueError."""
    found: list[int] = []
    for part in text.split(","):
        match = _POINTS.fullmatch(part)
        if match is None:
            raise ValueError(f"points are written '1-8,12', not {_short(text)}")
        first, last = int(match[1]), int(match[2] or match[1])
        found.extend(range(first, last + 1) if last >= first else range(first, last - 1, -1))
        if len(found) > MOST:
            raise ValueError(f"{_short(text)} is more than {MOST} points")
    return tuple(found)


def connector_of(pin: str) -> str:
    """The connector of a pin: `J1` of `J1.3`."""
    return pin.partition(".")[0]


def spoken(pin: str) -> str:
    """A pin as people say it: `J1 pin 3`."""
    connector, _, number = pin.partition(".")
    return f"{connector} pin {number}" if number else connector


def _checked(name: str) -> str:
    if not PLACE.fullmatch(name):
        raise ValueError(f"a name is a letter, then letters, digits and _ (a pin: J1.3), not {_short(name)}")
    return name


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
