"""The contract of a link that carries lines of text."""

from typing import Protocol


class Lines(Protocol):
    """What a driver may say to its link. One dialogue at a time; every exchange has its own deadline."""

    @property
    def name(self) -> str:
        """The instrument's name on this bench."""
        ...

    def now(self) -> float:
        """The loop's time, in seconds."""
        ...

    async def query(self, command: str, *, within: float | None = None, urgent: bool = False) -> str:
        """Send `command`, return the one line that answers it, without its ending.

        One that makes safe and is answered is `urgent`: over a link in doubt it is sent twice, at once, and to be believed.
        Raises LinkTimeout (the link is then poisoned), LinkError, or BadReply for bytes that are no line of ASCII.
        """
        ...

    async def write(self, command: str) -> None:
        """Send `command`, which has no reply."""
        ...

    async def listen(self, *, within: float | None = None) -> str:
        """Forget what came before, then wait for one line that nobody asked for (a scan); None waits for ever."""
        ...
