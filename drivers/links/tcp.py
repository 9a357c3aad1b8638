"""A TCP wire: a raw socket that notices a dead peer."""

import asyncio
import ipaddress
import socket

from drivers.links.apart import apart
from drivers.links.descriptor import DescriptorWire, Port

CONNECT_WITHIN = 5.0
RESOLVE_WITHIN = 3.0
"""Seconds that a name has to become an address: less than the whole, so that there is time for an address that was good."""
KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
"""Seconds until the first probe, seconds between probes, probes; where the platform has them."""
USER_TIMEOUT = 10_000
"""Milliseconds that sent bytes may stay unacknowledged: an instrument that lost its power sends no FIN."""


class TcpWire(DescriptorWire):
    """Bytes to `host`:`port`."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self.host, self.port = host, port
        self._known: list[tuple[socket.AddressFamily, tuple[str, int]]] = []

    async def _connect(self) -> Port:
        refused: OSError | None = None
        async with asyncio.timeout(CONNECT_WITHIN):
            for family, address in await self._addresses():
                sock = socket.socket(family, socket.SOCK_STREAM)
                try:
                    sock.settimeout(0)
                    _tune(sock)
                    await asyncio.get_running_loop().sock_connect(sock, address)
                except OSError as error:
                    sock.close()
                    refused = error
                except BaseException:
                    sock.close()
                    raise
                else:
                    return sock
        raise refused or OSError(f"{self.host} has no address")

    async def _addresses(self) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
        try:
            version = ipaddress.ip_address(self.host).version
        except ValueError:
            return await self._found()
        return [(socket.AF_INET if version == 4 else socket.AF_INET6, (self.host, self.port))]

    async def _found(self) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
        """The addresses of the name; those of the last time while the resolver has none: who answers is asked anyway."""
        try:
            self._known = await apart(self._resolve, within=RESOLVE_WITHIN)  # it can take the resolver's own time
        except OSError:
            if not self._known:
                raise
        return self._known

    def _resolve(self) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        return [(family, (str(address[0]), self.port)) for family, _, _, _, address in found]


def _tune(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (KEEPALIVE | {"TCP_USER_TIMEOUT": USER_TIMEOUT}).items():
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
