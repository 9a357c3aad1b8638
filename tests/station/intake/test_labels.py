"""What is scanned: a small exact grammar, pairs in either order, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.intake.labels import WITHIN, Outcome, Pair, asks_for_product
from station.orders import Request

PRODUCTS = {"PWR-WHIP-8", "PWR-WHIP-8@B"}
HOSTILE = {
    "B001": "",
    "B002": " \t ",
    "B003": " SN1 ",
    "B004": "SN\x00001",
    "B005": "SN1\nSN2",
    "B007": "SN1\x1b[2J\x1b]0;pwn\x07",
    "B008": "\x1b]52;c;Y3VybA==\x07",
    "B010": "SN\x07\x08\x08XX",
    "B011": "SN\u202e1000",
    "B013": "\ufeffSN1",
    "B014": "SN-0\u041e1",
    "B016": "\uff11\uff12",
    "B017": "\u0661\u0662",
    "B019": "SN\U0001f4a5",
    "B020": "A" * 65536,
    "B022": "+1+1",
    "B023": "-2+3",
    "B025": "\t=1",
    "B026": "<script>alert(1)</script>",
    "B028": "<img src=x onerror=alert(1)>",
    "B029": "javascript:alert(1)",
    "B031": "{0.__class__.__init__.__globals__}",
    "B032": "%s%n%x",
    "B034": "1; DROP TABLE runs;--",
    "B035": "%_",
    "B038": "/dev/ttyUSB0",
    "B040": "SN1/cmd",
    "B041": "$SYS/broker",
    "B043": "$(reboot)`id`|sh",
    "B044": "-o/tmp/x",
    "B046": "sn1",
    "B049": "\x1d0104012345678901",
    "B050": "]C1010401234567",
    "B053": "\x03 \x1a",
    "two blanks": "PWR-WHIP-8  SN1",
    "three": "PWR-WHIP-8 SN1 SN2",
    "bar": "PWR-WHIP-8|SN1|A",
    "lower": "SLOT:../A",
    "no slot": "SLOT:",
}


def scan(pair: Pair, *codes: str, now: float = 0.0) -> list[Outcome | Request]:
    """What comes of some codes."""
    said = [pair.take(code, now, is_product=asks_for_product(code) and code in PRODUCTS) for code in codes]
    return [each.request or each.outcome for each in said]


@pytest.mark.parametrize(
    "codes",
    [
        ("PWR-WHIP-8", "SN001"),
        ("SN001", "PWR-WHIP-8"),
        ("PWR-WHIP-8 SN001",),
        ("PWR-WHIP-8|SN001",),
        ("SN000", "SN001", "PWR-WHIP-8"),
        ("SN000", "CANCEL", "PWR-WHIP-8", "SN001"),
        ("SLOT:A", "SLOT:ANY", "PWR-WHIP-8", "SN001"),
        ("PWR-WHIP-8", "<script>", "SN001"),
    ],
)
def test_a_unit_is_scanned_in_either_order_or_in_one(codes: tuple[str, ...]) -> None:
    """The last of two serial numbers counts; what is refused changes nothing."""
    pair = Pair()
    assert Request("PWR-WHIP-8", "SN001") == scan(pair, *codes)[-1]
    assert Pair() == Pair(until=0.0, product=pair.product, serial=pair.serial, slot=pair.slot)


def test_a_slot_is_for_one_unit() -> None:
    """And a revision may be named."""
    pair = Pair()
    assert Request("PWR-WHIP-8@B", "SN001", "A") == scan(pair, "SLOT:A", "PWR-WHIP-8@B", "SN001")[-1]
    assert Request("PWR-WHIP-8", "SN002") == scan(pair, "PWR-WHIP-8", "SN002")[-1]


def test_what_is_half_scanned_is_forgotten_in_time() -> None:
    """So that the serial number of the next unit does not meet the part number of the last."""
    pair = Pair()
    scan(pair, "PWR-WHIP-8")
    assert "" == pair.forgotten(WITHIN - 1.0)
    assert "PWR-WHIP-8 forgotten" in pair.forgotten(WITHIN)
    assert [Outcome.KEPT] == scan(pair, "SN001", now=WITHIN)


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_label_is_refused_and_nothing_else_happens(code: str) -> None:
    """B001-B053: it is told in printable ASCII, short, and the pair stays as it was."""
    pair = Pair()
    scan(pair, "PWR-WHIP-8")
    said = pair.take(code, 1.0, is_product=asks_for_product(code) and code in PRODUCTS)
    assert (Outcome.REFUSED, None, "PWR-WHIP-8", "") == (said.outcome, said.request, pair.product, pair.serial)
    assert said.text.isascii()
    assert said.text.isprintable()
    assert len(said.text) < 250


@pytest.mark.parametrize(("row", "code"), [("B037", "CON"), ("B047", "SNO1"), ("B055", "00123")])
def test_an_odd_serial_number_by_the_grammar_stays_text(row: str, code: str) -> None:
    """It is one letter by letter, whatever it looks like."""
    assert Request("PWR-WHIP-8", code) == scan(Pair(), "PWR-WHIP-8", code)[-1], row


@given(st.lists(st.text(max_size=12) | st.sampled_from([*PRODUCTS, "SN1", "SLOT:A", "CANCEL", "PWR-WHIP-8 SN9"])))
def test_whatever_is_scanned_a_request_keeps_to_the_grammar(codes: list[str]) -> None:
    """No code reaches the line that is not one of its own."""
    for each in scan(Pair(), *codes):
        if isinstance(each, Request):
            assert all(
                part.isascii() and part.isprintable() and " " not in part for part in (each.product, each.serial)
            )
