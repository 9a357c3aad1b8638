"""Addresses: where a name leads, asked on a thread of its own, because a resolver may hang for as long as it likes."""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from station.mqtt.broker.letter import Lost


@dataclass(eq=False)
class Addresses:
    """Of one name; open while it is a context."""

    _last: tuple[str, ...] = ()
    _asking: "asyncio.Future[tuple[str, ...]] | None" = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "mqtt-names"))

    async def of(self, host: str, port: int, deadline: float) -> tuple[str, ...]:
        """All of them; those of before where none is found in time. Raises Lost where there are none."""
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        if self._asking is None or self._asking.done():
            loop = asyncio.get_running_loop()
            self._asking = loop.run_in_executor(self._thread, partial(addresses_of, host, port))
        try:
            async with asyncio.timeout(deadline):
                self._last = await asyncio.shield(self._asking)
        except (TimeoutError, OSError, ValueError) as error:
            if not self._last:
                raise Lost(f"{host} has no address: {str(error) or 'no answer in time'}") from error
        return self._last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """What the resolver says. It blocks. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))
