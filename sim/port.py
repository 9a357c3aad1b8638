"""An instrument's port: bytes become messages, messages are obeyed in order, replies go back, and the wire has its troubles.

Several instruments on one bus share a port: lines have one, a serial line or a gateway of Modbus as many as have units.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from weakref import WeakSet

from sim.emulator import Answer, Emulator, Restarts
from sim.lines import Lines
from sim.message import Framing, Message
from sim.modbus.mbap import Mbap
from sim.modbus.pdu import BUSY, DEVICE_FAILURE
from sim.modbus.rtu import Rtu
from sim.modbus.slave import Slave

LATE = 5.0
"""Seconds that a late reply takes: longer than anyone waits."""
_ROUNDING = 1e-6  # seconds by which times that should be equal may differ
SPOILT: Mapping[str, Callable[[Message, bytes], bytes]] = {
    "short": lambda message, reply: message.cut(reply),
    "garbled": lambda message, reply: message.garbled(reply),
    "foreign": lambda message, reply: message.astray(reply),
    "nan": lambda message, reply: message.framed(message.numberless(reply)),
    "swapped": lambda message, reply: message.framed(message.swapped(reply)),
    "failing": lambda message, reply: message.framed(message.refused(reply, DEVICE_FAILURE)),
    "busy": lambda message, reply: message.framed(message.refused(reply, BUSY)),
}
"""Troubles that change what is said, each the whole of what goes on the wire."""
TROUBLES = frozenset({"silent", "late", "frozen", "stuck", "closed", "stale", "reset", "half-open", *SPOILT})
"""All that can ail a wire. What each one does stands in `sim.catalogue.bench`."""


class Port:
    """Obeys one message after the other, whoever sent it: an answer that takes time holds up those behind it.

    `patience` is the least silence in seconds that ends a frame on a serial line: more where time is the machine's.
    """

    def __init__(self, *emulators: Emulator, patience: float = 0.0) -> None:
        self.emulator = emulators[0]
        self.emulators = emulators
        self._patience = patience
        self._waiting: deque[tuple[Message, Session]] = deque()
        self._busy: asyncio.Task[Answer] | None = None
        self._sessions: WeakSet[Session] = WeakSet()
        self._repeated: dict[tuple[str, bytes], bytes] = {}
        self._previous: dict[str, tuple[Message, bytes]] = {}
        self._restarted: set[str] = set()
        self._spoke: dict[str, float] = {}

    @property
    def trouble(self) -> str:
        """What ails the wire now: "" for nothing. A bus is cut off only with all that is on it."""
        ills = {self.trouble_of(each) for each in self.emulators}
        return ills.pop() if len(ills) == 1 else ""

    def trouble_of(self, emulator: Emulator) -> str:
        """What ails one instrument's wire now. Raises ValueError for what no wire has."""
        trouble = emulator.leads.ill(emulator.device)
        if trouble and trouble not in TROUBLES:
            raise ValueError(f"{emulator.device}: no wire has the trouble {trouble!r}")
        return "" if trouble == "reset" and emulator.device in self._restarted else trouble

    def joined(self, session: "Session") -> Framing:
        """Somebody connects: how its bytes are framed."""
        self._sessions.add(session)
        hear = session.hear
        if not isinstance(self.emulator, Slave):
            return Lines(self.emulator, hear)
        if self.emulator.framing == "mbap":
            return Mbap(self.emulators, hear)
        return Rtu(self.emulators, hear, self._patience)

    def hear(self, message: Message, session: "Session") -> None:
        """Obey a message now, or when those before it are done."""
        if self._busy is None or message.body in message.to.urgent:
            self._obey(message, session)
        else:
            self._waiting.append((message, session))

    def stop(self) -> None:
        """Give up what is being done, and forget what was not begun."""
        self._waiting.clear()
        if self._busy is not None:  # not before it has begun: relays that were told to move do move
            asyncio.get_running_loop().call_soon(self._busy.cancel)

    def _obey(self, message: Message, session: "Session") -> None:
        if not message.body:
            session.hang_up()
            return
        emulator = message.to
        trouble = self.trouble_of(emulator)
        if trouble == "closed" and len(self.emulators) == 1:
            session.hang_up()
        elif trouble == "reset":
            self._restart(emulator)
        elif trouble not in {"silent", "closed"} and not session.is_deaf(emulator, trouble) and self._is_ready(message):
            self._ask(message, session, trouble)

    def _ask(self, message: Message, session: "Session", trouble: str) -> None:
        emulator = message.to
        answer = emulator.answer(message.body)
        if answer is None:
            return
        if isinstance(answer, bytes):
            self._reply(message, answer, session, trouble)
        else:
            self._busy = asyncio.get_running_loop().create_task(answer, name=f"emulator {emulator.device}")
            self._busy.add_done_callback(partial(self._obeyed, message, session))

    def _obeyed(self, message: Message, session: "Session", task: asyncio.Task[Answer]) -> None:
        self._busy = None
        try:
            answer = None if task.cancelled() else task.result()
        except BaseException:  # a crash in an emulator is a crash of the instrument; the loop reports it
            session.hang_up()
            raise
        if answer is not None:
            self._reply(message, answer, session, self.trouble_of(message.to))
        while self._waiting and self._busy is None:
            self._obey(*self._waiting.popleft())

    def _is_ready(self, message: Message) -> bool:
        """Whether a slave has been left alone for as long as it wants to be."""
        slave = message.to
        if not isinstance(slave, Slave) or slave.framing != "rtu" or not slave.silence:
            return True
        return message.began - self._spoke.get(slave.device, -math.inf) > slave.silence - _ROUNDING

    def _restart(self, emulator: Emulator) -> None:
        """The power fails for a moment: settings are lost, connections drop, what was asked is not answered."""
        self._restarted.add(emulator.device)
        if isinstance(emulator, Restarts):
            emulator.power_on()
        if not emulator.baudrate:
            for session in tuple(self._sessions):
                session.hang_up()

    def _reply(self, message: Message, reply: bytes, session: "Session", trouble: str) -> None:
        """The one place where a wire spoils a reply."""
        device = message.to.device
        before = self._previous.get(device)
        self._previous[device] = (message, reply)
        if trouble == "reset":
            self._restart(message.to)
        elif trouble == "closed" and len(self.emulators) == 1:
            session.hang_up()
        elif message.mute or trouble in {"silent", "closed"} or session.is_deaf(message.to, trouble):
            return
        elif trouble == "stale":
            if before is not None:
                self._send(message, before[0].framed(before[1]), session)
        elif trouble in SPOILT:
            self._send(message, SPOILT[trouble](message, reply), session)
        else:
            if trouble == "frozen" or (trouble == "stuck" and message.is_reading):
                reply = self._repeated.setdefault((device, message.body), reply)
            self._send(message, message.framed(reply), session, LATE if trouble == "late" else 0.0)

    def _send(self, message: Message, whole: bytes, session: "Session", delay: float = 0.0) -> None:
        lasts = message.takes(whole)
        if lasts:
            self._spoke[message.to.device] = asyncio.get_running_loop().time() + delay + lasts
        session.deliver_after(delay + lasts, whole)


class Session:
    """One connection to a port; whoever holds the other end gives the ways back."""

    def __init__(self, port: Port, deliver: Callable[[bytes], object], hang_up: Callable[[], object]) -> None:
        self._port = port
        self._deliver = deliver
        self._hang_up = hang_up
        self._fresh = {each.device for each in port.emulators if port.trouble_of(each) == "half-open"}
        self._framing = port.joined(self)
        self._due = 0.0
        self._over = False

    def feed(self, sent: bytes) -> None:
        """Take bytes that came from the other end, in whatever pieces."""
        if not self._over:
            self._framing.take(sent)

    def hear(self, message: Message) -> None:
        """A message is whole."""
        if not self._over:
            self._port.hear(message, self)

    def is_deaf(self, emulator: Emulator, trouble: str) -> bool:
        """Whether this connection is half open: gone at the instrument's end, which has told nobody."""
        return trouble == "half-open" and emulator.device not in self._fresh

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
            self._framing.close()
            self._hang_up()

    def finish(self) -> None:
        """The other end will say no more: hang up when all that it asked is answered."""
        self._port.hear(Message(self._port.emulator, b""), self)

    def end(self) -> None:
        """The other end has gone: replies to it are lost."""
        self._over = True
        self._framing.close()
