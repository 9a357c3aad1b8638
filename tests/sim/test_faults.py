"""The catalogue of faults: how they are written, where they may sit, and that each does what it says and no more."""

import math
import re
from itertools import combinations

import pytest

from sim.cable.defects import DEFECTS, GAUGE_STEP
from sim.cable.spec import CableSlot
from sim.catalogue import steps
from sim.catalogue.fault import PRODUCTS, Fault, Value
from sim.faults import catalogue, example, not_simulated, parse, targets
from tests.sim.small_bench import bench, farads, mated, netlist, ohms, others

BENCH = bench()
FAULTS = {fault.name: fault for fault in catalogue()}
STEPS = {getattr(steps, name) for name in dir(steps) if name.isupper()}
ALONE = {frozenset({f"J1.{pin}", f"J2.{pin}"}) for pin in (1, 2, 3, 4, 5, 6)}
DRAWN = ALONE | {
    frozenset({"J1.7", "J2.7", "J2.8"}),
    frozenset({"J1.8", "J2.9", "J3.1"}),
    frozenset({"J1.9", "J2.10"}),
    *(frozenset({pin}) for pin in ("J1.10", "J2.11", "J3.2")),
}


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.name)
def test_every_entry_is_whole(each: Fault) -> None:
    """A title, a verdict by family, known steps that catch it, a default within its range, and an example that parses."""
    assert each.verdict == ("REFUSED" if each.refused else "FAILED" if each.family in PRODUCTS else "ERROR")
    assert each.title
    assert STEPS.issuperset(each.caught_by)
    assert each.value is None or each.value.default is None or each.value.admits(each.value.default)
    if not issubclass(CableSlot, each.place.slots):
        return  # it sits in bays for power or for cooling: their own tests put it in
    written = example(each, BENCH)
    injected = parse(written)
    assert (each, written) == (injected.fault, injected.text)
    assert targets(injected, BENCH)


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.name)
def test_every_value_has_a_grid_of_severities(each: Fault) -> None:
    """Four or more where there is a value, each admitted and none twice; none where there is none."""
    assert (each.value is not None) == bool(each.severities)
    assert each.value is None or (len(set(each.severities)) == len(each.severities) >= 4)
    assert each.value is None or all(map(each.value.admits, each.severities))


def test_a_grid_goes_from_the_least_effect_to_the_greatest() -> None:
    """By equal ratios around the default; around what would be harmless, outwards."""
    assert (1.0, 3.16, 10.0, 31.6, 100.0) == Value("", "", 1.0, 100.0, default=10.0).grid()
    assert (0.0, 2.0, 4.0, 7.0, 10.0) == Value("", "", 0.0, 10.0, default=4.0).grid()
    assert (0.949, 0.9, 1.14, 1.3, 1.5)[:2] == Value("", "", 0.9, 1.5, default=1.0, harmless=1.0).grid()[:2]


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.name)
def test_what_a_fault_must_be_told_from_is_known(each: Fault) -> None:
    """Names of other kinds of faults, each once; what is no fault is said in words."""
    assert each.told_from
    assert each.name not in each.told_from
    assert len(set(each.told_from)) == len(each.told_from)
    assert all(" " in other or other in FAULTS for other in each.told_from)


def test_only_what_a_run_cannot_know_goes_unclaimed() -> None:
    """The whole list: each of these says in its title what becomes of it."""
    silent = {each.name for each in catalogue() if not each.caught_by}
    assert {
        "strands-broken", "film", "intermittent", "probe-worn", "jig-capacitance", "ambient-offset", "gain-drift",
        "thermal-emf", "air-in-loop",
    } == silent  # fmt: skip


def test_names_are_unique_and_families_known() -> None:
    """No two entries share a name, and the cable's own are those that a harness can have."""
    assert len(FAULTS) == len(catalogue())
    assert set(DEFECTS) == {name for name, fault in FAULTS.items() if fault.family == "cabling"}


def test_every_domain_fault_is_played_or_listed() -> None:
    """C01 to C32, P01 to P36, K01 to K35 and I01 to I40: each is stood for by an entry or said not to be, never both and never neither."""
    played = {domain for fault in catalogue() for domain in fault.stands_for}
    listed = set(not_simulated())
    assert set() == played & listed
    lists = (("C", 33), ("P", 37), ("K", 36), ("I", 41))
    assert {f"{letter}{at:02}" for letter, end in lists for at in range(1, end)} == played | listed


