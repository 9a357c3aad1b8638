"""Serial numbers: the grammar that everything scanned, typed or sent must keep to before it reaches anything else."""

import re
import warnings

SERIAL = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")
MOST_PATTERN = 200
_PARTS = re.compile(
    r"(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<escape>\\.)|(?P<open>\((?:\?:)?)|(?P<close>\))"
    r"|(?P<repeat>[*+?]|\{[0-9]*(?:,[0-9]*)?\})|(?P<either>\|)|(?P<plain>.)",
    re.DOTALL,
)
_FIXED = re.compile(r"\{[0-9]{1,2}\}")
REPEAT, EITHER, MOST = 5, 1, 20
"""What a part that varies costs, and what a pattern may cost: about the logarithm of how long a match can take."""


def checked_serial(text: str, pattern: re.Pattern[str] | None = None) -> str:
    """`text`, if it is a serial number and fits the product's own `pattern`. Raises ValueError, which shows it escaped."""
    found = ascii(text if len(text) <= 80 else f"{text[:80]}...")
    if not SERIAL.fullmatch(text):
        raise ValueError(
            f"found {found}; a serial number is A-Z, 0-9, '.', '_' and '-', at most 64, a letter or digit first"
        )
    if pattern is not None and not pattern.fullmatch(text):
        raise ValueError(f"found {found}; a serial number of this product fits {pattern.pattern}")
    return text


def checked_pattern(text: str) -> re.Pattern[str]:
    """A product's own pattern for serial numbers. Raises ValueError for what does not compile, or could take for ever.

    Groups may be optional but not repeated, and few parts may vary in length, so that no serial number keeps the station busy.
    """
    if len(text) > MOST_PATTERN:
        raise ValueError(f"a pattern has at most {MOST_PATTERN} characters, not {len(text)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = re.compile(text, re.ASCII)
    except (re.error, Warning) as odd:
        raise ValueError(f"is no regular expression: {odd}") from None
    cost, before = 0, ""
    for part in _PARTS.finditer(text):
        kind = part.lastgroup or ""
        if kind == "repeat" and before == "close" and part[0] != "?":
            raise ValueError("a group in brackets may be optional (?), but not repeated")
        if kind == "repeat" and before == "open":
            raise ValueError("of the groups that begin with (? only (?: is allowed")
        if kind == "either" or (kind == "repeat" and not _FIXED.fullmatch(part[0])):
            cost += EITHER if kind == "either" else REPEAT
        before = kind
    if cost > MOST:
        raise ValueError(
            f"too much of it may vary: {MOST // REPEAT} of *, +, ? and {{n,m}}, or {MOST // EITHER} of |, at most"
        )
    return pattern
