"""Product files: what a part number is and must be; every mistake with its line and what is allowed."""

import pytest

from sequences.limits import Limit
from sequences.measurement import Point
from sequences.rules import Rule
from station.config.limits import resolve_limits
from station.config.problems import BadDocuments
from tests.station.documents import PRODUCT, changed, jig, product, said


def limits(**more: object) -> dict[str, Limit]:
    """The limits of the small cable by point."""
    made = product(**more)  # type: ignore[arg-type]  # only the text is ever given
    return {str(point): limit for point, limit in made.limits_for(made.sequence).items()}


def test_a_good_product_says_what_it_is() -> None:
    """Everything that a run needs to know of it."""
    made = product()
    assert ("PN-1", "A", "PN-1@A", "A small cable", ("small-jig",)) == (
        made.part_number, made.revision, made.name, made.title, made.jigs,
    )  # fmt: skip
    assert ("cabling", "cable-continuity", 16) == (made.family.name, made.sequence.name, len(made.digest))
    assert "SN123456" == made.serial("SN123456")
    with pytest.raises(ValueError, match=r"found 'SN12345'; a serial number of this product fits SN\[0-9\]\{6\}"):
        made.serial("SN12345")


def test_a_points_own_limit_counts_before_its_measurements() -> None:
    """The splice has its own; the others are drawn around their nominal values."""
    found = limits()
    nominal = product().structure.netlist.nominal(product().structure.netlist.path["W1"])  # type: ignore[attr-defined]  # it is a Cable
    assert Limit(None, 0.5, "ohm") == found["conduction[W3+W4]"]
    assert Limit(nominal * 0.96, nominal * 1.04 + 0.008, "ohm") == found["conduction[W1]"]
    assert Limit(60e-12, 140e-12, "F") == found["pair_capacitance[P1]"]
    assert ["conduction[W1]", "conduction[W2]", "conduction[W3+W4]", "shield[SH]"] == list(found)[:4]


def test_the_stations_own_limits_come_from_the_jig() -> None:
    """Not from the product, and only when there is a jig."""
    made = product()
    assert not any(point.measurement.of_station for point in made.limits_for(made.sequence))
    whole = made.limits_for(made.sequence, jig().wiring)
    assert set(made.limits_for(made.sequence)) < set(whole)
    identity = {str(point): limit for point, limit in whole.items()}["jig_identity"]
    assert Limit(4700.0 * 0.98, 4700.0 * 1.02, "ohm") == identity
    wanted = {Point(each, where) for each in made.sequence.measurements() for where in each.points(made.structure)}
    assert wanted == set(whole)


def test_every_sequence_of_the_family_may_be_asked_for() -> None:
    """A sequence that measures nothing of the unit needs no limits of the product."""
    made = product()
    for sequence in made.family.sequences:
        assert made.limits_for(sequence, jig().wiring)


def test_a_product_without_pairs_and_shields_needs_no_limits_for_them() -> None:
    """Their measurements have no points."""
    text = "\n".join(
        line for line in PRODUCT.splitlines() if not line.startswith(("pair_capacitance", "shield", "P1", "[structure.pairs")) and "SH" not in line
    )  # fmt: skip
    assert [] == said(lambda: product(text))
    assert not any(key.startswith(("shield", "pair")) for key in limits(text=text))


