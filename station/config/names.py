"""Names: the grammars of what documents call things by."""

import re

PART_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")
REVISION = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,15}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names of jigs and stations: they stand in file names, topics and command lines."""
SHORT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
"""Names of instruments and slots."""

SPOKEN = {
    PART_NUMBER: "A-Z, 0-9, '.', '_' and '-', at most 64, a letter or digit first",
    REVISION: "A-Z, 0-9, '.', '_' and '-', at most 16, a letter or digit first",
    NAME: "letters, digits, '.', '_' and '-', at most 64, a letter or digit first",
    SHORT_NAME: "letters, digits, '_' and '-', at most 32, a letter first",
}


def is_title(text: str) -> bool:
    """Whether a text for people is one printable line of at most 200 characters."""
    return len(text) <= 200 and text.isprintable()


def revision_order(revision: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts revisions as people do: A, B, Z, AA; 1, 2, 10; A1, A2, B1."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, len(part), part)
        for part in re.findall(r"[0-9]+|[A-Z]+", revision)
    )
