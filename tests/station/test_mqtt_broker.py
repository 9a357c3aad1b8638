"""The connection to a real mosquitto: who it believes, what it notices, and that it never gives up nor gives way."""

import asyncio
import datetime as dt
import random
import ssl
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
import trustme

from station.condition import Condition, Level
from station.mqtt.broker.broker import Broker, Pace
from station.mqtt.broker.letter import Denied, Heard, Letter, Unsent
from station.mqtt.certificates import good_from_to
from station.mqtt.contact import Contact, ContactError
from tests.station.mosquitto import Mosquitto, mosquitto
from tests.station.mqtt_line import QUICK, station_at
from tests.station.results import at_work, until

HOST = "localhost"
BEFORE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def broker_at(contact: Contact, heard: list[Heard] | None = None, pace: Pace = QUICK, seed: int = 1) -> Broker:
    """One that says nothing when it is connected."""

    async def greet() -> None:
        """Nothing to say."""

    async def will() -> Letter:
        return Letter("t/state", b"gone", retain=True)

    hear = (heard if heard is not None else []).append
    chance = random.Random(seed)  # noqa: S311 (seeded, so that it goes the same way each time)
    return Broker(contact, ("t/in/#",), hear, greet, will, chance, pace)


def at(broker: Mosquitto, client: str = "cell-2", **more: Any) -> Contact:
    """Where it is."""
    return Contact("127.0.0.1", broker.port, tls=False, client=client, **more)


async def test_two_by_one_name_do_not_fight(tmp_path: Path) -> None:
    """F053, B133: mosquitto 2.0 throws the older one out without a word. They find out, wait their minute, and raise an alarm."""
    async with mosquitto(tmp_path) as mosquito:
        one, two = broker_at(at(mosquito), seed=1), broker_at(at(mosquito), seed=2)
        async with at_work(one.run, two.run):
            await until(lambda: one.takeovers + two.takeovers > 0)
            before = one.connects + two.connects
            thrown = one if one.takeovers else two
            assert thrown.condition().level is Level.ALARM
            assert "by its name, cell-2" in thrown.condition().text
            await asyncio.sleep(0.8)
            assert one.connects + two.connects <= before + 4


