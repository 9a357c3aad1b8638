"""Results at a real mosquitto, whatever is done to it: each arrives, in order per unit, and is let go by its receipt only."""

import asyncio
import hashlib
import json
import random
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiomqtt
import pytest

from station.condition import Level
from station.ledger.ledger import Ledger
from station.line.ticket import Stage
from station.mqtt import payloads
from station.mqtt.publishing import Publishing
from tests.docs_console import ROOT
from tests.station.mosquitto import mosquitto
from tests.station.mqtt_line import FakeLine, published, publishing_of
from tests.station.results import Receiver, at_work, run_in, runs_in, until

TOP = "rackproof/houston/cell-2"
SERIALS = [f"SN{number % 7}" for number in range(60)]


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """An empty one."""
    opened = await asyncio.to_thread(Ledger.open, tmp_path)
    yield opened
    await asyncio.to_thread(opened.close)


async def test_results_arrive_in_order_per_unit(ledger: Ledger, tmp_path: Path) -> None:
    """Each once at the receiver, of a unit as they were made, with everything that the record says; then none waits."""
    runs = await runs_in(ledger, SERIALS)
    async with mosquitto(tmp_path) as broker:
        receiver, publishing = Receiver(broker.port), publishing_of(tmp_path, ledger, broker.url)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: len(receiver.kept) == len(runs) and not publishing.counters.outbox)
            late = await runs_in(ledger, ["SN1"])
            publishing.line.news.tell("ticket", {"ticket": Done()})
            await until(lambda: late[0] in receiver.kept and not publishing.counters.outbox)
    assert sorted(receiver.order) == sorted(runs + late)
    for serial in set(SERIALS):
        of_unit = [run for run, each in zip(runs, SERIALS, strict=True) if each == serial]
        assert [run for run in receiver.order if run in of_unit] == of_unit
    record = await ledger.record(runs[0])
    assert receiver.kept[runs[0]]["record"] == record
    assert publishing.counters.received == len(runs) + 1


class Done:
    """A ticket that has come to its end."""

    stage = Stage.DONE


async def test_a_puback_is_no_receipt(ledger: Ledger, tmp_path: Path) -> None:
    """F057, F066: the broker acknowledges, nobody says that he has it: it waits, and is sent again."""
    await runs_in(ledger, ["SN1", "SN1"])
    async with mosquitto(tmp_path) as broker:
        receiver = Receiver(broker.port, answers=lambda _: None)
        publishing = publishing_of(tmp_path, ledger, broker.url, patience=0.2)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: len(receiver.order) > 3)
            assert publishing.counters.outbox == 2
            assert len(set(receiver.order)) == 1  # the second result of the unit was never sent
            receiver.answers = lambda receipt: receipt
            await until(lambda: publishing.counters.outbox == 0)


async def test_without_receipts_the_brokers_answer_releases(ledger: Ledger, tmp_path: Path) -> None:
    """The weaker promise, where a station file asks for it."""
    await runs_in(ledger, SERIALS)
    async with mosquitto(tmp_path) as broker:
        publishing = publishing_of(tmp_path, ledger, broker.url, receipts=False)
        async with published(publishing):
            await until(lambda: publishing.counters.sent == len(SERIALS) and not publishing.counters.outbox)


async def test_a_receipt_for_another_payload_releases_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """Nor does what is no receipt; both are counted."""
    await runs_in(ledger, ["SN1"])
    async with mosquitto(tmp_path) as broker:
        receiver = Receiver(broker.port, answers=lambda receipt: receipt | {"digest": "0" * 64})
        publishing = publishing_of(tmp_path, ledger, broker.url, patience=0.2)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: publishing.counters.odd_receipts > 1)
            receiver.answers = lambda receipt: receipt | {"accepted": "yes"}
            await until(lambda: publishing.counters.refused_receipts > 1)
            assert publishing.counters.outbox == 1
            receiver.answers = lambda receipt: receipt
            await until(lambda: publishing.counters.outbox == 0)


async def test_a_frozen_broker_loses_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """F057, F055: noticed within one and a half times the keepalive; after the thaw everything arrives."""
    line = FakeLine()
    async with mosquitto(tmp_path) as broker:
        receiver, publishing = Receiver(broker.port), publishing_of(tmp_path, ledger, broker.url, line)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: publishing.broker.connected and receiver.ready.is_set())
            loop = asyncio.get_running_loop()
            broker.freeze()
            frozen = loop.time()
            await until(lambda: not publishing.broker.connected)
            assert loop.time() - frozen <= 1.5 * publishing.pace.keepalive + 0.2
            runs = await runs_in(ledger, SERIALS)
            publishing.results.look()
            await until(lambda: publishing.counters.outbox == len(runs))
            broker.thaw()
            await until(lambda: len(receiver.kept) == len(runs) and not publishing.counters.outbox)


