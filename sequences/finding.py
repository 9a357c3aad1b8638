"""A finding: where and why a unit failed, for the person who will repair it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`cause` and `where` are written as faults are (places joined by `+`), so that they compare by machine.

    `text` is the sentence for the repair bench; `confidence` lies between 0 and 1. `marks` names what a picture of the
    unit shows as bad: wires by name (`W3`), pins as `J2.14`.
    """

    cause: str
    where: str
    text: str
    confidence: float = 1.0
    marks: tuple[str, ...] = ()
