"""Addresses: where a name leads, asked on a thread of its own, because a resolver may hang for as long as it likes."""

import asyncio
import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

from station.mqtt.broker.letter import Lost

Found = tuple[str, ...] | OSError | ValueError
"""What a resolver said: a name that is no text to it is a ValueError."""


@dataclass(eq=False)
class Addresses:
    """Of one name. Whoever hangs in a resolver is left behind, also when the process ends."""

    _last: tuple[str, ...] = ()
    _asking: asyncio.Future[Found] | None = None

    async def of(self, host: str, port: int, deadline: float) -> tuple[str, ...]:
        """All of them; those of before where none is found in time. Raises Lost where there are none."""
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        if self._asking is None or self._asking.done():
            self._asking = _asked(host, port)
        found: Found = TimeoutError("no answer in time")
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                found = await asyncio.shield(self._asking)
        if isinstance(found, tuple):
            self._last = found
        elif not self._last:
            raise Lost(f"{host} has no address: {found}") from found
        return self._last


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """What the resolver says. It blocks. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def _asked(host: str, port: int) -> asyncio.Future[Found]:
    """What the resolver says, when it does."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Found] = loop.create_future()

    def ask() -> None:
        found: Found
        try:
            found = addresses_of(host, port)
        except (OSError, ValueError) as error:
            found = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(answer.set_result, found)

    Thread(target=ask, name="mqtt-names", daemon=True).start()  # an executor's would be waited for at the end
    return answer
