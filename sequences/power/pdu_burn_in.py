"""The burn-in of a rack PDU: set by set its outlets carry their load for hours, and no contact may become hot.

One load serves all: the outlets of a set are of one branch, and share it. Nothing shared is used while it soaks, so other
slots are not kept waiting, and a hot contact never waits for another slot.
"""

import asyncio

from drivers.errors import InstrumentError
from drivers.power_roles import AcSource, Load, RackPdu
from drivers.reading import Reading
from drivers.roles import InputsOutputs, Scanner
from sequences.finding import Finding
from sequences.power import claims
from sequences.power.pdu_bench import PduBench
from sequences.power.pdu_outlets import (
    SAFE,
    each_outlet_has_its_phase,
    each_outlet_obeys_its_own_command,
    the_mains_are_right,
    the_neutral_carries,
)
from sequences.power.pdu_quantities import CONTACT_RISE, COOLED, DRIFT, START_RISE, TREND, sets
from sequences.power.pdu_safety import every_outlet_is_earthed
from sequences.power.rack_pdu import outlet
from sequences.power.safety import INSULATED, READY, everything_is_off, nothing_is_charged, the_cover_may_open
from sequences.power.soaking import Soaking, hottest, trend
from sequences.power.witness import must_rest
from sequences.sequence import Group, Loop, Sequence
from sequences.soak import soak
from sequences.step import Earns, step
from sequences.take import Take
from sequences.verdict import Verdict

LONGEST = 200 * 3600.0
"""Seconds that any step here may take."""
COOLED_DOWN = Earns(warms=1800.0)
"""What contacts and meters that have become cold need to be warm again: five times the slowest of their time constants."""
SHARE = "share of outlet {}"
"""As evidence is kept of what an outlet's meter showed when it was cold."""
LEAST = 4
"""Samples that a trend needs."""


@step(START_RISE, timeout=300, needs=(*SAFE, each_outlet_has_its_phase, each_outlet_obeys_its_own_command))
async def no_contact_is_hot(soaking: Soaking, sensors: Scanner, take: Take, item: str) -> None:
    """A set's turn begins only where no contact is hot, whatever the turn before has found."""
    take(START_RISE.of(item), hottest(await soaking.rises(sensors))[1])


@step(CONTACT_RISE, timeout=LONGEST, needs=(no_contact_is_hot,), earns=COOLED_DOWN)
async def the_contacts_stay_cool(
    soaking: Soaking,
    load: Load,
    source: AcSource,
    pdu: RackPdu,
    sensors: Scanner,
    io: InputsOutputs,
    take: Take,
    item: str,
) -> None:
    """The set carries its load, and all contacts are looked at. One above the trip limit drops the load at once.

    What its meters showed cold is what they showed before any interruption: since then they were warm.
    """
    plan, outlets = soaking.structure.soak, soaking.structure.sets[item]
    highest = take.limit(CONTACT_RISE.of(item)).high
    if highest is None or highest > plan.trip:
        raise InstrumentError(
            "the product", f"drops the load at {plan.trip:g} K, within the limit of {CONTACT_RISE.name}"
        )
    before = {number: known[0] for number in outlets if (known := take.recall(SHARE.format(number)))}
    shares: dict[int, Reading] = {}
    await soaking.begin(load, pdu, outlets)
    worst = Verdict.PASSED
    number, rise = hottest(await soaking.rises(sensors))
    async for tick in soak(take, every=plan.every, lasting=soaking.turn - soaking.window):
        now = hottest(await soaking.rises(sensors))
        worst = max(worst, take.sample(CONTACT_RISE.of(item), now[1]))
        number, rise = max((number, rise), now, key=lambda each: each[1].value)
        if rise.value > plan.trip:
            await load.release()
            break
        if not await soaking.carries(load, source, sensors, io, outlets):
            await load.release()
            take.found(Finding("dropped-out", item, f"{item} stopped feeding the load", marks=tuple(item.split("+"))))
            return
        if tick.number and not shares:
            shares = await soaking.parted(load, pdu, outlets)
            soaking.cold.update(shares | before)
            for number in outlets:
                take.observe(SHARE.format(number), soaking.cold[number])
    if worst is not Verdict.PASSED:
        await load.release()
        take.found(_worn(number, rise.value, tripped=rise.value > plan.trip))


