"""The picture of a cable: everything that is drawn is where it can be seen, and what is bad stands out."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.report.blame import bad_wires, faults_of, health_of
from station.report.callouts import callouts_of
from station.report.colors import insulation
from station.report.curves import Curve, between
from station.report.drawing import Drawing, DrawnConnector, DrawnPin, DrawnWire, drawing_of
from station.report.marks import mark_of
from station.report.picture import picture_of
from station.report.placed import Placed
from station.report.plan import plan_of
from station.report.routes import routes_of
from station.report.sketching import sketch_of
from station.report.stacking import spread
from station.report.twist import twisted
from tests.station.report_cases import backplane, case, finding, harness, measured, record_of, step, whip

OPEN = finding("open", "W3", "W3 is open 1.3 m from J1", "W3")


def paths(drawing: Drawing, findings: list[dict[str, object]], kind: str) -> list[str]:
    """The titles of the drawn wires of a class."""
    inside = picture_of(drawing, faults_of(findings, drawing)).inside
    return re.findall(rf'<path class="{kind}" d="[^"]*"><title>([^<]*)</title>', inside)


def test_drawing_holds_what_the_product_says() -> None:
    """Wires with their colours, pairs, kinds and lengths; pins with their labels; joints."""
    drawing = drawing_of(harness())
    wires = {wire.name: wire for wire in drawing.wires}
    assert ("blue", "P1", 3.2) == (wires["W17"].color, wires["W17"].pair, wires["W17"].length)
    assert "shield" == wires["SH1"].kind
    assert ("S1", "S2", "S3") == drawing.joints
    assert ["J1", "J2", "J3", "J4"] == [each.name for each in drawing.connectors]
    assert DrawnPin("J2.8", "8", "PE") == drawing_of(whip()).connectors[1].pins[7]


def test_good_cable_shows_every_wire_quietly() -> None:
    """Nothing is marked where nothing is bad."""
    drawing = drawing_of(whip())
    assert [wire.name for wire in drawing.wires] == [each.split(":")[0] for each in paths(drawing, [], "wire")]
    inside = picture_of(drawing, ()).inside
    assert [] == re.findall(r'class="(?:bad|call|badge|hit)', inside)


def test_bad_wire_is_red_broken_and_called_out() -> None:
    """An open is a gap at the distance that the finding gives, with the finding's number."""
    drawing = drawing_of(whip())
    assert ["W3: J1.3 to J2.3 BK"] == paths(drawing, [OPEN], "bad")
    assert 7 == len(paths(drawing, [OPEN], "wire"))
    faults = faults_of([OPEN], drawing)
    sketch = sketch_of(drawing, faults)
    plan = plan_of(sketch)
    runs = list(routes_of(plan, sketch.strands).items())
    mark = mark_of(faults[0], plan, runs)
    curve = next(curve for strand, curve in runs if strand.wires[0].name == "W3")
    assert mark.anchor == curve.at(1.3 / 2.5)
    assert 'class="gap"' in mark.over
    assert ["W3"] == [each.text for each in callouts_of([mark], plan.boxes.values())]


@pytest.mark.parametrize(
    ("cause", "where", "text", "marks", "expected"),
    [
        (
            "swap",
            "W1+W2",
            "W1 and W2 are swapped at J2 (J2 pin 1 and J2 pin 2)",
            ("W1", "W2"),
            {"J1.1-J2.2", "J1.2-J2.1"},
        ),
        (
            "miswire",
            "W1+W2+W4",
            "3 wires have changed places at J2: W1 is at J2 pin 2, W2 is at J2 pin 4, W4 is at J2 pin 1",
            ("W1", "W2", "W4"),
            {"J1.1-J2.2", "J1.2-J2.4", "J1.4-J2.1"},
        ),
        ("miswire", "W1+J2.5", "W1 is at J2 pin 5 and belongs at J2 pin 1", ("W1", "J2.5"), {"J1.1-J2.5"}),
        (
            "swap-pair",
            "A+B",
            "pairs A and B are swapped at J2 (J2 pin 1, ...)",
            ("W1", "W2", "W3", "W4"),
            {"J1.1-J2.3", "J1.2-J2.4", "J1.3-J2.1", "J1.4-J2.2"},
        ),
        ("reversed", "J2", "J2 is reversed", ("J2",), {f"J1.{pin}-J2.{9 - pin}" for pin in range(1, 9)}),
    ],
)
def test_wires_that_changed_places_are_drawn_as_they_are(
    cause: str, where: str, text: str, marks: tuple[str, ...], expected: set[str]
) -> None:
    """The picture shows what is really joined, in red, and what should be, dotted."""
    drawing = drawing_of(whip())
    (fault,) = faults_of([finding(cause, where, text, *marks)], drawing)
    sketch = sketch_of(drawing, [fault])
    plan = plan_of(sketch)
    mark = mark_of(fault, plan, list(routes_of(plan, sketch.strands).items()))
    rows = {y: key for key, y in plan.rows.items() if key.startswith("J1")}
    ends = {y: key for key, y in plan.rows.items() if key.startswith("J2")}
    drawn = re.findall(r'class="bad" d="M\S+ (\S+)C\S+ \S+ \S+ \S+ \S+ (\S+)"', mark.over)
    assert expected == {f"{rows[float(start)]}-{ends[float(end)]}" for start, end in drawn}
    assert len(expected) == len(mark.replaced)