def test_a_limit_for_what_has_no_points_here_is_no_mistake() -> None:
    """Limits may be copied from product to product."""
    text = changed(PRODUCT, '[structure.pairs]\nP1 = ["W1", "W2"]\n', "")
    assert [] == said(lambda: product(text))


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ('part_number = "PN-1"\n', "", ["1: product.part_number: found nothing; allowed: text"]),
        ('"PN-1"', '"pn 1"', ["2: product.part_number: found 'pn 1'; allowed: A-Z, 0-9, '.', '_' and '-', at most 64, a letter or digit first"]),
        ('"PN-1"', '"../PN"', ["2: product.part_number: found '../PN'; allowed: A-Z, 0-9, '.', '_' and '-', at most 64, a letter or digit first"]),
        ('"PN-1"', "12345", ["2: product.part_number: found 12345; allowed: text"]),
        ('"A"', '"a"', ["3: product.revision: found 'a'; allowed: A-Z, 0-9, '.', '_' and '-', at most 16, a letter or digit first"]),
        ('"A"', "2026-01-02", ["3: product.revision: found 2026-01-02; allowed: text"]),
        ('"A small cable"', '"A\\u001b[2J"', ["4: product.title: found 'A\\x1b[2J'; allowed: one printable line of at most 200 characters"]),
        ('"cabling"', '"cables"', ["5: product.family: found 'cables'; allowed: cabling"]),
        ('"cable-continuity"', '"continuity"', ["6: product.sequence: found 'continuity'; allowed: cable-continuity"]),
        ('["small-jig"]', "[]", ["7: product.jigs: found no jig; allowed: the names of one or more jigs"]),
        ('["small-jig"]', '"small-jig"', ["7: product.jigs: found 'small-jig'; allowed: a list, each text"]),
        ('["small-jig"]', '["a", 3]', ["7: product.jigs[1]: found 3; allowed: text"]),
        ('["small-jig"]', '["a", "b/c"]', ["7: product.jigs[1]: found 'b/c'; allowed: letters, digits, '.', '_' and '-', at most 64, a letter or digit first"]),
        ("SN[0-9]{6}", "SN[0-9", ["8: product.serial: 'SN[0-9': is no regular expression: unterminated character set at position 2"]),
        ("SN[0-9]{6}", "(A+)+", ["8: product.serial: '(A+)+': a group in brackets may be optional (?), but not repeated"]),
        ("serial =", "serail =", ["8: product.serail: found unknown key 'serail'; allowed: serial, family"]),
        ("[limits]", "[limit]\n[limits]", ["28: limit: found unknown key 'limit'; allowed: limits"]),
        ('"24 AWG"', '"24AWG"', ["11: structure.gauge: found '24AWG'; allowed: '24 AWG', '2/0 AWG' or '0.25 mm2'"]),
        ("length = 2.0", "length = true", ["12: structure.length: found true; allowed: a number"]),
        ("length = 2.0", "lenght = 2.0", ["12: structure.lenght: found unknown key 'lenght'; allowed: length"]),
        ("length = 2.0", "", ["29: limits.conduction: found a tolerance, but no nominal value for W1, W2: W1 needs a length; allowed: at_least, at_most, between"]),
        ('{ name = "W3"', '{ nam = "W3"', ["16: structure.wires[1].nam: found unknown key 'nam'; allowed: name", "16: structure.wires[1].name: found nothing; allowed: text"]),
        ('"J1.3", "S1"', '"J1.3", "S2"', ["16: structure.wires[1].ends[1]: W3 ends at S2, which is neither a pin nor a joint"]),
        ('kind = "shield"', 'kind = "screen"', ["18: structure.wires[3].kind: found 'screen'; allowed: 'wire' or 'shield' or 'mate'"]),
        ('P1 = ["W1", "W2"]', 'P1 = ["W1", "W9"]', ["21: structure.pairs.P1[1]: there is no wire W9"]),
        ("pins = 4\nlabels", 'pins = "4"\nlabels', ["25: structure.connectors.J2.pins: found '4'; allowed: a whole number or a list, each text"]),
        ("pins = 4\nlabels", 'pins = ["1", 2]\nlabels', ["25: structure.connectors.J2.pins[1]: found 2; allowed: text"]),
        ('1 = "GND"', '9 = "GND"', ["26: structure.connectors.J2.labels.9: there is no pin 9"]),
        ("[structure.connectors.J1]\npins = 4", "[structure.connectors]\nJ1 = 4", ["23: structure.connectors.J1: found 4; allowed: a table with pins"]),
        ("isolation =", "insulation =", ["28: limits.isolation: found nothing; allowed: a limit in ohm for g1, g2: insulation between two halves of all nets",
                                         "32: limits.insulation: found a limit for 'insulation', which nothing measures; allowed: isolation, conduction"]),
        ('"conduction[W3+W4]"', '"conduction[W3]"', ["30: limits.\"conduction[W3]\": found a limit at 'W3', where conduction is not measured; allowed: W3+W4, W2, W1"]),
        ('"conduction[W3+W4]"', '"conduction[W3+W4"', ["30: limits.\"conduction[W3+W4\": found a limit for 'conduction[W3+W4', which nothing measures; allowed: conduction"]),
        ("isolation = { at_least = 5e6", "isolation = { at_least = '5e6'", ["32: limits.isolation.at_least: found '5e6'; allowed: a number"]),
        ("isolation = { at_least = 5e6", "isolation = { at_least = \"__import__('os')\"", ["32: limits.isolation.at_least: found \"__import__('os')\"; allowed: a number"]),
        ("isolation = { at_least = 5e6,", "isolation = {", ["32: limits.isolation: found none; allowed: one of at_least, at_most, between, tolerance"]),
        ('{ at_least = 5e6, unit = "ohm" }', "{ at_least = 5e6 }", ["32: limits.isolation.unit: found nothing; allowed: text"]),
        ('{ at_least = 5e6, unit = "ohm" }', '{ at_least = 5, unit = "Mohm" }', ["32: limits.isolation.unit: found 'Mohm'; allowed: 'ohm'"]),
        ("at_least = 5e6", "at_least = 5e6, at_most = 1e6", ["32: limits.isolation: at_least 5e+06 is above at_most 1e+06"]),
        ("at_least = 5e6", "at_least = 5e6, between = [1.0, 2.0]", ["32: limits.isolation: found at_least and between; allowed: one of at_least, at_most, between, tolerance"]),
        ("at_least = 5e6", "at_least = 5e6, plus = 1.0", ["32: limits.isolation: plus goes with tolerance only"]),
        ("at_least = 5e6", "tolerance = 0.1", ["32: limits.isolation: found a tolerance, but no nominal value for g1, g2: isolation has no nominal values; allowed: at_least, at_most, between"]),
        ("[60e-12, 140e-12]", "[60e-12]", ["33: limits.pair_capacitance: between has two numbers, not 1"]),
        ("[60e-12, 140e-12]", "[140e-12, 60e-12]", ["33: limits.pair_capacitance: at_least 1.4e-10 is above at_most 6e-11"]),
        ("[60e-12, 140e-12]", "[60e-12, inf]", ["33: limits.pair_capacitance.between[1]: found inf; allowed: a finite number"]),
        ("tolerance = 0.04", "tolerance = 4", ["29: limits.conduction: a tolerance lies between 0 and 1 (0.08 is 8 %)"]),
        ("at_least = 5e6", 'at_least = 5e6, rule = "metod-6"', ["32: limits.isolation.rule: found 'metod-6'; allowed: method-6"]),
        ("at_least = 5e6", 'at_least = 5e6, rule = "guard"', ["32: limits.isolation.rule: found 'guard'; allowed: iso-14253, method-6, simple, u"]),
        ("at_least = 5e6", "at_least = 5e6, rule = 0.83", ["32: limits.isolation.rule: found 0.83; allowed: text"]),
        ("at_least = 5e6", 'at_least = 5e6, rules = "u"', ["32: limits.isolation.rules: found unknown key 'rules'; allowed: rule"]),
        ('serial = "SN[0-9]{6}"', 'rule = "U"', ["8: product.rule: found 'U'; allowed: iso-14253, method-6, simple, u"]),
        ("plus = 0.008", "plus = -1", ["29: limits.conduction: plus is a finite number, 0 or more"]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(old: str, new: str, problems: list[str]) -> None:
    """File, line, field, what was found and what is allowed; and nothing else that follows from it."""
    assert [f"products/x.toml:{each}" for each in problems] == said(lambda: product(changed(PRODUCT, old, new)))


def test_a_limit_has_its_own_rule_or_the_products() -> None:
    """Without either it is w = U, and the station's own limits are always that."""
    assert {Rule.U} == {each.rule for each in limits().values()}
    text = changed(PRODUCT, 'title = "A small cable"', 'title = "A small cable"\nrule = "method-6"')
    text = changed(text, "at_least = 5e6", 'at_least = 5e6, rule = "u"')
    text = changed(text, 'plus = 0.008, unit = "ohm"', 'plus = 0.008, unit = "ohm", rule = "simple"')
    text = changed(text, "[60e-12, 140e-12]", '[60e-12, 140e-12], rule = "iso-14253"')
    rules = {name: limit.rule for name, limit in limits(text=text).items()}
    assert {
        "isolation[g1]": Rule.U,
        "isolation[g2]": Rule.U,
        "conduction[W1]": Rule.SIMPLE,
        "conduction[W2]": Rule.SIMPLE,
        "conduction[W3+W4]": Rule.METHOD_6,
        "shield[SH]": Rule.METHOD_6,
        "pair_capacitance[P1]": Rule.ISO_14253,
    } == rules
    made = product(text)
    whole = made.limits_for(made.sequence, jig().wiring)
    assert {Rule.U} == {limit.rule for point, limit in whole.items() if point.measurement.of_station}


def test_all_problems_are_told_at_once() -> None:
    """Header, structure and limits, whatever else is wrong."""
    text = changed(PRODUCT, 'title = "A small cable"', "title = 3")
    text = changed(text, '"J1.3", "S1"', '"J1.3", "S1"], gauge = "x", rest = [')
    text = changed(text, "isolation", "insulation")
    assert [4, 16, 16, 32] == [int(each.split(":")[1]) for each in said(lambda: product(text))]
    text = changed(changed(PRODUCT, '"A"', '"?"'), "isolation", "insulation")
    assert [3, 28, 32] == [int(each.split(":")[1]) for each in said(lambda: product(text))]


def test_a_family_that_nobody_knows_hides_nothing_else_of_the_header() -> None:
    """Its structure cannot be read, but the rest can."""
    text = changed(changed(PRODUCT, '"cabling"', '"hoses"'), '"PN-1"', '"?"')
    assert [2, 5] == [int(each.split(":")[1]) for each in said(lambda: product(text))]


def test_limits_are_resolved_for_a_structure_and_a_sequence() -> None:
    """A measurement without a limit is told with its points."""
    made = product()
    found, flaws = resolve_limits(made.sequence, made.structure, {})
    assert ({}, ["conduction", "shield", "isolation", "pair_capacitance"]) == (found, [each.where[1] for each in flaws])
    assert "a limit in ohm for W1, W2, W3+W4: conductor resistance at 20 degrees Celsius" == flaws[0].allowed


def test_a_sequence_that_has_no_limits_in_the_file_is_told_when_it_is_asked_for() -> None:
    """With the file and the line of its limits."""
    made = product()
    bare = type(made)(made.header, made.family, made.structure, {}, made.document)
    with pytest.raises(BadDocuments) as caught:
        bare.limits_for(made.sequence)
    assert {29, 31, 32, 33} == {problem.line for problem in caught.value.problems}
