"""The banner: a verdict that can be read across the hall."""

LETTERS = {
    "A": (" ███ ", "█   █", "█████", "█   █", "█   █"),
    "B": ("████ ", "█   █", "████ ", "█   █", "████ "),
    "D": ("████ ", "█   █", "█   █", "█   █", "████ "),
    "E": ("█████", "█    ", "████ ", "█    ", "█████"),
    "F": ("█████", "█    ", "████ ", "█    ", "█    "),
    "I": ("█████", "  █  ", "  █  ", "  █  ", "█████"),
    "L": ("█    ", "█    ", "█    ", "█    ", "█████"),
    "N": ("█   █", "██  █", "█ █ █", "█  ██", "█   █"),
    "O": (" ███ ", "█   █", "█   █", "█   █", " ███ "),
    "P": ("████ ", "█   █", "████ ", "█    ", "█    "),
    "R": ("████ ", "█   █", "████ ", "█  █ ", "█   █"),
    "S": (" ████", "█    ", " ███ ", "    █", "████ "),
    "T": ("█████", "  █  ", "  █  ", "  █  ", "  █  "),
    "U": ("█   █", "█   █", "█   █", "█   █", " ███ "),
}
WORDS = {"PASSED": "PASS", "FAILED": "FAIL", "ABORTED": "ABORTED", "INTERRUPTED": "INTERRUPTED"}
COLORS = {"PASSED": "\x1b[1;30;42m", "FAILED": "\x1b[1;37;41m"}
OTHER, RESET = "\x1b[1;30;43m", "\x1b[0m"


def banner(verdict: str, *, color: bool) -> str:
    """Five lines that say PASS, FAIL, ERROR, ...; in colour only where `color` says that there is a terminal."""
    word = WORDS.get(verdict, verdict)
    rows = ["  " + "  ".join(LETTERS[letter][row] for letter in word) + "  " for row in range(5)]
    if not color:
        return "\n".join(row.rstrip() for row in rows)
    blank = " " * len(rows[0])
    paint = COLORS.get(verdict, OTHER)
    return "\n".join(f"{paint}{row}{RESET}" for row in (blank, *rows, blank))
