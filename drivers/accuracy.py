"""An accuracy: one line of a data sheet, and the uncertainty of a reading that follows from it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Within a range, the error is at most `of_reading` x value + `of_range` x full scale + `floor`.

    Fractions are plain (0.060 % is 0.0006); `full_scale`, `floor` and `resolution` are in the unit of the quantity.
    """

    full_scale: float
    of_reading: float
    of_range: float
    floor: float = 0.0
    resolution: float = 0.0

    def expanded(self, value: float) -> float:
        """Expanded uncertainty, k = 2: the limit of error is rectangular (u = a/sqrt 3), so is the last digit."""
        limit = self.of_reading * abs(value) + self.of_range * self.full_scale + self.floor
        return 2.0 * math.sqrt(limit * limit / 3.0 + self.resolution * self.resolution / 12.0)


def autoranged(accuracies: tuple[Accuracy, ...], value: float) -> Accuracy:
    """The least favourable range that an autoranging meter can have used, smallest range first in `accuracies`.

    SCPI meters go a range up above 120 % and down below 10 %, so a value between may have come from the greater one.
    """
    possible = [each for each in accuracies if abs(value) >= 0.1 * each.full_scale]
    return possible[-1] if possible else accuracies[0]