def test_short_is_a_bridge_between_its_wires() -> None:
    """A touch is drawn from wire to wire."""
    drawing = drawing_of(whip())
    inside = picture_of(drawing, faults_of([finding("short", "W2+W4", "W2 and W4 touch", "W2", "W4")], drawing)).inside
    assert 2 == inside.count('class="spot"')


@pytest.mark.parametrize(
    "each",
    [
        finding("high-resistance", "W3", "W3 has a bad crimp", "W3"),
        finding("extra-jumper", "J4.3+J4.4", "J4 pin 3 and J4 pin 4 are joined", "J4.3", "J4.4"),
        finding("missing-jumper", "W37", "jumper W37 is missing", "W37"),
        finding("shield-open", "SH1", "shield SH1 is open", "SH1"),
        finding("open", "W33", "W33 is open between splice S1 and splice S2", "W33"),
        finding("unmated", "J2", "J2 is not plugged in", "J2"),
        finding("odd", "S1", "something is odd at splice S1", "S1"),
        finding("odd", "J2.3", "something is odd at J2 pin 3", "J2.3"),
    ],
    ids=lambda each: each["cause"] + ":" + each["where"],
)
def test_every_kind_of_finding_has_a_place_in_the_picture(each: dict[str, object]) -> None:
    """Wires, pins, joints and connectors can all be pointed at."""
    drawing = drawing_of(harness())
    inside = picture_of(drawing, faults_of([each], drawing)).inside
    assert 1 == inside.count('class="badge"')
    assert re.search(r'class="(?:bad|box hit|hit-row|shield hit)', inside)


def test_marks_that_the_drawing_does_not_have_are_left_to_the_text() -> None:
    """An old record with a newer product is still drawn."""
    drawing = drawing_of(whip())
    assert 0 == picture_of(drawing, faults_of([finding("open", "W99", "W99 is open", "W99")], drawing)).inside.count(
        "badge"
    )


def test_a_thousand_wires_are_gathered_into_ribbons() -> None:
    """One band for two connectors with its number; only what is bad, and its neighbours, is drawn singly."""
    drawing = drawing_of(backplane())
    findings = [finding("open", "W345", "W345 is open", "W345", "B3.45")]
    sketch = sketch_of(drawing, faults_of(findings, drawing))
    ribbons = [strand for strand in sketch.strands if strand.is_ribbon]
    assert ["W344", "W345", "W346"] == [s.wires[0].name for s in sketch.strands if not s.is_ribbon]
    assert 10 == len(ribbons)
    assert 997 == sum(len(ribbon.wires) for ribbon in ribbons)
    assert len(picture_of(drawing, faults_of(findings, drawing)).inside) < 30_000


def test_bad_wires_are_never_hidden_among_good_ones() -> None:
    """A hundred bad wires share a ribbon of their own, in red, with their number."""
    drawing = drawing_of(backplane())
    findings = [finding("reversed", "B3", "B3 is reversed", "B3")]
    faults = faults_of(findings, drawing)
    sketch = sketch_of(drawing, faults)
    bad = bad_wires(faults, drawing)
    assert 100 == len(bad)
    for strand in sketch.strands:
        assert 1 == len({wire.name in bad for wire in strand.wires})
        assert bool(strand.fault) == (strand.wires[0].name in bad)
    assert ["100 bad"] == [strand.label for strand in sketch.strands if strand.fault]


def test_health_counts_only_what_was_proven() -> None:
    """A wire that nothing measured is not good; a path proves all its wires; a finding outweighs a passed reading."""
    drawing = drawing_of(whip())
    readings = [measured("conduction", point, 0.05, None, 0.1) for point in ("W1+W2", "W3", "W4")]
    record = record_of([step("conducts", readings)], verdict="FAILED", findings=[OPEN])
    health = health_of(record, faults_of([OPEN], drawing), drawing)
    assert (8, 3, 1, 4) == (health.total, health.good, health.bad, health.unjudged)
    doubted = [*readings, measured("leakage", "W4", 0.5, None, 0.1)]
    health = health_of(record_of([step("conducts", doubted)], verdict="FAILED"), (), drawing)
    assert (3, 0) == (health.good, health.bad)


