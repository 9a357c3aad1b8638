"""Colours of insulation, as drawings write them (IEC 60757 letters, English words). Unknown ones are not drawn."""

import re

LETTERS = {
    "BK": "#1c1c1c",
    "BN": "#7a4a26",
    "RD": "#cf2a27",
    "OG": "#ef7f1a",
    "YE": "#f2c500",
    "GN": "#2e9e46",
    "BU": "#2563c9",
    "VT": "#7d3fb0",
    "GY": "#8a9099",
    "WH": "#fbfbfb",
    "PK": "#ee8fb2",
    "TQ": "#2bb5b0",
    "GD": "#b08d2c",
    "SR": "#b9bec5",
    "CU": "#b5673a",
}
WORDS = {
    "black": "BK",
    "brown": "BN",
    "red": "RD",
    "orange": "OG",
    "yellow": "YE",
    "green": "GN",
    "blue": "BU",
    "violet": "VT",
    "purple": "VT",
    "grey": "GY",
    "gray": "GY",
    "white": "WH",
    "pink": "PK",
    "turquoise": "TQ",
    "gold": "GD",
    "silver": "SR",
    "copper": "CU",
}


def insulation(color: str) -> tuple[str, ...]:
    """One colour, or two for a striped wire, as #rrggbb; nothing where the text is no colour that is known.

    Understands `RD`, `WHBU`, `WH/BU`, `white-blue` and `#cf2a27`. What comes back is always from this page or six hex digits.
    """
    text = color.strip()
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        return (text.lower(),)
    parts = re.split(r"[/,\- ]+", text)
    if len(parts) == 1 and re.fullmatch(r"(?:[A-Z]{2}){1,2}", text):
        parts = [text[at : at + 2] for at in range(0, len(text), 2)]
    letters = [WORDS.get(part.lower(), part.upper()) for part in parts]
    return tuple(LETTERS[each] for each in letters) if len(letters) <= 2 and all(x in LETTERS for x in letters) else ()
