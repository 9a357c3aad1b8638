"""Good units that differ: they pass, they are inside every limit, and their records say who they are."""

import math
from dataclasses import replace

import pytest

from sequences.cabling.cable import Cable
from sim.cable.spec import CableSlot
from sim.cooling.spec import LoopSlot, ManifoldSlot
from sim.population import Member
from sim.power.converter import DROOP, LOSS
from sim.power.distribution import WARMING
from sim.power.spec import PduSlot, PsuSlot
from station.config.limits import resolve_limits
from station.orders import Request
from station.record import SCHEMA
from station.service import Simulated
from station.simulated.world import MAKERS
from station.trial import Trials
from tests.station.lines import HARNESS, WHIP, ordered

PDU, PSU, MANIFOLD, LOOP = "PDU-3P-24", "ORV3-PSU-3K", "MANIFOLD-8", "RPU-LOOP"


def member(product: str, number: int = 1) -> Member:
    """The member of a product's population."""
    order = ordered(product)
    made = MAKERS[order.product.family.name](order, "", number).slot
    assert isinstance(made, CableSlot | ManifoldSlot | LoopSlot | PduSlot | PsuSlot)
    return made.unit.member


@pytest.mark.parametrize(
    ("product", "quantities"),
    [
        (WHIP, {"length", "ohms", "contact"}),
        (HARNESS, {"length", "ohms", "contact", "farads"}),
        (PDU, {"ct", "volts", "phase", "contact", "earth", "farads", "insulation"}),
        (PSU, {"volts", "losses", "gain", "rpm", "bulk", "earth", "insulation"}),
        (MANIFOLD, {"volume", "branch", "leak"}),
        (LOOP, {"head", "speed", "watts", "loop", "flow", "zero", "thermometer"}),
    ],
)
def test_the_limits_of_a_product_give_its_ranges(product: str, quantities: set[str]) -> None:
    """Each range is one: finite, and its least below its most. The unit as drawn has none."""
    ranges = member(product).ranges
    assert quantities == {name.partition(" ")[0] for name in ranges}
    assert all(math.isfinite(low) and math.isfinite(high) and low < high for low, high in ranges.values())
    assert not member(product, 0).ranges


@pytest.mark.parametrize("product", [WHIP, HARNESS, PDU, PSU, MANIFOLD, LOOP])
def test_where_no_limit_says_anything_a_unit_varies_as_usual(product: str) -> None:
    """A product without limits gives no range, and one with a part of them only finite ones."""
    order = ordered(product)
    maker = MAKERS[order.product.family.name]
    for names in (set[str](), *({each} for each in order.product.limits)):
        limits = {name: each for name, each in order.product.limits.items() if name in names}
        made = maker(replace(order, product=replace(order.product, limits=limits)), "", 1).slot
        assert isinstance(made, CableSlot | ManifoldSlot | LoopSlot | PduSlot | PsuSlot)
        ranges = made.unit.member.ranges
        assert all(math.isfinite(low) and math.isfinite(high) and low < high for low, high in ranges.values())
        assert names or not ranges


def test_the_worst_good_wire_is_inside_its_limit() -> None:
    """Copper, splices and contacts at the ends of their ranges, all at once: no path of the harness leaves its limits."""
    order, ranges = ordered(HARNESS), member(HARNESS).ranges
    made = MAKERS["cabling"](order, "", 1).slot
    assert isinstance(made, CableSlot)
    strands = {each.name: each for each in made.unit.strands}
    assert isinstance(order.product.structure, Cable)
    netlist = order.product.structure.netlist
    checked = 0
    for point, limit in order.limits.items():
        if point.measurement.name != "conduction" or (path := netlist.path.get(point.where)) is None:
            continue
        for end, bound in ((0, limit.low), (1, limit.high)):
            copper = sum(
                strands[name].length
                * strands[name].ohms_per_metre
                * ranges[f"length {name}"][end]
                * ranges[f"ohms {name}"][end]
                for name in path.wires
            )
            contacts = sum(0.002 * ranges[f"contact {pin}"][end] for pin in (path.a, path.b))
            splices = 0.0005 * (len(path.wires) - 1) * 2 if len(path.wires) > 1 else 0.0
            assert bound is not None
            assert (copper + contacts + splices - bound) * (1 if end else -1) <= 1e-9
            checked += 1
    assert checked > 100


