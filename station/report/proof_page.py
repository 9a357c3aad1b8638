"""The page of a proof: one HTML file that needs nothing else, and runs nothing."""

import base64
import hashlib
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from station.report.page import environment, sheet
from station.report.proof_curves import curves
from station.report.quantities import seconds
from station.report.words import LANGUAGE, say

MOST = 20
"""Cases that do not keep a claim, of which the command is given."""


def render_proof(proof: Mapping[str, Any]) -> str:
    """The page of a proof (`rackproof.proof/1`). The same proof gives the same bytes; all text in it is escaped."""
    style = _style()
    broken = [claim for claim in proof["claims"] if claim["holds"] is False]
    return (
        environment()
        .get_template("proof.html.j2")
        .render(
            style=Markup(style),  # noqa: S704 (our own file, no data in it)
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            proof=proof,
            broken=[(claim, [again(proof, proof["cases"][at]) for at in claim["cases"][:MOST]]) for claim in broken],
            held=sum(claim["holds"] is True for claim in proof["claims"]),
            untried=[claim for claim in proof["claims"] if claim["holds"] is None],
            drawn=[(kind, drawing) for kind in proof["faults"] if (drawing := curves(kind)) is not None],
            causes=_causes(proof["confusion"]),
            most=_most,
            ends=_ends,
            percent=_percent,
            seconds=seconds,
            language=LANGUAGE,
        )
    )


def again(proof: Mapping[str, Any], case: Mapping[str, Any]) -> str:
    """The command that carries a case out again."""
    words = ["station", "run", "--sim", "--seed", str(case["seed"]), "--unit", str(case["unit"])]
    words += ["--product", proof["product"], "--serial", "PROOF", "--slot", proof["slot"]]
    words += ["--sequence", proof["sequence"]] + (["--fault", case["fault"]] if case["fault"] else [])
    return shlex.join(words)


def _causes(confusion: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The columns of the matrix: the kinds that were put in, in their order, then whatever else came out."""
    found = dict.fromkeys(cause for row in confusion.values() for cause in row)
    return [*(kind for kind in confusion if kind in found), *(cause for cause in found if cause not in confusion)]


def _ends(low: float | None, high: float | None) -> str:
    """A tolerance, or what is accepted of it."""
    if low is not None and high is not None:
        return say("from_to", low=f"{low:.4g}", high=f"{high:.4g}")
    return say("at_most_end", end=f"{high:.4g}") if high is not None else say("at_least_end", end=f"{low:.4g}")


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def _most(steps: Mapping[str, int]) -> Sequence[str]:
    return sorted(steps, key=lambda name: -steps[name])


@cache
def _style() -> str:
    return sheet("page.css", "proof.css", "print.css")
