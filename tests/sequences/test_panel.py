"""The panel: relays move no more than they must, a dead path is no insulation, and two witnesses must agree."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import InstrumentError, Refused, Unsupported
from drivers.reading import Reading, State
from sequences.cabling.bound import bits, least_states
from sequences.cabling.cable import Cable
from sequences.cabling.crossbar import HIGH, LOW, Closed
from sequences.cabling.pairs import split_pairs
from sequences.cabling.panel import JOINED, TOP_FARADS, CablePanel, Stray
from sequences.cabling.parts import Connector, Span
from sim import clock
from tests.sequences.fake_panel import CABLE, LEADS, WIRING, Copper, FakeMatrix, FakeMeters, as_drawn, panel_of

T = TypeVar("T")
PINS = CABLE.netlist.pins
NOMINAL = CABLE.netlist.nominal(CABLE.netlist.paths[0]) or 0.0
STATES = st.lists(st.sets(st.sampled_from(PINS)), max_size=6)


def run(work: Coroutine[Any, Any, T]) -> T:
    """In virtual time."""
    return clock.run(work)


def quick(copper: Copper | None = None, cable: Cable = CABLE) -> CablePanel:
    """A panel, over a good unit unless something else is said."""
    return panel_of(copper or as_drawn(), cable)


def matrices(panel: CablePanel) -> tuple[FakeMatrix, ...]:
    """The fakes behind it."""
    return cast("tuple[FakeMatrix, ...]", panel.matrix)


def closed(panel: CablePanel) -> set[Closed]:
    """Every relay that is closed in truth."""
    return {(frame, relay) for frame, each in enumerate(matrices(panel)) for relay in each.closed}


@given(STATES)
def test_from_state_to_state_only_what_differs_moves(states: list[set[str]]) -> None:
    """Each relay that is moved had to be; the matrix is in the state that was asked for; nothing is asked for twice."""

    async def main() -> None:
        panel = quick()
        before, made = set[Closed](), 0
        for pins in states:
            wanted = {panel.crossbar.spot(pin, HIGH) for pin in pins}
            for each in matrices(panel):
                each.told.clear()
            await panel.crossbar.set(wanted)
            told = [(frame, *order) for frame, each in enumerate(matrices(panel)) for order in each.told]
            opened = {(frame, relay) for frame, away, _ in told for relay in away}
            made_closed = {(frame, relay) for frame, _, to in told for relay in to}
            assert (before - wanted, wanted - before, wanted) == (opened, made_closed, closed(panel))
            assert len(told) == len({frame for frame, *_ in told})
            made += before != wanted
            assert made == panel.crossbar.states
            before = wanted

    run(main())


def test_the_first_state_after_a_refusal_opens_whatever_may_be_closed() -> None:
    """Nobody knows how far a mainframe came that has refused: the next state leaves none of it closed."""

    async def main() -> None:
        panel = quick()
        await panel.crossbar.set({panel.crossbar.spot("J1.1", HIGH)})
        matrices(panel)[0].refuses = True
        with pytest.raises((Refused, ExceptionGroup)):
            await panel.crossbar.set({panel.crossbar.spot("J1.2", HIGH), panel.crossbar.spot("J2.2", LOW)})
        matrices(panel)[0].refuses = False
        wanted = {panel.crossbar.spot("J1.3", HIGH)}
        await panel.crossbar.set(wanted)
        assert wanted == closed(panel)

    run(main())


def test_a_state_is_kept_for_as_long_as_it_needs_to_settle() -> None:
    """The jig's settling time, counted from when it began; a state that is there already costs nothing."""

    async def main() -> tuple[float, float]:
        panel = quick()
        loop, wanted = asyncio.get_running_loop(), {panel.crossbar.spot("J1.1", HIGH)}
        began = loop.time()
        await panel.crossbar.set(wanted)
        then = loop.time()
        await panel.crossbar.set(wanted)
        return then - began, loop.time() - then

    assert (WIRING.settle, 0.0) == run(main())


def test_at_rest_only_the_reference_is_connected() -> None:
    """The unit is off the ohmmeter, which another slot may have now; and at the end every relay is open."""

    async def main() -> None:
        panel = quick()
        await panel.four_wire("J1.1", "J2.1")
        await panel.rest()
        assert panel.crossbar.part(WIRING.reference.points, HIGH, LOW) == closed(panel)
        await panel.crossbar.clear()
        assert set() == closed(panel)
        await panel.crossbar.set({panel.crossbar.spot("J1.1", HIGH)})
        assert 1 == len(closed(panel))

    run(main())


