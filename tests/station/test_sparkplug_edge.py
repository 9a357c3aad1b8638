"""The edge node of Sparkplug B 3.0, played to a host that was written for itself. `tck-id-...` are the specification's own."""

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.condition import Condition, Level
from station.line.views import SlotView, Status
from station.mqtt.sparkplug.edge import BETWEEN, MOST_AT_ONCE, Edge, Message
from station.mqtt.sparkplug.facts import Facts, measured
from station.mqtt.sparkplug.held import MOST_HELD
from station.mqtt.sparkplug.metrics import MOST_METRICS, Fact
from station.mqtt.sparkplug.names import Names
from station.trace import RunEnded
from tests.station.sparkplug_host import Host, rebirth, said
from tests.station.test_sparkplug_payload import STRANGER

NCMD = "spBv1.0/line/NCMD/cell-2"
STATE = "spBv1.0/STATE/scada"
CHANCES = [random.Random(seed) for seed in range(20)]  # noqa: S311 (of pauses, not of secrets)


@dataclass(eq=False)
class Played:
    """An edge node whose time is set by hand, and a host that hears all of it."""

    host_id: str = ""
    seconds: float = 1000.0
    connections: int = 0
    heard: Host = field(default_factory=Host)
    sent: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.edge = Edge(Names("line", "cell-2", self.host_id), self.wall, lambda: self.seconds, CHANCES[1])

    def wall(self) -> datetime:
        """The time of day, from the same clock."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def tell(self, messages: list[Message]) -> list[str]:
        """The host hears them; their kinds."""
        for each in messages:
            self.heard.hear(each.topic, each.payload)
        self.sent += messages
        return [each.topic.split("/")[2] for each in messages]

    def state(self, online: str, timestamp: int) -> list[str]:
        """The host's STATE message comes in."""
        return self.tell(
            self.edge.hear(STATE, b'{"online":%s,"timestamp":%d}' % (online.encode(), timestamp), retained=True)
        )

    def step(self, what: str, *rest: Any) -> None:
        """Something happens."""
        if what == "note":
            self.tell(self.edge.note(rest[0], measured([(rest[2], rest[1], "V")])))
        elif what == "reconnect" or (what == "lost" and not self.edge.alive):
            self.connections += 1
            self.edge.connect(self.connections)
            self.tell(self.edge.born())
        elif what == "lost":
            self.tell([self.edge.death()])
            self.edge.lost()
        elif what == "rebirth":
            self.tell(self.edge.hear(NCMD, rebirth()))
        elif what == "later":
            self.later(rest[0])
        else:
            self.state(rest[0], int(self.seconds))

    def later(self, seconds: float) -> list[str]:
        """Some time passes."""
        self.seconds += seconds
        return self.tell(self.edge.tick())


def line(queued: int = 0, **slots: str) -> tuple[dict[str, Fact], dict[str, dict[str, Fact]]]:
    """A line and its slots, each with its mode."""
    status = Status(
        "cell-2", "here", "1", "serving", queued, 0, "2026-01-01T00:00:00.000Z", simulated=True,
        conditions=(Condition("line", Level.OK, "fine"), Condition("disk", Level.WARNING, "nearly full", "make room")),
    )  # fmt: skip
    facts = Facts()
    return facts.of_line(status), facts.of_slots([SlotView(name, "jig-8", mode) for name, mode in slots.items()])


def born(host_id: str = "", bdseq: int = 7, **slots: str) -> Played:
    """A line that was born with these slots."""
    played = Played(host_id)
    assert [] == played.edge.update(*line(0, **(slots or {"A": "free", "B": "busy"})))
    played.edge.connect(bdseq)
    played.tell(played.edge.born())
    return played


