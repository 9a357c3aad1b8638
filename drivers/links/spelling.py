"""Spelling: how a command becomes bytes, and which bytes are a line of text."""

from drivers.links.traffic import KEPT_BYTES


def spelled(name: str, command: str, ending: bytes) -> bytes:
    """The bytes of one command. Raises ValueError for what is not one line of ASCII."""
    if "\n" in command or "\r" in command or not command.isascii():
        raise ValueError(f"{name}: {command!r} is not one line of ASCII")
    return command.encode("ascii") + ending


def text_of(reply: bytes, ending: bytes) -> str | None:
    """A reply without its ending, a CR just before a LF belonging to it; None where it is not printable ASCII."""
    line = reply[: -len(ending)]
    if ending == b"\n":
        line = line.removesuffix(b"\r")
    if line.isascii() and (text := line.decode("ascii")).isprintable():
        return text
    return None


def shown(raw: bytes) -> str:
    """The first bytes, for a message."""
    return f"{raw[:KEPT_BYTES]!r}{'...' if len(raw) > KEPT_BYTES else ''}"
