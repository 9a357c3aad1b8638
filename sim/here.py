"""Here: what is around every plant of a world: the time, the air, and chance."""

from collections.abc import Callable
from dataclasses import dataclass

from sim.ambient import Ambient
from sim.noise import Streams


@dataclass(frozen=True, slots=True)
class Here:
    """The surroundings of a plant. `now` gives the seconds since the world began."""

    seed: int
    now: Callable[[], float]
    air: Ambient
    streams: Streams

    @classmethod
    def still(cls, seed: int) -> "Here":
        """Surroundings in which time does not pass."""
        return cls(seed, lambda: 0.0, Ambient.seeded(seed), Streams(seed))

    @property
    def celsius(self) -> float:
        """Degrees Celsius of the air, now."""
        return self.air.at(self.now())

    def flicker(self, slot: str, device: str, quantity: str, size: float) -> float:
        """The next noise of what a device of a slot says of a quantity; `size` is its standard deviation."""
        return size * self.streams.next(slot, device, quantity)
