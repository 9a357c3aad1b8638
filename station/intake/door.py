"""The door of the line, as those who hand in units see it."""

from typing import Protocol

from station.line.news import News
from station.line.ticket import USUAL, Ticket
from station.orders import Request


class Status(Protocol):
    """What is asked of the line's status."""

    @property
    def mode(self) -> str:
        """`serving`, `paused`, `draining` or `ended`."""
        ...


class Door(Protocol):
    """What is asked of the line."""

    @property
    def news(self) -> News:
        """What happens there."""
        ...

    async def submit(self, request: Request, *, source: str, key: str = "", priority: int = USUAL) -> Ticket:
        """Hand a unit in. Raises RefusalError; the same source and key again give the same ticket."""
        ...

    async def ticket(self, ticket: str) -> Ticket:
        """The ticket of an id, as it is now. Raises RefusalError."""
        ...

    def status(self) -> Status:
        """How the line is."""
        ...


def takes_work(door: Door) -> bool:
    """Whether what is handed in now would be kept; one that drains takes nothing, and what waits can wait for the next."""
    return door.status().mode not in {"draining", "ended"}


def tell(door: Door, source: str, what: str, text: str, ticket: Ticket | None = None) -> None:
    """Tell everybody that something was taken or refused: news of the kind `intake`."""
    door.news.tell(
        "intake", {"source": source, "what": what, "text": text, "taken": ticket is not None, "ticket": ticket}
    )
