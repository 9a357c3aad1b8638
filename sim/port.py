"""An instrument's port: bytes become lines, lines are obeyed in order, replies go back, and the wire has its troubles."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from functools import partial

from sim.emulator import Answer, Emulator

LATE = 5.0
"""Seconds that a late reply takes: longer than anyone waits."""
_LONGEST = 65536  # bytes without an ending that an input buffer keeps
_END = b""  # no line: the other end will say no more
_READING = re.compile(rb"(?i)READ\?|FETCh?\?|MEAS")
_NUMBER = re.compile(rb"[+-]?\d+\.?\d*(?:E[+-]?\d+)?", re.IGNORECASE)
_NAN = b"+9.91000000E+37"


class Port:
    """Obeys one line after the other, whoever sent it: an answer that takes time holds up the lines behind it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._waiting: deque[tuple[bytes, Session]] = deque()
        self._busy: asyncio.Task[Answer] | None = None
        self._frozen: dict[bytes, bytes] = {}

    @property
    def trouble(self) -> str:
        """What ails the wire now: "" for nothing."""
        return self.emulator.leads.ill(self.emulator.device)

    def hear(self, line: bytes, session: "Session") -> None:
        """Obey a line now, or when the lines before it are done."""
        if self._busy is None or line in self.emulator.urgent:
            self._obey(line, session)
        else:
            self._waiting.append((line, session))

    def stop(self) -> None:
        """Give up what is being done, and forget what was not begun."""
        self._waiting.clear()
        if self._busy is not None:  # not before it has begun: relays that were told to move do move
            asyncio.get_running_loop().call_soon(self._busy.cancel)

    def _obey(self, line: bytes, session: "Session") -> None:
        trouble = self.trouble
        if line == _END or trouble == "closed":
            session.hang_up()
            return
        if trouble == "silent":
            return
        answer = self.emulator.answer(line)
        if answer is None:
            return
        if isinstance(answer, bytes):
            self._reply(line, answer, session, trouble)
        else:
            self._busy = asyncio.get_running_loop().create_task(answer, name=f"emulator {self.emulator.device}")
            self._busy.add_done_callback(partial(self._obeyed, line, session))

    def _obeyed(self, line: bytes, session: "Session", task: asyncio.Task[Answer]) -> None:
        self._busy = None
        try:
            answer = None if task.cancelled() else task.result()
        except BaseException:  # a crash in an emulator is a crash of the instrument; the loop reports it
            session.hang_up()
            raise
        if answer is not None:
            self._reply(line, answer, session, self.trouble)
        while self._waiting and self._busy is None:
            self._obey(*self._waiting.popleft())

    def _reply(self, line: bytes, reply: bytes, session: "Session", trouble: str) -> None:
        """The one place where a wire spoils a reply."""
        match trouble:
            case "":
                session.deliver_after(0.0, reply)
            case "silent":
                pass
            case "closed":
                session.hang_up()
            case "late":
                session.deliver_after(LATE, reply)
            case "short":
                text = reply.rstrip(b"\r\n")
                session.deliver(text[: (len(text) + 1) // 2])
            case "garbled":
                session.deliver(garbled(reply))
            case "nan":
                session.deliver(_NUMBER.sub(_NAN, reply) if _READING.search(line) else reply)
            case "frozen":
                session.deliver(self._frozen.setdefault(line, reply))
            case _:
                raise ValueError(f"{self.emulator.device}: no wire has the trouble {trouble!r}")


def garbled(reply: bytes) -> bytes:
    """The reply with every third byte spoiled, the high bit set in it; the ending survives."""
    text = reply.rstrip(b"\r\n")
    return bytes(byte ^ 0x95 if place % 3 == 0 else byte for place, byte in enumerate(text)) + reply[len(text) :]


class Session:
    """One connection to a port; whoever holds the other end gives the ways back."""

    def __init__(self, port: Port, deliver: Callable[[bytes], object], hang_up: Callable[[], object]) -> None:
        self._port = port
        self._deliver = deliver
        self._hang_up = hang_up
        self._ends = port.emulator.line_ends
        self._end = self._ends[:1]
        self._as_one = bytes.maketrans(self._ends, self._end * len(self._ends))
        self._rest = b""
        self._due = 0.0
        self._over = False

    def feed(self, sent: bytes) -> None:
        """Take bytes that came from the other end, in whatever pieces."""
        if len(self._ends) > 1:
            sent = sent.translate(self._as_one)
        *lines, rest = (self._rest + sent).split(self._end)
        self._rest = rest if len(rest) <= _LONGEST else b""
        for line in lines:
            if text := line.strip():
                self._port.hear(text, self)

    def deliver_after(self, seconds: float, reply: bytes) -> None:
        """Send a reply after that time, and not before those that were promised earlier: a wire keeps the order."""
        if not seconds and not self._due:
            self.deliver(reply)
            return
        loop = asyncio.get_running_loop()
        self._due = max(self._due, loop.time() + seconds)
        if self._due > loop.time():
            loop.call_at(self._due, self.deliver, reply)
        else:
            self._due = 0.0
            self.deliver(reply)

    def deliver(self, reply: bytes) -> None:
        """Send a reply, unless nobody is there any more."""
        if not self._over:
            self._deliver(reply)

    def hang_up(self) -> None:
        """Drop the connection from the instrument's side."""
        if not self._over:
            self._over = True
            self._hang_up()

    def finish(self) -> None:
        """The other end will say no more: hang up when all that it asked is answered."""
        self._port.hear(_END, self)

    def end(self) -> None:
        """The other end has gone: replies to it are lost."""
        self._over = True
