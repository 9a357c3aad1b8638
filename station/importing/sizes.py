"""Gauges and lengths as people write them, in our words."""

import re

_METRES = {
    "m": 1.0,
    "mm": 1e-3,
    "cm": 1e-2,
    "in": 0.0254,
    "inch": 0.0254,
    '"': 0.0254,
    "ft": 0.3048,
    "feet": 0.3048,
    "'": 0.3048,
}
_GAUGE = re.compile(
    r"(?:AWG *(?P<before>[0-9]{1,2}(?:/0)?)|(?P<number>[0-9]{1,4}(?:[.][0-9]{1,6}|/0)?) *(?P<unit>AWG|mm2|mm\N{SUPERSCRIPT TWO})?)",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"""(?P<number>[0-9]{1,6}(?:\.[0-9]{1,6})?) *(?P<unit>[a-z]{1,4}|['"])?""", re.IGNORECASE)
MOST_METRES = 1000.0


def gauge_of(text: str) -> str | None:
    """`0.25 mm2`, `24AWG` or `AWG 24` as `0.25 mm2` or `24 AWG` (a bare number is mm2); None for anything else."""
    match = _GAUGE.fullmatch(text.strip())
    if match is None:
        return None
    if match["before"] or (match["unit"] or "").upper() == "AWG":
        size = match["before"] or match["number"]
        known = re.fullmatch(r"[1-4]/0|[1-4]?[0-9]|50", size)
        return f"{size} AWG" if known else None
    square = float(match["number"]) if "/" not in match["number"] else 0.0
    return f"{square:.4f}".rstrip("0").rstrip(".") + " mm2" if 0.0001 <= square < 1000 else None


def metres_of(text: str) -> float | None:
    """A length with its unit (a bare number is metres), in metres to the tenth of a millimetre; None for anything else."""
    match = _LENGTH.fullmatch(text.strip())
    scale = _METRES.get((match["unit"] or "m").lower()) if match else None
    if match is None or scale is None:
        return None
    metres = round(float(match["number"]) * scale, 4)
    return metres if 0 < metres <= MOST_METRES else None
