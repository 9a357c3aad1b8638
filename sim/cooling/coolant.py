"""Coolants by table: density, heat capacity and viscosity, interpolated. PG25 is propylene glycol, 25 % by mass.

PG25: CoolProp 8.0, INCOMP::MPG[0.25] at 3 bar. Water: IAPWS, as any handbook has it.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coolant:
    """Rows of degrees Celsius, kg/m3, J/(kg K), mPa s."""

    rows: tuple[tuple[float, float, float, float], ...]

    def density(self, celsius: float) -> float:
        """kg/m3."""
        return self._between(celsius, 1)

    def heat(self, celsius: float) -> float:
        """J/(kg K)."""
        return self._between(celsius, 2)

    def viscosity(self, celsius: float) -> float:
        """MPa s; its logarithm is what is interpolated."""
        return self._between(celsius, 3)

    def _between(self, celsius: float, column: int) -> float:
        at = min(max(bisect_right(self.rows, (celsius,)), 1), len(self.rows) - 1)
        low, high = self.rows[at - 1], self.rows[at]
        part = min(max((celsius - low[0]) / (high[0] - low[0]), -0.5), 1.5)
        if column == 3:
            return low[3] * math.exp(part * math.log(high[3] / low[3]))
        return low[column] + part * (high[column] - low[column])


PG25 = Coolant(
    (
        (10.0, 1022.9, 3896.0, 3.558),
        (20.0, 1019.3, 3921.0, 2.445),
        (25.0, 1017.2, 3933.0, 2.071),
        (30.0, 1014.9, 3945.0, 1.776),
        (40.0, 1009.9, 3969.0, 1.353),
        (45.0, 1007.2, 3981.0, 1.199),
        (50.0, 1004.4, 3992.0, 1.073),
        (60.0, 998.4, 4016.0, 0.878),
    )
)
WATER = Coolant(
    (
        (10.0, 999.7, 4192.0, 1.306),
        (20.0, 998.2, 4184.0, 1.002),
        (25.0, 997.0, 4181.0, 0.890),
        (30.0, 995.6, 4180.0, 0.797),
        (40.0, 992.2, 4180.0, 0.653),
        (50.0, 988.0, 4182.0, 0.547),
        (60.0, 983.2, 4185.0, 0.466),
    )
)
