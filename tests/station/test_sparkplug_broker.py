"""The edge node at a real mosquitto, with a host that asks for a rebirth by itself."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt

from station.mqtt.sparkplug.edge import Edge, Message
from station.mqtt.sparkplug.facts import measured
from station.mqtt.sparkplug.names import Names
from station.walls import real_wall
from tests.station.mosquitto import Mosquitto, mosquitto
from tests.station.sparkplug_host import Host
from tests.station.test_sparkplug_edge import line


def edge_node(host_id: str = "") -> Edge:
    """A line with two slots."""
    loop = asyncio.get_running_loop()
    chance = random.Random(1)  # noqa: S311 (of pauses)
    edge = Edge(Names("line", "cell-2", host_id), real_wall, loop.time, chance, stagger=0.01)
    edge.update(*line(0, A="free", B="busy"))
    return edge


async def publish(client: aiomqtt.Client, messages: list[Message]) -> None:
    """Publish what an edge node says, in its order."""
    for each in messages:
        await client.publish(each.topic, each.payload, each.qos, each.retain)


@asynccontextmanager
async def connected(broker: Mosquitto, edge: Edge, bdseq: int) -> AsyncIterator[aiomqtt.Client]:
    """The edge node at the broker, alive, hearing its host."""
    will = edge.connect(bdseq)
    client = aiomqtt.Client(
        "127.0.0.1", broker.port, will=aiomqtt.Will(will.topic, will.payload, will.qos, will.retain), clean_session=True
    )

    async def hear() -> None:
        async for each in client.messages:
            assert isinstance(each.payload, bytes)
            await publish(client, edge.hear(str(each.topic), each.payload, retained=each.retain))

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.01)
            await publish(client, edge.tick())

    async with client, asyncio.TaskGroup() as group:
        for topic in edge.names.subscriptions:
            await client.subscribe(topic, qos=1)
        await publish(client, edge.born())
        tasks = [group.create_task(hear()), group.create_task(tick())]
        yield client
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def hosting(broker: Mosquitto) -> AsyncIterator[tuple[Host, aiomqtt.Client]]:
    """A host that hears everything and asks for what it misses."""
    host = Host()
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe("spBv1.0/line/#", qos=1)

        async def hear() -> None:
            async for each in client.messages:
                if "/NCMD/" not in str(each.topic) and isinstance(each.payload, bytes):
                    asked = host.hear(str(each.topic), each.payload)
                    if asked is not None:
                        await client.publish("spBv1.0/line/NCMD/cell-2", asked)

        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(hear())
            yield host, client
            hearing.cancel()


def cut(client: aiomqtt.Client) -> None:
    """Its connection is gone, as when a cable is pulled; it has said nothing."""
    sock = client._client.socket()
    assert isinstance(sock, socket.socket)
    sock.shutdown(socket.SHUT_RDWR)


async def until(fact: Callable[[], bool]) -> None:
    """Something has become so."""
    async with asyncio.timeout(15):
        while not fact():  # noqa: ASYNC110 (a fact of another task says nothing when it changes)
            await asyncio.sleep(0.005)


async def test_births_data_a_gap_and_a_death(tmp_path: Path) -> None:
    """B131: the host asks after a gap, and the rebirth mends it. A connection that is cut fires the death of its own birth; the next
    one has the next bdSeq, and tells as history what happened meanwhile (F062, F068).
    """
    async with mosquitto(tmp_path) as broker, hosting(broker) as (host, _):
        edge = edge_node()
        try:
            async with connected(broker, edge, 41) as client:
                await until(lambda: host.devices == {"A": True, "B": True})
                await publish(client, edge.note("A", measured([("v[W1]", 1.5, "V")])))
                await publish(client, edge.note("A", measured([("v[W1]", 2.5, "V")])))
                await until(lambda: host.values.get(("A", "Measured/v[W1]")) == 2.5)
                assert ([], 41) == (host.asks, host.bdseq)
                edge.note("A", measured([("v[W1]", 3.5, "V")]))
                edge._last -= 60
                await publish(client, edge.note("A", measured([("v[W1]", 4.5, "V")])))
                await until(lambda: host.values.get(("A", "Measured/v[W1]")) == 4.5)
                assert (1, 1, 2) == (len(host.asks), edge.rebirths, host.kinds.count("NBIRTH"))
                cut(client)
                await asyncio.sleep(30)
        except* aiomqtt.MqttError:
            await until(lambda: not host.online)
        edge.lost()
        edge.note("A", measured([("v[W1]", 5.5, "V")]))
        async with connected(broker, edge, 42):
            await until(lambda: bool(host.history))
            assert (True, 42, 1, 5.5) == (host.online, host.bdseq, len(host.asks), host.values["A", "Measured/v[W1]"])
            assert ("A", "Measured/v[W1]", 5.5) == host.history[0][:3]


async def test_it_waits_for_its_host(tmp_path: Path) -> None:
    """Nothing before the host's STATE says that it is there; a death when it says that it is not."""
    async with mosquitto(tmp_path) as broker, hosting(broker) as (host, client):
        edge = edge_node("scada")
        async with connected(broker, edge, 1):
            await asyncio.sleep(0.1)
            assert [] == host.kinds
            await client.publish("spBv1.0/STATE/scada", b'{"online":true,"timestamp":1000}', 1, retain=True)
            await until(lambda: host.devices == {"A": True, "B": True})
            await client.publish("spBv1.0/STATE/scada", b'{"online":false,"timestamp":1001}', 1, retain=True)
            await until(lambda: not host.online)
            assert (True, []) == (edge.leaving, host.asks)
