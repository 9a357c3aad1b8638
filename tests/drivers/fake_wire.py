"""A fake wire for the tests of links: bytes come when the test says so, in the loop's time."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, ParamSpec

from sim.clock import run

P = ParamSpec("P")

Late = tuple[float, bytes]
"""Seconds after the question, and what comes then."""
IDN = b"ACME,X,1,1\n"


class FakeWire:
    """Each line that is sent is `answer`ed with pieces, one line after the other; a piece b"" hangs up."""

    def __init__(self, answer: Callable[[str], Iterable[Late]] = lambda _: ()) -> None:
        self.answer = answer
        self.sent: list[str] = []
        self.opened = 0
        self.refusals = 0
        self.hangs = False
        self.in_order = True
        self._busy_until = 0.0
        self.attempts: list[float] = []
        self._heard = bytearray()
        self._up = False
        self._waiter: asyncio.Future[None] | None = None

    async def open(self) -> None:
        """Connect, unless told to refuse or to hang."""
        self.attempts.append(asyncio.get_running_loop().time())
        if self.hangs:
            await asyncio.Event().wait()
        if self.refusals:
            self.refusals -= 1
            raise ConnectionRefusedError("nobody there")
        self.opened += 1
        self._heard.clear()
        self._up = True

    async def send(self, data: bytes) -> None:
        """Note the line, and have its answer come."""
        if not self._up:
            raise BrokenPipeError("gone")
        line = data.decode("latin-1").rstrip("\r\n")
        self.sent.append(line)
        now = asyncio.get_running_loop().time()
        begins = max(now, self._busy_until) - now if self.in_order else 0.0
        for delay, piece in self.answer(line):
            self.comes(piece, after=begins + delay)
            self._busy_until = now + begins + delay

    def comes(self, piece: bytes, *, after: float = 0.0) -> None:
        """Have bytes come, asked for or not."""
        asyncio.get_running_loop().call_later(after, self._feed, piece, self.opened)

    async def receive(self) -> bytes:
        """Wait for bytes."""
        while self._up and not self._heard:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self.pending()

    def pending(self) -> bytes:
        """What is there."""
        taken = bytes(self._heard)
        self._heard.clear()
        return taken

    def close(self) -> None:
        """Hang up."""
        self._up = False
        self._wake()

    def _feed(self, piece: bytes, connection: int) -> None:
        if not piece:
            self.close()
        elif self._up and connection == self.opened:
            self._heard += piece
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def table(*rows: tuple[str, Iterable[Late]]) -> Callable[[str], Iterable[Late]]:
    """Answers by question, each row played once and in order; `*IDN?` is always answered unless a row says otherwise."""
    left = [*rows]

    def answer(line: str) -> Iterable[Late]:
        for at, (question, pieces) in enumerate(left):
            if question == line:
                del left[at]
                return pieces
        return [(0.001, IDN)] if line == "*IDN?" else []

    return answer


def virtual(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test in virtual time."""

    @wraps(test)
    def runs(*args: P.args, **kwargs: P.kwargs) -> None:
        run(test(*args, **kwargs))

    return runs