async def test_a_broker_that_says_so_is_believed(tmp_path: Path) -> None:
    """F053, B133: DISCONNECT with 0x8E, session taken over: at once a minute's pause (here a second) and an alarm."""
    connects: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)  # CONNECT
        connects.append(1)
        writer.write(bytes.fromhex("2003000000"))
        subscribe = await reader.read(1000)
        writer.write(bytes.fromhex("9004") + subscribe[2:4] + bytes.fromhex("0001"))
        writer.write(bytes.fromhex("e0028e00"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        broker = broker_at(Contact("127.0.0.1", port, tls=False, client="cell-2"))
        async with at_work(broker.run):
            await until(lambda: broker.takeovers == 1)
            assert "Session taken over" in broker.trouble
            assert broker.condition().level is Level.ALARM
            await asyncio.sleep(0.8)
            assert len(connects) == 1
            await until(lambda: len(connects) == 2)


async def test_the_will_is_told_and_taken_back(tmp_path: Path) -> None:
    """F068: killed by a network, the state says that nobody knows; leaving in order says so as well."""
    async with mosquitto(tmp_path) as mosquito:
        said: list[bytes] = []
        async with aiomqtt.Client("127.0.0.1", mosquito.port, timeout=1) as watcher:
            await watcher.subscribe("t/state")

            async def watch() -> None:
                async for message in watcher.messages:
                    assert isinstance(message.payload, bytes)
                    said.append(message.payload)

            async with at_work(watch):
                broker = broker_at(at(mosquito))
                async with at_work(broker.run):
                    await until(lambda: broker.connected)
                    await broker.send(Letter("t/state", b"serving", retain=True))
                    await until(lambda: said == [b"serving"])
                await until(lambda: said == [b"serving", b"gone"])


async def test_a_retained_message_is_heard_as_one(tmp_path: Path) -> None:
    """F067, B125: what lies at the broker is not sent on subscribing, and what is sent to lie there says so."""
    heard: list[Heard] = []
    async with mosquitto(tmp_path) as mosquito, aiomqtt.Client("127.0.0.1", mosquito.port, timeout=1) as client:
        await client.publish("t/in/a", b"old", qos=1, retain=True)
        broker = broker_at(at(mosquito), heard)
        async with at_work(broker.run):
            await until(lambda: broker.connected)
            await asyncio.sleep(2 * QUICK.keepalive)  # it has asked again by then
            await client.publish("t/in/b", b"new", qos=1, retain=True)
            await client.publish("t/in/c", b"now", qos=1)
            await until(lambda: len(heard) == 2)
    assert heard == [Heard("t/in/b", b"new", retained=True), Heard("t/in/c", b"now", retained=False)]


async def test_what_is_too_large_does_not_come_in(tmp_path: Path) -> None:
    """B121: the broker is told how large a packet may be, and keeps it."""
    heard: list[Heard] = []
    async with mosquitto(tmp_path) as mosquito:
        broker = broker_at(at(mosquito), heard)
        async with at_work(broker.run), aiomqtt.Client("127.0.0.1", mosquito.port, timeout=5) as client:
            await until(lambda: broker.connected)
            await client.publish("t/in/a", b"x" * 1_000_000, qos=1)
            await client.publish("t/in/a", b"x", qos=1)
            await until(lambda: len(heard) == 1)
            assert broker.connects == 1


@pytest.mark.parametrize("topic", ["t/\0/x", "t/+/x", "#", "", "t/" + "x" * 65536], ids=ascii)
async def test_no_topic_takes_the_link_down(topic: str, tmp_path: Path) -> None:
    """F065, B112, B113: a topic that is none is refused here, and the next message goes out."""
    async with mosquitto(tmp_path) as mosquito:
        broker = broker_at(at(mosquito))
        async with at_work(broker.run):
            await until(lambda: broker.connected)
            with pytest.raises(Denied):
                await broker.send(Letter(topic, b"x"))
            await broker.send(Letter("t/good", b"x"))
            assert broker.connects == 1


async def test_what_it_may_not_hear_is_an_alarm(tmp_path: Path) -> None:
    """A broker that lets nobody subscribe would keep every receipt away."""
    acl = tmp_path / "acl"
    await asyncio.to_thread(acl.write_text, "topic write t/#\n")
    async with mosquitto(tmp_path, f"acl_file {acl}") as mosquito:
        broker = broker_at(at(mosquito))
        async with at_work(broker.run):
            await until(lambda: broker.connected)
            assert broker.condition().level in {Level.OK, Level.ALARM}  # mosquitto 2.0 grants it and sends nothing


async def test_messages_at_a_frozen_broker_are_given_up_in_time(tmp_path: Path) -> None:
    """F057: of QoS 1 after their own deadline, and then the connection too."""
    async with mosquitto(tmp_path) as mosquito:
        broker = broker_at(at(mosquito), pace=Pace(keepalive=60, deadline=0.5, opening=1, first=0.05, most=0.1))
        async with at_work(broker.run):
            await until(lambda: broker.connected)
            mosquito.freeze()
            with pytest.raises(Unsent, match=r"0\.5 s"):
                await broker.send(Letter("t/x", b"x"))
            await until(lambda: not broker.connected, 1.0)
            mosquito.thaw()
            await until(lambda: broker.connected)


def test_a_factory_does_not_come_back_at_once() -> None:
    """F060: after an outage a thousand stations are spread over the minute, and none waits longer."""
    contact = Contact("127.0.0.1", 1, tls=False, client="x")
    many = [broker_at(contact, pace=Pace(), seed=seed) for seed in range(1000)]
    for failures in range(1, 20):
        pauses = [each.pause(failures) for each in many]
        assert min(pauses) >= 1.0
        assert max(pauses) <= 60.0
    assert sorted(pauses)[500] == pytest.approx(30.0, abs=3.0)


async def test_a_name_that_is_not_found_holds_nobody_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """F052: the resolver has its own thread and a deadline; what it said last is used meanwhile."""
    asked: list[str] = []

    def addresses(host: str, port: int) -> tuple[str, ...]:
        asked.append(f"{host}:{port}")
        if len(asked) > 1:
            raise OSError("no such host")
        return ("127.0.0.1",)

    monkeypatch.setattr("station.mqtt.broker.addresses.addresses_of", addresses)
    async with mosquitto(tmp_path) as mosquito:
        broker = broker_at(Contact("broker.example", mosquito.port, tls=False, client="x"))
        async with at_work(broker.run):
            await until(lambda: broker.connected)
            await mosquito.kill()
            await until(lambda: not broker.connected)
            await mosquito.start()
            await until(lambda: broker.connected and len(asked) > 1)
        lost = broker_at(Contact("other.example", mosquito.port, tls=False, client="x"))
        async with at_work(lost.run):
            await until(lambda: "has no address" in lost.condition().text)


class Certified:
    """A broker's and a client's certificates, and their files."""

    def __init__(self, folder: Path, **of_client: Any) -> None:
        self.ca, self.other = trustme.CA(), trustme.CA()
        self.folder = folder
        self.ca.cert_pem.write_to_path(str(folder / "ca.pem"))
        self.other.cert_pem.write_to_path(str(folder / "other.pem"))
        server = self.ca.issue_cert(HOST)
        server.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        client = self.ca.issue_cert("cell-2@houston.example", common_name="cell-2", **of_client)
        client.cert_chain_pems[0].write_to_path(str(folder / "client.pem"))
        client.private_key_pem.write_to_path(str(folder / "client.key"))
        (folder / "client.key").chmod(0o600)

    @property
    def listener(self) -> tuple[str, ...]:
        """What mosquitto is told."""
        server = self.folder / "server.pem"
        files = (f"cafile {self.folder / 'ca.pem'}", f"certfile {server}", f"keyfile {server}")
        return (*files, "require_certificate true", "use_identity_as_username true")

    def contact(self, port: int, ca: str = "ca.pem", certificate: str | None = "client.pem") -> Contact:
        """How the station shows who it is."""
        shown = (
            {} if certificate is None else {"certificate": self.folder / certificate, "key": self.folder / "client.key"}
        )
        return Contact(HOST, port, tls=True, client="cell-2", ca=self.folder / ca, **shown)  # type: ignore[arg-type] # two files


@pytest.fixture
def certified(tmp_path: Path) -> Certified:
    """Good ones."""
    return Certified(tmp_path)


async def test_both_show_their_certificates(certified: Certified, tmp_path: Path) -> None:
    """The broker is who it says, the station too, and what is sent arrives."""
    heard: list[Heard] = []
    async with mosquitto(tmp_path, listener=certified.listener) as mosquito:
        broker = broker_at(certified.contact(mosquito.port), heard)
        async with at_work(broker.run):
            await until(lambda: broker.connected)
            await broker.send(Letter("t/in/x", b"x" * 60000))
            await until(lambda: bool(heard))


async def refused(broker: Broker) -> Condition:
    """How it is after a while in which it never was connected."""
    async with at_work(broker.run):
        await until(lambda: broker.trouble != "not yet connected")
        await asyncio.sleep(0.3)
        assert broker.connects == 0
        return broker.condition()


async def test_a_broker_that_somebody_else_signed_is_refused(certified: Certified, tmp_path: Path) -> None:
    """With the reason; nothing is sent in plain text instead."""
    async with mosquitto(tmp_path, listener=certified.listener) as mosquito:
        said = await refused(broker_at(certified.contact(mosquito.port, ca="other.pem")))
    assert "certificate" in said.text


async def test_a_station_without_a_certificate_is_refused(certified: Certified, tmp_path: Path) -> None:
    """By the broker."""
    async with mosquitto(tmp_path, listener=certified.listener) as mosquito:
        await refused(broker_at(certified.contact(mosquito.port, certificate=None)))


async def test_a_broker_without_tls_is_no_broker_with_tls(certified: Certified, tmp_path: Path) -> None:
    """F054: it never falls back to plain text."""
    async with mosquitto(tmp_path) as mosquito:
        await refused(broker_at(certified.contact(mosquito.port)))


async def test_an_old_tls_is_refused(certified: Certified) -> None:
    """1.2 and newer."""
    context = await asyncio.to_thread(certified.contact(1).context)
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_a_broker_under_another_name_is_refused(certified: Certified, tmp_path: Path) -> None:
    """Its certificate is for localhost."""
    contact = Contact("127.0.0.1", 1, tls=True, client="x", ca=tmp_path / "ca.pem")
    async with mosquitto(tmp_path, listener=(*certified.listener[:3], "allow_anonymous true")) as mosquito:
        other = Contact(**{each: getattr(contact, each) for each in contact.__slots__} | {"port": mosquito.port})
        said = await refused(broker_at(other))
    assert "certificate" in said.text or "match" in said.text


@pytest.mark.parametrize(
    ("days", "level", "said"),
    [
        (40, Level.WARNING, "not connected"),
        (29, Level.WARNING, "runs out in 2"),
        (6, Level.ALARM, "runs out in"),
        (0, Level.ALARM, "within a day"),
        (-2, Level.ALARM, "has run out"),
    ],
)
async def test_a_certificate_that_runs_out_is_told_before(tmp_path: Path, days: int, level: Level, said: str) -> None:
    """F054: 30 days before as a warning, 7 and 1 as an alarm; the queue is kept meanwhile."""
    until_then = dt.datetime.now(dt.UTC) + dt.timedelta(days=days, hours=6)
    certified = await asyncio.to_thread(Certified, tmp_path, not_before=BEFORE, not_after=until_then)
    begins, ends = await asyncio.to_thread(good_from_to, tmp_path / "client.pem")
    assert (begins, ends) == (BEFORE, until_then.replace(microsecond=0))
    broker = broker_at(certified.contact(1))
    async with at_work(broker.run):
        await until(lambda: broker.expires is not None)
        condition = broker.condition()
    assert condition.level is level
    assert said in condition.text


async def test_a_certificate_that_has_run_out_is_refused(tmp_path: Path) -> None:
    """By the broker; the station goes on trying, and says why."""
    past = BEFORE + dt.timedelta(days=1)
    certified = await asyncio.to_thread(Certified, tmp_path, not_before=BEFORE, not_after=past)
    async with mosquitto(tmp_path, listener=certified.listener) as mosquito:
        said = await refused(broker_at(certified.contact(mosquito.port)))
    assert "has run out" in said.text


@pytest.mark.parametrize("odd", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "nothing"])
def test_what_is_no_certificate_is_said_to_be_none(odd: str, tmp_path: Path) -> None:
    """In words."""
    (tmp_path / "odd.pem").write_text(odd)
    with pytest.raises(ValueError, match=r"odd\.pem"):
        good_from_to(tmp_path / "odd.pem")


def test_a_secret_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    """A password file, or a key."""
    certified, file = Certified(tmp_path), tmp_path / "password"
    file.write_text("secret\n")
    contact = Contact("x", 1, tls=False, client="x", username="cell-2", password=file)
    file.chmod(0o640)
    with pytest.raises(ContactError, match="chmod 600 password"):
        contact.secret()
    file.chmod(0o600)
    assert contact.secret() == "secret"
    (tmp_path / "client.key").chmod(0o644)
    with pytest.raises(ContactError, match=r"chmod 600 client\.key"):
        certified.contact(1).context()


def test_a_station_file_says_where_the_broker_is(tmp_path: Path) -> None:
    """With a name of its own for each station, machine and data folder where it says none."""
    one, two = (
        Contact.of(station_at(tmp_path, "mqtts://broker.example", ca="ca.pem"), tmp_path / each) for each in ("a", "b")
    )
    assert (one.host, one.port, one.tls, one.ca) == ("broker.example", 8883, True, tmp_path / "ca.pem")
    assert one.identity().startswith("cell-2-")
    assert one.identity() != two.identity()
    named = Contact.of(station_at(tmp_path, "mqtt://[::1]:1234", client="mine"), tmp_path)
    assert (named.host, named.port, named.tls, named.identity()) == ("::1", 1234, False, "mine")
