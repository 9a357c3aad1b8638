"""The outbox: every result of the ledger gets into it once, and out of it by the right receipt only."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from station.condition import Level
from station.ledger.ledger import Ledger
from station.mqtt import payloads
from station.outbox import Entry, Outbox, Receipt
from station.store import StoreError
from tests.station.results import MADE, outbox_in, run_in, runs_in
from tests.station.traces import ended, name, whole


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    with Ledger.open(tmp_path) as opened:
        yield opened


async def all_due(outbox: Outbox) -> list[Entry]:
    """What may be sent now."""
    return await outbox.due(asyncio.get_running_loop().time(), 1000)


def receipt_of(entry: Entry) -> Receipt:
    """What an honest receiver says."""
    return Receipt(entry.result, entry.digest)


async def test_every_result_gets_in_once(ledger: Ledger, tmp_path: Path) -> None:
    """However often it is looked for, and in the order in which the runs began."""
    runs = await runs_in(ledger, ["SN1", "SN2", "SN3"])
    async with outbox_in(tmp_path) as outbox:
        assert await outbox.reconcile(ledger) == 3
        assert await outbox.reconcile(ledger) == 0
        assert [each.result for each in await all_due(outbox)] == runs
        assert (outbox.waiting, outbox.oldest) == (3, "2026-01-01T00:00:09.500000+00:00")
    async with outbox_in(tmp_path) as outbox:
        assert await outbox.reconcile(ledger) == 0
        assert outbox.waiting == 3


async def test_a_payload_is_made_once(ledger: Ledger, tmp_path: Path) -> None:
    """What was sent once is sent again byte for byte, whatever a newer program would make of it."""
    await runs_in(ledger, ["SN1"])
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(ledger)
        (first,) = await all_due(outbox)
    other = await asyncio.to_thread(Outbox.open, tmp_path, lambda _: b"something else")
    await other.start()
    await other.reconcile(ledger)
    assert await all_due(other) == [first]
    await asyncio.to_thread(other.close)


async def test_only_the_right_receipt_releases(ledger: Ledger, tmp_path: Path) -> None:
    """Another digest, another result, and the same receipt again fit nothing."""
    await runs_in(ledger, ["SN1", "SN2"])
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(ledger)
        one, two = await all_due(outbox)
        wrong = [replace(receipt_of(one), digest=two.digest), Receipt("0" * 26, one.digest)]
        assert await outbox.release(wrong) == []
        assert outbox.waiting == 2
        assert await outbox.release([receipt_of(one)]) == [receipt_of(one)]
        assert await outbox.release([receipt_of(one)]) == []
        assert outbox.waiting == 1
        assert await outbox.reconcile(ledger) == 0  # its row is still there, so it does not come back
    async with outbox_in(tmp_path) as outbox:
        assert [each.result for each in await all_due(outbox)] == [two.result]


async def test_of_a_unit_the_oldest_goes_first(ledger: Ledger, tmp_path: Path) -> None:
    """The next result of a serial number is not sent before the one before it has been received; others are."""
    first, other, second = await runs_in(ledger, ["SN1", "SN2", "SN1"])
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(ledger)
        due = await all_due(outbox)
        assert [each.result for each in due] == [first, other]
        await outbox.put_off({first: float("inf")})
        assert [each.result for each in await all_due(outbox)] == [other]  # nor when it has been put off
        await outbox.release([receipt_of(due[0])])
        assert [each.result for each in await all_due(outbox)] == [other, second]


async def test_what_is_refused_is_put_aside_and_the_queue_goes_on(ledger: Ledger, tmp_path: Path) -> None:
    """F069: an alarm says so; the next result of the unit goes out; each start tries it again."""
    poison, good = await runs_in(ledger, ["SN1", "SN1"])
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(ledger)
        (entry,) = await all_due(outbox)
        await outbox.release([Receipt(entry.result, entry.digest, accepted=False, reason="too large")])
        assert [each.result for each in await all_due(outbox)] == [good]
        condition = outbox.condition()
        assert (condition.level, outbox.aside) == (Level.ALARM, 1)
        assert "too large" in condition.text
    async with outbox_in(tmp_path) as outbox:
        assert [each.result for each in await all_due(outbox)] == [poison]
        assert outbox.condition().level is Level.OK


async def test_a_run_that_goes_on_keeps_nobody_waiting(ledger: Ledger, tmp_path: Path) -> None:
    """Its own result comes when it has ended, however many younger ones are in by then; after a restart too."""
    long = await run_in(ledger, "SN1", ends=False)
    young = await runs_in(ledger, ["SN2", "SN3"])
    async with outbox_in(tmp_path) as outbox:
        assert await outbox.reconcile(ledger) == 2
    async with outbox_in(tmp_path) as outbox:
        young += await runs_in(ledger, ["SN4"])
        assert await outbox.reconcile(ledger) == 1
        assert [each.result for each in await all_due(outbox)] == young
        ledger.append(long, ended())
        await ledger.sync()
        assert await outbox.reconcile(ledger) == 1
        assert (await all_due(outbox))[-1].result == long


async def test_a_run_whose_end_is_not_settled_is_left(ledger: Ledger, tmp_path: Path) -> None:
    """Its end may still become an ERROR."""
    (run,) = await runs_in(ledger, ["SN1"])
    async with outbox_in(tmp_path) as outbox:
        assert await outbox.reconcile(ledger, {run}) == 0
        assert await outbox.reconcile(ledger) == 1


async def test_an_interrupted_run_has_a_result(tmp_path: Path) -> None:
    """Its end is written at the next start, after those of younger runs."""
    ledger = await asyncio.to_thread(Ledger.open, tmp_path)
    lost = await run_in(ledger, "SN1", ends=False)
    await runs_in(ledger, ["SN2"])
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(ledger)
    await asyncio.to_thread(ledger.close)
    ledger = await asyncio.to_thread(Ledger.open, tmp_path)
    async with outbox_in(tmp_path) as outbox:
        assert await outbox.reconcile(ledger) == 1
        found = {each.result: each.payload for each in await all_due(outbox)}
        assert b'"verdict":"INTERRUPTED"' in found[lost]
    await asyncio.to_thread(ledger.close)


async def test_what_finds_no_room_stays_in_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    """F063: at 80 % it is an alarm; nothing is dropped, it comes in when there is room."""
    runs = await runs_in(ledger, [f"SN{number}" for number in range(100)])
    async with outbox_in(tmp_path, most=50) as outbox:
        assert await outbox.reconcile(ledger) == 64  # in whole batches
        assert outbox.condition().level is Level.ALARM
        assert "64 results wait" in outbox.condition().text
        assert await outbox.reconcile(ledger) == 0
        seen: list[str] = []
        while due := await all_due(outbox):
            seen += [each.result for each in due]
            await outbox.release([receipt_of(each) for each in due])
            await outbox.reconcile(ledger)
        assert seen == runs
        assert outbox.condition().level is Level.OK


async def test_looking_for_new_results_is_quick(ledger: Ledger, tmp_path: Path) -> None:
    """It begins where everything has been taken in; a run that has gone on for long does not make it read results again."""
    await run_in(ledger, "LONG", ends=False)
    await runs_in(ledger, [f"SN{number}" for number in range(1500)])
    read: list[str] = []

    class Counting:
        """A ledger that says which records are read."""

        async def after(self, number: int, limit: int) -> list[tuple[int, str, bool]]:
            return await ledger.after(number, limit)

        async def record(self, run: str) -> dict[str, object]:
            read.append(run)
            return await ledger.record(run)

    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(Counting())  # type: ignore[arg-type] # of a ledger it needs these two
        assert len(read) == 1500
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(Counting())  # type: ignore[arg-type] # of a ledger it needs these two
        assert len(read) == 1500
        await runs_in(ledger, ["LAST"])
        assert await outbox.reconcile(Counting()) == 1  # type: ignore[arg-type] # of a ledger it needs these two


async def test_one_process_has_it(tmp_path: Path) -> None:
    """Another is refused, in words."""
    async with outbox_in(tmp_path):
        with pytest.raises(StoreError, match="open in another process"):
            await asyncio.to_thread(Outbox.open, tmp_path, MADE)


async def test_what_is_taken_out_at_once_has_a_bound(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large payloads are taken out one after the other, and one that is larger than the bound alone."""
    monkeypatch.setattr("station.outbox.AT_ONCE", 10)
    one, two = await runs_in(ledger, ["SN1", "SN2"])
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(ledger)
        assert [each.result for each in await all_due(outbox)] == [one]
        assert [each.result for each in await outbox.due(0.0, 1000, {one})] == [two]


