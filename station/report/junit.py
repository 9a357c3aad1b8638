"""JUnit XML: a run as the test reports that CI systems read. One suite for the run, one case for each step.

There is no standard; what is written here is what the schemas of Ant, Jenkins and GitLab have in common. A run that has not
passed never reads as passed: where no step says why, a last case, `the run`, does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree import ElementTree as ET

from station.report.judged import Judged, judged_of, text
from station.report.plain import shortened, visible
from station.report.quantities import reading, span
from station.trace import Found

Kind = Literal["", "failure", "error", "skipped"]
KINDS: Mapping[str, Kind] = {"PASSED": "", "FAILED": "failure", "SKIPPED": "skipped"}
"""What a verdict is called there; any other verdict is an error: nothing was judged."""
PLURALS: Mapping[Kind, str] = {"failure": "failures", "error": "errors", "skipped": "skipped"}
MOST = 40
"""Readings that one failure lists."""
LONGEST = 300
"""Characters of a message."""


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    verdict: str
    seconds: float
    message: str = ""
    body: str = ""

    @property
    def kind(self) -> Kind:
        return KINDS.get(self.verdict, "error")


def render_junit(record: Mapping[str, Any], found: Iterable[Found]) -> bytes:
    """The run as one JUnit document. `found` are the findings of its trace, which know their steps."""
    findings = tuple(found)
    steps: dict[str, list[Mapping[str, Any]]] = {}
    for each in record["steps"]:
        steps.setdefault(each["name"], []).append(each)
    cases = [_case(attempts, [each for each in findings if each.step == name]) for name, attempts in steps.items()]
    wanted = KINDS.get(record["verdict"], "error")
    if wanted and wanted not in {each.kind for each in cases}:
        told = [f"{each.cause}:{each.where}: {each.text}" for each in findings]
        cases.append(_Case("the run", record["verdict"], 0.0, text(record["reason"]), "\n".join(told)))
    uut, sequence = record["uut"], record["sequence"]
    suite = _suite(f"{uut['part_number']} {uut['serial']}", f"{uut['part_number']}.{sequence['name']}", cases)
    suite.set("timestamp", record["started"][:19])
    suite.set("hostname", visible(record["station"]))
    suite.set("time", _seconds(record["line_time_s"]))
    properties = ET.Element("properties")
    for name, value in _properties(record):
        ET.SubElement(properties, "property", name=name, value=visible(value))
    suite.insert(0, properties)
    _say(suite, "system-out", _retries(steps))
    return _document(suite)


def render_unrecorded(product: str, serial: str, verdict: str, reason: str) -> bytes:
    """What was asked for and became no run, so that there is no record: one case, an error."""
    suite = _suite(f"{product} {serial}", product, [_Case("the run", verdict, 0.0, reason)])
    suite.set("timestamp", "1970-01-01T00:00:00")  # nobody has looked at a clock
    suite.set("hostname", "none")
    suite.set("time", _seconds(0.0))
    suite.insert(0, ET.Element("properties"))
    _say(suite, "system-out", "")
    return _document(suite)


def _suite(name: str, group: str, cases: Iterable[_Case]) -> ET.Element:
    suite = ET.Element("testsuite", id="0", package=visible(group), name=visible(name))
    counts: Counter[Kind] = Counter()
    for case in cases:
        counts[case.kind] += 1
        element = ET.SubElement(
            suite, "testcase", classname=visible(group), name=visible(case.name), time=_seconds(case.seconds)
        )
        if case.kind:
            outcome = ET.SubElement(element, case.kind, message=visible(shortened(case.message, LONGEST)))
            if case.kind != "skipped":
                outcome.set("type", case.verdict)
                outcome.text = visible(case.body or case.message)
    suite.set("tests", str(counts.total()))
    for kind, plural in PLURALS.items():
        suite.set(plural, str(counts[kind]))
    return suite


def _case(attempts: list[Mapping[str, Any]], findings: list[Found]) -> _Case:
    """A step by its last attempt, which counts; its time is that of all."""
    last = attempts[-1]
    bad = [each for each in (judged_of(last["name"], one) for one in last["measurements"]) if not each.good]
    told = [f"{each.cause}:{each.where}: {each.text}" for each in findings]
    read = [_reading(each) for each in bad[:MOST]] + ([f"and {len(bad) - MOST} more"] if len(bad) > MOST else [])
    reason = text(last["reason"])
    message = reason or "; ".join(each.text for each in findings) or (read[0] if read else "")
    why = [reason] if reason and not any(reason in each for each in told) else []
    seconds = sum(each["seconds"] for each in attempts)
    return _Case(last["name"].replace("_", " "), last["verdict"], seconds, message, "\n".join([*why, *told, *read]))


def _reading(each: Judged) -> str:
    value = reading(each.value, each.unit, each.uncertainty, each.state)
    return f"{each.title}: {value}, allowed is {span(*each.limits, each.unit)}: {each.verdict}"


def _properties(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    simulated = record["simulated"] or {}
    yield "verdict", record["verdict"]
    yield "run", record["run"]
    yield from ((name, record["uut"][name]) for name in ("serial", "part_number", "revision"))
    yield "product_digest", record["product_digest"]
    yield "sequence", record["sequence"]["name"]
    yield "sequence_digest", record["sequence"]["digest"]
    yield from ((name, record[name]) for name in ("station", "slot"))
    yield "simulated", "yes" if simulated else "no"
    yield from ((name, str(simulated[name])) for name in ("seed", "unit") if name in simulated)
    yield from (("fault", each) for each in simulated.get("faults", ()))
    safe = record["made_safe"]
    yield "made_safe", safe["verdict"] if safe else "nothing was energised"


def _retries(steps: Mapping[str, list[Mapping[str, Any]]]) -> str:
    """Attempts that did not count in the end: nobody is to wonder about a step that took so long."""
    return "\n".join(
        f"{name.replace('_', ' ')}, attempt {each['attempt']}: {each['verdict']}: {each['reason']}"
        for name, attempts in steps.items()
        for each in attempts[:-1]
    )


def _say(suite: ET.Element, stream: str, said: str) -> None:
    ET.SubElement(suite, stream).text = visible(said)
    ET.SubElement(suite, "system-err")


def _seconds(seconds: float) -> str:
    return f"{seconds:.6f}"


def _document(suite: ET.Element) -> bytes:
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
