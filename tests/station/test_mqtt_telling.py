"""What a line tells at a real mosquitto: state and slots lie there for whoever comes, the rest is of the moment."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import jsonschema
import pytest

from station.condition import Level
from station.ledger.ledger import Ledger
from station.line.views import SlotView
from station.mqtt.broker.letter import Letter
from station.mqtt.deadband import Deadband
from station.mqtt.post import MOST_PASSING, Post
from station.mqtt.schemas import SCHEMAS
from station.mqtt.telemetry import Telemetry
from station.outbox.outbox import Outbox
from station.trace import Observed, RunEnded, Sampled, StepStarted
from tests.station.mosquitto import Mosquitto, mosquitto
from tests.station.mqtt_line import FakeLine, published, publishing_of
from tests.station.results import at_work, outbox_in, runs_in, until
from tests.station.traces import judged

TOP = "rackproof/houston/cell-2"
RUN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
BUSY = SlotView("A", "whip-panel-8", "busy", "", RUN, RUN, "SN1", "PWR-WHIP-8", "conducts", "2026-01-01T00:00:00.000Z")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """An empty one."""
    opened = await asyncio.to_thread(Ledger.open, tmp_path)
    yield opened
    await asyncio.to_thread(opened.close)


class Watcher:
    """Somebody who subscribes to everything; each payload must be as its schema says."""

    def __init__(self, broker: Mosquitto) -> None:
        self.broker = broker
        self.heard: list[tuple[str, dict[str, Any], bool]] = []

    def of(self, branch: str) -> list[dict[str, Any]]:
        """What came of a branch of the tree, in order."""
        return [said for topic, said, _ in self.heard if topic == f"{TOP}/{branch}"]

    async def run(self) -> None:
        """Watch."""
        async with aiomqtt.Client("127.0.0.1", self.broker.port, timeout=2) as client:
            await client.subscribe("#", qos=1)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                said = json.loads(message.payload)
                name = said["schema"].removeprefix("rackproof.").removesuffix("/1")
                jsonschema.validate(said, SCHEMAS[name])
                self.heard.append((str(message.topic), said, message.retain))


@asynccontextmanager
async def watched(broker: Mosquitto) -> AsyncIterator[Watcher]:
    """One who watches until the block ends."""
    watcher = Watcher(broker)
    async with at_work(watcher.run):
        yield watcher


async def test_state_and_slots_lie_there_for_whoever_comes(ledger: Ledger, tmp_path: Path) -> None:
    """Retained, told anew when they change; when the daemon is gone the state says that nobody knows."""
    line = FakeLine()
    async with mosquitto(tmp_path) as broker:
        async with published(publishing_of(tmp_path, ledger, broker.url, line)) as publishing:
            await until(lambda: publishing.broker.connected)
            line.become("paused")
            line.show(BUSY)
            async with watched(broker) as late:
                await until(lambda: [each["state"] for each in late.of("state")][-1:] == ["paused"])
                await until(lambda: [each["mode"] for each in late.of("slot/A")][-1:] == ["busy"])
                assert all(retained for _, _, retained in late.heard[:2])
        async with watched(broker) as later:
            await until(lambda: bool(later.of("state")))
            assert later.of("state") == [
                {"schema": "rackproof.state/1", "state": "gone", "station": "cell-2", "site": "houston"}
            ]


async def test_a_broker_that_dies_is_told_everything_again(ledger: Ledger, tmp_path: Path) -> None:
    """F059, F068: what it retained is gone with it; and a will that it told is taken back."""
    line = FakeLine()
    async with (
        mosquitto(tmp_path) as broker,
        published(publishing_of(tmp_path, ledger, broker.url, line)) as publishing,
    ):
        await until(lambda: publishing.broker.connected)
        await broker.kill()
        line.show(BUSY)
        await broker.start()
        async with watched(broker) as watcher:
            await until(lambda: bool(watcher.of("state") and watcher.of("slot/A")))
            assert watcher.of("state")[-1]["state"] == "serving"
            assert watcher.of("slot/A")[-1]["serial"] == "SN1"


async def test_events_and_telemetry(ledger: Ledger, tmp_path: Path) -> None:
    """Events as they happen, without the measured values; those in batches, the newest of each, and only what has changed."""
    line = FakeLine()
    publishing = publishing_of(tmp_path, ledger, broker="mqtt://127.0.0.1:1", line=line, telemetry_s=0.1)
    async with mosquitto(tmp_path) as broker:
        publishing = publishing_of(tmp_path, ledger, broker.url, line, telemetry_s=0.1)
        async with watched(broker) as watcher, published(publishing):
            await until(lambda: publishing.broker.connected and bool(watcher.heard))
            line.happen(RUN, 2, StepStarted(0.0, "conducts", 1))
            line.happen(RUN, 3, Sampled(0.5, "conducts", "voltage", "W3", "V", (0.1, 0.2), (11.0, 12.0)))
            line.happen(RUN, 4, judged(0.75, "conducts", "W3", 0.5))
            line.happen(RUN, 5, Observed(0.8, "conducts", "ambient", None, "degC", None, "no-reading", "thermo"))
            await until(lambda: bool(watcher.of("telemetry/A")))
            line.happen(RUN, 6, Sampled(0.9, "conducts", "voltage", "W3", "V", (0.3,), (12.0,)))
            line.happen(RUN, 7, Sampled(1.0, "conducts", "current", "", "A", (0.3,), (2.0,)))
            await until(lambda: len(watcher.of("telemetry/A")) == 2)
    first, second = watcher.of("telemetry/A")
    assert first["values"] == [
        {"name": "voltage[W3]", "value": 12.0, "unit": "V"},
        {"name": "conduction[W3]", "value": 0.5, "unit": "ohm"},
        {"name": "ambient", "value": None, "unit": "degC"},
    ]
    assert second["values"] == [{"name": "current", "value": 2.0, "unit": "A"}]
    (event,) = watcher.of("event/A")
    assert event["event"] == {"at": 0.0, "step": "conducts", "attempt": 1}


async def test_a_reader_that_fell_behind_tells_everything_again(ledger: Ledger, tmp_path: Path) -> None:
    """More happened at once than the news keep."""
    line = FakeLine()
    async with (
        mosquitto(tmp_path) as broker,
        watched(broker) as watcher,
        published(publishing_of(tmp_path, ledger, broker.url, line)) as publishing,
    ):
        await until(lambda: publishing.broker.connected and bool(watcher.of("slot/A")))
        line.views = [BUSY]
        for number in range(5000):
            line.happen(RUN, number, StepStarted(0.0, "conducts", 1))
        await until(lambda: watcher.of("slot/A")[-1]["mode"] == "busy")


async def test_telemetry_is_dropped_before_results(ledger: Ledger, tmp_path: Path) -> None:
    """F063: a frozen broker is given no more of it; nothing piles up, all of it is counted, and the results wait."""
    line = FakeLine()
    async with (
        mosquitto(tmp_path) as broker,
        published(publishing_of(tmp_path, ledger, broker.url, line)) as publishing,
    ):
        await until(lambda: publishing.broker.connected)
        broker.freeze()
        await runs_in(ledger, ["SN1"])
        publishing.results.look()
        for number in range(20000):
            line.happen(RUN, number, StepStarted(0.0, "conducts" * 20, 1))
            if number % 100 == 0:
                await asyncio.sleep(0)
        await until(lambda: not publishing.broker.connected)
        await until(lambda: publishing.counters.dropped > 15000)
        assert publishing.counters.outbox == 1
        broker.thaw()
        await until(lambda: publishing.broker.connected)


async def test_a_fault_in_here_never_ends_the_line(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an alarm, and tried again."""
    monkeypatch.setattr("station.mqtt.publishing.MEND", 0.2)
    line = FakeLine()
    async with (
        mosquitto(tmp_path) as broker,
        published(publishing_of(tmp_path, ledger, broker.url, line)) as publishing,
    ):
        await until(lambda: publishing.broker.connected)
        line.news.tell("slot", {"slot": "no view at all"})
        await until(lambda: publishing.faults == 1)
        assert "AttributeError" in publishing.condition().text
        assert publishing.condition().level is Level.ALARM
        await until(lambda: publishing.broker.connected and publishing.condition().level is Level.OK)


