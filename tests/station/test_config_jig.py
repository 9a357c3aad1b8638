"""Jig files: how a jig is wired; every mistake with its line."""

import pytest

from tests.station.documents import JIG, changed, jig, said


def test_a_good_jig_says_what_it_is() -> None:
    """Name, family, title and wiring."""
    made = jig()
    assert ("small-jig", "A small jig", "cabling") == (made.name, made.title, made.family.name)
    assert {"ohmmeter": 1, "matrix": 2, "multimeter": 1, "operator": 1} == {
        role: need.count for role, need in made.wiring.needs().items()
    }


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ('"small-jig"', '"small jig"', ["2: jig.name: found 'small jig'; allowed: letters, digits, '.', '_' and '-', at most 64, a letter or digit first"]),
        ('"cabling"', '"cabeling"', ["3: jig.family: found 'cabeling'; allowed: cabling"]),
        ('"A small jig"', '"A\\nB"', ["4: jig.title: found 'A\\nB'; allowed: one printable line of at most 200 characters"]),
        ("[wiring]", "[wire]\n[wiring]", ["6: wire: found unknown key 'wire'; allowed: wiring"]),
        ("bar =", "barr =", ["6: wiring.bar: found nothing; allowed: a list, each a whole number", "11: wiring.barr: found unknown key 'barr'; allowed: bar"]),
        ("[9, 10]", "[9, 9]", ["11: wiring.bar: point 9 is taken already, by bar"]),
        ("[9, 10]", "[8, 10]", ["11: wiring.bar: point 8 is taken already, by points.J2"]),
        ("[9, 10]", "[9, 99]", ["11: wiring.bar: point 99 does not exist: the matrix cards have points 1 to 40"]),
        ("[9, 10]", "[9.0, 10]", ["11: wiring.bar[0]: found 9; allowed: a whole number"]),
        ("points = [11, 12], ", "", ["12: wiring.reference.points: found nothing; allowed: a list, each a whole number"]),
        ("ohms = 4700.0", "ohms = 0", ["13: wiring.identity.ohms: found 0; allowed: 10 to 1e+06"]),
        ("ohms = 4700.0", "ohms = nan", ["13: wiring.identity.ohms: found nan; allowed: a finite number"]),
        ('J2 = "5-8"', 'J2 = "5 to 8"', ["16: wiring.points.J2: points are written '1-8,12', not '5 to 8'"]),
        ('J2 = "5-8"', "J2 = [5, 8]", ["16: wiring.points.J2: found a list; allowed: text"]),
        ('"DAQM901A", ', "", ["6: wiring.ambient_channel: the first mainframe has no multiplexer channel 102: its cards are DAQM904A, DAQM904A",
                              "6: wiring.isolation_channel: the first mainframe has no multiplexer channel 101: its cards are DAQM904A, DAQM904A",
                              "8: wiring.mainframes[0].cards: a mainframe has 3 slots, not 2"]),
        ('"DAQM904A", "DAQM904A", "DAQM904A"', '"DAQM904A", "DAQM904B", ""',
         ["9: wiring.mainframes[1].cards[1]: found 'DAQM904B'; allowed: DAQM904A, 34904A, DAQM900A, DAQM901A, DAQM902A, DAQM908A, 34901A, 34902A, 34908A or ''"]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(old: str, new: str, problems: list[str]) -> None:
    """File, line, field, what was found and what is allowed."""
    assert [f"jigs/x.toml:{each}" for each in problems] == said(lambda: jig(changed(JIG, old, new)))
