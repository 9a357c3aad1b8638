"""The catalogue of faults in code: what can be put into a world, how it is written, and where it may sit.

A fault is written NAME[:WHERE][=VALUE][@FROM[-UNTIL[/EVERY]]]. WHERE is one place or two joined by `+`, in every slot that
has them; a slot's name in front (`A/W3`, or `A` alone where no place is needed) keeps it to that slot. FROM, such as `30s`,
`2m` or `1h`, is when it strikes, counted from the start of the world; at UNTIL it is gone, and it comes again every EVERY.
"""

import math
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from sim.catalogue.bench import FIXTURE, OPERATOR
from sim.catalogue.cabling import CABLING
from sim.catalogue.cooling import COOLING, COOLING_FIXTURE
from sim.catalogue.fault import Fault, Injected, Place, Target
from sim.catalogue.instruments import INSTRUMENT
from sim.catalogue.power import POWER, POWER_FIXTURE
from sim.catalogue.unplayed import UNPLAYED, Unplayed
from sim.sketch import Drawn, sketch_of
from sim.spec import WorldSpec
from sim.when import When, read

_WRITTEN = re.compile(r"(?P<name>[^:=@]*)(?::(?P<where>[^=@]*))?(?:=(?P<value>[^=@]*))?(?:@(?P<time>[^=@]*))?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_GRAMMAR = "NAME[:WHERE][=VALUE][@FROM[-UNTIL[/EVERY]]]"


def catalogue() -> tuple[Fault, ...]:
    """Every kind of fault that a world can play."""
    return (*CABLING, *POWER, *COOLING, *FIXTURE, *POWER_FIXTURE, *COOLING_FIXTURE, *INSTRUMENT, *OPERATOR)


def not_simulated() -> dict[str, Unplayed]:
    """The entries of the domain's lists of faults that no world can play yet, with what each one is, and why."""
    return dict(UNPLAYED)


def parse(text: str) -> Injected:
    """Read a fault as it is written. Raises ValueError with what would be allowed; places are checked by `targets`."""
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise ValueError(f"{text!r} is not written {_GRAMMAR}")
    fault = _named(written["name"])
    where, when = written["where"], _when(text, fault, written["time"])
    if fault.timed and written["time"] is None:
        raise ValueError(f"{text!r}: {fault.name} needs a time, for example {text}@30s")
    if where is not None and not where.strip():
        raise ValueError(f"{text!r}: nothing stands after the colon; {fault.name} sits at {fault.place.text}")
    return Injected(fault, where or "", _value(text, fault, written["value"]), when, text)


def targets(injected: Injected, spec: WorldSpec) -> tuple[Target, ...]:
    """What a fault strikes in this world. Raises ValueError with the nearest valid places when there is nothing."""
    place, where = injected.fault.place, injected.where
    drawings = tuple(sketch_of(slot, spec) for slot in spec.slots if isinstance(slot, place.slots))
    struck = _struck(place, where, drawings)
    if not struck and not place.on_the_bench:
        name, _, inner = where.partition("/")
        struck = _struck(place, inner, tuple(each for each in drawings if each.slot.name == name))
    if not struck:
        raise ValueError(f"{injected.text!r}: {_nearest(injected.fault, where, drawings)}")
    for target in struck:
        _inside(injected, target, drawings)
    return (Target("", struck[0].places),) if place.on_the_bench else struck


def each_place(fault: Fault, spec: WorldSpec) -> Iterator[str]:
    """All valid places of a kind of fault, one after the other; "" where none is to be written."""
    seen: set[str] = set()
    for slot in (each for each in spec.slots if isinstance(each, fault.place.slots)):
        for written in _couples(fault.place, sketch_of(slot, spec)):
            if written not in seen:
                seen.add(written)
                yield written


def places(fault: Fault, spec: WorldSpec) -> tuple[str, ...]:
    """All valid places; of faults between two wires there are as many as couples of wires (see `each_place`)."""
    return tuple(each_place(fault, spec))


def example(fault: Fault, spec: WorldSpec) -> str:
    """A fault of this kind as it would be written for this world; "" when the world has no place for it."""
    where = next(each_place(fault, spec), None)
    if where is None:
        return ""
    value = fault.value.default if fault.value else None
    written = f"{fault.name}:{where}" if where else fault.name
    written += "" if value is None else f"={value:g}"
    return f"{written}@1s" if fault.timed else written


def _named(name: str) -> Fault:
    known = {fault.name: fault for fault in catalogue()}
    if name in known:
        return known[name]
    standing = [each.name for each in known.values() if name.upper() in each.stands_for]
    near = standing or _like(name, list(known))
    first = {each.family: each.name for each in reversed(known.values())}
    there = f"there is {', '.join(near)}" if near else f"there are {len(known)}, such as {', '.join(first.values())}"
    raise ValueError(f"no fault is called {name!r}; {there}")


def _like(name: str, known: list[str]) -> list[str]:
    """The names nearest to one, however it is spelled: large letters or small, with spaces or without."""
    lowered, name = {each.lower(): each for each in reversed(known)}, name.strip().lower()
    ending = [each for each in lowered if name and each.endswith(name)][-1:]
    near = dict.fromkeys((*ending, *get_close_matches(name, lowered, n=3)))
    within = [each for each in reversed(lowered) if name and name in each]
    return [lowered[each] for each in near or within][:3]


def _value(text: str, fault: Fault, written: str | None) -> float | None:
    if written is None:
        return fault.value.default if fault.value else None
    if fault.value is None:
        raise ValueError(f"{text!r}: {fault.name} has no value")
    number = float(written) if _NUMBER.fullmatch(written) else math.nan
    if not fault.value.admits(number):
        raise ValueError(f"{text!r}: the value is the {fault.value.text}: {fault.value}")
    return number


def _when(text: str, fault: Fault, written: str | None) -> When:
    if written is None:
        return fault.pattern or When()
    try:
        when = read(written)
    except ValueError as wrong:
        raise ValueError(f"{text!r}: {wrong}") from None
    if fault.lasting and math.isfinite(when.until):
        raise ValueError(f"{text!r}: {fault.name} does not end: {fault.lasting}; write @FROM alone")
    return when


def _struck(place: Place, where: str, drawings: tuple[Drawn, ...]) -> tuple[Target, ...]:
    parts = tuple(where.split("+"))
    orders = (parts, parts[::-1]) if place.symmetric else (parts,)
    return tuple(
        Target(drawing.slot.name, parts)
        for drawing in drawings
        if any(_fits(place, order, drawing) for order in orders)
    )


def _fits(place: Place, parts: tuple[str, ...], drawing: Drawn) -> bool:
    if len(parts) != (2 if place.partners else 1) or parts[0] not in tuple(place.each(drawing)):
        return False
    return place.partners is None or parts[1] in tuple(place.partners(drawing, parts[0]))


def _couples(place: Place, drawing: Drawn) -> Iterator[str]:
    for first in place.each(drawing):
        if place.partners is None:
            yield first
        else:
            yield from (f"{first}+{second}" for second in place.partners(drawing, first))


def _nearest(fault: Fault, where: str, drawings: tuple[Drawn, ...]) -> str:
    slot, within, inner = where.partition("/")
    slots = [drawing.slot.name for drawing in drawings]
    if within and slots and not fault.place.on_the_bench and slot not in slots:
        return f"no slot {slot!r} can have it; there is {', '.join(_like(slot, slots) or slots[:3])}"
    first, _, second = (inner if within and not fault.place.on_the_bench else where).partition("+")
    firsts = _all(fault.place.each(drawing) for drawing in drawings)
    near = _like(first, firsts) or [each for each in firsts if each][:3] or (["nothing", *slots] if firsts else [])
    if fault.place.partners and firsts:
        partners = fault.place.partners
        first = first if first in firsts else near[0]
        seconds = _all(partners(each, first) for each in drawings if first in tuple(fault.place.each(each)))
        near = [f"{first}+{other}" for other in _like(second, seconds) or seconds[:3]]
    known = f"for example {', '.join(near)}" if near else "and this world has none"
    return f"{fault.name} sits at {fault.place.text}, {known}"


def _all(names: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for some in names for name in some))


def _inside(injected: Injected, target: Target, drawings: tuple[Drawn, ...]) -> None:
    if injected.fault.name != "open" or injected.value is None:
        return
    for drawing in drawings:
        wire = drawing.strands.get(target.places[0])
        if drawing.slot.name == target.slot and wire and injected.value > wire.length:
            raise ValueError(f"{injected.text!r}: {wire.name} is only {wire.length:g} m long")