def test_insulation_is_what_lies_beside_the_reference() -> None:
    """Nothing there is 'at least so much'; a leak is its value; copper is its ohms, leads taken off."""

    async def main() -> tuple[Reading, Reading, Reading]:
        copper = as_drawn()
        copper.leaks = {frozenset(("J1.1", "J1.2")): 2e5}
        panel = quick(copper)
        return (
            await panel.between(["J1.3"], ["J1.4", "J1.5"]),
            await panel.between(["J2.1"], ["J1.2", "J1.5"]),
            await panel.between(["J1.3"], ["J2.3"]),
        )

    nothing, leak, joined = run(main())
    assert (State.AT_LEAST, True) == (nothing.state, nothing.value > 1e8)
    assert State.OK is leak.state
    assert pytest.approx(2e5, rel=0.01) == leak.value
    assert abs(leak.value - 2e5) <= leak.uncertainty
    assert abs(joined.value) <= joined.uncertainty < 1.0


@given(st.floats(2e3, 2e7))
def test_a_leak_is_known_within_its_uncertainty_or_bounded(ohms: float) -> None:
    """Over four decades: the truth is within what is said, or above the bound."""

    async def main() -> Reading:
        copper = as_drawn()
        copper.leaks = {frozenset(("J1.1", "J1.2")): ohms}
        return await quick(copper).between(["J1.1"], ["J1.2"])

    read = run(main())
    if read.state is State.AT_LEAST:
        assert read.value <= ohms
    else:
        assert abs(read.value - ohms) <= read.uncertainty


def test_a_dead_path_is_never_good_insulation() -> None:
    """The reference resistor must be read: an overload, or too much, is the station's fault."""
    copper = as_drawn()
    copper.dead = True
    with pytest.raises(InstrumentError, match="the isolation path is broken"):
        run(quick(copper).between(["J1.1"], ["J1.2"]))
    panel = quick()
    panel.reference = Reading(4e6, "ohm", 100.0, 0.0, "fake")
    with pytest.raises(InstrumentError, match="the isolation path is broken"):
        run(panel.between(["J1.1"], ["J1.2"]))


def test_nothing_is_said_before_the_jig_has_proven_itself() -> None:
    """Neither insulation without the reference, nor copper without the temperature."""
    panel = quick()
    panel.reference = panel.celsius = None
    with pytest.raises(InstrumentError, match="reference resistor has not been measured"):
        run(panel.between(["J1.1"], ["J1.2"]))
    with pytest.raises(InstrumentError, match="temperature has not been measured"):
        panel.to_20_degrees(Reading(0.1, "ohm", 0.001, 0.0, "fake"))


@pytest.mark.parametrize(("celsius", "ohms"), [(20.0, 0.1), (45.45, 0.1 / 1.1), (-5.45, 0.1 / 0.9)])
def test_copper_is_told_at_20_degrees(celsius: float, ohms: float) -> None:
    """A tenth more at 45 degrees; the thermometer's uncertainty is the reading's too; a bound stays what it is."""
    panel = quick()
    panel.celsius = Reading(celsius, "degC", 1.0, 0.0, "fake")
    read = panel.to_20_degrees(Reading(0.1, "ohm", 0.0, 0.0, "fake"))
    assert pytest.approx(ohms, rel=1e-3) == read.value
    assert pytest.approx(ohms / 254.5, rel=1e-3) == read.uncertainty
    bound = Reading(1e9, "ohm", 0.0, 0.0, "fake", State.AT_LEAST)
    assert bound == panel.to_20_degrees(bound)


def conduction(ohms: float, *, joined: bool, meter: State = State.OK, expected: float | None = NOMINAL) -> Reading:
    """What is said of W1 when the ohmmeter sees `ohms` and the multimeter a joint or none."""
    copper = as_drawn()
    copper.ohms[frozenset(("J1.1", "J2.1"))] = ohms
    copper.ohmmeter = meter
    if not joined:
        copper.joined = [{pin} for pin in PINS]
        copper.leaks = {frozenset(("J1.1", "J2.1")): ohms} if ohms < 1e9 else {}
    return run(quick(copper).conduction("J1.1", "J2.1", expected))


def test_a_good_wire_needs_one_witness() -> None:
    """The micro-ohmmeter's word, on the smallest range that holds it, and on the largest when that is too small."""
    assert NOMINAL == conduction(NOMINAL, joined=True).value
    copper = as_drawn()
    copper.ohms[frozenset(("J1.1", "J2.1"))] = 0.9
    panel = quick(copper)
    assert 0.9 == run(panel.conduction("J1.1", "J2.1", NOMINAL)).value
    assert [pytest.approx(1.5 * NOMINAL + 0.01), 1.0] == cast("FakeMeters", panel.ohmmeter).highest