def test_a_birth_comes_first_and_says_everything() -> None:
    """tck-id-principles-birth-certificates-order, topics-nbirth-seq-num, topics-nbirth-metrics, topics-nbirth-rebirth-metric,
    operational-behavior-data-commands-rebirth-name-aliases, payloads-alias-uniqueness, payloads-dbirth-order,
    topics-nbirth-mqtt, topics-dbirth-mqtt, payloads-name-birth-data-requirement, operational-behavior-data-publish-nbirth-values.
    """
    played = born()
    assert ["NBIRTH", "DBIRTH", "DBIRTH"] == played.heard.kinds
    assert [("spBv1.0/line/NBIRTH/cell-2", 0, False), ("spBv1.0/line/DBIRTH/cell-2/A", 0, False)] == [
        (each.topic, each.qos, each.retain) for each in played.sent[:2]
    ]
    host = played.heard
    assert (7, False, "serving", "disk: nearly full") == tuple(
        host.values["", name] for name in ("bdSeq", "Node Control/Rebirth", "Line/mode", "Line/trouble")
    )
    assert ("busy", None) == (host.values["B", "Slot/mode"], host.values["B", "Slot/run"])
    assert 1767225600000 == host.values["", "Line/started"]
    assert [] == host.asks


def test_the_will_is_the_death_of_this_birth() -> None:
    """tck-id-topics-ndeath-payload, topics-ndeath-seq, payloads-ndeath-will-message-qos, payloads-ndeath-will-message-retain,
    payloads-nbirth-bdseq-repeat, message-flow-edge-node-birth-publish-will-message-payload-bd: 255 is followed by 0.
    """
    for bdseq, wanted in ((0, 0), (255, 255), (256, 0)):
        played = Played()
        will = played.edge.connect(bdseq)
        assert ("spBv1.0/line/NDEATH/cell-2", 1, False) == (will.topic, will.qos, will.retain)
        message = STRANGER.FromString(will.payload)
        assert not message.HasField("seq")
        assert [("bdSeq", 4, wanted)] == [(each.name, each.datatype, each.long_value) for each in message.metrics]
        played.tell([*played.edge.born(), will])
        assert (False, []) == (played.heard.online, played.heard.asks)


def test_nothing_is_said_before_a_connection_or_after_it() -> None:
    """A birth needs the will of its own connection: tck-id-message-flow-edge-node-birth-publish-connect."""
    edge = Played().edge
    assert [] == edge.born()
    edge.connect(1)
    assert edge.born()
    edge.lost()
    assert [] == edge.born() + edge.update(*line(A="free")) + edge.tick() + edge.hear(NCMD, rebirth())
    with pytest.raises(ValueError, match="no death"):
        edge.death()


def test_only_what_changed_is_told_and_by_alias() -> None:
    """tck-id-topics-ndata-payload, topics-ddata-payload, payloads-alias-data-cmd-requirement, payloads-metric-datatype-not-req,
    operational-behavior-data-publish-nbirth-change, operational-behavior-data-publish-dbirth-change, topics-ndata-mqtt.
    """
    played = born()
    assert [] == played.edge.update(*line(A="free", B="busy"))
    assert ["NDATA", "DDATA"] == played.tell(played.edge.update(*line(3, A="busy", B="busy")))
    assert [1, 1] == [len(STRANGER.FromString(each.payload).metrics) for each in played.sent[-2:]]
    assert (3, "busy") == (played.heard.values["", "Line/queued"], played.heard.values["A", "Slot/mode"])
    assert [] == played.heard.asks


def test_sequence_numbers_go_round() -> None:
    """tck-id-payloads-sequence-num-incrementing, topics-ddata-seq-num: 255 is followed by 0, over all kinds of messages."""
    played = born()
    for number in range(600):
        played.tell(played.edge.update(*line(number + 1, A="free" if number % 3 else "busy", B="busy")))
    assert {0, 255} <= {STRANGER.FromString(each.payload).seq for each in played.sent}
    assert [] == played.heard.asks


def test_a_slot_that_is_locked_or_gone_dies_and_may_come_back() -> None:
    """tck-id-operational-behavior-device-ddeath, topics-ddeath-topic, topics-ddeath-seq-num, topics-ddeath-mqtt."""
    played = born()
    assert ["DDEATH"] == played.tell(played.edge.update(*line(A="locked", B="busy")))
    assert [] == played.edge.note("A", measured([("v", 1.0, "V")]))
    assert ["DBIRTH"] == played.tell(played.edge.update(*line(A="free", B="busy")))
    assert ["DDEATH"] == played.tell(played.edge.update(*line(A="free")))
    assert ({"A": True, "B": False}, []) == (played.heard.devices, played.heard.asks)


