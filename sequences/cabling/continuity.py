"""The continuity test of cables and harnesses: first the fixture proves itself, then the unit is proven."""

from dataclasses import replace

from drivers.errors import InstrumentError
from drivers.roles import Operator
from sequences.cabling.claims import CATCHES
from sequences.cabling.crossbar import HIGH, LOW
from sequences.cabling.lengths import extra_metres
from sequences.cabling.mapping import diagnose
from sequences.cabling.netlist import Path
from sequences.cabling.pairs import split_pairs
from sequences.cabling.panel import JOINED, OVERFLOW, TOP_RANGE, CablePanel
from sequences.cabling.quantities import (
    AMBIENT,
    CONDUCTION,
    EMPTY,
    IDENTITY,
    ISOLATION,
    LEADS,
    LEADS_AFTER,
    PAIR_CAPACITANCE,
    REFERENCE,
    REFERENCE_AFTER,
    SHIELD,
    ZERO,
    ZERO_AFTER,
)
from sequences.cabling.resistances import CONTACTS, Odd, explain, whole_cable
from sequences.cabling.touching import across, halves, locate, touching
from sequences.cabling.trust import known, must_move, must_tell_apart
from sequences.finding import Finding
from sequences.measurement import Point
from sequences.sequence import Group, Sequence
from sequences.step import Retry, step
from sequences.take import Take
from sequences.uut import Uut
from sequences.verdict import Verdict

LOOKED_AT = 16
"""The most paths of which the length is measured as well."""
CONTINUE = "CONTINUE"
"""The card that an operator scans where the unit has no label to scan."""


@step(timeout=20)
async def the_matrix_has_its_cards(panel: CablePanel) -> None:
    """The mainframes hold the cards that the jig's wiring counts on, in their slots; every relay is open."""
    for number, (matrix, wanted) in enumerate(zip(panel.matrix, panel.wiring.cards, strict=True), start=1):
        found = await matrix.cards()
        if found != wanted:
            raise InstrumentError(
                f"mainframe {number}", f"has cards {', '.join(found)}; the jig needs {', '.join(wanted)}"
            )
    await panel.crossbar.clear()


@step(IDENTITY, AMBIENT, timeout=20, retry=Retry(2))
async def this_is_the_right_jig(panel: CablePanel, take: Take) -> None:
    """The jig's identity resistor has its value, and the sensor at the jig says a plausible temperature."""
    take(IDENTITY.whole, await panel.two_wire(panel.crossbar.part(panel.wiring.identity.points, HIGH, LOW)))
    panel.celsius = await panel.multimeter.temperature(panel.wiring.ambient_channel)
    take(AMBIENT.whole, panel.celsius)


@step(ZERO, LEADS, REFERENCE, timeout=20)
async def the_shorting_bar_reads_zero(panel: CablePanel, take: Take) -> None:
    """Both meters read the bar as they should, so their leads are whole; and the reference resistor is there."""
    take(ZERO.whole, await panel.bar())
    leads = await panel.leads()
    take(LEADS.whole, leads)
    panel.path = leads.value
    panel.reference = await panel.reference_alone()
    take(REFERENCE.whole, panel.reference)


@step(EMPTY, timeout=60, needs=(the_shorting_bar_reads_zero,))
async def the_empty_jig_isolates(panel: CablePanel, take: Take) -> None:
    """Nothing on the empty jig conducts: no relay sticks, nothing leaks, and no unit was forgotten on it."""
    pins = panel.netlist.pins
    row3 = {panel.crossbar.spot(pin, HIGH) for pin in pins}
    row4 = {panel.crossbar.spot(pin, LOW) for pin in pins}
    for name, wanted in (
        ("row4", row3),
        ("row3", row4),
        ("row1", row3 | panel.crossbar.part(panel.wiring.bar, 1, LOW)),
        ("row2", row3 | panel.crossbar.part(panel.wiring.bar, 2, LOW)),
    ):
        take(EMPTY.of(name), await panel.beyond_reference(wanted))
    for bit, name in enumerate(EMPTY.points(panel.structure)[4:]):
        high = [pin for at, pin in enumerate(pins) if at >> bit & 1]
        low = [pin for at, pin in enumerate(pins) if not at >> bit & 1]
        take(EMPTY.of(name), await panel.between(high, low))
    await panel.find_stray()