def test_an_open_wire_has_two_witnesses() -> None:
    """The ohmmeter is over its range, and the multimeter finds nothing either."""
    read = conduction(1e12, joined=False)
    assert (State.AT_LEAST, True) == (read.state, read.value > JOINED)


@pytest.mark.parametrize("ohms", [2.5, 30.0, 700.0])
def test_a_bad_contact_beyond_the_range_is_the_multimeters_to_say(ohms: float) -> None:
    """Both agree that there is more than the micro-ohmmeter can measure."""
    read = conduction(ohms, joined=False)
    assert abs(read.value - ohms) <= max(read.uncertainty, 0.01 * ohms)


@pytest.mark.parametrize("meter", [State.OVER_RANGE, State.NO_READING])
def test_where_the_witnesses_disagree_the_station_is_broken(meter: State) -> None:
    """No number from one, and copper for the other: a lead or a relay is open, and both relays are named."""
    with pytest.raises(InstrumentError, match=r"mainframe 1, channel 211 or mainframe 1, channel 321, is open"):
        conduction(NOMINAL, joined=True, meter=meter)


def test_a_wire_that_is_drawn_beyond_the_range_is_the_multimeters() -> None:
    """Nobody expects the micro-ohmmeter to read it."""
    assert 0 <= conduction(1.4, joined=True, expected=1.4).value < 2.0


def test_wires_share_what_their_path_was_measured_to_be() -> None:
    """A wire alone has all of it; wires of unknown gauge have their parts by length; a drawn path tells nothing new."""
    cable = replace(
        CABLE,
        joints=["S1", "S2"],
        wires=[
            Span("W1", ["J1.1", "J2.1"]),
            Span("W2", ["J1.2", "S1"], length=1.5),
            Span("W3", ["S1", "J2.2"], length=0.5),
            Span("W4", ["J1.3", "S2"]),
            Span("W5", ["S2", "J2.3"]),
        ],
        pairs={},
        gauge=None,
    )
    known = replace(cable, wires=[replace(each, gauge="24 AWG") for each in cable.wires])
    for drawing, expected in ((cable, {"W1", "W2", "W3", "W4", "W5"}), (known, {"W1"})):
        panel = quick(as_drawn(drawing), drawing)
        for path in drawing.netlist.paths:
            panel.share_out(path, 0.4)
        assert expected == set(panel.measured)
        assert pytest.approx(0.4) == panel.measured["W1"]
    assert pytest.approx(0.3) == panel.measured.get("W2", 0.3)


def test_partners_are_found_by_halving() -> None:
    """All of them, and the fewer questions the fewer partners there are."""

    async def main(joined: list[set[str]], pin: str, others: list[str]) -> tuple[list[str], int]:
        copper = Copper([*joined])
        return await quick(copper).partners(pin, others), len(copper.asked)

    others = [f"J2.{n}" for n in range(1, 9)]
    assert ([], 1) == run(main([], "J1.1", others))
    found, asked = run(main([{"J1.1", "J2.6"}], "J1.1", others))
    assert (["J2.6"], True) == (found, asked <= 1 + 2 * 3)
    found, _ = run(main([{"J1.1", "J2.2", "J2.3", "J2.8"}], "J1.1", others))
    assert ["J2.2", "J2.3", "J2.8"] == found
    assert ([], 0) == run(main([], "J1.1", []))


@given(st.sets(st.sampled_from([f"J2.{n}" for n in range(1, 9)])))
def test_all_partners_and_no_others(joined: set[str]) -> None:
    """Whichever they are."""
    others = [f"J2.{n}" for n in range(1, 9)]
    copper = Copper([{"J1.1", *joined}])
    assert sorted(joined) == run(quick(copper).partners("J1.1", others))


def test_a_connector_through_which_nothing_conducts_is_not_plugged_in() -> None:
    """One wire that conducts is enough to know that it is."""
    assert [] == run(quick().unmated())
    assert ["J1", "J2"] == run(quick(Copper()).unmated())
    assert [] == run(quick(Copper([{"J1.3", "J2.3"}])).unmated())
    one = replace(CABLE, wires=[Span("W1", ["J1.1", "J2.1"])], pairs={})
    assert [] == run(quick(Copper(), one).unmated())  # one wire alone may simply be broken


