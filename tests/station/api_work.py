"""An API at work on real sockets, in the wall's time: what is asked of it raw, as friends and strangers do."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import trustme

from station.api.answers import Metrics
from station.api.app import App
from station.api.doorways import Doorway, doorways
from station.api.serving import served
from station.api.tokens import add_token
from station.bench import Bench
from station.config.unattended import TcpEntry
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.placing import Placing
from station.line.tickets import Tickets
from station.opening import load_station
from station.seats import seats_of
from station.service import Service, Simulated
from station.serving import lay
from station.simulating import sim_wires, world_of
from station.walls import real_wall

T = TypeVar("T")
ENTRY = TcpEntry("127.0.0.1:0", "cert.pem", "key.pem", "tokens.toml", ["line.example"])
LATER = real_wall().date() + timedelta(days=30)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Network:
    """Certificates and tokens in a folder: what a line needs to be asked over TCP."""

    folder: Path
    trust: ssl.SSLContext
    tokens: dict[str, str]

    @classmethod
    def made(cls, folder: Path) -> "Network":
        """With one token for each role, called after it."""
        authority = trustme.CA()
        server = authority.issue_cert("127.0.0.1", "line.example")
        (folder / "cert.pem").write_bytes(b"".join(each.bytes() for each in server.cert_chain_pems))
        (folder / "key.pem").write_bytes(server.private_key_pem.bytes())
        (folder / "key.pem").chmod(0o600)
        (folder / "ca.pem").write_bytes(authority.cert_pem.bytes())
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        roles = ("watch", "operate", "maintain")
        tokens = {role: add_token(folder / "tokens.toml", f"the-{role}", role, LATER) for role in roles}
        return cls(folder, trust, tokens)


@dataclass
class Reached:
    """A line that is served, and how to ask it."""

    line: Line
    app: App
    socket: Path
    port: int
    trust: ssl.SSLContext | None

    async def connect(self, trust: ssl.SSLContext | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection: over TLS where there is some."""
        if self.trust is None:
            return await asyncio.open_unix_connection(self.socket)
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=trust or self.trust)

    async def raw(self, *sent: bytes, pause: float = 0.0) -> bytes:
        """What comes back for some bytes until the other end hangs up."""
        reader, writer = await self.connect()
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(_read(reader))
                for each in sent:
                    if reading.done():
                        break
                    writer.write(each)
                    await asyncio.sleep(pause)
            return reading.result()
        finally:
            await hang_up(writer)

    async def ask(
        self, method: str, path: str, body: object = None, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; `body` is bytes, or becomes JSON."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        said = {"Host": f"127.0.0.1:{self.port}", "Connection": "close", "Content-Length": str(len(content))}
        said |= {"Authorization": f"Bearer {token}"} if token else {}
        said |= headers or {}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        return answer_of(await self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + content))


def answer_of(raw: bytes) -> Answer:
    """An answer taken apart."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close, whatever the other end thinks of it."""
    writer.transport.abort()
    try:
        await writer.wait_closed()
    except OSError:
        return


def over_api(
    folder: Path, use: Callable[[Reached], Awaitable[T]], network: Network | None = None, metrics: Metrics | None = None
) -> T:
    """What `use` returns of a simulated line that is served at `line.sock` in a folder, and over TCP where there is a network."""

    async def main(ledger: Ledger, tickets: Tickets, ways: tuple[Doorway, ...]) -> T:
        world = world_of(where, laid, Simulated(0, ()), asyncio.get_running_loop().time, labelled=False)
        service = Service(where, Bench(seats_of(where), sim_wires(where, world)), ledger, real_wall, Simulated(0, ()))
        lies = {each.slot.name: each.product.name for each in laid}
        line = Line(service, Placing(where, library, partial(load_station, None, simulated=True), lies), tickets)
        port = ways[-1].at.getsockname()[1] if network is not None else 80
        try:
            async with served(line, ledger, ways, metrics) as app, asyncio.TaskGroup() as group:
                group.create_task(line.run())
                trust = network.trust if network is not None else None
                result = await use(Reached(line, app, folder / "line.sock", port, trust))
                line.drain()
                line.abort("the test is over")
            return result
        finally:
            service.bench.close()

    where, library = load_station(None, simulated=True)
    laid = lay(None, ()).orders
    tickets = Tickets.open(folder)
    try:
        entry = ENTRY if network is not None else None
        with Ledger.open(folder) as ledger, doorways(folder / "line.sock", entry, folder) as ways:
            return asyncio.run(main(ledger, tickets, ways))
    finally:
        tickets.close()
