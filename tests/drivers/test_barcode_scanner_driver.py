"""The barcode scanner and the console: who answers a prompt."""

import asyncio

import pytest

from drivers.errors import BadReply, LinkError
from drivers.links.dialogue import LineLink
from drivers.links.scripted import LISTEN, scripted
from drivers.operators.barcode_scanner import MODELS, TRIGGER_OFF, TRIGGER_ON, BarcodeScanner, Console
from drivers.roles import Identity, Instrument, Operator
from tests.drivers.fake_wire import FakeWire, virtual

SCANNER, CONSOLE = MODELS


def test_they_are_operators() -> None:
    """Two models, one role; neither can say who it is."""
    assert ["barcode-scanner", "console"] == [model.name for model in MODELS]
    for model in MODELS:
        with scripted() as link:
            operator = model.connect(link)
        assert isinstance(operator, Operator)
        assert isinstance(operator, Instrument)
        assert not model.identifies


async def test_they_identify_without_a_word() -> None:
    """An empty identity, and nothing is sent."""
    with scripted() as link:
        assert Identity("", "", "", "") == await BarcodeScanner(link).identify()
        assert Identity("", "", "", "") == await Console(link).identify()
        await Console(link).make_safe()
        await Console(link).self_check()
        await BarcodeScanner(link).self_check()


async def test_a_scan() -> None:
    """Trigger on, the scan, trigger off."""
    with scripted((TRIGGER_ON, "PWR-0001"), (TRIGGER_OFF, None)) as link:
        assert "PWR-0001" == await BarcodeScanner(link).answer("scan the label")


@pytest.mark.parametrize("scan", ["", "A" * 65, "\x1b[31mA", "\u00c4", "A\tB"], ids=repr)
async def test_a_scan_that_is_no_answer(scan: str) -> None:
    """1 to 64 printable ASCII characters; anything else is a BadReply, and the light goes out."""
    with scripted((TRIGGER_ON, scan), (TRIGGER_OFF, None)) as link, pytest.raises(BadReply) as caught:
        await BarcodeScanner(link).answer("scan the label")
    assert str(caught.value).isprintable()
    with scripted((LISTEN, scan)) as link, pytest.raises(BadReply):
        await Console(link).answer("type it")


async def test_the_light_goes_out_also_when_the_link_breaks() -> None:
    """What broke first is what is told."""
    broken, still = LinkError("scanner", "connection lost"), LinkError("scanner", "still lost")
    with scripted((TRIGGER_ON, broken), (TRIGGER_OFF, still)) as link, pytest.raises(LinkError, match="connection"):
        await BarcodeScanner(link).answer("scan the label")


async def test_a_person_types() -> None:
    """One line, however long it takes."""
    with scripted((LISTEN, "PWR-0001")) as link:
        assert "PWR-0001" == await Console(link).answer("type the serial number")


def scanner(wire: FakeWire) -> LineLink:
    """The link that the catalogue's entry asks for."""
    return LineLink(
        "scanner", wire, ends_with=SCANNER.ends_with, replies_end_with=SCANNER.replies_end_with, within=SCANNER.within
    )


@virtual
async def test_the_trigger_bytes() -> None:
    """16 54 0D on, 16 55 0D off; a scan ends with CR, and may take a day."""

    class Noting(FakeWire):
        raw = b""

        async def send(self, data: bytes) -> None:
            self.raw += data
            await super().send(data)

    wire = Noting(lambda line: [(86400.0, b"PWR-0001\r")] if line == TRIGGER_ON else [])
    link = scanner(wire)
    await link.open()
    assert "PWR-0001" == await BarcodeScanner(link).answer("scan the label")
    assert bytes.fromhex("16540D 16550D") == wire.raw


@virtual
async def test_what_was_scanned_before_the_prompt_does_not_count() -> None:
    """Nor does what was still being sent when the prompt came."""
    wire = FakeWire(lambda line: [(2.0, b"NEW\r")] if line == TRIGGER_ON else [])
    link = scanner(wire)
    await link.open()
    wire.comes(b"OLD\rOL")
    await asyncio.sleep(0.1)
    wire.comes(b"D2\r", after=0.1)
    assert "NEW" == await BarcodeScanner(link).answer("scan the label")


@virtual
async def test_an_abandoned_prompt() -> None:
    """The light goes out, and a scan that comes too late is not the answer to the next prompt."""
    wire = FakeWire(lambda line: [(5.0, b"LATE\r")] if line == TRIGGER_ON else [])
    link = scanner(wire)
    await link.open()
    prompt = asyncio.get_running_loop().create_task(BarcodeScanner(link).answer("scan the label"))
    await asyncio.sleep(4.9)
    prompt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await prompt
    assert TRIGGER_OFF == wire.sent[-1]
    wire.answer = lambda line: [(5.0, b"NEW\r")] if line == TRIGGER_ON else []
    assert "NEW" == await BarcodeScanner(link).answer("scan the next label")
