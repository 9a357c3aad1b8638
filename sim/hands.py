"""The hands of the operator at one slot: they mate the unit, scan its label, and sometimes the wrong one."""

from dataclasses import dataclass

CONTINUE = "CONTINUE"
"""What the operator's card says that is scanned where the unit has no label."""
STRANGER = "OTHER-UNIT-1"
"""The label that is scanned when it is the wrong one."""
TAKEN_OFF_AFTER = 0.3
"""Seconds that everything at a slot has been at rest when the operator takes the unit off."""


@dataclass(slots=True)
class Hands:
    """At first nothing is mated. `label` is what the unit's label says; empty: it has none."""

    label: str
    mated: bool = False
    confused: bool = False
    """Whether it is another unit's label that they scan."""
    gone: bool = False
    """Whether the unit was pulled out; nobody brings it back."""
    _at_rest_since: float | None = None

    def mate(self) -> None:
        """Connect the unit."""
        self.mated = not self.gone
        self._at_rest_since = None

    def rest(self, at: float) -> None:
        """Everything at the slot is off."""
        if self._at_rest_since is None:
            self._at_rest_since = at

    def begin(self, at: float) -> bool:
        """Something is switched on. Whether the last unit is off already, for everything has been at rest."""
        since, self._at_rest_since = self._at_rest_since, None
        return since is not None and self.mated and at - since >= TAKEN_OFF_AFTER

    def scan(self) -> str:
        """What the scanner reads."""
        return STRANGER if self.confused else self.label or CONTINUE

    def heal(self) -> None:
        """Nothing is wrong with the operator any more; a unit that was pulled out stays out."""
        self.confused = False

    def strike(self, fault: str) -> None:
        """Let a fault of the operator begin. Raises KeyError for one that is none."""
        match fault:
            case "wrong-label":
                self.confused = True
            case "removed":
                self.gone, self.mated = True, False
            case _:
                raise KeyError(fault)
