"""Commands over MQTT: signed ones that are meant for this station now are taken once; nothing else ever is, and nothing raises."""

import asyncio
import base64
import hmac
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.condition import Level
from station.mqtt import remembered as remembering
from station.mqtt.command import MOST_BYTES, Command, Verb
from station.mqtt.commands import AT_ONCE, PER_SECOND, Commands, Refused, Why
from station.mqtt.keys import Key, Keys
from station.mqtt.remembered import Remembered
from station.mqtt.signing import canonical, mac_of, sign
from station.store import StoreError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = bytes(range(32))
RUN = "01KAYZ3T6R0000000000000000"
MAY = frozenset(Verb) - {Verb.RELOAD}
LATER = NOW + timedelta(days=1)
KEYS = Keys({"plc-7": Key(KEY, MAY, LATER), "old": Key(KEY, MAY, NOW)})


def said(**more: Any) -> dict[str, Any]:
    """An abort by plc-7, or what is made of it; None takes a key away."""
    command = {
        "schema": "rackproof.command/1", "id": "c-1", "do": "abort", "station": "cell-2", "by": "plc-7",
        "issued": "2026-03-01T12:00:00Z", "expires": "2026-03-01T12:05:00Z", **more,
    }  # fmt: skip
    return {key: value for key, value in command.items() if value is not None}