def test_the_worst_good_meter_is_inside_its_limits() -> None:
    """Gains of volts and amperes, the drop at the worst contact, and the phase at a power factor of 0.5, all at once."""
    ranges, limits = member(PDU).ranges, limits_of(PDU)
    gain = ranges["ct"][1] * ranges["volts"][1] - 1.0
    drop = ranges["contact"][1] * 9.6 / 230.0
    turned = math.tan(math.acos(0.5)) * math.radians(ranges["phase"][1])
    assert 100.0 * (gain + drop) < limits["metering_error"]
    assert 100.0 * (ranges["volts"][1] - 1.0 + drop) < limits["metering_volts_error"]
    assert 100.0 * (gain + drop + turned) < limits["metering_error_half"]
    assert ranges["earth"][1] < limits["bond"]
    assert 64.0 * ranges["contact"][1] * WARMING <= limits["contact_rise"]


def test_the_worst_good_supply_is_inside_its_limits() -> None:
    """Its output at each load, and the heat of what it loses."""
    ranges, limits = member(PSU).ranges, limits_of(PSU)
    for amps in (0.0, 20.0, 40.0):
        low, high = (end - DROOP * amps / 59.0 for end in ranges["volts"])
        assert limits[f"output[{amps:g}A] low"] - 1e-9 <= low < high <= limits[f"output[{amps:g}A]"] + 1e-9
    a, b, c = LOSS
    lost = a + b * 40.0 + c * 1600.0 + ranges["losses"][1] * 51.0 * 40.0
    assert lost * 0.75 < limits["air_rise"]
    assert 100.0 * 50.0 * 40.0 / (50.0 * 40.0 + lost) > limits["efficiency low"]


def test_the_worst_good_manifold_is_inside_its_limits() -> None:
    """Every leak at its most together, and one branch at the end of its range while all others are at the other one."""
    ranges, limits = member(MANIFOLD).ranges, limits_of(MANIFOLD)
    assert ranges["leak header"][1] + 8 * ranges["leak"][1] <= limits["leak"]
    widest, narrowest = (1.0 / math.sqrt(end) for end in ranges["branch"])
    assert widest / narrowest <= limits["share"] + 1e-9
    assert narrowest / widest >= limits["share low"]
    assert ranges["volume"] == pytest.approx((limits["volume low"] / 1.25, limits["volume"] / 1.25))


def test_the_worst_good_pump_is_inside_its_limits() -> None:
    """Head with the square of the speed, power with its cube."""
    ranges, limits = member(LOOP).ranges, limits_of(LOOP)
    assert ranges["head"][1] * ranges["speed"][1] ** 2 < limits["head_ratio"]
    assert ranges["watts"][1] * ranges["speed"][1] ** 3 * 130.0 * 0.8**3 < limits["pump_power[pump1]"] + 1e-6
    assert 2.0 * ranges["thermometer"][1] <= limits["isothermal[T_in]"]
    assert ranges["zero"][1] <= limits["pressure_zero[p_in]"]


def limits_of(product: str) -> dict[str, float]:
    """The upper limits of a product, by measurement and by point; the lower ones too, with `low` behind."""
    order, found = ordered(product), dict[str, float]()
    for sequence in order.product.family.sequences:
        for point, limit in resolve_limits(sequence, order.product.structure, order.product.limits)[0].items():
            for name in (str(point), point.measurement.name):
                found |= {name: limit.high} if limit.high is not None else {}
                found |= {f"{name} low": limit.low} if limit.low is not None else {}
    return found


@pytest.mark.parametrize(("product", "count"), [(WHIP, 12), (HARNESS, 3), (PSU, 2), (PDU, 1), (MANIFOLD, 1)])
def test_good_units_pass_and_differ(product: str, count: int) -> None:
    """Their records say which unit it was, and no two have measured the same."""
    with Trials(Request(product, "SN0001")) as trials:
        records = [trials.run(Simulated(1, (), number)) for number in range(1, count + 1)]
    assert {"PASSED"} == {each["verdict"] for each in records}
    assert [*range(1, count + 1)] == [each["simulated"]["unit"] for each in records]
    told = {
        tuple(one["value"] for step in record["steps"] for one in step["measurements"] if "leads" not in one["name"])
        for record in records
    }
    assert count == len(told)


def test_the_same_unit_is_the_same_whatever_tests_it() -> None:
    """Its ranges come from all that the product says, not from one sequence's part of it."""
    order = ordered(PDU)
    with Trials(Request(PDU, "SN0001", None, "pdu-burn-in")) as trials:
        other = trials.prepared.orders[0]
    made = [MAKERS["pdu"](each, "", 3).slot for each in (order, other)]
    assert made[0] == made[1]


def test_a_record_may_say_which_unit() -> None:
    """A whole number from 1 on; a unit as drawn has none, so older records stay as they are."""
    said = SCHEMA["properties"]["simulated"]["anyOf"][1]
    assert "unit" not in said["required"]
    assert 1 == said["properties"]["unit"]["minimum"]
