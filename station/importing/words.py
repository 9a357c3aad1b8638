"""Words of others' documents: texts for people, and names."""

import re

MOST_TEXT = 120
_LINK = re.compile(r"<[aA] [^>]{0,500}>([^<]{0,200})</[aA]>")


def one_line(text: str) -> str:
    """A text as one printable line of bounded length, without links and line breaks."""
    plain = _LINK.sub(r"\1", text).replace("<br>", " ")
    printable = "".join(each if each.isprintable() else " " for each in plain)
    words = " ".join(printable.split())
    return words if len(words) <= MOST_TEXT else f"{words[: MOST_TEXT - 3]}..."


class Names:
    """Gives out names of pins, wires and places that keep to our grammar, each once."""

    def __init__(self, longest: int = 31, first: str = "A-Za-z") -> None:
        self._longest, self._first, self._taken = longest, re.compile(f"[{first}]"), set[str]()

    def take(self, wanted: str, otherwise: str = "N") -> str:
        """`wanted` in our letters, with a number behind it where it is taken."""
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", wanted.strip().lstrip("_"))[: self._longest].rstrip("_")
        if not plain or not self._first.match(plain):
            plain = f"{otherwise}{plain}"[: self._longest]
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain[: self._longest - len(str(number)) - 1]}_{number}"
        self._taken.add(name)
        return name
