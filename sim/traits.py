"""Traits: what chance has given one unit, looked up once and the same ever after."""

from dataclasses import dataclass, field

from sim.noise import uniform
from sim.population import Key, Member


@dataclass(slots=True)
class Traits:
    """The traits of a unit that is this member of its population; `key` names its chance."""

    member: Member
    key: Key
    _known: dict[str, float] = field(default_factory=dict)

    def chance(self, what: str) -> float:
        """A number between 0 and 1."""
        if what not in self._known:
            self._known[what] = uniform(*self.key, what)
        return self._known[what]

    def linear(self, quantity: str, usual: float, *at: str) -> float:
        """As `Member.linear`."""
        what = " ".join(("of", quantity, *at))
        if what not in self._known:
            self._known[what] = self.member.linear(self.key, quantity, usual, *at)
        return self._known[what]

    def logarithmic(self, quantity: str, usual: float, *at: str) -> float:
        """As `Member.logarithmic`."""
        what = " ".join(("log of", quantity, *at))
        if what not in self._known:
            self._known[what] = self.member.logarithmic(self.key, quantity, usual, *at)
        return self._known[what]