async def test_a_fault_while_the_outbox_opens_leaves_it_to_the_next(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is slow just then: what the thread has opened after all is closed, or nobody could open it any more."""
    monkeypatch.setattr("station.mqtt.publishing.MEND", 0.1)
    monkeypatch.setattr("station.mqtt.results.MEND", 0.1)
    whole, begun, goes_on = Outbox.open, threading.Event(), threading.Event()

    def slow(*rest: Any) -> Outbox:
        begun.set()
        goes_on.wait(10)
        return whole(*rest)

    monkeypatch.setattr(Outbox, "open", slow)
    line = FakeLine()
    async with (
        mosquitto(tmp_path) as broker,
        published(publishing_of(tmp_path, ledger, broker.url, line)) as publishing,
    ):
        await until(lambda: publishing.broker.connected and begun.is_set())
        line.news.tell("slot", {"slot": "no view at all"})
        await until(lambda: not publishing.broker.connected)
        goes_on.set()
        await until(lambda: publishing.faults == 1)
        await until(lambda: publishing.broker.connected and publishing.condition().level is Level.OK)


@pytest.mark.parametrize("ends", [None, asyncio.CancelledError()])
async def test_a_room_that_ends_by_itself_is_a_fault(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: BaseException | None
) -> None:
    """Nobody would hear of the line any more, and nobody would be told."""

    async def end(_: Post) -> None:
        if ends is not None:
            raise ends

    monkeypatch.setattr(Post, "run", end)
    async with published(publishing_of(tmp_path, ledger, "mqtt://127.0.0.1:1")) as publishing:
        await until(lambda: publishing.faults == 1)
        assert publishing.condition().level is Level.ALARM
        assert "has ended" in publishing.condition().text


async def test_a_record_that_no_payload_can_be_made_of_is_an_alarm(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays one while it is tried again, and goes when it succeeds."""
    monkeypatch.setattr("station.mqtt.results.MEND", 0.05)
    whole, tries = Outbox.reconcile, list[int]()

    async def odd(outbox: Outbox, *rest: Any) -> int:
        tries.append(1)
        if len(tries) < 4:
            raise KeyError("uut")
        return await whole(outbox, *rest)

    monkeypatch.setattr(Outbox, "reconcile", odd)
    await runs_in(ledger, ["SN1"])
    async with (
        mosquitto(tmp_path) as broker,
        published(publishing_of(tmp_path, ledger, broker.url, receipts=False)) as publishing,
    ):
        await until(lambda: len(tries) == 3)
        assert publishing.results.condition().level is Level.ALARM
        assert "KeyError('uut')" in publishing.results.condition().text
        await until(lambda: publishing.counters.sent == 1 and publishing.condition().level is Level.OK)


async def test_an_outbox_that_cannot_be_used_is_tried_again(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is told all the same, results stay in the ledger, and come when it can be used again."""
    monkeypatch.setattr("station.mqtt.results.MEND", 0.1)
    await runs_in(ledger, ["SN1"])
    async with (
        mosquitto(tmp_path) as broker,
        outbox_in(tmp_path) as held,
        published(publishing_of(tmp_path, ledger, broker.url, receipts=False)) as publishing,
    ):
        await until(lambda: publishing.broker.connected and publishing.condition().level is Level.ALARM)
        assert "open in another process" in publishing.condition().text
        await asyncio.to_thread(held.close)
        await until(lambda: publishing.counters.sent == 1 and not publishing.counters.outbox)


async def test_the_post_keeps_the_last_of_each_topic() -> None:
    """And of what is of the moment no more than it can send."""
    sent: list[Letter] = []
    joined = asyncio.Event()

    async def send(letter: Letter) -> None:
        sent.append(letter)

    post = Post(send, joined, lambda: 0.0)
    post.pass_on(Letter("t/event", b"lost", qos=0))
    for number in range(10):
        post.keep(Letter("t/state", b"%d" % number, retain=True))
    joined.set()
    for number in range(MOST_PASSING + 5):
        post.pass_on(Letter("t/event", b"%d" % number, qos=0))
    assert post.dropped == 6
    async with at_work(post.run):
        await until(lambda: len(sent) == MOST_PASSING + 1)
    assert [each.payload for each in sent if each.topic == "t/state"] == [b"9"]


def test_telemetry_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a slot so many names, in messages of so many; what a run left is not told of the next one."""
    monkeypatch.setattr("station.mqtt.telemetry.MOST_NAMES", 10)
    monkeypatch.setattr("station.mqtt.telemetry.MOST_AT_ONCE", 4)
    telemetry = Telemetry(Deadband())
    for number in range(12):
        telemetry.take({"slot": "A", "event": judged(0.0, "s", f"W{number}")})
    assert telemetry.overflowed == 2
    assert [len(values) for _, values in telemetry.tell(0.0)] == [4, 4, 2]
    telemetry.take({"slot": "A", "event": judged(0.0, "s", "X")})
    telemetry.take({"slot": "A", "event": RunEnded(1.0, "", "PASSED", "")})
    assert not list(telemetry.tell(1.0))
