"""A VISA wire, and the one door to pyvisa: VXI-11, HiSLIP, USBTMC and GPIB, by the system's VISA or by pyvisa-py.

Raw sockets and serial ports do not come here although VISA has names for them: our own wires carry them faster, and can
see what has arrived without asking. All calls of one wire happen on one thread of its own. A message ends where the
instrument says END, so a whole reply is one `receive`; a reply that nobody fetched is thrown away by a device clear, which
`clear` does. After a lost answer the link therefore need not wait for silence.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from drivers.links.apart import apart
from drivers.links.thread import PrivateThread

if TYPE_CHECKING:
    from pyvisa.resources import MessageBasedResource

T = TypeVar("T")

OPEN_WITHIN = 8.0
"""Seconds until a session that does not open is given up: some implementations would wait for ever."""
MARGIN = 0.5
"""Seconds by which VISA's own time limit is later than the link's: the link's deadline speaks first."""
LONGEST = 600.0
"""Seconds: nothing on a message bus is waited for longer than that."""


class VisaWire:
    """Messages to a VISA resource. `within` is the longest time in seconds that the next reply may take."""

    def __init__(self, resource: str, within: float = 2.0, replies_end_with: bytes = b"\n") -> None:
        self.resource = resource
        self.within = within
        self._ending = replies_end_with
        self._session: MessageBasedResource | None = None
        self._thread: PrivateThread | None = None

    async def open(self) -> None:
        """Open a session. Raises OSError."""
        self.close()
        self._session = await apart(self._open, within=OPEN_WITHIN, discard=lambda session: session.close())
        self._thread = PrivateThread(f"visa {self.resource}")

    async def send(self, data: bytes) -> None:
        """Write one message. Raises OSError."""
        session = self._opened()
        await self._do(lambda: session.write_raw(data))

    async def receive(self) -> bytes:
        """Read one message to its END, which stands for the line's ending where that was left out. Raises OSError."""
        session = self._opened()
        limit = self._limit

        def read() -> bytes:
            if session.timeout != limit:
                session.timeout = limit
            return session.read_raw()

        message = await self._do(read)
        if not message:  # pyvisa-py gives nothing, and no error, where no answer was owed
            raise OSError(f"{self.resource}: an answer of no bytes")
        return message if message.endswith(self._ending) else message + self._ending

    def pending(self) -> bytes:
        """Nothing: an instrument on a message bus says only what it is asked for."""
        return b""

    async def clear(self) -> None:
        """Device clear: what the instrument was about to say is gone, and it waits for the next message. Raises OSError."""
        session = self._opened()
        await self._do(session.clear)

    def close(self) -> None:
        """Let go. Idempotent, never raises; a call that hangs is left behind."""
        session, self._session = self._session, None
        thread, self._thread = self._thread, None
        if session is not None and thread is not None:
            thread.stop(session.close)

    def _open(self) -> "MessageBasedResource":
        from pyvisa import ResourceManager
        from pyvisa.errors import LibraryError, VisaIOError
        from pyvisa.resources import MessageBasedResource

        try:
            session = ResourceManager().open_resource(self.resource, open_timeout=int(OPEN_WITHIN * 500))
        except (VisaIOError, LibraryError, ValueError) as error:
            raise OSError(f"{self.resource}: {error}") from error
        except Exception as error:  # pyvisa-py lets through whatever its protocols raise
            raise OSError(f"{self.resource}: {type(error).__name__}: {error}") from error
        if not isinstance(session, MessageBasedResource):
            session.close()
            raise OSError(f"{self.resource}: it takes no messages")
        session.timeout = self._limit
        session.read_termination = session.write_termination = ""
        return session

    @property
    def _limit(self) -> float:
        """VISA's own time limit, in milliseconds."""
        return 1000 * (min(self.within, LONGEST) + MARGIN)

    def _opened(self) -> "MessageBasedResource":
        if self._session is None:
            raise ConnectionResetError(f"{self.resource} is not open")
        return self._session

    async def _do(self, call: Callable[[], T]) -> T:
        from pyvisa.errors import InvalidSession, VisaIOError

        thread = self._thread
        if thread is None:
            raise ConnectionResetError(f"{self.resource} is not open")
        try:
            return await thread.run(call)
        except OSError:
            raise
        except (VisaIOError, InvalidSession) as error:
            raise OSError(f"{self.resource}: {error}") from error
        except Exception as error:
            raise OSError(f"{self.resource}: {type(error).__name__}: {error}") from error
