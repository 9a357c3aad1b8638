"""A scripted link replays the exchanges of a manual, for the tests of a driver. Unplayed or unexpected lines fail.

with scripted(("*IDN?", "HIOKI,RM3545,1,1.0"), ("*CLS", None)) as link:
    asyncio.run(my_driver(link))
"""

from collections.abc import Iterator
from contextlib import contextmanager

LISTEN = "<listen>"
"""The command of an exchange that is only listened for."""

Exchange = tuple[str, str | Exception | None]
"""What is sent, and the reply; None if the manual promises none; an exception is raised in place of a reply."""


class ScriptedLink:
    """Lines that answer from a script, in its order."""

    def __init__(self, exchanges: tuple[Exchange, ...], name: str = "scripted", at: float = 0.0) -> None:
        self.name = name
        self.at = at
        """What `now` says."""
        self._left = list(exchanges)

    def now(self) -> float:
        """A time that stands still."""
        return self.at

    async def query(self, command: str, *, within: float | None = None) -> str:  # noqa: ARG002 - the contract has it
        """Play the next exchange, which must be this question."""
        reply = self._play(command)
        assert reply is not None, f"the script has no reply to {command!r}, but the driver waits for one"  # noqa: S101
        return reply

    async def write(self, command: str) -> None:
        """Play the next exchange, which must be this command, without a reply."""
        reply = self._play(command)
        assert reply is None, f"{command!r} is answered with {reply!r}, but the driver does not listen"  # noqa: S101

    async def listen(self, *, within: float | None = None) -> str:  # noqa: ARG002 - the contract has it
        """Play the next exchange, which must be a LISTEN."""
        return await self.query(LISTEN)

    @property
    def unplayed(self) -> tuple[Exchange, ...]:
        """What the driver has not said yet."""
        return tuple(self._left)

    def _play(self, command: str) -> str | None:
        assert self._left, f"{command!r} is not in the script, which has ended"  # noqa: S101 - a fake fails by assert
        expected, reply = self._left.pop(0)
        assert expected == command, f"the script has {expected!r}, the driver says {command!r}"  # noqa: S101
        if isinstance(reply, Exception):
            raise reply
        return reply


@contextmanager
def scripted(*exchanges: Exchange, name: str = "scripted", at: float = 0.0) -> Iterator[ScriptedLink]:
    """A link that plays `exchanges`; AssertionError when the body has not played all of them, exactly so."""
    link = ScriptedLink(exchanges, name, at)
    yield link
    assert not link.unplayed, f"the driver never said {link.unplayed}"  # noqa: S101 - a fake fails by assert