class Clock:
    """Seconds, set by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.seconds


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """Of the station cell-2."""
    remembered = Remembered.open(tmp_path)
    yield Commands("cell-2", KEYS, remembered, Clock())
    remembered.close()


def looking() -> Commands:
    """One that cannot remember: for what is refused before."""
    return Commands("cell-2", KEYS, None, Clock())  # type: ignore[arg-type]


def why(looked: Command | Refused) -> Why | None:
    """Why it is refused."""
    return looked.why if isinstance(looked, Refused) else None


def look(payload: bytes, level: str = "abort", now: datetime = NOW) -> Why | None:
    """Look at one command alone."""
    return why(looking().look(level, payload, now))


@pytest.mark.parametrize(
    ("do", "more"),
    [
        ("submit", {"product": "PWR-WHIP-8@C", "serial": "SN001", "slot": "A", "sequence": "cable-continuity", "priority": 9}),
        ("submit", {"product": "PWR-WHIP-8", "serial": "SN001"}),
        ("withdraw", {"ticket": RUN}),
        ("abort", {"run": RUN, "slot": "A", "reason": 'größer als "zuvor" \\ 5 °C'}),
        ("stop", {}), ("pause", {"slot": "A"}), ("go-on", {}), ("drain", {}),
    ],
)  # fmt: skip
async def test_a_signed_command_is_taken_once(commands: Commands, do: str, more: dict[str, Any]) -> None:
    """Every verb with what belongs to it; B124: the same id again is not. However it is spelled as JSON."""
    command = said(do=do, **more)
    taken = await commands.take(do, sign(command, KEY), NOW)
    assert isinstance(taken, Command)
    assert more == {key: getattr(taken, key) for key in more}
    spelled = json.dumps({"mac": mac_of(command, KEY), **command}, indent=2).encode()
    again = await commands.take(do, spelled, NOW)
    assert isinstance(again, Refused)
    assert (Why.REPLAYED, "c-1", "plc-7") == (again.why, again.id, again.by)
    other = await commands.take(do, sign(said(do=do, id="c-2", **more), KEY), NOW)
    assert isinstance(other, Command)
    assert (2, {Why.REPLAYED: 1}) == (commands.taken, dict(commands.refused))


GOOD = sign(said(), KEY).decode()


@pytest.mark.parametrize(
    ("payload", "row"),
    [
        ("{{{", "B116"), ('{"v":NaN}', "B117"), ('{"v":1e999}', "B118"), (GOOD[:-1] + ',"id":"c-1"}', "B119"), ("[" * 5000, "B120"),
        (" " * MOST_BYTES + GOOD, "B121"), (GOOD[:-1] + ',"slot":"1; rm"}', "B122"), (GOOD[:-1] + ',"odd":1}', "unknown key"),
        ("null", "no object"), ("[]", "no object"), ("", "nothing"), ("\ufeff" + GOOD, "a byte order mark"),
        (json.dumps(said()), "B127"), (GOOD[:-1] + ',"slot":null}', "null"), (GOOD[:-1] + ',"product":"P"}', "a key of another verb"),
        (GOOD.replace('"abort"', '"release"'), "no verb"), (GOOD.replace("12:05:00Z", "12:05:00+00:00"), "a zone"),
        (GOOD.replace("03-01T12:05", "02-30T12:05"), "no such day"), (GOOD.replace('"c-1"', '"c 1"'), "an id with a blank"),
    ],
)  # fmt: skip
def test_what_is_no_command_is_refused(payload: str, row: str) -> None:
    """By rule, with a signature or without: rows of bad inputs, and their like."""
    assert look(payload.encode()) is Why.GRAMMAR, row


@pytest.mark.parametrize(
    "more",
    [
        {"id": "x" * 65}, {"id": ""}, {"id": 1}, {"id": "c/1"}, {"station": "a/b"}, {"by": "a\x00"}, {"slot": "a" * 33}, {"slot": ""},
        {"slot": ["A"]}, {"do": "submit", "product": "P1", "serial": "s1"}, {"do": "submit", "product": "P1"}, {"do": "submit", "serial": "S1"},
        {"do": "submit", "product": "P1@A@B", "serial": "S1"}, {"do": "submit", "product": "P1", "serial": "S1", "priority": True},
        {"do": "submit", "product": "P1", "serial": "S1", "priority": 5.0}, {"do": "submit", "product": "P1", "serial": "S1", "priority": 10},
        {"do": "submit", "product": "P1", "serial": "S1", "run": RUN}, {"do": "withdraw"}, {"do": "withdraw", "ticket": "1"}, {"run": "last"},
        {"reason": "a\nb"}, {"reason": "x" * 201}, {"reason": ""}, {"do": "drain", "slot": "A"}, {"issued": "yesterday"}, {"expires": None},
        {"schema": "rackproof.command/2"}, {"schema": None}, {"id": None}, {"by": None}, {"mac": None, "station": None},
    ],
)  # fmt: skip
def test_a_signed_command_of_no_form_is_refused(more: dict[str, Any]) -> None:
    """A right signature makes nothing right that is not."""
    assert look(sign(said(**more), KEY), said(**more).get("do", "")) is Why.GRAMMAR


@pytest.mark.parametrize(
    ("more", "level", "now", "wanted"),
    [
        ({"by": "nobody"}, "abort", NOW, Why.SIGNATURE),
        ({"by": "old"}, "abort", NOW, Why.NOT_ALLOWED),
        ({"do": "reload"}, "reload", NOW, Why.NOT_ALLOWED),
        ({"station": "cell-3"}, "abort", NOW, Why.MISDIRECTED),
        ({}, "stop", NOW, Why.MISDIRECTED),
        ({}, "abort", NOW - timedelta(seconds=61), Why.TIME),
        ({}, "abort", NOW - timedelta(seconds=60), None),
        ({}, "abort", NOW + timedelta(minutes=5), Why.TIME),
        ({}, "abort", NOW + timedelta(minutes=4, seconds=59), None),
        ({"expires": "2026-03-01T13:00:01Z"}, "abort", NOW, Why.TIME),
        ({"expires": "2026-03-01T13:00:00Z"}, "abort", NOW, None),
        ({"expires": "2026-03-01T12:00:00Z"}, "abort", NOW, Why.TIME),
        ({"issued": "2020-03-01T12:00:00Z"}, "abort", NOW, Why.TIME),
    ],
)
def test_a_right_signature_is_not_enough(more: dict[str, Any], level: str, now: datetime, wanted: Why | None) -> None:
    """Who, what, which station, when: B124, F067."""
    assert look(sign(said(**more), KEY), level, now) is wanted


def test_a_wrong_key_and_an_unknown_commander_are_not_told_apart() -> None:
    """Neither by the words nor by the counter; and neither is told its own id back."""
    wrong = looking().look("abort", sign(said(), bytes(32)), NOW)
    unknown = looking().look("abort", sign(said(by="nobody"), bytes(32)), NOW)
    assert isinstance(wrong, Refused)
    assert (wrong, "", "") == (unknown, wrong.id, wrong.by)


def test_a_retained_command_is_ignored() -> None:
    """F067, B125: the broker kept it, so nobody says it now."""
    commands = looking()
    assert why(commands.look("abort", sign(said(), KEY), NOW, retained=True)) is Why.RETAINED
    assert {Why.RETAINED: 1} == dict(commands.refused)


def test_any_bit_that_is_changed_is_noticed() -> None:
    """Every single bit of a signed command, the unused ones at the end of the base64 included."""
    command = said(do="submit", product="PWR-WHIP-8", serial="SN001", priority=3, reason='a "b" \\ ü')
    good = sign(command, KEY)
    assert look(good, "submit") is None
    for bit in range(len(good) * 8):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        assert look(bytes(bad), "submit") is not None, (bit, bytes(bad))


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda it: st.lists(it) | st.dictionaries(st.text(), it), max_leaves=5
)  # fmt: skip


@given(st.binary() | JSONS.map(lambda it: json.dumps(it).encode()) | st.dictionaries(st.sampled_from(sorted(said())), JSONS).map(
    lambda more: json.dumps({**said(mac="A" * 43 + "="), **more}).encode()
), st.text())  # fmt: skip
def test_no_bytes_raise_and_none_are_taken(payload: bytes, level: str) -> None:
    """Whatever comes, it is refused with a reason that does not repeat it."""
    refused = looking().look(level, payload, NOW)
    assert isinstance(refused, Refused)
    assert (refused.why in {Why.GRAMMAR, Why.SIGNATURE}, True, True) == (
        True,
        refused.text.isprintable(),
        len(refused.text) < 200,
    )


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9), st.text(st.characters(exclude_categories=["Cc", "Cs"])) | st.integers(0, 9)))  # fmt: skip
def test_two_commands_have_one_canonical_form_only_when_they_are_the_same(command: dict[str, str | int]) -> None:
    """It can be read back, so that nothing else has it."""
    rest = {key: value for key, value in command.items() if key != "mac"}
    assert rest == json.loads(canonical(command))
    assert canonical(command) == canonical(dict(reversed(command.items())))


def test_the_example_in_the_documentation_is_right() -> None:
    """What a PLC's programmer tries his code on: by the standard library alone, by us, and taken by a station."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "command-a-line-over-mqtt.md").read_text("utf-8")
    text, in_hex, signed, mac = (
        re.search(rf"^{name} +(.+)$", page, re.MULTILINE)[1]  # type: ignore[index]
        for name in ("key, base64", "key, hex", "to be signed", "mac")
    )
    key = base64.b64decode(text)
    assert key == bytes.fromhex(in_hex) == KEY
    assert mac == base64.b64encode(hmac.new(key, signed.encode(), "sha256").digest()).decode()
    command = json.loads(signed)
    assert (signed.encode(), mac) == (canonical(command), mac_of(command, key))
    assert look(sign(command, key), "submit") is None


