"""The record of a run as a test asks it: what was the verdict, what was found, where."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from station.config.problems import spelled
from station.trace import Event


class Found(NamedTuple):
    """A finding; `cause` and `where` are written as faults are."""

    cause: str
    where: str
    text: str
    confidence: float

    def __str__(self) -> str:
        return f"{self.cause}:{self.where}" if self.where else self.cause


class Ruling(str):
    """A verdict that can explain itself: compared in an assertion, it says what was found and why."""

    __slots__ = ("why",)

    why: tuple[str, ...]

    @classmethod
    def of(cls, verdict: str, why: Iterator[str]) -> Self:
        """A verdict and the lines that explain it."""
        made = cls(verdict)
        made.why = tuple(why)
        return made


class Record(dict[str, Any]):
    """The folded run record (`station show schema/run`), and answers to what tests ask of it."""

    trace: tuple[Event, ...] = ()
    """Every event of the run."""
    station_file: str | None = None
    """The station that was named, if one was."""
    registered: bool = True
    """Whether the station knows the sequence by name."""

    @property
    def verdict(self) -> Ruling:
        """PASSED, FAILED, ERROR, ABORTED, INTERRUPTED or REFUSED."""
        return Ruling.of(self["verdict"], self.why())

    @property
    def passed(self) -> bool:
        """Whether the unit is good."""
        return bool(self["verdict"] == "PASSED")

    @property
    def reason(self) -> str:
        """Why the station could not judge; empty where it could."""
        return str(self["reason"])

    @property
    def findings(self) -> tuple[Found, ...]:
        """Where and why the unit is bad."""
        return tuple(Found(each["cause"], each["where"], each["text"], each["confidence"]) for each in self["findings"])

    @property
    def found(self) -> list[str]:
        """The findings as faults are written: `["open:W3"]`."""
        return [str(each) for each in self.findings]

    def located(self, cause: str, where: str = "") -> bool:
        """Whether that is among what was found: `located("open", "W3")` or `located("open:W3")`.

        The order of several places does not count, nor do a slot, a value and a time, which a finding does not have.
        """
        written = f"{cause}:{where}" if where else cause
        return _place(written) in {_place(str(each)) for each in self.findings}

    def step(self, name: str) -> Mapping[str, Any]:
        """The last attempt of a step. Raises LookupError with the names there are."""
        last = {each["name"]: each for each in self["steps"]}
        if name not in last:
            raise LookupError(f"no step {name!r} in this run: it has {', '.join(last) or 'none'}")
        found: Mapping[str, Any] = last[name]
        return found

    def measured(self, point: str) -> Mapping[str, Any]:
        """What was judged last at a point, written `conduction[W3]`, or `zero` for the whole unit. Raises LookupError."""
        last = {_point(each): each for step in self["steps"] for each in step["measurements"]}
        if point not in last:
            raise LookupError(f"{point!r} was not measured in this run: {', '.join(last) or 'nothing was'}")
        found: Mapping[str, Any] = last[point]
        return found

    def why(self) -> Iterator[str]:
        """The verdict as lines for people: the reason, the steps that did not pass, what was found, and the run again."""
        uut = self["uut"]
        yield f"{uut['part_number']} {uut['serial']}: {self['verdict']}" + (f": {self.reason}" if self.reason else "")
        for each in self["steps"]:
            if each["verdict"] not in {"PASSED", "SKIPPED"}:
                because = f": {each['reason']}" if each["reason"] and each["reason"] != self.reason else ""
                yield f"  {each['verdict']:7} {each['name'].replace('_', ' ')}{because}"
        for found in self.findings:
            yield f"  found   {found}: {found.text}"
        if not self.findings and self["verdict"] != "REFUSED":
            yield "  found   nothing"
        yield f"  again   {self.again}"

    @property
    def again(self) -> str:
        """The command that carries this run out again; what a sequence was called where it is registered nowhere."""
        if not self.registered:
            return f"by {self['sequence']['name']}, a sequence of this test"
        made = self["simulated"] or {"seed": 0, "faults": []}
        words = ["station", "run", "--sim"]
        words += ["--station", spelled(Path(self.station_file))] if self.station_file else []
        words += ["--product", self["uut"]["part_number"], "--serial", self["uut"]["serial"]]
        words += ["--slot", self["slot"], "--sequence", self["sequence"]["name"], "--seed", str(made["seed"])]
        words += ["--unit", str(made["unit"])] if made.get("unit") else []
        return shlex.join([*words, *(word for each in made["faults"] for word in ("--fault", each))])

    def __repr__(self) -> str:
        said = f"{self['verdict']}, found {', '.join(self.found) or 'nothing'}"
        return f"<run of {self['uut']['part_number']} {self['uut']['serial']}: {said}>"


def _point(measurement: Mapping[str, Any]) -> str:
    name, point = measurement["name"], measurement["point"]
    return f"{name}[{point}]" if point else str(name)


def _place(written: str) -> tuple[str, frozenset[str]]:
    cause, _, where = written.partition("@")[0].partition("=")[0].partition(":")
    return cause, frozenset(where.rpartition("/")[2].split("+"))