def test_a_new_measurement_is_born_before_it_is_told() -> None:
    """tck-id-operational-behavior-data-publish-dbirth: all of the device anew, with its unit; then by alias. Many go in parts."""
    played = born()
    assert ["DBIRTH"] == played.tell(played.edge.note("A", measured([("v[W1]", 1.5, "V"), ("odd", float("nan"), "")])))
    assert ["DDATA"] == played.tell(played.edge.note("A", measured([("v[W1]", None, "V")])))
    assert [] == played.edge.note("A", measured([("v[W1]", float("inf"), "V")]))
    assert (None, None, "V") == (
        played.heard.values["A", "Measured/v[W1]"], played.heard.values["A", "Measured/odd"], played.heard.units["A", "Measured/v[W1]"],
    )  # fmt: skip
    many = [(f"v{n}", float(n), "V") for n in range(MOST_AT_ONCE + 1)]
    assert ["DBIRTH"] == played.tell(played.edge.note("A", measured(many)))
    assert ["DDATA", "DDATA"] == played.tell(
        played.edge.note("A", measured([(name, v + 1, unit) for name, v, unit in many]))
    )
    assert [] == played.heard.asks


def test_names_are_bounded() -> None:
    """A device that measures ever other things forgets those that changed least lately, and is born anew."""
    played = born()
    for first in range(0, 3 * MOST_METRICS, 1000):
        played.tell(played.edge.note("A", measured((f"v{n}", 1.0, "V") for n in range(first, first + 1000))))
        played.tell(played.edge.update(*line(A="free", B="busy")))
    assert MOST_METRICS >= len([key for key in played.heard.names.values() if key[0] == "A"])
    assert ("free", []) == (played.heard.values["A", "Slot/mode"], played.heard.asks)


def test_a_rebirth_is_everything_anew_and_not_too_often() -> None:
    """tck-id-operational-behavior-data-commands-rebirth-action-1 to -3: no data from the request on, then all births, with the
    same bdSeq. F060: at a moment of its own; however many ask, one in some seconds.
    """
    played = born()
    played.later(60)
    assert [] == played.tell(played.edge.hear(NCMD, rebirth()))
    assert [] == played.edge.update(*line(9, A="busy", B="busy"))
    assert ["NBIRTH", "DBIRTH", "DBIRTH"] == played.later(1)
    assert (9, 7) == (played.heard.values["", "Line/queued"], played.heard.values["", "bdSeq"])
    births = 0
    for _ in range(1000):
        played.edge.hear(NCMD, rebirth())
        births += bool(played.later(0.01))
    assert births <= 10 / BETWEEN
    moments = set()
    for seed in range(20):
        other = born()
        other.edge.chance = CHANCES[seed]
        other.later(60)
        other.edge.hear(NCMD, rebirth())
        moments.add(other.edge.due)
    assert len(moments) == 20


def test_a_retained_or_an_odd_request_does_nothing() -> None:
    """F067: a command that the broker kept is nobody's. B127: of what is not signed a rebirth alone is done, for it changes nothing."""
    played = born()
    played.later(60)
    other = STRANGER(timestamp=1)
    other.metrics.add(name="Line/mode", datatype=12, string_value="ended")
    refused = STRANGER(timestamp=1)
    refused.metrics.add(name="Node Control/Rebirth", datatype=11, boolean_value=False)
    odd = [other.SerializeToString(), refused.SerializeToString(), b"", b"\xff", bytes(1 << 19)]
    for payload in odd:
        played.tell(played.edge.hear(NCMD, payload))
    played.edge.hear(NCMD, rebirth(), retained=True)
    played.edge.hear("spBv1.0/line/DCMD/cell-2/A", rebirth())
    assert ([], None, len(odd) + 2) == (played.later(60), played.edge.due, played.edge.odd)


