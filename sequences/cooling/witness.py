"""Witnesses of the meters of a leak bench and of a hot loop: what lies in good form is told by something else that is there.

The heater's own resistance witnesses its meter; the unit's pressure sensor and the flow through the loop witness the jig's
gauge. Two witnesses that disagree are an ERROR, unless a third says which of them is wrong.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass

from drivers.errors import InstrumentError
from drivers.reading import Reading
from sequences.arithmetic import square
from sequences.cooling.gas import combined
from sequences.cooling.loop_wiring import LoopWiring

AGAIN = 4
"""Readings, all alike to the last digit, of a meter that does not move: a good one may say the same twice or so."""
SURE = 0.04
"""The part by which a loop's pressure may be off what is drawn for its flow, and fit it still."""


@dataclass(slots=True)
class Pulse:
    """The readings of one meter: whether they move at all."""

    last: Hashable = None
    alike: int = 0

    def feel(self, by: str, *values: float) -> None:
        """Take note of one reading. Raises InstrumentError where it is the same again and again."""
        self.alike, self.last = (self.alike + 1 if values == self.last else 0), values
        if self.alike >= AGAIN:
            raise InstrumentError(
                by, f"says {', '.join(f'{each:.6g}' for each in values)} again and again: it is stuck"
            )


def heater(wiring: LoopWiring, watts: Reading, volts: Reading) -> Reading:
    """The heater's power over what its resistance takes at its voltage: power goes with the square of the voltage."""
    nominal = wiring.heater_watts * square(volts.value / wiring.heater_volts)
    if nominal <= 0.0:
        raise InstrumentError(volts.by, f"reads {volts.value:.4g} V, and yet the heater is on")
    ratio = watts.value / nominal
    spread = ratio * math.hypot(watts.uncertainty / max(watts.value, 1.0), 2.0 * volts.uncertainty / volts.value)
    return combined(ratio, "1", spread, watts, volts)


def must_agree(wiring: LoopWiring, supply: Reading, resistance: Reading, gauged: float, *, doubted: bool) -> None:
    """The jig's gauge and the unit's own pressure sensor, of which `supply` is the ratio, against the loop's resistance.

    `resistance` is the unit's drop over what is drawn for its flow, `gauged` the same by the jig's gauge; `doubted`: the
    unit's pressures were odd before. Raises InstrumentError where both differ and it is not plainly the unit's that is off.
    """
    if not supply.is_number or abs(supply.value - 1.0) - supply.uncertainty <= wiring.agree or doubted:
        return
    unit, jig = abs(resistance.value - 1.0), abs(gauged - 1.0)
    if unit > SURE and jig < unit:
        return
    raise InstrumentError(
        supply.by,
        f"disagree: the jig's gauge reads {supply.value:.3g} times what the unit says of its outlet; by the loop's"
        f" resistance the unit is off by {100 * unit:.0f} %, the gauge by {100 * jig:.0f} %",
    )
