"""Plain: other people's text, made safe to look at. Control and direction characters are shown, not obeyed."""

_KEPT = "\n\t\u00a0"


def visible(text: str) -> str:
    r"""The text with every character that has no shape of its own written out (`\x1b`, `\u202e`).

    What is left is valid in HTML, in XML and in UTF-8. Escaping of `<` and its kin is not done here.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in _KEPT else each.encode("unicode_escape").decode("ascii") for each in text
    )


def shortened(text: str, most: int) -> str:
    """At most `most` characters of it, on one line; an ellipsis says that there was more."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
