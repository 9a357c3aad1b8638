"""A harness as its document draws it: connectors, conductors between their pins, and what is mated with what."""

from dataclasses import dataclass, field

Pin = tuple[str, str]
"""A connector and one of its pins."""


@dataclass(frozen=True, slots=True)
class DrawnConnector:
    """A connector, a ferrule or a splice. `simple` ones have one pin and stand for what is crimped on a wire."""

    name: str
    pins: tuple[str, ...]
    labels: dict[str, str] = field(default_factory=dict)
    title: str = ""
    simple: bool = False
    splice: bool = False
    loops: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Conductor:
    """One wire or shield of a cable, and all that each of its two ends is drawn to be connected with."""

    cable: str
    number: str
    starts: tuple[Pin, ...]
    stops: tuple[Pin, ...]
    gauge: str | None = None
    length: float | None = None
    color: str = ""
    shield: bool = False


@dataclass(frozen=True, slots=True)
class Mated:
    """Two connectors that are plugged together, or with `pins` one pin of each."""

    one: str
    other: str
    pins: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DrawnHarness:
    """The whole. `notes` are for the person who imports it."""

    title: str
    part_number: str
    revision: str
    connectors: tuple[DrawnConnector, ...]
    conductors: tuple[Conductor, ...]
    mates: tuple[Mated, ...] = ()
    cables: dict[str, str] = field(default_factory=dict)
    """Cable to what it is, for comments."""
    notes: tuple[str, ...] = ()