async def test_a_result_is_as_its_schema_says(ledger: Ledger, tmp_path: Path) -> None:
    """With everything that a record may have; and every schema is one."""
    run = await ledger.begin(name)
    for event in whole(run):
        ledger.append(run, event)
    async with outbox_in(tmp_path) as outbox:
        await outbox.reconcile(ledger)
        (entry,) = await all_due(outbox)
    said = json.loads(entry.payload)
    jsonschema.validate(said, payloads.SCHEMAS["result"])
    assert (said["result"], said["site"], entry.serial) == (run, "houston", "SN1")
    assert entry.digest == hashlib.sha256(entry.payload).hexdigest()
    for schema in payloads.SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_receipt_is_read_as_a_strangers() -> None:
    """Everything but exactly a receipt is refused, in words: B116, B118, B119, B121, B122."""
    digest, run = "a" * 64, "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    good = f'{{"schema":"rackproof.receipt/1","result":"{run}","digest":"{digest}","accepted":true}}'
    assert payloads.receipt_from(good.encode()) == Receipt(run, digest)
    jsonschema.validate(json.loads(good), payloads.SCHEMAS["receipt"])
    refused = good.replace("true", 'false,"reason":"no\\u0000 such\\u001b product"')
    assert payloads.receipt_from(refused.encode()) == Receipt(run, digest, accepted=False, reason="no such product")
    for bad in (
        "{{{",
        "",
        "[]",
        "null",
        good.replace("true", "1"),
        good.replace("true", "1e999"),
        good.replace("true", "NaN"),
        good.replace("true", 'true,"accepted":false'),
        good.replace("true", 'true,"more":1'),
        good.replace("true", 'true,"reason":7'),
        good.replace(run, "1; rm"),
        good.replace(digest, digest.upper()),
        good.replace("receipt/1", "receipt/2"),
        "[" * 4000,
        "\ud800".encode("utf-16", "surrogatepass").decode("latin-1"),
        good + " " * 5000,
    ):
        with pytest.raises(ValueError, match=r"[a-z]"):
            payloads.receipt_from(bad.encode())
