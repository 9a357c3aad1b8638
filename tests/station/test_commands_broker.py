"""Commands over a real mosquitto: kept ones, doubled ones, and those of strangers do nothing."""

import asyncio
from pathlib import Path

import aiomqtt

from station.mqtt.commands import Why
from station.mqtt.signing import sign
from tests.station.mosquitto import mosquitto
from tests.station.test_commanding import commanding, until
from tests.station.test_commands import KEY, said

TOPIC = "rackproof/here/cell-2/command"


async def test_what_the_broker_kept_or_doubled_is_done_at_most_once(tmp_path: Path) -> None:
    """F061, F067, B124, B125, B127: the broker kept one, one comes three times, one is unsigned; one is done, and its commander is told what became of all three."""
    async with mosquitto(tmp_path) as broker, aiomqtt.Client("127.0.0.1", broker.port) as sender:
        await sender.publish(f"{TOPIC}/abort", sign(said(id="kept"), KEY), 1, retain=True)
        async with commanding(tmp_path) as (it, line, answers), aiomqtt.Client("127.0.0.1", broker.port) as station:

            async def hear() -> None:
                async for each in station.messages:
                    assert isinstance(each.payload, bytes)
                    it.hear(str(each.topic).rpartition("/")[2], each.payload, retained=each.retain)

            async with asyncio.TaskGroup() as group:
                hearing = group.create_task(hear())
                await station.subscribe(f"{TOPIC}/+", qos=1)
                await sender.publish(f"{TOPIC}/abort", sign(said(id="unsigned"), bytes(32)), 1)
                for _ in range(3):
                    await sender.publish(f"{TOPIC}/abort", sign(said(id="thrice"), KEY) + b"\n", 1)
                await until(answers, 3)
                hearing.cancel()
    assert [("abort", "plc-7 over MQTT", None)] == line.told
    assert [("thrice", None), ("thrice", "replayed"), ("thrice", "replayed")] == [
        (each["command"], each.get("why")) for each in answers
    ]
    assert {Why.RETAINED: 1, Why.SIGNATURE: 1, Why.REPLAYED: 2} == dict(it.commands.refused)
