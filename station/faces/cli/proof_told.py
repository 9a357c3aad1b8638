"""A proof as people read it at a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from station.faces.cli.progress import say, spoken
from station.faces.cli.tables import print_table
from station.report.proof_page import again

HEAD = ("fault", "claimed", "caught", "escaped", "located", "by", "at")
MOST = 5
"""Cases of one broken claim that are named."""


def tell(proof: Mapping[str, Any]) -> None:
    """Print the table on stdout, the sums and what does not hold on stderr."""
    rows = [_row(kind, each) for kind in proof["faults"] for each in kind["severities"]]
    if rows:
        print_table(HEAD, rows)
    for text in _sums(proof):
        say(text)
    for claim in proof["claims"]:
        if claim["holds"] is None:
            say(f"not tried: {claim['claim']}: {claim['why']}")
    broken = [claim for claim in proof["claims"] if claim["holds"] is False]
    for claim in broken:
        say(f"DOES NOT HOLD: {claim['claim']}: {claim['why']}")
        for number in claim["cases"][:MOST]:
            say(f"    {again(proof, proof['cases'][number])}")
        if len(claim["cases"]) > MOST:
            say(f"    and {len(claim['cases']) - MOST} more")
    held = sum(claim["holds"] is True for claim in proof["claims"])
    say(f"{held} claims hold, {len(broken)} do not, {len(proof['claims']) - held - len(broken)} could not be tried")


def _row(kind: Mapping[str, Any], each: Mapping[str, Any]) -> tuple[str, ...]:
    value = "" if each["value"] is None else f"={each['value']:g} {kind['unit']}".rstrip()
    return (
        f"{kind['name']}{value}",
        "yes" if each["claimed"] else "",
        f"{each['caught']['count']} of {each['tried']}",
        str(each["escaped"] or "") + (f" ({each['blamed']} blamed a good unit)" if each["blamed"] else ""),
        _located(kind, each),
        _most(each["steps"]),
        "" if each["caught_at_s"] is None else f"{each['caught_at_s']:.1f} s",
    )


def _located(kind: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    if not each["caught"]["count"]:
        return ""
    if not kind["of_unit"]:
        return "named" if each["exact"] == each["caught"]["count"] else f"named {each['exact']} times"
    parts = [(each["exact"], "exact"), (each["near"], "near"), (each["elsewhere"], "elsewhere")]
    said = [(count, word) for count, word in parts if count]
    return said[0][1] if len(said) == 1 else ", ".join(f"{count} {word}" for count, word in said)


def _most(steps: Mapping[str, int]) -> str:
    """The step that caught the most, and how many others did."""
    if not steps:
        return ""
    first = max(steps, key=lambda name: steps[name])
    return spoken(first) + (f" and {len(steps) - 1} more" if len(steps) > 1 else "")


def _sums(proof: Mapping[str, Any]) -> Iterator[str]:
    units, cases = proof["units"], proof["cases"]
    yield (
        f"{proof['sequence']} on {proof['product']} in slot {proof['slot']} of {proof['station']}, seed {proof['seed']}: "
        f"{len(cases)} cases, {proof['line_time_s'] / 3600:.1f} h of the line's time"
    )
    for name, word in (("failed", "false alarms"), ("not_judged", "not judged")):
        rate: Mapping[str, Any] = units[name]
        if units["tried"]:
            yield (
                f"{rate['count']} {word} in {units['tried']} good units "
                f"({100 * rate['share']:.2g} %, 95 % interval {100 * rate['low']:.2g} to {100 * rate['high']:.2g} %)"
            )
    yield from _escapes(proof["faults"])


def _escapes(kinds: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What nobody claims, and what becomes of it."""
    unclaimed = [kind for kind in kinds if kind["claimed"] is None]
    if escaping := [kind["name"] for kind in unclaimed if kind["escaped"]]:
        yield f"not claimed, and escapes at least now and then: {', '.join(escaping)}"
    if blaming := [kind["name"] for kind in unclaimed if kind["blamed"]]:
        yield f"not claimed, and fails good units at least now and then: {', '.join(blaming)}"
