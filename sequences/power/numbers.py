"""Lists of numbers as documents write them: `1-4,9`."""

import re

_PART = re.compile(r" *([0-9]{1,5})(?:-([0-9]{1,5}))? *")
MOST = 512


def numbers(text: str) -> tuple[int, ...]:
    """`1-4,9` becomes 1, 2, 3, 4, 9. Raises ValueError."""
    found: list[int] = []
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"numbers are written '1-8,12', not {text[:60]!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first >= MOST or len(found) >= MOST:
            raise ValueError(f"{text[:60]!r} goes backwards, or is more than {MOST}")
        found.extend(range(first, last + 1))
    return tuple(found)


def checked(text: str, found: list[tuple[tuple[str | int, ...], str]], where: tuple[str | int, ...]) -> tuple[int, ...]:
    """The numbers of a text; what is wrong with it is added to `found`."""
    try:
        return numbers(text)
    except ValueError as odd:
        found.append((where, str(odd)))
        return ()
