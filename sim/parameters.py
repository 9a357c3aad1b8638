"""SCPI's parameters: numbers with MIN, MAX and DEF, switches, words with a short and a long form, channel lists."""

import re
from functools import lru_cache

_SPLIT = re.compile(r"""(?:\([^)]*\)|"[^"]*"|'[^']*'|[^,])+""")
_NRF = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?", re.ASCII)
_SUFFIXED = re.compile(rf"({_NRF.pattern})\s*([A-Za-z]+)", re.ASCII)
_MULTIPLIERS = {
    "EX": 18,
    "PE": 15,
    "T": 12,
    "G": 9,
    "MA": 6,
    "K": 3,
    "": 0,
    "M": -3,
    "U": -6,
    "N": -9,
    "P": -12,
    "F": -15,
    "A": -18,
}
_CHANNELS = re.compile(r"\(@(.*)\)", re.ASCII)
_SPAN = re.compile(r"\s*(\d{3,4})\s*(?::\s*(\d{3,4})\s*)?", re.ASCII)


class ScpiError(Exception):
    """An entry for the error queue: -1xx the command was wrong, -2xx it could not be executed."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f'{code:+d},"{text}"')
        self.code = code
        self.text = text


def undefined_header() -> ScpiError:
    """No such command."""
    return ScpiError(-113, "Undefined header")


def missing_parameter() -> ScpiError:
    """Fewer parameters than the command needs."""
    return ScpiError(-109, "Missing parameter")


def out_of_range() -> ScpiError:
    """A number, a slot or a channel that the instrument does not have."""
    return ScpiError(-222, "Data out of range")


def illegal_parameter() -> ScpiError:
    """A word that the command does not know."""
    return ScpiError(-224, "Illegal parameter value")


def split(text: str) -> tuple[str, ...]:
    """The parameters of a command, each stripped; commas in quotes and parentheses do not split."""
    return tuple(each.strip() for each in _SPLIT.findall(text))


def plain(text: str, unit: str = "") -> float | None:
    """A number, with its unit or a multiple of that (250 mV, 0.25 V and 0.25 are the same); None for what is no number.

    IEEE 488.2: M is milli, but mega before OHM and HZ. Raises ScpiError for a unit that is not this one.
    """
    if _NRF.fullmatch(text):
        return float(text)
    suffixed = _SUFFIXED.fullmatch(text)
    if suffixed is None:
        return None
    if not unit:
        raise ScpiError(-138, "Suffix not allowed")
    suffix = suffixed[2].upper()
    power = _MULTIPLIERS.get(suffix.removesuffix(unit.upper()))
    if power is None or not suffix.endswith(unit.upper()):
        raise ScpiError(-131, "Invalid suffix")
    if power == -3 and unit.upper() in {"OHM", "HZ"}:
        power = 6
    return float(f"{suffixed[1]}E{power}") if "e" not in suffixed[1].lower() else float(suffixed[1]) * 10.0**power


def number(text: str, least: float, most: float, default: float, unit: str = "") -> float:
    """A number from `least` to `most`, in `unit` or a multiple of it, or MIN, MAX, DEF. Raises ScpiError."""
    value = plain(text, unit) if text[:1] in "+-.0123456789" else None
    if value is not None:
        if not least <= value <= most:
            raise out_of_range()
        return value
    word = choice(text, "MINimum", "MAXimum", "DEFault")
    return {"MIN": least, "MAX": most, "DEF": default}[word]


def switch(text: str) -> bool:
    """ON, OFF, 1 or 0. Raises ScpiError."""
    if text.upper() in {"ON", "1"}:
        return True
    if text.upper() in {"OFF", "0"}:
        return False
    raise illegal_parameter()


@lru_cache(maxsize=1024)
def choice(text: str, *words: str) -> str:
    """Which of `words`, written like "MEDium", was said, by its short form. Raises ScpiError."""
    for word in words:
        if text.upper() in {short(word), word.upper()}:
            return short(word)
    raise illegal_parameter()


@lru_cache(maxsize=1024)
def short(word: str) -> str:
    """The short form of a word such as "MEDium": its capitals and digits."""
    return re.sub("[a-z]", "", word)


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """The (first, last) pairs of a channel list such as "(@111:118,121)"; a single channel is its own last."""
    listed = _CHANNELS.fullmatch(text)
    if listed is None:
        raise ScpiError(-171, "Invalid expression")
    if not listed[1].strip():
        return ()
    found = [_SPAN.fullmatch(each) for each in listed[1].split(",")]
    if not all(found):
        raise ScpiError(-171, "Invalid expression")
    return tuple((int(each[1]), int(each[2] or each[1])) for each in found if each)