def test_a_fault_is_read_as_it_is_written() -> None:
    """Name, places, value and time."""
    injected = parse("high-resistance:A/W7=0.8@2m")
    assert ("high-resistance", "A/W7", 0.8, 120.0) == (
        injected.fault.name,
        injected.where,
        injected.value,
        injected.at,
    )
    assert (0.05, 0.0) == (parse("short:W2+W5").value, parse("short:W2+W5").at)
    assert [30.0, 3600.0] == [parse(f"silent:ohms@{time}").at for time in ("30s", "1h")]
    assert parse("open:W3").value is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("opne:W3", "open"),
        ("OPEN:W3", "there is open"),
        ("C12", "there is intermittent"),
        ("welded", "there is relay-welded"),
        ("zzz", f"there are {len(catalogue())}, such as"),
        ("", "no fault is called ''"),
        ("open:W3=1=2", "NAME"),
        ("open:W3@soon", "30s"),
        ("open:W3@-3s", "30s"),
        ("open:", "after the colon"),
        ("swap:W1+W2=3", "has no value"),
        ("short:W1+W2=nan", "0 to 1000 ohm"),
        ("short:W1+W2=-1", "0 to 1000 ohm"),
        ("short:W1+W2=", "0 to 1000 ohm"),
        ("short:W1+W2=1_0", "0 to 1000 ohm"),
        ("short:W1+W2=\u0661", "0 to 1000 ohm"),
        ("leak:W1+W2=1e400", "1000 to 5e+07 ohm"),
        ("wrong-gauge:W1=0", "but not 0"),
        ("wrong-length=1", "but not 1"),
        ("removed", "needs a time"),
    ],
)
def test_what_is_written_wrong_is_refused(text: str, said: str) -> None:
    """The message says what would be allowed."""
    with pytest.raises(ValueError, match=re.escape(said)):
        parse(text)


REWIRED = [
    ("open", ("W3",), None, [{"J1.3"}, {"J2.3"}]),
    ("open", ("W3",), 1.3, [{"J1.3"}, {"J2.3"}]),
    ("open", ("W8",), None, [{"J1.8"}, {"J2.9", "J3.1"}]),
    ("short", ("W2", "W5"), 0.05, [{"J1.2", "J2.2", "J1.5", "J2.5"}]),
    ("swap", ("W1", "W4"), None, [{"J1.1", "J2.4"}, {"J1.4", "J2.1"}]),
    (
        "swap-pair",
        ("TP1", "TP2"),
        None,
        [{"J1.1", "J2.3"}, {"J1.2", "J2.4"}, {"J1.3", "J2.1"}, {"J1.4", "J2.2"}],
    ),
    ("reversed", ("J3",), None, [{"J1.8", "J2.9", "J3.2"}, {"J3.1"}]),
    (
        "reversed",
        ("J2",),
        None,
        [
            *({f"J1.{pin}", f"J2.{12 - pin}"} for pin in (1, 2, 3, 4, 5, 6)),
            {"J1.7", "J2.5", "J2.4"},
            {"J1.8", "J2.3", "J3.1"},
            {"J1.9", "J2.2"},
            {"J2.1"},
        ],
    ),
    ("miswire", ("W3", "J2.11"), None, [{"J1.3", "J2.11"}, {"J2.3"}]),
    ("missing-jumper", ("B1",), None, [{"J1.7", "J2.7"}, {"J2.8"}]),
    ("extra-jumper", ("J2.3", "J2.7"), 0.01, [{"J1.3", "J2.3", "J1.7", "J2.7", "J2.8"}]),
    ("shield-open", ("SH",), None, [{"J1.9"}, {"J2.10"}]),
    ("shield-short", ("SH", "W6"), 0.5, [{"J1.9", "J2.10", "J1.6", "J2.6"}]),
]


@pytest.mark.parametrize(
    ("fault", "where", "value", "joined"), REWIRED, ids=[f"{name}:{'+'.join(where)}" for name, where, *_ in REWIRED]
)
def test_a_fault_of_the_netlist_changes_those_nets_alone(
    fault: str, where: tuple[str, ...], value: float | None, joined: list[set[str]]
) -> None:
    """The nets of the pins that are named are as listed; all other nets are as drawn, to the last digit."""
    plant, good = mated((fault, where, value)), mated()
    touched = {pin for group in joined for pin in group}
    untouched = {net for net in DRAWN if not net & touched}
    assert {*untouched, *(frozenset(group) for group in joined)} == netlist(plant)
    for net in untouched:
        for one, other in combinations(sorted(net), 2):
            assert ohms(good, one, other) == ohms(plant, one, other)