def test_the_reasons_in_the_documentation_are_all_of_them() -> None:
    """And the verbs."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "command-a-line-over-mqtt.md").read_text("utf-8")
    table = page.partition("## When it is refused")[2].partition("## ")[0]
    assert {*Why, "line"} == set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) - {"why"}
    assert all(f"`{verb}`" in page for verb in Verb)


async def test_a_command_that_was_taken_is_known_after_a_restart(tmp_path: Path) -> None:
    """And until it has expired: then it is forgotten, and refused for its time; also when the clock goes back."""
    for wanted, seconds in ((None, 0), (Why.REPLAYED, 30), (Why.TIME, 300), (Why.REPLAYED, 60)):
        remembered = await asyncio.to_thread(Remembered.open, tmp_path)
        commands = Commands("cell-2", KEYS, remembered, Clock())
        now = NOW + timedelta(seconds=seconds)
        assert why(await commands.take("abort", sign(said(), KEY), now)) is wanted
        if wanted is Why.TIME:
            later = said(id="later", issued="2026-03-01T12:10:00Z", expires="2026-03-01T12:20:00Z")
            assert why(await commands.take("abort", sign(later, KEY), NOW + timedelta(minutes=10))) is None
            assert [("later",)] == [
                tuple(row)
                for row in await remembered.store.do(lambda it: it.execute("SELECT id FROM taken").fetchall())
            ]
        await asyncio.to_thread(remembered.close)


async def test_ids_are_each_commanders_own(tmp_path: Path) -> None:
    """Nobody can use up another one's."""
    both = Keys({"a": KEYS.of["plc-7"], "b": KEYS.of["plc-7"]})
    remembered = await asyncio.to_thread(Remembered.open, tmp_path)
    commands = Commands("cell-2", both, remembered, Clock())
    assert [None, None] == [why(await commands.take("abort", sign(said(by=by), KEY), NOW)) for by in ("a", "b")]
    await asyncio.to_thread(remembered.close)


