"""A dialogue: lines to one instrument and back, and never an answer to the wrong question.

From the moment a question leaves until its answer has come whole, the link is poisoned; so whatever interrupts an
exchange (deadline, cancellation, garbage, a second line) leaves it poisoned, and nothing that comes later is believed
before the link has resynchronised: silence for longer than the slowest reply, then the sentinel, a question whose
answer is known. (After a cancellation the sentinel is asked at once: what is still owed must come, and come before its
answer. So an aborted run is made safe without delay.) An instrument that does not come to its senses is disconnected;
the next exchange reconnects and asks for the identity again. So a driver's settings never change behind its back: a
LinkError has always come first.
"""

import asyncio
import math

from drivers.errors import BadReply, LinkError, LinkTimeout, WrongInstrument
from drivers.links.backoff import Backoff
from drivers.links.connecting import connect
from drivers.links.deadline import Deadline, ExpiredError
from drivers.links.lease import insist
from drivers.links.silence import OPENING, silence
from drivers.links.spelling import shown, spelled, text_of
from drivers.links.traffic import Counters, Piece, Traffic
from drivers.links.wire import Clearing, Wire

IDENTIFY = "*IDN?"
"""The question whose first answer becomes the sentinel, unless one was set or the model is asked otherwise."""
LONGEST = 64 * 1024
"""Bytes of the longest reply that is listened to."""
CLEAR_WITHIN = 3.0
"""Seconds that a device clear may take, once the question that was lost has come back."""