@pytest.mark.parametrize(
    ("fault", "where", "value"),
    [
        ("leak", ("W2", "W5"), 5e4),
        ("split-pair", ("TP1", "TP2"), None),
        ("high-resistance", ("W7",), 0.5),
        ("wrong-gauge", ("W3",), 2.0),
        ("wrong-length", ("",), 1.3),
    ],
)
def test_other_faults_leave_the_netlist_alone(fault: str, where: tuple[str, ...], value: float | None) -> None:
    """A list of joined pins is as drawn."""
    assert DRAWN == netlist(mated((fault, where, value)))


def test_a_leak_is_its_own_resistance() -> None:
    """50 kohm between two wires, whatever the wires are."""
    plant = mated(("leak", ("W2", "W5"), 5e4))
    assert pytest.approx(5e4, rel=1e-4) == ohms(plant, "J2.2", "J1.5")
    assert math.inf == ohms(plant, "J2.2", "J1.1")


def test_a_bad_contact_adds_to_its_wire() -> None:
    """Half an ohm more at end b of W7: from pin to pin and to the jumper beyond."""
    plant, good = mated(("high-resistance", ("W7",), 0.5)), mated()
    for far in ("J2.7", "J2.8"):
        assert pytest.approx(0.5) == ohms(plant, "J1.7", far) - ohms(good, "J1.7", far)
    assert pytest.approx(ohms(good, "J2.7", "J2.8")) == ohms(plant, "J2.7", "J2.8")


@pytest.mark.parametrize("steps_thinner", [2.0, -1.0])
def test_a_thinner_wire_has_more_resistance_and_the_same_capacitance(steps_thinner: float) -> None:
    """1.26 times for each step of AWG, of the copper alone."""
    plant, good = mated(("wrong-gauge", ("W3",), steps_thinner)), mated()
    grown, was = (ohms(each, "J1.3", "J2.3", 30.0) - ohms(each, "J1.3", "J2.3", 20.0) for each in (plant, good))
    assert pytest.approx(GAUGE_STEP**steps_thinner) == grown / was
    rest = others(good, "J1.3", "J2.3")
    assert farads(good, ("J1.3",), rest) == farads(plant, ("J1.3",), rest)


def test_a_longer_cable_has_more_of_everything() -> None:
    """Resistance of copper and capacitance grow with the length; one wire alone can be longer, too."""
    whole, alone, good = mated(("wrong-length", ("",), 1.3)), mated(("wrong-length", ("W3",), 1.3)), mated()
    rest = others(good, "J1.3", "J2.3")
    for plant in (whole, alone):
        grown, was = (ohms(each, "J1.3", "J2.3", 30.0) - ohms(each, "J1.3", "J2.3", 20.0) for each in (plant, good))
        assert pytest.approx(1.3) == grown / was
        assert pytest.approx(1.3) == farads(plant, ("J1.3",), rest) / farads(good, ("J1.3",), rest)
    assert ohms(good, "J1.1", "J2.1") == ohms(alone, "J1.1", "J2.1") < ohms(whole, "J1.1", "J2.1")


def test_split_pairs_are_twisted_crosswise() -> None:
    """The named pairs have a stranger's capacitance; the first wire of each has a twin's with the other's second."""
    plant, good = mated(("split-pair", ("TP1", "TP2"), None)), mated()
    twisted, stranger = 50e-12 * 2.0, 12e-12 * 2.0
    couples = (("J1.1", "J1.2"), ("J1.3", "J1.4"), ("J1.1", "J1.4"), ("J1.3", "J1.2"))
    assert pytest.approx([twisted, twisted, stranger, stranger]) == [farads(good, (a,), (b,)) for a, b in couples]
    assert pytest.approx([stranger, stranger, twisted, twisted]) == [farads(plant, (a,), (b,)) for a, b in couples]
    for pin in range(1, 10):
        assert ohms(good, f"J1.{pin}", "J2.3") == ohms(plant, f"J1.{pin}", "J2.3")


def test_faults_add_up() -> None:
    """Two breaks and a bad contact in one unit: each is there."""
    plant = mated(("open", ("W3",), 0.5), ("open", ("W3",), 1.5), ("high-resistance", ("W4",), 2.0))
    rest = others(plant, "J1.3", "J2.3")
    assert pytest.approx([45e-12, 45e-12]) == [farads(plant, (end,), rest) for end in ("J1.3", "J2.3")]
    assert ohms(plant, "J1.4", "J2.4") > 2.0