async def test_a_flood_is_bounded(commands: Commands) -> None:
    """So many at once and a second are looked at; the rest is counted, and said as a condition. Then all is well again."""
    clock = commands.clock
    assert isinstance(clock, Clock)
    for _ in range(1000):
        commands.look("abort", b"{", NOW)
    assert (AT_ONCE, 1000 - AT_ONCE) == (commands.refused[Why.GRAMMAR], commands.refused[Why.FLOOD])
    assert commands.condition().level is Level.WARNING
    clock.seconds += 1
    for _ in range(1000):
        commands.look("abort", b"{", NOW)
    assert AT_ONCE + PER_SECOND == commands.refused[Why.GRAMMAR]
    clock.seconds += 61
    assert commands.condition().level is Level.OK
    assert why(await commands.take("abort", sign(said(), KEY), NOW)) is None


async def test_what_cannot_be_remembered_is_not_taken(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, and more living commands than there is room for."""
    monkeypatch.setattr(remembering, "MOST_LIVING", 1)
    assert why(await commands.take("abort", sign(said(), KEY), NOW)) is None
    assert why(await commands.take("abort", sign(said(id="c-2"), KEY), NOW)) is Why.FLOOD

    async def full(*_: object) -> bool:
        raise StoreError("no room")

    monkeypatch.setattr(commands.remembered, "first", full)
    assert why(await commands.take("abort", sign(said(id="c-3"), KEY), NOW)) is Why.NOT_KEPT


async def test_births_are_numbered_over_restarts(tmp_path: Path) -> None:
    """tck-id-topics-nbirth-bdseq-increment: from zero, one more each time, 255 is followed by 0."""
    numbers = []
    for _ in range(2):
        remembered = await asyncio.to_thread(Remembered.open, tmp_path)
        numbers += [await remembered.next_birth() for _ in range(129)]
        await remembered.first("a", "b", NOW, NOW)
        await asyncio.to_thread(remembered.close)
    assert [*range(256), 0, 1] == numbers


def test_looking_costs_little() -> None:
    """A command is looked at in well under a millisecond, so that the most that are looked at cost well under a tenth of a core."""
    payload, every = sign(said(reason="x" * 200), KEY), partial(looking().look, "abort")
    began = time.process_time()
    for _ in range(AT_ONCE):
        every(payload, NOW)
    assert (time.process_time() - began) / AT_ONCE < 0.002