def overlap(one: Placed, other: Placed) -> bool:
    """Whether two boxes lie on each other."""
    return (
        one.x < other.edge(1)
        and other.x < one.edge(1)
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Any wiring of up to six connectors and five joints, sensible or not."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=6))
    connectors = tuple(
        DrawnConnector(f"J{at}", "", tuple(DrawnPin(f"J{at}.{pin}", f"{pin}") for pin in range(size)))
        for at, size in enumerate(sizes)
    )
    places = [pin.place for each in connectors for pin in each.pins] + [f"S{at}" for at in range(5)]
    ends = draw(st.lists(st.tuples(st.sampled_from(places), st.sampled_from(places)), max_size=120))
    kinds = st.sampled_from(["wire", "shield", "mate"])
    pairs = st.sampled_from(["", "A", "B"])
    wires = tuple(
        DrawnWire(f"W{at}", a, b, draw(kinds), "RD", draw(pairs), 1.0) for at, (a, b) in enumerate(ends) if a != b
    )
    return Drawing(connectors, wires)


@settings(max_examples=60, deadline=None)
@given(drawings(), st.data())
def test_any_cable_can_be_drawn(drawing: Drawing, data: st.DataObject) -> None:
    """No box lies on another, everything is on the sheet, every wire is in exactly one strand, and it is repeatable."""
    names = [wire.name for wire in drawing.wires] or ["W0"]
    marks = data.draw(st.lists(st.sampled_from(names), max_size=4))
    cause = data.draw(st.sampled_from(["open", "short", "swap", "miswire", "high-resistance", "reversed", "odd"]))
    faults = faults_of([finding(cause, "+".join(marks), "odd at J0, 0.5 m from J0", *marks, "J0")], drawing)
    sketch = sketch_of(drawing, faults)
    plan = plan_of(sketch)
    boxes = list(plan.boxes.values())
    assert len(drawing.connectors) == len(boxes)
    assert not any(overlap(one, other) for at, one in enumerate(boxes) for other in boxes[:at])
    for each in boxes:
        assert 0 <= each.x <= each.edge(1) <= plan.width
        assert 0 <= each.y <= each.y + each.height <= plan.height
    for x, y in plan.joints.values():
        assert 0 <= x <= plan.width
        assert 0 <= y <= plan.height
    single = [wire.name for strand in sketch.strands if not strand.is_ribbon for wire in strand.wires]
    gathered = {wire.name for strand in sketch.strands if strand.is_ribbon for wire in strand.wires}
    assert len(set(single)) == len(single)
    assert not set(single) & gathered
    assert picture_of(drawing, faults) == picture_of(drawing, faults)
    assert "nan" not in picture_of(drawing, faults).inside


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(1, 50)), max_size=12))
def test_things_that_are_spread_do_not_overlap(things: list[tuple[float, float]]) -> None:
    """What wants the same place is moved just apart; what is free stays."""
    wishes, sizes = [wish for wish, _ in things], [size for _, size in things]
    starts = spread(wishes, sizes, 4.0)
    placed = sorted(zip(starts, sizes, strict=True))
    for (start, size), (following, _) in pairwise(placed):
        assert start + size + 4.0 <= following + 1e-6
    if len(things) == 1:
        assert wishes == starts


def test_callouts_do_not_cover_each_other() -> None:
    """Findings side by side keep their numbers readable."""
    drawing, record = (
        case(whip())[2],
        record_of(findings=[finding("open", f"W{n}", f"W{n} is open", f"W{n}") for n in range(1, 9)]),
    )
    faults = faults_of(record["findings"], drawing)
    sketch = sketch_of(drawing, faults)
    plan = plan_of(sketch)
    runs = list(routes_of(plan, sketch.strands).items())
    labels = callouts_of([mark_of(fault, plan, runs) for fault in faults], plan.boxes.values())
    assert 8 == len(labels)
    for at, one in enumerate(labels):
        for other in labels[:at]:
            assert abs(one.top - other.top) >= 19 or one.left >= other.right or other.left >= one.right


def test_pair_is_wound_from_pin_to_pin() -> None:
    """Both wires keep their own pins, and cross each other between them, however the far ends lie."""
    straight = Curve((0, 0), (100, 0), (200, 0), (300, 0)), Curve((0, 20), (100, 20), (200, 20), (300, 20))
    crossed = between((0, 0), 1, (300, 60), -1), between((0, 20), 1, (300, 40), -1)
    for one, two in (straight, crossed):
        first, second = twisted(one, two)
        assert first.startswith(f"M0 {one.a[1]:g}C")
        assert first.endswith(f"{one.d[0]:g} {one.d[1]:g}")
        assert second.endswith(f"{two.d[0]:g} {two.d[1]:g}")
        assert first.count("C") == second.count("C") > 8


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("RD", ("#cf2a27",)),
        ("WHBU", ("#fbfbfb", "#2563c9")),
        ("white/blue", ("#fbfbfb", "#2563c9")),
        ("Grey", ("#8a9099",)),
        ("#A1B2C3", ("#a1b2c3",)),
        ("", ()),
        ("plaid", ()),
        ("RD/WH/BU", ()),
        ('red"/><script>', ()),
    ],
)
def test_insulation_is_a_known_colour_or_none(color: str, expected: tuple[str, ...]) -> None:
    """A colour in a product file is never copied into the picture as it stands."""
    assert expected == insulation(color)
