"""An order: one unit to be tested in one slot, and what follows from it before anything is opened."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_origin, get_type_hints

from drivers.roles import Instrument
from sequences.limits import Limit
from sequences.measurement import Point
from sequences.sequence import Group, Loop, Node, Pause, Sequence
from sequences.uut import Uut
from station.config.documents import Document
from station.config.jig import Jig
from station.config.product import Product
from station.config.slots import StationSlot
from station.config.station_file import Station
from station.safety import SafePlan


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """One unit to be tested in one slot: everything looked up and checked, nothing opened."""

    product: Product
    serial: str
    slot: StationSlot
    jig: Jig
    sequence: Sequence
    limits: Mapping[Point, Limit]
    golden: Product | None = None
    """Under simulation, what lies on the jig where it is not the product that is ordered."""
    sequence_digest: str = field(init=False)
    """The sequence's fingerprint, taken now: its source is read from files, which the running loop does not wait for."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sequence_digest", self.sequence.digest)

    @property
    def uut(self) -> Uut:
        """The unit."""
        return Uut(self.serial, self.product.part_number, self.product.revision)

    @property
    def said(self) -> dict[str, str]:
        """As a record says it: by names."""
        golden = {"golden": self.golden.name} if self.golden is not None else {}
        return {"product": self.product.name, "serial": self.serial, "sequence": self.sequence.name} | golden

    @property
    def documents(self) -> dict[str, Document]:
        """The files that it was made from, besides those of the station, by kind and name."""
        products = {f"products/{each.name}.toml": each.document for each in (self.product, self.golden) if each}
        return products | {f"jigs/{self.jig.name}.toml": self.jig.document}

    @property
    def instruments(self) -> tuple[str, ...]:
        """The instruments of its slot, each once."""
        return tuple(dict.fromkeys(name for names in self.slot.roles.values() for name in names))


def fixture_of(order: Order, instruments: Mapping[str, Instrument]) -> Any:  # noqa: ANN401 (each family has its own)
    """The fixture of an order: a role's field gets its instrument, a field of several gets them in order."""
    given: dict[str, Any] = {"structure": order.product.structure, "wiring": order.jig.wiring, "uut": order.uut}
    for field_name, kind in get_type_hints(order.sequence.fixture).items():
        if names := order.slot.roles.get(field_name):
            several = get_origin(kind) is tuple
            given[field_name] = tuple(instruments[name] for name in names) if several else instruments[names[0]]
    return order.sequence.fixture(**given)


def step_names(node: Node, structure: Any) -> Iterator[str]:  # noqa: ANN401 (each family has its own)
    """The names of the steps that a run will go through, in order."""
    match node:
        case Group():
            for each in (*node.setup, *node.main, *node.cleanup):
                yield from step_names(each, structure)
        case Loop():
            yield from (f"{step.name}[{item}]" for item in node.items(structure) for step in node.steps)
        case _:
            yield node.name


def safe_plan(order: Order, deadlines: Mapping[str, float]) -> SafePlan:
    """The fixture's order of roles as stages of instruments, each once; what it does not name comes last."""
    left = dict.fromkeys(order.instruments)
    stages: list[tuple[str, ...] | Pause] = []
    for roles in (*order.sequence.fixture.SAFE_ORDER, tuple(order.slot.roles)):
        if isinstance(roles, Pause):
            needs = tuple(name for role in roles.needs for name in order.slot.roles.get(role, ()))
            stages.append(Pause(roles.seconds, needs))
            continue
        stage = tuple(dict.fromkeys(name for role in roles for name in order.slot.roles.get(role, ()) if name in left))
        for name in stage:
            del left[name]
        stages.append(stage)
    return SafePlan(tuple(stage for stage in stages if stage), deadlines)


def shared_instruments(station: Station) -> frozenset[str]:
    """The instruments that more than one slot names."""
    uses = Counter(
        name for slot in station.slots.values() for name in {n for names in slot.roles.values() for n in names}
    )
    return frozenset(name for name, count in uses.items() if count > 1)
