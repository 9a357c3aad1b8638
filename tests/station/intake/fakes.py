"""A line that only takes tickets."""

from dataclasses import dataclass, field, replace

from station.line.news import Item, News
from station.line.ticket import USUAL, Stage, Ticket
from station.orders import Request
from station.service import RefusalError


@dataclass
class Mode:
    """How the line is."""

    mode: str = "serving"


@dataclass
class FakeLine:
    """Keeps tickets by source and key as the line does. `broken` is what its disk says; `unknown` serials are refused."""

    news: News = field(default_factory=News)
    kept: dict[str, Ticket] = field(default_factory=dict)
    broken: str = ""
    unknown: tuple[str, ...] = ("UNKNOWN",)
    mode: Mode = field(default_factory=Mode)
    asked: int = 0

    async def submit(self, request: Request, *, source: str, key: str = "", priority: int = USUAL) -> Ticket:
        """Keep a ticket, once for each key."""
        self.asked += 1
        for each in self.kept.values():
            if key and (source, key) == (each.source, each.key):
                return each
        if self.broken:
            raise OSError(self.broken)
        if request.serial in self.unknown:
            raise RefusalError(f"{request.serial} is not wanted")
        number = f"T{len(self.kept) + 1}"
        names = (request.product, request.serial, request.slot or "", request.sequence or "")
        self.kept[number] = Ticket(number, *names, priority, source, key, "2026-01-01T00:00:00.000Z", Stage.QUEUED)
        return self.kept[number]

    async def ticket(self, ticket: str) -> Ticket:
        """One ticket."""
        if ticket not in self.kept:
            raise RefusalError(f"no ticket {ticket}")
        return self.kept[ticket]

    def status(self) -> Mode:
        """How it is."""
        return self.mode

    def end(self, ticket: str, verdict: str = "PASSED", *, told: bool = True) -> None:
        """A run of it has ended."""
        done = replace(self.kept[ticket], stage=Stage.DONE, run=f"R-{ticket}", verdict=verdict)
        self.kept[ticket] = done
        if told:
            self.news.tell("ticket", {"ticket": done})

    @property
    def units(self) -> list[str]:
        """What was handed in, in order."""
        return [f"{each.product} {each.serial}" for each in self.kept.values()]

    @property
    def told(self) -> list[Item]:
        """What the intake has told."""
        return [item for item in self.news.items if item.kind == "intake"]
