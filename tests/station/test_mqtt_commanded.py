"""Commands and Sparkplug through the publishing of a line, at a real mosquitto."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import jsonschema
import pytest

from station.condition import Level
from station.ledger.ledger import Ledger
from station.line.views import SlotView
from station.mqtt.command import Verb
from station.mqtt.keys import KEY_BYTES, Key, Keys
from station.mqtt.schemas import SCHEMAS
from station.mqtt.signing import SCHEMA, mac_of
from station.trace import Sampled
from tests.station.mosquitto import Mosquitto, mosquitto
from tests.station.mqtt_line import FakeLine, published, publishing_of
from tests.station.results import Receiver, at_work, runs_in, until
from tests.station.sparkplug_host import Host

TOP = "rackproof/houston/cell-2"
SECRET = b"k" * KEY_BYTES
RUN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """An empty one."""
    opened = await asyncio.to_thread(Ledger.open, tmp_path)
    yield opened
    await asyncio.to_thread(opened.close)


async def keys_in(folder: Path) -> None:
    """A file of one who may pause."""
    until_then = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    keys = Keys({"mes": Key(SECRET, frozenset({Verb.PAUSE}), until_then)})
    await asyncio.to_thread(keys.write, folder / "keys.toml")


def signed(identity: str, do: str = "pause", secret: bytes = SECRET) -> bytes:
    """A command of now."""
    now = dt.datetime.now(dt.UTC)
    issued, expires = (f"{when:%Y-%m-%dT%H:%M:%S}Z" for when in (now, now + dt.timedelta(minutes=5)))
    said: dict[str, str | int] = {
        "schema": SCHEMA,
        "id": identity,
        "do": do,
        "station": "cell-2",
        "by": "mes",
        "issued": issued,
        "expires": expires,
    }
    whole = said | {"mac": mac_of(said, secret)}
    jsonschema.validate(whole, SCHEMAS["command"])
    return json.dumps(whole).encode()


class Pausing(FakeLine):
    """A line that can be paused."""

    paused = 0

    def pause(self, slot: str | None = None) -> None:
        """As a line's."""
        assert slot is None
        self.paused += 1
        self.become("paused")


async def test_a_command_is_done_and_answered_once(ledger: Ledger, tmp_path: Path) -> None:
    """B124, B125, B127, F067: a replayed, a retained, an unsigned and a misdirected one are counted, and change nothing."""
    await keys_in(tmp_path)
    line, answers = Pausing(), list[dict[str, object]]()
    async with mosquitto(tmp_path) as broker:
        publishing = publishing_of(tmp_path, ledger, broker.url, line, commands="keys.toml")
        async with published(publishing), aiomqtt.Client("127.0.0.1", broker.port, timeout=2) as client:
            await client.subscribe(f"{TOP}/answer", qos=1)

            async def hear() -> None:
                async for each in client.messages:
                    assert isinstance(each.payload, bytes)
                    answers.append(json.loads(each.payload))
                    jsonschema.validate(answers[-1], SCHEMAS["answer"])

            async with at_work(hear):
                await until(lambda: publishing.broker.connected)
                await client.publish(f"{TOP}/command/pause", signed("a"), qos=1, retain=True)
                await client.publish(f"{TOP}/command/pause", signed("b"), qos=1)
                await until(lambda: line.paused == 1)
                await client.publish(f"{TOP}/command/pause", signed("b"), qos=1)
                await client.publish(f"{TOP}/command/pause", signed("c", secret=b"x" * 32), qos=1)
                await client.publish(f"{TOP}/command/drain", signed("d"), qos=1)
                await client.publish(f"{TOP}/command/pause", b"{{{", qos=1)
                await until(lambda: publishing.counters.refused_commands == 5)
                await until(lambda: len(answers) == 3)
    assert line.paused == 1
    assert publishing.counters.taken_commands == 1
    refused = {"retained": 1.0, "replayed": 1.0, "signature": 1.0, "misdirected": 1.0, "grammar": 1.0}
    assert {why: count for (_, why), count in publishing.refusals().items() if count} == refused
    assert publishing.age() is None
    assert {each["command"]: each["accepted"] for each in answers[:1]} == {"b": True}
    assert [(each["command"], each["accepted"]) for each in answers[1:]] == [("b", False), ("d", False)]


