"""The scanner in a person's hand."""

import asyncio

from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

SCANNER = "barcode-scanner"


def test_a_trigger_brings_a_label_after_a_human_while() -> None:
    """Two seconds to mate the unit and to scan; the label ends in CR."""

    async def talk(scanner: Client) -> tuple[str, float]:
        return await scanner.ask("\x16T"), scanner.now()

    assert ("SN0001", 2.0) == talk_to(SCANNER, FakeLeads(), talk)


def test_a_scanner_that_is_switched_off_reads_nothing() -> None:
    """The stop code is heard while the operator is still busy; the operator does nothing."""

    async def talk(scanner: Client) -> bytes:
        await scanner.write("\x16T")
        await asyncio.sleep(1)
        await scanner.write("\x16U")
        await asyncio.sleep(10)
        return scanner.wire.pending()

    leads = FakeLeads()
    assert b"" == talk_to(SCANNER, leads, talk)
    assert 0 == leads.scans


def test_nothing_is_scanned_that_was_not_asked_for() -> None:
    """Neither an unknown code nor a stop brings a label; a trigger after a stop does."""

    async def talk(scanner: Client) -> tuple[str, float]:
        await scanner.write("\x16U")
        await scanner.write("*IDN?")
        await asyncio.sleep(10)
        assert b"" == scanner.wire.pending()
        return await scanner.ask("\x16T"), scanner.now()

    assert ("SN0001", 12.0) == talk_to(SCANNER, FakeLeads(), talk)


def test_nobody_at_the_scanner_is_silence() -> None:
    """A world without a label to scan answers nothing."""

    async def talk(scanner: Client) -> bytes:
        await scanner.write("\x16T")
        await asyncio.sleep(10)
        return scanner.wire.pending()

    assert b"" == talk_to(SCANNER, FakeLeads(label=""), talk)