async def test_a_broker_that_dies_and_forgets_loses_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """F058, F059, F061: killed by seed in the middle of it, without persistence; the receiver keeps each once."""
    chance = random.Random(5)  # noqa: S311 (seeded, so that it goes the same way each time)
    runs = await runs_in(ledger, [f"SN{number % 40}" for number in range(400)])
    async with mosquitto(tmp_path) as broker:
        receiver, publishing = Receiver(broker.port), publishing_of(tmp_path, ledger, broker.url, patience=0.5)
        async with at_work(receiver.run), published(publishing):
            for _ in range(4):
                wanted = min(len(receiver.kept) + chance.randrange(1, 90), len(runs))
                await until(partial(receiver.has, wanted))
                await broker.kill()
                await asyncio.sleep(chance.uniform(0.0, 0.2))
                await broker.start()
            await until(lambda: len(receiver.kept) == len(runs) and not publishing.counters.outbox)
    assert set(receiver.kept) == set(runs)
    first = list(dict.fromkeys(receiver.order))
    for serial in range(40):
        assert [run for run in first if run in runs[serial::40]] == runs[serial::40]
    assert publishing.counters.connects >= 5


async def test_a_publish_that_the_broker_does_not_allow_is_never_released(ledger: Ledger, tmp_path: Path) -> None:
    """F066: mosquitto acknowledges it and lets it vanish; here it waits, and an alarm says why."""
    acl = tmp_path / "acl"
    await asyncio.to_thread(acl.write_text, "topic readwrite rackproof/houston/cell-2/state\ntopic read #\n")
    await runs_in(ledger, ["SN1", "SN2"])
    async with mosquitto(tmp_path, f"acl_file {acl}") as broker:
        publishing = publishing_of(tmp_path, ledger, broker.url, patience=0.2, receipts=False)
        async with published(publishing):
            await until(lambda: publishing.condition().level is Level.ALARM)
            await asyncio.sleep(0.5)
            assert publishing.counters.outbox == 2
            assert "Not authorized" in publishing.condition().text


async def test_the_access_list_of_the_documentation(ledger: Ledger, tmp_path: Path) -> None:
    """B128: with it results arrive and are received; another station can neither speak for this one nor say that it has something."""
    page = await asyncio.to_thread((ROOT / "docs/reference/mqtt.md").read_text, "utf-8")
    (acl,) = [each for each in re.findall(r"```text\n(.*?)```", page, re.DOTALL) if "pattern write" in each]
    await asyncio.to_thread((tmp_path / "acl").write_text, acl)
    (run,) = await runs_in(ledger, ["SN1"])
    async with mosquitto(tmp_path, f"acl_file {tmp_path / 'acl'}") as broker:
        waiting = Receiver(broker.port, client="other", username="cell-3")
        publishing = publishing_of(tmp_path, ledger, broker.url, username="cell-2", patience=0.3)
        async with at_work(waiting.run), published(publishing):
            await until(lambda: publishing.counters.sent > 1)
            async with aiomqtt.Client("127.0.0.1", broker.port, username="cell-3", timeout=2) as other:
                digest = hashlib.sha256(await outbox_payload(publishing)).hexdigest()
                forged = {"schema": payloads.RECEIPT, "result": run, "digest": digest, "accepted": True}
                await other.publish(f"{TOP}/receipt", json.dumps(forged), qos=1)
                await other.publish(f"{TOP}/state", "{}", qos=1, retain=True)
            await asyncio.sleep(0.3)
            assert (publishing.counters.outbox, waiting.kept) == (1, {})
            async with at_work(Receiver(broker.port, username="mes").run):
                await until(lambda: publishing.counters.outbox == 0)
            assert publishing.condition().level is Level.OK


async def outbox_payload(publishing: Publishing) -> bytes:
    """The payload of what waits there."""
    outbox = publishing.results.outbox
    assert outbox is not None
    return (await outbox.due(float("inf"), 1))[0].payload