def test_what_happened_without_a_connection_is_told_as_history() -> None:
    """After the births, in order, with the times of then; the births say what is so now."""
    played = born()
    played.edge.lost()
    for queued in (1, 2, 3):
        played.seconds += 10
        played.edge.update(*line(queued, A="free", B="busy"))
        played.edge.note("B", measured([("v", float(queued), "V")]))
    played.edge.connect(8)
    kinds = played.tell(played.edge.born())
    assert (["NBIRTH", "DBIRTH", "DBIRTH"], {"NDATA", "DDATA"}) == (kinds[:3], set(kinds[3:]))
    host = played.heard
    assert (3, 3.0, []) == (host.values["", "Line/queued"], host.values["B", "Measured/v"], host.asks)
    assert [1, 2, 3] == [value for _, name, value, _ in host.history if name == "Line/queued"]
    stamps = [at for _, _, _, at in host.history]
    assert (stamps, 20_000) == (sorted(stamps), stamps[-1] - stamps[0])
    assert [] == played.edge.update(*line(3, A="free", B="busy"))


def test_what_is_held_is_bounded() -> None:
    """The oldest goes first, and is counted."""
    played = born()
    played.edge.lost()
    for number in range(MOST_HELD + 5):
        played.edge.note("B", measured([("v", float(number), "V")]))
    played.edge.connect(8)
    played.tell(played.edge.born())
    assert (5, MOST_HELD, 5.0) == (played.edge.held.dropped, len(played.heard.history), played.heard.history[0][2])


def test_data_is_held_back_while_the_host_is_away() -> None:
    """tck-id-message-flow-edge-node-birth-publish-phid-wait, -phid-wait-online, -phid-offline,
    operational-behavior-edge-node-termination-host-offline: it dies, leaves, and waits on its next connection.
    """
    played = born("scada")
    assert [] == played.heard.kinds
    assert [] == played.edge.update(*line(1, A="free", B="busy"))
    assert [] == played.state("true", 1000)
    assert ["NBIRTH", "DBIRTH", "DBIRTH"] == played.later(1)
    assert ["NDEATH"] == played.state("false", 1001)
    assert (True, False, False) == (played.edge.leaving, played.edge.alive, played.heard.online)
    assert [] == played.edge.update(*line(2, A="free", B="busy")) + played.edge.tick()
    played.edge.connect(8)
    assert ([], False) == (played.edge.born(), played.edge.leaving)
    assert ([], []) == (played.state("false", 1001), played.later(60))
    assert [] == played.state("true", 1002)
    assert ["NBIRTH", "DBIRTH", "DBIRTH", "NDATA"] == played.later(1)
    assert ([2], 8, []) == ([each[2] for each in played.heard.history], played.heard.bdseq, played.heard.asks)


def test_an_old_word_of_the_host_does_not_count() -> None:
    """tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp,
    operational-behavior-edge-node-termination-host-offline-timestamp.
    """
    played = born("scada")
    played.state("true", 1000)
    played.later(1)
    assert ([], True) == (played.state("false", 999), played.edge.alive)
    for odd in (b"OFFLINE", b"{}", b'{"online":false}', b'{"online":0,"timestamp":2000}', b'{"online":false,"timestamp":true}',
                b'{"online":true,"online":false,"timestamp":2000}', b"[" * 100_000, bytes(2000), b'{"online":false,"timestamp":NaN}'):  # fmt: skip
        assert [] == played.edge.hear(STATE, odd)
    assert (True, 9) == (played.edge.alive, played.edge.host.odd)
    assert ["NDEATH"] == played.state("false", 1000)


def test_another_node_with_our_name_is_noticed_by_a_host() -> None:
    """B128: a death of another bdSeq kills nothing and is noted. B131: neither is a gap in the sequence taken. B130: nor is an alias
    that means two things. Each makes a host ask for a rebirth, and the answer mends it.
    """
    played = born()
    host = played.heard
    assert host.hear("spBv1.0/line/NDEATH/cell-2", Played().edge.connect(3).payload)
    assert host.online
    gap = played.edge.update(*line(1, A="free", B="busy"))
    assert gap
    lost = played.edge.update(*line(2, A="free", B="busy"))
    assert host.hear(lost[0].topic, lost[0].payload)
    assert 0 == host.values["", "Line/queued"]
    spoof = STRANGER(timestamp=1, seq=(host.seq or 0) + 1)
    spoof.metrics.add(name="x", alias=1, timestamp=1, datatype=12, string_value="a")
    assert host.hear("spBv1.0/line/DBIRTH/cell-2/C", spoof.SerializeToString())
    played.later(60)
    played.edge.hear(NCMD, rebirth())
    asked = list(host.asks)
    assert ["NBIRTH", "DBIRTH", "DBIRTH"] == played.later(2)
    assert (asked, 2, {"A": True, "B": True}) == (host.asks, host.values["", "Line/queued"], host.devices)