@step(timeout=900)
async def the_operator_connects_the_unit(operator: Operator, uut: Uut) -> None:
    """Somebody plugs the unit in and scans its label, or the CONTINUE card where it has none."""
    said = await operator.answer(f"Connect {uut.part_number} {uut.serial}, then scan its label or the {CONTINUE} card")
    if said not in {uut.serial, CONTINUE}:
        raise InstrumentError("the scanner", f"scanned {said!r}; this run is for {uut.serial}")


@step(timeout=30)
async def the_unit_is_mated(panel: CablePanel) -> None:
    """Something conducts through every connector; one through which nothing does is not plugged in."""
    if missing := await panel.unmated():
        raise InstrumentError("the unit", f"is not plugged in at {', '.join(missing)}: nothing conducts there")


@step(CONDUCTION, timeout=1800)
async def every_conductor_conducts(panel: CablePanel, take: Take) -> None:
    """Each wire has the resistance of its gauge and length at 20 degrees, from pin to pin."""
    await _prove(panel, take, [path for path in panel.netlist.paths if not path.shield], shield=False)


@step(SHIELD, timeout=300)
async def every_shield_conducts(panel: CablePanel, take: Take) -> None:
    """Each shield conducts from end to end."""
    await _prove(panel, take, [path for path in panel.netlist.paths if path.shield], shield=True)


@step(ISOLATION, timeout=1800)
async def no_two_nets_touch(panel: CablePanel, take: Take) -> None:
    """All nets at once, split in halves as often as it takes to tell each from each other; a bad half is split further."""
    every, points = range(len(panel.netlist.nets)), [ISOLATION.of(name) for name in ISOLATION.points(panel.structure)]
    for pair in panel.crossed:
        panel.clusters.join(*pair)
    news = moves = False
    for bit, point in enumerate(points):
        if take(point, await across(panel, *halves(every, bit))) is Verdict.FAILED:
            if not moves:
                await must_move(panel)
                moves = True
            news |= await _find_touches(panel, take, bit, point)
    while news:  # a cluster has grown: what was on one side with a part of it is on the other now
        news = any([await _find_touches(panel, take, bit, point) for bit, point in enumerate(points)])


@step(PAIR_CAPACITANCE, timeout=300)
async def twisted_pairs_are_pairs(panel: CablePanel, take: Take) -> None:
    """The two wires of each pair lie twisted together: their capacitance says so, which direct current cannot."""
    bad: list[str] = []
    for name, (first, second) in panel.netlist.pairs.items():
        read = await panel.pair_capacitance(first, second)
        if take(PAIR_CAPACITANCE.of(name), read) is Verdict.FAILED:
            bad.append(name)
    if bad:
        await _still_mated(panel)
        await must_move(panel)
    pairs = {name: pair for name, pair in panel.netlist.pairs.items() if name in bad and not panel.touch(*pair)}
    unexplained = [name for name, pair in pairs.items() if panel.explained.isdisjoint(pair)]
    for finding in await split_pairs(panel, unexplained):
        take.found(finding)


@step(ZERO_AFTER, LEADS_AFTER, REFERENCE_AFTER, timeout=20)
async def the_meters_are_still_true(panel: CablePanel, take: Take) -> None:
    """The bar and the reference resistor read as they did before: a meter that repeats its last answer cannot say both."""
    parts = await known(panel)
    take(ZERO_AFTER.whole, parts.bar)
    take(LEADS_AFTER.whole, parts.leads)
    take(REFERENCE_AFTER.whole, parts.reference)
    must_tell_apart(panel.last, parts)