async def test_a_result_that_is_too_large_is_put_aside(ledger: Ledger, tmp_path: Path) -> None:
    """F069: mosquitto breaks the connection over it; those behind it go on, of the same unit too."""
    large = await run_in(ledger, "SN1", steps=100)
    small = await runs_in(ledger, ["SN1", "SN2"])
    async with mosquitto(tmp_path, "message_size_limit 5000") as broker:
        receiver, publishing = Receiver(broker.port), publishing_of(tmp_path, ledger, broker.url)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: len(receiver.kept) == 2 and not publishing.counters.outbox)
            assert publishing.counters.aside == 1
            assert "breaks the connection" in publishing.condition().text
            assert publishing.counters.connects <= 7  # three times with others, three alone, and without it
    assert sorted(receiver.kept) == sorted(small)
    async with mosquitto(tmp_path) as broker:  # its limit has been lifted, and the daemon started again
        receiver, publishing = Receiver(broker.port), publishing_of(tmp_path, ledger, broker.url)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: large in receiver.kept and not publishing.counters.outbox)


async def test_a_packet_limit_that_the_broker_tells_is_kept(ledger: Ledger, tmp_path: Path) -> None:
    """F069: a broker that would break the connection for it is not given it."""
    await run_in(ledger, "SN1", steps=100)
    (small,) = await runs_in(ledger, ["SN2"])
    async with mosquitto(tmp_path, "max_packet_size 5000") as broker:
        receiver, publishing = Receiver(broker.port), publishing_of(tmp_path, ledger, broker.url)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: small in receiver.kept and publishing.counters.aside == 1)
            assert publishing.counters.connects == 1


async def test_a_receiver_may_refuse(ledger: Ledger, tmp_path: Path) -> None:
    """F069: with his reason, in an alarm; the queue goes on."""
    bad, good = await runs_in(ledger, ["SN1", "SN1"])
    async with mosquitto(tmp_path) as broker:
        receiver = Receiver(broker.port)
        receiver.answers = lambda receipt: (
            receipt | {"accepted": False, "reason": "no such product"} if receipt["result"] == bad else receipt
        )
        publishing = publishing_of(tmp_path, ledger, broker.url)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: good in receiver.kept and publishing.counters.aside == 1)
            assert "no such product" in publishing.condition().text


async def test_one_message_in_flight_is_enough(ledger: Ledger, tmp_path: Path) -> None:
    """F064: a broker that takes one at a time, and a frozen moment in between, stall nothing."""
    runs = await runs_in(ledger, SERIALS)
    async with mosquitto(tmp_path, "max_inflight_messages 1") as broker:
        receiver, publishing = Receiver(broker.port), publishing_of(tmp_path, ledger, broker.url)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: len(receiver.kept) > 10)
            broker.freeze()
            await asyncio.sleep(0.3)
            broker.thaw()
            await until(lambda: len(receiver.kept) == len(runs) and not publishing.counters.outbox)


async def test_a_retained_receipt_is_nobodys(ledger: Ledger, tmp_path: Path) -> None:
    """It lies at the broker from another time; and one that is sent to be retained is refused as well."""
    await runs_in(ledger, ["SN1"])
    async with mosquitto(tmp_path) as broker:
        retained: list[str] = []

        def keep(receipt: dict[str, object]) -> None:
            retained.append(str(receipt["digest"]))

        receiver = Receiver(broker.port, answers=keep)
        publishing = publishing_of(tmp_path, ledger, broker.url, patience=0.3)
        async with at_work(receiver.run), published(publishing):
            await until(lambda: bool(retained))
            said = '{"schema":"rackproof.receipt/1","result":"%s","digest":"%s","accepted":true}'
            async with aiomqtt.Client("127.0.0.1", broker.port) as client:
                whole = said % (receiver.order[0], retained[0])
                await client.publish("rackproof/houston/cell-2/receipt", whole, qos=1, retain=True)
            await until(lambda: publishing.counters.refused_receipts == 1)
            assert publishing.counters.outbox == 1


async def test_a_daemon_without_a_broker_keeps_its_results(ledger: Ledger, tmp_path: Path) -> None:
    """Nothing waits for it, nothing is lost, and the condition says what to do."""
    runs = await runs_in(ledger, SERIALS)
    publishing = publishing_of(tmp_path, ledger, "mqtt://127.0.0.1:1")
    async with published(publishing):
        await until(lambda: publishing.counters.outbox == len(runs))
        condition = publishing.condition()
        assert (condition.level, condition.name) == (Level.WARNING, "broker")
        assert "127.0.0.1:1" in condition.text
