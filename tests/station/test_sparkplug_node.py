"""A line told as an edge node: from its news to what a host knows."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.line.news import KEPT, News
from station.line.views import SlotView, Status
from station.mqtt.remembered import Remembered
from station.mqtt.sparkplug import node as nodes
from station.mqtt.sparkplug.edge import Edge, Message
from station.mqtt.sparkplug.names import Names
from station.mqtt.sparkplug.node import Node
from station.trace import Measured, RunEnded
from station.walls import real_wall
from tests.station.sparkplug_host import Host
from tests.station.test_sparkplug_edge import CHANCES


@dataclass(eq=False)
class FakeLine:
    """A line of one slot."""

    news: News = field(default_factory=News)
    queued: int = 0
    mode: str = "free"

    def status(self) -> Status:
        """As it is."""
        return Status(
            "cell-2", "here", "1", "serving", self.queued, 0, "2026-01-01T00:00:00.000Z", simulated=True, conditions=()
        )

    def slots(self) -> list[SlotView]:
        """A alone."""
        return [SlotView("A", "jig-8", self.mode)]

    def event(self, event: Any) -> None:
        """Something happens in A."""
        self.news.tell("event", {"run": "R1", "slot": "A", "serial": "S1", "number": 1, "type": "x", "event": event})


@dataclass(eq=False)
class Newest:
    """Every value is worth telling."""

    values: list[tuple[str, float | None, str]] = field(default_factory=list)

    def take(self, body: Mapping[str, Any]) -> None:
        """Of a measurement."""
        if isinstance(event := body["event"], Measured):
            self.values.append((event.name, event.value, event.unit))

    def tell(self, at: float) -> list[tuple[str, list[tuple[str, float | None, str]]]]:
        """All of them."""
        told, self.values = self.values, []
        return [("A", told)] if told else []


def measurement(value: float) -> Measured:
    """A voltage."""
    return Measured(1.0, "s", "v", "", value, "V", 0.1, "", "dmm", 0.0, 9.0, 0.0, 9.0, "PASSED")


@asynccontextmanager
async def told(folder: Path, host_id: str = "") -> AsyncIterator[tuple[Node, FakeLine, Host, list[str]]]:
    """A node that runs, connected to a host."""
    remembered = await asyncio.to_thread(Remembered.open, folder)
    line, host, left = FakeLine(), Host(), list[str]()
    edge = Edge(Names("line", "cell-2", host_id), real_wall, asyncio.get_running_loop().time, CHANCES[2], stagger=0.0)

    def send(messages: list[Message]) -> None:
        for each in messages:
            host.hear(each.topic, each.payload)

    node = Node(line, edge, Newest(), 0.01, remembered, send, lambda: left.append("left"))  # type: ignore[arg-type]
    await node.will()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(node.run())
        node.greet()
        yield node, line, host, left
        running.cancel()
    await asyncio.to_thread(remembered.close)


async def soon(host: Host, name: str, value: object) -> None:
    """The host comes to know it."""
    async with asyncio.timeout(5):
        while host.values.get(("A" if name[0] != "/" else "", name.strip("/"))) != value:  # noqa: ASYNC110 (a host says nothing when it learns)
            await asyncio.sleep(0.005)


async def test_news_become_data(tmp_path: Path, monkeypatch: Any) -> None:
    """Of the line, of a slot, of what is measured there, and of how a run ended."""
    monkeypatch.setattr(nodes, "LOOK", 0.005)
    async with told(tmp_path) as (_, line, host, _):
        assert ["NBIRTH", "DBIRTH"] == host.kinds
        line.queued, line.mode = 3, "busy"
        line.news.tell("slot", {})
        await soon(host, "/Line/queued", 3)
        await soon(host, "Slot/mode", "busy")
        line.event(measurement(1.5))
        await soon(host, "Measured/v", 1.5)
        line.event(RunEnded(2.0, "2026-01-01T00:00:00.000Z", "PASSED", ""))
        await soon(host, "Last/verdict", "PASSED")
        await soon(host, "/Runs/PASSED", 1)
        assert [] == host.asks


async def test_a_node_that_fell_behind_looks_at_the_line_itself(tmp_path: Path, monkeypatch: Any) -> None:
    """More news than are kept, at once: it misses some, and still knows what is so."""
    monkeypatch.setattr(nodes, "LOOK", 0.005)
    async with told(tmp_path) as (_, line, host, _):
        line.queued = 9
        for _ in range(2 * KEPT):
            line.event(measurement(1.0))
        await soon(host, "/Line/queued", 9)
        line.event(measurement(2.5))
        await soon(host, "Measured/v", 2.5)


async def test_the_connection_is_given_up_when_the_host_goes(tmp_path: Path, monkeypatch: Any) -> None:
    """After its death was handed over; the next connection has the next number."""
    monkeypatch.setattr(nodes, "LOOK", 0.005)
    async with told(tmp_path, "scada") as (node, _, host, left):
        assert [] == host.kinds
        node.hear("spBv1.0/STATE/scada", b'{"online":true,"timestamp":1}', retained=True)
        await soon(host, "Slot/mode", "free")
        node.hear("spBv1.0/STATE/scada", b'{"online":false,"timestamp":2}', retained=True)
        assert (["left"], False, 0) == (left, host.online, host.bdseq)
        node.lost()
        await node.will()
        node.greet()
        node.hear("spBv1.0/STATE/scada", b'{"online":true,"timestamp":3}', retained=True)
        async with asyncio.timeout(5):
            while not host.online:  # noqa: ASYNC110 (a host says nothing when it learns)
                await asyncio.sleep(0.005)
        assert (1, []) == (host.bdseq, host.asks)