@step(timeout=30)
async def the_unit_is_still_mated(panel: CablePanel) -> None:
    """The unit was there to the end: what is unplugged isolates very well."""
    await _still_mated(panel)


@step(timeout=20)
async def the_panel_opens(panel: CablePanel) -> None:
    """Every relay is open when the unit is taken off."""
    await panel.crossbar.clear()


async def _find_touches(panel: CablePanel, take: Take, bit: int, point: Point) -> bool:
    """Locate what touches across the halves of one bit and is not known yet; whether there was anything."""
    left, right = halves(range(len(panel.netlist.nets)), bit, panel.clusters)
    touches = await touching(panel, left, right, take.limit(point))
    new = [touch for touch in touches if panel.clusters.join(*touch.nets)]
    for touch in new:
        take.found(await locate(panel, touch))
    return bool(new)


async def _prove(panel: CablePanel, take: Take, paths: list[Path], *, shield: bool) -> None:
    """Measure paths, then find out why those that are not as drawn are not."""
    netlist, quantity = panel.netlist, SHIELD if shield else CONDUCTION
    opens, odd, good, seen = list[Odd](), list[Odd](), list[Path](), dict[str, tuple[float, float]]()
    for path in paths:
        expected = netlist.nominal(path)
        read = panel.to_20_degrees(await panel.conduction(path.a, path.b, expected))
        verdict = take(quantity.of(path.name), read)
        if read.value >= JOINED:
            opens.append(Odd(path, read.value, expected))
            continue
        if read.value < OVERFLOW * TOP_RANGE:
            panel.share_out(path, read.value - CONTACTS)
        if expected:
            seen[path.name] = read.value, expected
        if verdict is Verdict.FAILED:
            odd.append(Odd(path, read.value, expected))
        else:
            good.append(path)
    if opens:
        await _still_mated(panel)
    if opens or odd:
        await must_move(panel)
    findings = await _why_open(panel, opens)
    named = {mark for finding in findings for mark in finding.marks} | panel.explained
    odd += [each for each in opens if named.isdisjoint(each.path.wires)]
    if whole := whole_cable(odd, seen):
        findings.append(whole)
        panel.explained.update(whole.marks)
    odd = [each for each in odd if not panel.explained.issuperset(each.path.wires)]
    measured = [replace(each, extra=await extra_metres(panel, each.path, good)) for each in odd[:LOOKED_AT]]
    findings += explain(netlist, [*measured, *odd[LOOKED_AT:]], {name for path in good for name in path.wires})
    for finding in findings:
        take.found(finding)
        panel.explained.update(finding.marks)


async def _why_open(panel: CablePanel, opens: list[Odd]) -> list[Finding]:
    """Findings for paths that do not conduct."""
    paths = [each.path for each in opens if not panel.explained.issuperset(each.path.wires)]
    if not paths:
        return []
    open_nets = {panel.netlist.net_of[path.a] for path in paths}
    return await diagnose(panel, [net for at, net in enumerate(panel.netlist.nets) if at in open_nets])


async def _still_mated(panel: CablePanel) -> None:
    """Raise InstrumentError when the unit has been taken off: what is unplugged is no bad unit."""
    if missing := await panel.unmated():
        raise InstrumentError("the unit", f"came off at {', '.join(missing)} during the test")


CABLE_CONTINUITY = Sequence(
    "cable-continuity",
    "Continuity, isolation, pairs and shields of a cable",
    CablePanel,
    Group(
        "cable-continuity",
        setup=(
            the_matrix_has_its_cards,
            this_is_the_right_jig,
            the_shorting_bar_reads_zero,
            the_empty_jig_isolates,
            the_operator_connects_the_unit,
            the_unit_is_mated,
        ),
        main=(
            every_conductor_conducts,
            every_shield_conducts,
            no_two_nets_touch,
            twisted_pairs_are_pairs,
            the_unit_is_still_mated,
            the_meters_are_still_true,
        ),
        cleanup=(the_panel_opens,),
    ),
    catches=CATCHES,
)