def test_the_jigs_own_capacitance_is_taken_off() -> None:
    """As many points as are closed; without a model for it there is no reading."""

    async def main() -> tuple[Reading | None, Reading | None]:
        copper = Copper(farads={frozenset(("J1.1", "J1.2")): 100e-12})
        panel = quick(copper)
        before = await panel.capacitance(["J1.1"], ["J1.2"])
        await panel.find_stray()
        return before, await panel.capacitance(["J1.1"], ["J1.2"])

    before, read = run(main())
    assert before is None
    assert read is not None
    assert pytest.approx(100e-12, abs=1e-15) == read.value


def test_a_mainframe_without_capacitance_says_so_when_pairs_need_it() -> None:
    """No stray, no reading, and for a twisted pair no verdict."""
    copper = as_drawn()
    copper.no_farads = True
    panel = quick(copper)
    run(panel.find_stray())
    assert (None, None) == (panel.stray, run(panel.capacitance(["J1.1"], ["J1.2"])))
    with pytest.raises(Unsupported, match="measures no capacitance"):
        run(panel.pair_capacitance("W1", "W2"))


def test_what_conducts_has_no_capacitance_unless_it_is_known_to_touch() -> None:
    """An overload is no number; between wires that the isolation step has found together it is 'at least' a great deal."""
    copper = as_drawn()
    copper.leaks = {frozenset(("J1.1", "J1.2")): 5e4}
    panel = quick(copper)
    panel.stray = Stray(180e-12, 1e-12, 2.5e-11)
    assert State.OVER_RANGE is run(panel.pair_capacitance("W1", "W2")).state
    net = CABLE.netlist.net_with
    panel.clusters.join(net["W2"], net["W7"])
    panel.clusters.join(net["W7"], net["W1"])
    read = run(panel.pair_capacitance("W1", "W2"))
    assert (State.AT_LEAST, TOP_FARADS) == (read.state, read.value)
    assert (True, False) == (panel.touch("W1", "W7"), panel.touch("W1", "W3"))


def farads(*pairs: str) -> dict[frozenset[str], float]:
    """A hundred picofarads between wires, written `1-4`; 25 between any others."""
    found = {frozenset((f"J1.{a}", f"J1.{b}")): 25e-12 for a in range(1, 9) for b in range(1, a)}
    return found | {frozenset(f"J1.{n}" for n in pair.split("-")): 100e-12 for pair in pairs}


@pytest.mark.parametrize(
    ("twins", "leak", "expected"),
    [
        (("1-4", "3-2", "5-6"), None, ["TP1+TP2"]),
        (("1-6", "3-4", "5-2"), None, ["TP1+TP3"]),
        (("3-4", "5-6"), None, ["TP1"]),
        (("3-4", "5-6"), ("J1.1", "J1.4"), ["TP1"]),
    ],
    ids=["exchanged", "exchanged with the third", "not twisted at all", "a touch is no twin"],
)
def test_split_pairs_are_told_by_whom_each_wire_is_twisted_with(
    twins: tuple[str, ...], leak: tuple[str, str] | None, expected: list[str]
) -> None:
    """One finding for two pairs whose second wires are exchanged."""

    async def main() -> list[str]:
        copper = as_drawn()
        copper.farads = farads(*twins)
        panel = quick(copper)
        panel.stray = Stray(180e-12, 1e-12, 2.5e-11)
        if leak:
            copper.leaks = {frozenset(leak): 5e4}
        netlist = panel.netlist
        bad = [name for name, (a, b) in netlist.pairs.items() if (await panel.pair_capacitance(a, b)).value < 60e-12]
        if leak:
            panel.clusters.join(*(netlist.net_of[pin] for pin in leak))
        return [each.where for each in await split_pairs(panel, bad)]

    assert expected == run(main())


def test_the_bar_and_the_parts_of_the_jig() -> None:
    """The shorting bar by four wires, and every part across the rows that are asked for."""
    copper = as_drawn()
    copper.ohms[frozenset(["bar"])] = 0.0002
    panel = quick(copper)
    assert 0.0002 == run(panel.bar()).value
    assert LEADS == run(panel.two_wire(panel.crossbar.part(WIRING.bar, HIGH, LOW))).value


def test_the_least_number_of_states() -> None:
    """One for each path and pair, and the binary digits that tell nets and points apart."""
    assert [0, 0, 1, 2, 2, 3, 10] == [bits(count) for count in (0, 1, 2, 3, 4, 5, 1000)]
    assert 8 + 3 + 3 + 4 == least_states(CABLE.netlist)
    empty = replace(CABLE, connectors={"J1": Connector(1)}, wires=[], pairs={})
    assert 0 == least_states(empty.netlist)