@pytest.mark.parametrize("commands", ["", "no-such.toml"])
async def test_without_keys_nobody_may(ledger: Ledger, tmp_path: Path, commands: str) -> None:
    """And where the file of keys cannot be used, neither: that is an alarm."""
    line = Pausing()
    async with mosquitto(tmp_path) as broker:
        publishing = publishing_of(tmp_path, ledger, broker.url, line, commands=commands)
        async with published(publishing), aiomqtt.Client("127.0.0.1", broker.port, timeout=2) as client:
            await until(lambda: publishing.broker.connected)
            await client.publish(f"{TOP}/command/pause", signed("a"), qos=1)
            await until(lambda: publishing.counters.refused_commands == 1)
            assert (publishing.condition().level is Level.ALARM) is bool(commands)
    assert line.paused == 0


async def hosted(broker: Mosquitto, host: Host) -> None:
    """A host of Sparkplug that hears everything."""
    async with aiomqtt.Client("127.0.0.1", broker.port, timeout=2) as client:
        await client.subscribe("spBv1.0/rackproof/#", qos=1)
        async for each in client.messages:
            assert isinstance(each.payload, bytes)
            if "/NCMD/" not in str(each.topic):
                asked = host.hear(str(each.topic), each.payload)
                if asked is not None:
                    await client.publish("spBv1.0/rackproof/NCMD/cell-2", asked)


async def test_a_line_as_an_edge_node(ledger: Ledger, tmp_path: Path) -> None:
    """Born, telling by exception, dead when it is gone and born again; results go as they always do."""
    line, host = FakeLine(), Host()
    async with mosquitto(tmp_path) as broker:
        publishing = publishing_of(tmp_path, ledger, broker.url, line, payload="sparkplug", telemetry_s=0.1)
        receiver = Receiver(broker.port)
        async with at_work(lambda: hosted(broker, host), receiver.run):
            async with published(publishing):
                await until(lambda: host.devices == {"A": True})
                line.show(SlotView("A", "whip-panel-8", "busy", "", RUN, RUN, "SN1"))
                await until(lambda: host.values.get(("A", "Slot/serial")) == "SN1")
                line.happen(RUN, 1, Sampled(0.5, "conducts", "voltage", "W3", "V", (0.1,), (12.5,)))
                await until(lambda: host.values.get(("A", "Measured/voltage[W3]")) == 12.5)
                line.show(SlotView("A", "whip-panel-8", "free"))
                runs = await runs_in(ledger, ["SN1", "SN2"])
                publishing.results.look()
                await until(lambda: sorted(receiver.kept) == sorted(runs) and not publishing.counters.outbox)
                first = host.bdseq
            await until(lambda: not host.online)
            async with published(publishing_of(tmp_path, ledger, broker.url, line, payload="sparkplug")):
                await until(lambda: host.online and host.devices == {"A": True})
                assert first is not None
                assert host.bdseq == first + 1
    assert host.asks == []


async def test_an_edge_node_waits_for_its_host(ledger: Ledger, tmp_path: Path) -> None:
    """Born when the host says that it is there, also when it said so before; dead when it says that it is not; results go all the while."""
    line, host = FakeLine(), Host()
    async with mosquitto(tmp_path) as broker, aiomqtt.Client("127.0.0.1", broker.port, timeout=2) as client:
        publishing = publishing_of(
            tmp_path, ledger, broker.url, line, payload="sparkplug", primary_host="scada", receipts=False
        )
        async with at_work(lambda: hosted(broker, host)), published(publishing):
            await until(lambda: publishing.broker.connected)
            await runs_in(ledger, ["SN1"])
            publishing.results.look()
            await until(lambda: publishing.counters.sent == 1)
            assert host.kinds == []
            for number in range(2):
                said = b'{"online":true,"timestamp":%d}' % (1000 + 2 * number)
                await client.publish("spBv1.0/STATE/scada", said, 1, retain=True)
                await until(lambda: host.online and host.devices == {"A": True})
                said = b'{"online":false,"timestamp":%d}' % (1001 + 2 * number)
                await client.publish("spBv1.0/STATE/scada", said, 1, retain=True)
                await until(lambda: not host.online)
            await client.publish("spBv1.0/STATE/scada", b'{"online":true,"timestamp":2000}', 1, retain=True)
            await until(lambda: host.online)
        async with (
            at_work(lambda: hosted(broker, host)),
            published(publishing_of(tmp_path, ledger, broker.url, line, payload="sparkplug", primary_host="scada")),
        ):
            await until(lambda: host.online and host.devices == {"A": True})
        assert publishing.counters.takeovers == 0
