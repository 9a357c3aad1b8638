"""Turns: instruments that slots share are taken as whole sets, or not at all."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    names: frozenset[str]
    who: Hashable
    granted: asyncio.Future[None]


class Turns:
    """Who holds which instrument. Sets are granted whole, so nobody holds one while waiting for another (no deadlock);
    first come, first served among those who want the same instrument (no starvation), while others may overtake.
    """

    def __init__(self) -> None:
        self._holders: dict[str, Hashable] = {}
        self._queue: deque[_Waiting] = deque()

    def holder(self, name: str) -> Hashable | None:
        """Who holds an instrument now."""
        return self._holders.get(name)

    async def take(self, names: frozenset[str], who: Hashable) -> None:
        """Wait until every one of `names` is free and nobody waits for them longer, then hold them all.

        What `who` holds already is free for him.
        """
        names = frozenset(name for name in names if self._holders.get(name) is not who)
        if not self._queue and self._holders.keys().isdisjoint(names):
            self._holders.update(dict.fromkeys(names, who))
            return
        waiting = _Waiting(names, who, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._serve()
        try:
            await waiting.granted
        except asyncio.CancelledError:
            if waiting.granted.done() and not waiting.granted.cancelled():
                self.give_back(names, who)
            elif waiting in self._queue:
                self._queue.remove(waiting)
                self._serve()
            raise

    def give_back(self, names: Iterable[str], who: Hashable) -> None:
        """Let go of what `who` holds of these, and of nobody else's; whoever may go on is woken."""
        for name in names:
            if self._holders.get(name) is who:
                del self._holders[name]
        if self._queue:
            self._serve()

    @asynccontextmanager
    async def turn(self, names: frozenset[str], who: Hashable) -> AsyncIterator[None]:
        """Hold `names` for the length of a block."""
        await self.take(names, who)
        try:
            yield
        finally:
            self.give_back(names, who)

    def _serve(self) -> None:
        wanted: set[str] = set()
        for waiting in tuple(self._queue):
            free = self._holders.keys().isdisjoint(waiting.names) and wanted.isdisjoint(waiting.names)
            if free and not waiting.granted.done():
                self._queue.remove(waiting)
                self._holders.update(dict.fromkeys(waiting.names, waiting.who))
                waiting.granted.set_result(None)
            else:
                wanted |= waiting.names