@pytest.mark.parametrize("name", ["", "a/b", "a+", "#", "a\x00", "a\n", "x" * 65, "\ud800"])
def test_a_name_that_cannot_be_a_level_is_refused(name: str) -> None:
    """tck-id-topic-structure-namespace-valid-group-id, -valid-edge-node-id, -valid-device-id; B112, B113, B115."""
    for make in (lambda: Names(name, "n"), lambda: Names("g", name), lambda: Names("g", "n").topic("DBIRTH", name)):
        with pytest.raises(ValueError, match="names nothing"):
            make()
    played = born()
    with pytest.raises(ValueError, match="names nothing"):
        played.edge.update(line()[0], {name: {}})


def test_the_ends_of_runs_are_counted() -> None:
    """And the last one of each slot stands with it."""
    facts = Facts()
    ended = RunEnded(1.0, "2026-01-01T00:00:00.000Z", "FAILED", "open at W3")
    assert facts.hear({"event": ended, "slot": "A", "run": "R1", "serial": "S1"})
    assert not facts.hear({"event": None, "slot": "A", "run": "R1", "serial": "S1"})
    told = facts.of_slots([SlotView("A", "jig-8", "free")])["A"]
    assert ("FAILED", "R1", "S1") == tuple(told[f"Last/{name}"].value for name in ("verdict", "run", "serial"))


def test_the_documentation_names_every_metric_with_its_type() -> None:
    """And no other."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "sparkplug.md").read_text("utf-8")
    told = {
        name: kind.upper()
        for names, kind in re.findall(r"^\| (`[^|]+`) \| ([A-Z]\w+) \|", page, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", names)
    }
    node, slots = line(A="free")
    facts = {**node, **slots["A"], **measured([("NAME", 1.0, "V")])}
    own = {"bdSeq": "INT64", "Node Control/Rebirth": "BOOLEAN"}
    assert {**own, **{name: fact.datatype.name for name, fact in facts.items()}} == told


STEPS = st.one_of(
    st.tuples(st.just("update"), st.integers(0, 3), st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["free", "busy", "locked"]))),
    st.tuples(st.just("note"), st.sampled_from("ABC"), st.floats(), st.sampled_from(["v", "w"])),
    st.tuples(st.just("reconnect")), st.tuples(st.just("lost")), st.tuples(st.just("rebirth")), st.tuples(st.just("later"), st.floats(0, 9)),
    st.tuples(st.just("state"), st.sampled_from(["true", "false"])),
)  # fmt: skip


@given(st.lists(STEPS, max_size=40), st.booleans())
def test_whatever_happens_a_host_understands_all_of_it(steps: list[tuple[Any, ...]], waits: bool) -> None:
    """It never has to ask for a rebirth, and in the end knows what is so."""
    played = Played("scada" if waits else "")
    last = line()
    played.edge.update(*last)
    for what, *rest in steps:
        if what == "update":
            last = line(rest[0], **rest[1])
            played.tell(played.edge.update(*last))
        else:
            played.step(what, *rest)
    assert [] == played.heard.asks
    if played.edge.leaving or not played.edge.alive:
        return
    played.later(60)
    played.tell(played.edge.update(*last))
    for device, facts in {"": last[0], **last[1]}.items():
        for name, fact in facts.items():
            assert fact.value == played.heard.values[device, name]
    assert set(last[1]) == {name for name, alive in played.heard.devices.items() if alive}


def test_a_host_reads_what_protobuf_reads() -> None:
    """The host of these tests knows null from absent."""
    message = STRANGER()
    message.metrics.add(name="x", is_null=True)
    assert said(message.metrics[0]) is None
