"""What `station list faults` and `station show` tell of faults, and how one that is written wrong is answered."""

import pytest

from sim.catalogue.station_faults import STATION_FAULTS
from sim.faults import catalogue, not_simulated
from tests.station.command_line import Captured, station

WIDTH = 100


def test_the_list_holds_every_fault_and_says_what_is_not_simulated(capsys: Captured) -> None:
    """Those that can be put in, those of the domain's lists that cannot, the station's own: none is silently absent."""
    rows = {row["name"]: row for row in station(capsys, "list", "faults", "--json").document}
    assert [*(each.name for each in catalogue()), *not_simulated(), *(each.id for each in STATION_FAULTS)] == list(rows)
    for name in not_simulated():
        assert not rows[name]["simulated"]
        assert rows[name]["why"]
    high = rows["high-resistance"]
    assert ("cabling", "FAILED", "ohm") == (high["family"], high["verdict"], high["unit"])
    assert ["every conductor conducts"] == high["caught by"]
    assert 0.5 in high["severities"]
    assert "probe-worn" in high["told from"]
    assert ("", []) == (rows["film"]["verdict"], rows["film"]["caught by"])
    assert (True, ["killed"]) == (rows["F089"]["simulated"], rows["F089"]["disturbances"])


def test_the_list_is_readable_on_a_terminal(capsys: Captured) -> None:
    """No line is wider than a hundred columns, and what people look for stands in it: place, range, verdict, step, look-alikes."""
    text = station(capsys, "list", "faults").out
    assert max(map(len, text.splitlines())) <= WIDTH
    entry = text.partition("\nhigh-resistance\n")[2].partition("\nstrands-broken\n")[0]
    for words in (
        "where: a wire",
        "0.001 to 1000 ohm",
        "FAILED by: every conductor conducts",
        "told from: wrong-gauge",
    ):
        assert words in entry
    assert "nobody claims to catch it" in text.partition("\nfilm\n")[2].partition("\nintermittent\n")[0]
    heads = [line for line in text.splitlines() if line and line.isupper() and not line.startswith("F")]
    assert [
        "CABLING",
        "POWER",
        "COOLING",
        "INSTRUMENT",
        "OPERATOR",
        "NOT SIMULATED YET",
        "OF THE STATION ITSELF",
    ] == heads
    for name in (*not_simulated(), *(each.id for each in STATION_FAULTS)):
        assert f"\n{name} " in text


@pytest.mark.parametrize(
    ("name", "words"), [("fault/open", "cabling"), ("C13", "busbars"), ("fault/F070", "fsync-fails")]
)
def test_one_fault_is_shown_whole(capsys: Captured, name: str, words: str) -> None:
    """By its name, or by its number in the lists."""
    said = station(capsys, "show", name)
    assert (0, True) == (said.code, words in said.out)
    assert 2 == station(capsys, "show", "fault/nope").code


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("opne:W3", "open"),
        ("open:W333", "W33"),
        ("open:Z/W3", "no slot 'Z' can have it; there is A"),
        ("open:W3=99", "is only"),
        ("short:W1+W2=1e9", "0 to 1000 ohm"),
        ("open:W3@30", "30s"),
        ("open:W3@1d", "s, m or h"),
        ("open:W3@2s-1s", "FROM-UNTIL"),
        ("open:W3@1s-3s/2s", "EVERY must be longer"),
        ("removed@1s-2s", "nobody brings the unit back"),
        ("relay-welded:outlet7", "this world has none"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_can(capsys: Captured, fault: str, said: str) -> None:
    """Exit code 2, and nothing was run."""
    answer = station(capsys, "run", "--sim", "--product", "PWR-WHIP-8", "--serial", "SN1", "--fault", fault)
    assert (2, "") == (answer.code, answer.out)
    assert said in answer.err
    assert fault in answer.err or fault.partition(":")[0] in answer.err