class LineLink:
    """Lines over a wire. `within` is the deadline of an exchange, and the longest that a reply can take."""

    def __init__(
        self,
        name: str,
        wire: Wire,
        *,
        ends_with: bytes = b"\n",
        replies_end_with: bytes = b"\n",
        within: float = 2.0,
        quiet: float | None = None,
        ignores: bytes = b"",
        identify: str = IDENTIFY,
        after_command: float = 0.0,
        after_query: float = 0.0,
    ) -> None:
        self.name, self.wire, self.within = name, wire, within
        self.quiet = 1.25 * within if quiet is None else quiet
        self.counters = Counters()
        self.sentinel: tuple[str, str] | None = None
        """A question and its known answer; learnt from the first `*IDN?`, or what the model has in its place. Without one, silence must be enough."""
        self._ends_with, self._replies_end_with = ends_with, replies_end_with
        self._identify = identify
        self._ignores = ignores  # flow control that some instruments put between the bytes of a reply
        self._after_command, self._after_query = after_command, after_query
        self._not_before = 0.0  # the instrument wants to be left alone until then
        self._backoff = Backoff(name)
        self._turn, self._deadline, self._traffic = asyncio.Lock(), Deadline(), Traffic()
        self._clearing = wire if isinstance(wire, Clearing) else None
        self._wanted = self._connected = self._known = self._poisoned = self._owed = False

    @property
    def recent(self) -> tuple[Piece, ...]:
        """The last bytes out and in, oldest first: what a trace shows of an ERROR."""
        return self._traffic.recent()

    def now(self) -> float:
        """The loop's time, in seconds."""
        return asyncio.get_running_loop().time()

    async def open(self) -> None:
        """Connect. Raises LinkError."""
        async with self._turn:
            self._wanted = True
            if not self._connected:
                await self._restore()

    def close(self) -> None:
        """Let go; every later exchange raises LinkError. Idempotent."""
        self._wanted = self._connected = False
        self.wire.close()

    async def query(self, command: str, *, within: float | None = None, urgent: bool = False) -> str:
        """Send `command`, return the one line that answers it, without its ending. `math.inf` waits for ever.

        What is `urgent` leaves a link in doubt at once, its answer is thrown away, and it is asked again.
        """
        line = spelled(self.name, command, self._ends_with)
        insist(self.name)
        async with self._turn:
            stale = self._waiting()
            doubt = bool(stale) or self._poisoned
            if urgent and doubt and self._connected:
                await self._tell(line)
                self._owed = False  # more answers than that one are owed now
            await self._ready(stale, doubt=doubt)
            answer = await self._ask(line, self.within if within is None else within)
            self._poisoned = False
        if command == self._identify and self.sentinel is None:
            self.sentinel = (command, answer)
        return answer

    async def write(self, command: str) -> None:
        """Send `command`, which has no reply. It does not wait for a poisoned link: there is no answer to believe."""
        line = spelled(self.name, command, self._ends_with)
        insist(self.name)
        async with self._turn:
            await self._tell(line)

    async def listen(self, *, within: float | None = None) -> str:
        """Forget what came before, then wait for one line that nobody asked for (a scan); None waits for ever."""
        insist(self.name)
        async with self._turn:
            before = self._waiting()
            torn = bool(before) and not before.endswith(self._replies_end_with)
            await self._ready(doubt=torn or self._poisoned)
            heard = await self._ask(b"", math.inf if within is None else within)
            self._poisoned = False
            return heard

    async def _tell(self, line: bytes) -> None:
        await self._ready()
        doubt, self._poisoned = self._poisoned, True
        self.counters.exchanges += 1
        try:
            with self._deadline(self.within):
                await self._send(line)
        except ExpiredError:
            raise self._timed_out(f"could not be told {line!r} within {self.within:g} s") from None
        self._poisoned = doubt
        if self._after_command:
            self._not_before = self.now() + self._after_command

    async def _ready(self, stale: bytes = b"", *, doubt: bool = False) -> None:
        """Connect if need be, resynchronise if in doubt, and leave the instrument alone for as long as it wants."""
        if doubt or not self._connected:
            await self._restore(stale)
        if self._not_before:
            await asyncio.sleep(self._not_before - self.now())
        insist(self.name)

    def _waiting(self) -> bytes:
        """What came before anybody asked."""
        if not (stale := self.wire.pending() if self._connected else b""):
            return b""
        self._traffic.note(self.now(), "in", stale)
        return stale.translate(None, self._ignores)

    async def _ask(self, line: bytes, seconds: float) -> str:
        doubt, self._poisoned = self._poisoned, True  # until whoever asked has the answer, whole
        self.counters.exchanges += 1
        sent = False
        if self._clearing is not None:
            self._clearing.within = seconds
        try:
            with self._deadline(seconds):
                if line:
                    await self._send(line)
                    sent = True
                reply = await self._hear()
        except asyncio.CancelledError:
            self._owed = sent and not doubt  # its answer may still come; in doubt, an older one in its place
            raise
        except ExpiredError:
            asked = f"no answer to {line.decode('ascii').strip()!r}" if line else "no line"
            raise self._timed_out(f"{asked} within {seconds:g} s") from None
        if line and self._after_query:
            self._not_before = self.now() + self._after_query
        if extra := self._waiting():
            raise self._bad("more than one line came", reply + extra)
        if (text := text_of(reply, self._replies_end_with)) is None:
            raise self._bad("not a line of printable ASCII", reply)
        return text

    async def _send(self, line: bytes) -> None:
        self._traffic.note(self.now(), "out", line)
        try:
            await self.wire.send(line)
        except OSError as error:
            raise self._lost(str(error)) from error

    async def _receive(self) -> bytes:
        try:
            some = await self.wire.receive()
        except OSError as error:
            raise self._lost(str(error)) from error
        if not some:
            raise self._lost("the other end has closed the connection")
        self._traffic.note(self.now(), "in", some)
        return some.translate(None, self._ignores) if self._ignores else some

    async def _hear(self) -> bytes:
        """One line with its ending, and nothing after it."""
        ending = self._replies_end_with
        heard = await self._receive()
        while (end := heard.find(ending)) < 0:
            if len(heard) > LONGEST:
                raise self._bad(f"no line ending in {LONGEST} bytes", heard)
            heard += await self._receive()
        if end + len(ending) != len(heard):
            raise self._bad("more than one line came", heard)
        return heard

    async def _restore(self, stale: bytes = b"") -> None:
        """Connect if need be, and resynchronise; only then is the link fit to be believed."""
        if not self._wanted:
            raise LinkError(self.name, "the link is not open")
        fresh = not self._connected
        owed, self._owed, self._poisoned = self._owed, False, True
        if fresh:
            await self._connect()
        try:
            if fresh or not owed or self._clearing is not None or not await self._catch_up(stale):
                await self._resynchronise(fresh=fresh)
        except (LinkError, WrongInstrument):
            self._disconnect()
            raise
        if self._after_query and self.sentinel is not None:
            await asyncio.sleep(self._after_query)  # it has just been asked
        self._poisoned = False
        self._backoff.succeeded()

    async def _connect(self) -> None:
        await connect(self.name, self.wire, self._backoff, self._deadline)
        self.counters.reconnects += self._known
        self._connected = self._known = True

    async def _resynchronise(self, *, fresh: bool) -> None:
        self.counters.resyncs += not fresh
        answer: str | None = None
        why = ""
        for hush in (OPENING if fresh else self.quiet, self.quiet):
            await self._forget(hush)
            if self.sentinel is None:
                return
            question, known = self.sentinel
            try:
                answer = await self._ask(spelled(self.name, question, self._ends_with), self.within)
            except (LinkTimeout, BadReply) as error:
                answer, why = None, error.what
                continue
            if answer == known:
                return
            why = f"{answer!r} came, and not {known!r}"
        if fresh and answer is not None:
            raise WrongInstrument(self.name, f"another instrument than before: {why}")
        raise LinkError(self.name, f"does not come to its senses: {why}")

    async def _catch_up(self, heard: bytes) -> bool:
        """After a cancelled question: ask the sentinel; the owed answer must come, and then the sentinel's, no more."""
        if self.sentinel is None:
            return False
        question, known = self.sentinel
        ending = self._replies_end_with
        self.counters.resyncs += 1
        try:
            with self._deadline(self.within):
                await self._send(spelled(self.name, question, self._ends_with))
                while len(heard) <= LONGEST and heard.count(ending) < 2:
                    heard += await self._receive()
        except ExpiredError:
            self.counters.timeouts += 1
            return False
        _, _, last = heard.partition(ending)
        return last in {known.encode("ascii") + end for end in (ending, b"\r" + ending)}

    async def _forget(self, quiet: float) -> None:
        """Make sure that nothing which was asked before can still be heard: by a device clear, or else by silence."""
        if self._clearing is None:
            if await silence(self._receive, self._deadline, quiet, self.within, 4 * LONGEST) is None:
                raise LinkError(self.name, "does not stop talking")
            return
        try:
            with self._deadline(self.within + CLEAR_WITHIN):
                await self._clearing.clear()
        except ExpiredError:
            raise self._lost("it does not let itself be cleared") from None
        except OSError as error:
            raise self._lost(str(error)) from error

    def _timed_out(self, what: str) -> LinkTimeout:
        self.counters.timeouts += 1
        return LinkTimeout(self.name, what)

    def _bad(self, what: str, raw: bytes) -> BadReply:
        self.counters.bad_replies += 1
        return BadReply(self.name, f"{what}: {shown(raw)}")

    def _lost(self, why: str) -> LinkError:
        self._disconnect()
        return LinkError(self.name, f"connection lost: {why}")

    def _disconnect(self) -> None:
        self._connected = False
        self.wire.close()
