"""The schema of a proof, as `station show schema/proof` prints it."""

from typing import Any, Final

from station.contract import COUNT, DIALECT, NUMBER, PERHAPS, TEXT, closed, counted, listed
from station.proving.proof import NAME
from station.record import ENDINGS, VERDICTS

_RATE: Final = closed(
    {"count": COUNT, "share": PERHAPS, "low": NUMBER, "high": NUMBER | {"description": "of the exact 95 % interval"}}
)
_SUMS: Final[dict[str, Any]] = {
    "tried": COUNT,
    "caught": _RATE,
    "escaped": COUNT | {"description": "the unit passed"},
    "blamed": COUNT | {"description": "a good unit was failed"},
    "exact": COUNT,
    "near": COUNT,
    "elsewhere": COUNT,
    "steps": counted("the step that caught it"),
    "caught_at_s": PERHAPS | {"description": "the median, in the line's time"},
    "line_time_s": NUMBER | {"description": "the median of a whole run"},
}
_READING: Final = closed(
    {
        "name": TEXT,
        "point": TEXT,
        "value": NUMBER,
        "unit": TEXT,
        "uncertainty": NUMBER | {"description": "expanded (k = 2)"},
        "low": PERHAPS,
        "high": PERHAPS,
        "accept_low": PERHAPS,
        "accept_high": PERHAPS,
        "rule": TEXT,
        "verdict": {"enum": list(VERDICTS)},
        "room": NUMBER | {"description": "to the nearer acceptance limit, in expanded uncertainties"},
        "tur": NUMBER,
        "pfa": NUMBER | {"description": "of all units, if 95 % are in tolerance"},
        "pfr": NUMBER,
    }
)

SCHEMA: Final[dict[str, Any]] = {
    "$schema": DIALECT,
    "title": "A proof of a sequence",
    **closed(
        {
            "schema": {"const": NAME},
            "sequence": TEXT,
            "sequence_digest": TEXT,
            "product": TEXT,
            "product_digest": TEXT,
            "station": TEXT,
            "slot": TEXT,
            "version": TEXT,
            "seed": {"type": "integer"},
            "holds": {"type": "boolean", "description": "no claim was found not to hold"},
            "line_time_s": NUMBER | {"description": "of all cases together"},
            "units": closed(
                {
                    "tried": COUNT,
                    "failed": _RATE,
                    "not_judged": _RATE,
                    "steps": counted("step"),
                    "readings": listed(_READING),
                }
            ),
            "faults": listed(
                closed(
                    {
                        "name": TEXT,
                        "family": TEXT,
                        "of_unit": {"type": "boolean"},
                        "unit": TEXT | {"description": "of the value"},
                        "claimed": {"type": ["string", "null"]},
                        **_SUMS,
                        "severities": listed(closed({"value": PERHAPS, "claimed": {"type": "boolean"}, **_SUMS})),
                    }
                )
            ),
            "claims": listed(
                closed(
                    {
                        "claim": TEXT,
                        "fault": TEXT,
                        "located": {"enum": ["exact", "near", "anywhere"]},
                        "share": NUMBER,
                        "holds": {"type": ["boolean", "null"], "description": "null: it could not be tried"},
                        "why": TEXT,
                        "cases": listed(COUNT) | {"description": "the numbers of the cases that broke it"},
                    }
                )
            ),
            "confusion": {"type": "object", "additionalProperties": counted("what was found, or the verdict")},
            "cases": listed(
                closed(
                    {
                        "number": COUNT,
                        "fault": TEXT | {"description": "empty for a good unit"},
                        "seed": COUNT,
                        "unit": COUNT,
                        "verdict": {"enum": list(ENDINGS)},
                        "caught": {"type": "boolean"},
                        "blamed": {"type": "boolean"},
                        "located": {"enum": ["exact", "near", "elsewhere", "nowhere"]},
                        "step": TEXT,
                        "at": PERHAPS,
                        "line_time": NUMBER,
                        "found": listed(TEXT),
                        "reason": TEXT,
                    }
                )
            ),
        }
    ),
}