@step(TREND, timeout=LONGEST, needs=(the_contacts_stay_cool,))
async def the_contacts_settle(
    soaking: Soaking, load: Load, source: AcSource, sensors: Scanner, io: InputsOutputs, take: Take, item: str
) -> None:
    """At the end of its turn the set's contacts do not become warmer any more."""
    plan, outlets = soaking.structure.soak, soaking.structure.sets[item]
    loop, times, rises, tripped = asyncio.get_running_loop(), list[float](), [], False
    async for _ in soak(take, every=plan.every, lasting=max(soaking.window, (LEAST - 1) * plan.every)):
        times.append(loop.time())
        rises.append(await soaking.rises(sensors))
        number, rise = hottest(rises[-1])
        if not tripped and rise.value > plan.trip:
            tripped = True
            await load.release()
            take.found(_worn(number, rise.value, tripped=True))
        if tripped and len(rises) >= LEAST:
            break
        if not tripped and not await soaking.carries(load, source, sensors, io, outlets):
            tripped = True
            await load.release()
            take.found(Finding("dropped-out", item, f"{item} stopped feeding the load", marks=tuple(item.split("+"))))
    reading = trend(times, rises, outlets)
    if take(TREND.of(item), reading) is Verdict.FAILED and not tripped:
        number = max(outlets, key=lambda each: rises[-1][each].value - rises[0][each].value)
        text = f"the contacts of outlet {number} still warm by {reading.value:.2g} K in a quarter of an hour"
        take.found(Finding("contact-worn", outlet(number), text, 0.8, (outlet(number),)))


@step(DRIFT, timeout=120, needs=(the_contacts_stay_cool, the_contacts_settle))
async def the_meters_have_not_drifted(
    soaking: Soaking, load: Load, source: AcSource, pdu: RackPdu, take: Take, item: str
) -> None:
    """Warm, the set's meters show what they showed when they were cold; then its load is dropped, and load and source say
    so: what says the same as before is stuck.
    """
    take(DRIFT.of(item), soaking.drift(await soaking.shares(load, pdu, soaking.structure.sets[item])))
    await load.release()
    must_rest(await load.amps())
    must_rest(await soaking.delivered(source, soaking.structure.sets[item]))


@step(COOLED, timeout=LONGEST)
async def the_contacts_cool_down(soaking: Soaking, load: Load, sensors: Scanner, take: Take) -> None:
    """On every path: without load, until every contact may be touched."""
    await load.release()
    loop, limit = asyncio.get_running_loop(), take.limit(COOLED.whole)
    end = loop.time() + soaking.structure.soak.cools_within
    while True:
        _, rise = hottest(await soaking.rises(sensors))
        if limit.judge(rise)[0] is Verdict.PASSED or loop.time() >= end:
            take(COOLED.whole, rise)
            return
        await take.until(loop.time() + soaking.structure.soak.every)


def _worn(number: int, kelvin: float, *, tripped: bool) -> Finding:
    how = "and the load was dropped" if tripped else "above the air"
    text = f"the contacts of outlet {number} became {kelvin:.0f} K warm {how}: they are worn"
    return Finding("contact-worn", outlet(number), text, marks=(outlet(number),))


PDU_BURN_IN = Sequence(
    "pdu-burn-in",
    "Soak of a rack PDU at load, with its contacts' temperatures",
    PduBench,
    Group(
        "pdu-burn-in",
        setup=READY,
        main=(
            every_outlet_is_earthed,
            *INSULATED,
            each_outlet_has_its_phase,
            the_neutral_carries,
            the_mains_are_right,
            each_outlet_obeys_its_own_command,
            Loop(
                (no_contact_is_hot, the_contacts_stay_cool, the_contacts_settle, the_meters_have_not_drifted),
                over=sets,
                resumes=True,
            ),
        ),
        cleanup=(everything_is_off, the_contacts_cool_down, nothing_is_charged, the_cover_may_open),
    ),
    catches=claims.PDU_BURN_IN,
)
